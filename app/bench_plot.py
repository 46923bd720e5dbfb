"""What `manyhands bench --compare` measured, as a table and as a picture."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from core.atomic import write_atomically
from core.errors import OutputError, UsageError


def table_of(report: dict[str, Any]) -> Table:
    """Return milliseconds by engine and number of hands, and what each found."""
    contenders = report["contenders"]
    counts = [row["asked"] for row in contenders[0]["hands"]]
    table = Table(
        title="Milliseconds a frame: median (all threads' computing), and hands found if fewer"
    )
    table.add_column("engine")
    for count in counts:
        table.add_column(f"{count} hand{'s' if count > 1 else ''}", justify="right")
    for contender in contenders:
        precision = contender.get("precision")
        label = contender["engine"] + (f", {precision}" if precision else "")
        table.add_row(label, *(_cell(row) for row in contender["hands"]))
    for name, ratios in report["ratios"].items():
        cells = [f"{ratios[str(n)]:.2f}" if str(n) in ratios else "" for n in counts]
        table.add_row(f"{name} / mediapipe", *cells)
    limit = report["limit"]
    if limit is not None:
        table.add_row("physical limit of the network, fp32", *[f"{limit['least_ms']:.1f}"] *
                      len(counts))  # fmt: skip
    return table


def _cell(row: dict[str, Any]) -> str:
    missed = "" if row["found"] == row["asked"] else f" found {row['found']}"
    return f"{row['p50_ms']:.1f} ({row['p50_cpu_ms']:.1f}){missed}"


def check_plot_path(path: Path) -> None:
    """Refuse a plot before minutes of timing, where it could not be drawn.

    Raises:
        UsageError: USE-01 not a .png; USE-03 matplotlib is not installed.
    """
    if path.suffix.lower() != ".png":
        raise UsageError("USE-01", f"{path.name} is no picture name", "Give a name with .png.")
    try:
        import matplotlib as _  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "USE-03", "a plot needs matplotlib", "python3 -m pip install matplotlib"
        ) from error


def write_plot(path: Path, report: dict[str, Any]) -> None:
    """Draw time against hands into a PNG; needs no display.

    Raises:
        OutputError: OUT-01 it cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for contender in report["contenders"]:
        _draw(axes, contender["engine"], contender.get("detail", ""), contender["hands"])
    limit = report["limit"]
    if limit is not None:
        label = f"physical limit ({limit['gflops']:.0f} GFLOP/s, {limit['gbytes_s']:.0f} GB/s)"
        axes.axhline(limit["least_ms"], color="0.4", linestyle=":", label=label)
    axes.set_xlabel("hands in the picture")
    axes.set_ylabel("ms a frame, median")
    axes.set_xticks([row["asked"] for row in report["contenders"][0]["hands"]])
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    try:
        write_atomically(stream.getvalue(), path)
    except OSError as error:
        raise OutputError(
            "OUT-01", f"cannot write {path} ({error.strerror})", "Choose another file with --plot."
        ) from error


def _draw(axes: Any, engine: str, detail: str, rows: Sequence[dict[str, Any]]) -> None:
    """Draw one engine; a number of hands that it did not find is a hollow point."""
    x, y = [row["asked"] for row in rows], [row["p50_ms"] for row in rows]
    (line,) = axes.plot(x, y, label=f"{engine} ({detail})", linewidth=2)
    for row in rows:
        is_whole = row["found"] == row["asked"]
        axes.plot(
            row["asked"], row["p50_ms"], "o", color=line.get_color(),
            markerfacecolor=line.get_color() if is_whole else "white",
        )  # fmt: skip
        if not is_whole:
            axes.annotate(f"found {row['found']}", (row["asked"], row["p50_ms"]), fontsize=7,
                          textcoords="offset points", xytext=(4, 6))  # fmt: skip
