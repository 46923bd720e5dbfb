"""`manyhands export`, `clean` and `mano`: options in, what was done out."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SessionArgument = Annotated[Path, typer.Argument(help="Folder of a recording, name.hands.")]


def export(
    session: SessionArgument,
    to: Annotated[str, typer.Option(help="glb, bvh, usd, npz, csv, json, obj, ply, mp4 or mano.")],
    out: Annotated[
        Path | None, typer.Option(help="Name of the result (default: the session's).")
    ] = None,
    start: Annotated[
        str | None, typer.Option(help="First moment: seconds (2.5) or a frame (75f).")
    ] = None,
    end: Annotated[str | None, typer.Option(help="The moment before which it ends.")] = None,
    rate: Annotated[
        float | None, typer.Option(help="Frames per second (default: as recorded).")
    ] = None,
    axes: Annotated[
        str | None,
        typer.Option(help="blender, unity, unreal, maya, scene (y up, m) or camera (OpenCV)."),
    ] = None,
    track: Annotated[int | None, typer.Option(help="This hand alone, by its number.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="As measured, not as smoothed.")] = False,
    correctives: Annotated[
        bool, typer.Option("--correctives", help="glb: the exact surface, by morph targets.")
    ] = False,
    mano: Annotated[
        Path | None, typer.Option(help="mano: another model than the one imported.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace what is there.")] = False,
) -> int:
    """Write a recorded session for another program; Ctrl-C leaves nothing behind."""
    from app.export_command import export as export_session
    from app.take_jobs import ExportOptions

    options = ExportOptions(
        session, to, out, start, end, rate, axes, track, raw, correctives, mano, overwrite
    )
    with _progress() as progress:
        task = progress.add_task(f"Writing {to}", total=None)

        def show_progress(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        result = export_session(options, show_progress)
    hands = ", ".join(result.hands) or "no hands"
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"{result.path.absolute()}: {result.frames} frames, {hands}")
    if result.detail:
        console.print(result.detail)
    _warn(result.notices)
    return 0


def clean(
    session: SessionArgument,
    out: Annotated[Path, typer.Option(help="Folder of the new session, NEW.hands.")],
    fill: Annotated[
        float, typer.Option(help="Fill gaps of a hand up to so many seconds (0: none).")
    ] = 0.5,
    refine: Annotated[
        int,
        typer.Option(help="First fit each hand to what was seen, so many steps; slow, with torch."),
    ] = 0,
) -> int:
    """Write SESSION anew: smoothed without lag, gaps filled, one shape per hand."""
    from app.clean_command import clean as clean_session
    from app.take_jobs import CleanOptions

    with _progress() as progress:
        task = progress.add_task("Cleaning", total=None)

        def show_progress(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        result = clean_session(CleanOptions(session, out, fill, refine), show_progress)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"{result.path.absolute()}: {result.frames} frames")
    for hand in result.hands:
        parts = (("raw", hand.raw), ("live", hand.live), ("clean", hand.clean))
        jitter = ", ".join(f"{name} {part.jitter_mm:.2f}" for name, part in parts)
        pixels = ", ".join(f"{name} {part.reprojection_px:.2f}" for name, part in parts)
        console.print(
            f"{hand.track.name}: jitter mm: {jitter}; reprojection px: {pixels}; "
            f"{hand.track.filled} frames filled, {hand.track.replaced} replaced"
        )
    _warn(result.notices)
    return 0


mano = typer.Typer(help="The hand model of MANO, where you have it.", no_args_is_help=True)


@mano.callback()
def mano_group() -> None:
    """Keep `import` a subcommand though it is the only one."""


@mano.command("import")
def import_mano(
    file: Annotated[Path, typer.Argument(help="MANO_RIGHT.pkl, as it was downloaded.")],
) -> int:
    """Read MANO_RIGHT.pkl without running it and keep it for `export --to mano`."""
    from app import mano_command

    result = mano_command.import_mano(file)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"{result.path}: {result.num_vertices} vertices")
    console.print(f"SHA-256 of {file.name}: {result.sha256}")
    _warn(result.warnings)
    return 0


def _progress() -> Progress:
    errors = Console(stderr=True)
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=errors, disable=not errors.is_terminal)


def _warn(notices: tuple[str, ...]) -> None:
    for line in notices:
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(line)
