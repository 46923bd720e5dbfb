"""`manyhands bench`: reads its options and prints what was measured."""

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from core.engines.select import AUTO
from core.errors import UsageError


def bench(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the JSON to this file, too.")
    ] = None,
    frames: Annotated[int, typer.Option(help="Timed frames for each number of hands.")] = 100,
    engine: Annotated[
        str, typer.Option(help="Only this one: auto, or an engine that `doctor` lists.")
    ] = AUTO,
    compare: Annotated[
        bool, typer.Option("--compare", help="Every engine, and MediaPipe, on the same frames.")
    ] = False,
    clip: Annotated[
        Path | None, typer.Option(help="With --compare: the video that the copied hand is from.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="With --compare: draw time against hands (.png).")
    ] = None,
    mediapipe_python: Annotated[
        Path | None, typer.Option(help="With --compare: a Python that has MediaPipe.")
    ] = None,
    make_mediapipe_env: Annotated[
        bool,
        typer.Option("--make-mediapipe-env", help="Install MediaPipe for --compare, and end."),
    ] = False,
) -> int:
    """Print step times for 0, 1, 2, 4 and 8 hands as JSON, or compare engines in a table."""
    from app.bench import check_report_path, measure, write_report

    if make_mediapipe_env:
        return _make_mediapipe_env()
    if not compare and (clip or plot or mediapipe_python):
        raise UsageError("USE-01", "--clip, --plot and --mediapipe-python go with --compare",
                         "Add --compare.")  # fmt: skip
    if json_file is not None:
        check_report_path(json_file)
    errors = Console(stderr=True)
    with Progress(console=errors, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Timing", total=None)

        def show_progress(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        if compare:
            report = _compare(frames, engine, clip, plot, mediapipe_python, show_progress)
        else:
            report = measure(frames, engine, show_progress)
    if json_file is not None:
        write_report(json_file, report)
    if compare:
        _show(report)
    else:
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


def _compare(
    frames: int,
    engine: str,
    clip: Path | None,
    plot: Path | None,
    python: Path | None,
    show_progress: Callable[[int, int | None], None],
) -> dict[str, Any]:
    """Measure, and draw where that is asked for."""
    from app.bench_compare import compare
    from app.bench_plot import check_plot_path, write_plot
    from app.mediapipe_hands import start
    from core.engines.select import check_choice

    check_choice(engine)
    if plot is not None:
        check_plot_path(plot)
    report = compare(
        frames,
        show_progress,
        clip,
        make_mediapipe=functools.partial(start, python),
        names=None if engine == AUTO else [engine],
    )
    if plot is not None:
        write_plot(plot, report)
    return report


def _show(report: dict[str, Any]) -> None:
    from app.bench_plot import table_of

    console = Console(highlight=False, markup=False)
    console.print(table_of(report))
    for name, reason in report["absent"].items():
        console.print(f"{name}: not compared: {reason}", soft_wrap=True)


def _make_mediapipe_env() -> int:
    from app.mediapipe_hands import environment_folder, make_environment

    python = make_environment(environment_folder())
    Console(highlight=False, soft_wrap=True).print(f"MediaPipe is installed: {python}")
    return 0
