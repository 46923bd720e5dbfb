"""`manyhands` and its subcommands: reads options, calls the commands, prints what they say."""

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import bench_cli, session_cli, take_cli
from app.display import display_problem
from app.overlay_style import DEFAULT_STYLE
from app.start import StartOptions
from app.writers import RESULT_NAMES, SUMMARY_NAME
from core.assets import demo_clip_path
from core.engines.select import AUTO, check_choice
from core.errors import UsageError

if TYPE_CHECKING:
    from app.run_command import RunResult

HELP: Final = (
    "Live 3D hands from a webcam, a video or pictures. Without a command it opens the window; "
    "on a machine without a display it processes the demo clip."
)
DEMO: Final = "demo"
_RUN_COLUMNS: Final = (
    TextColumn("[progress.description]{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TextColumn("{task.fields[rate]}"),
    TimeRemainingColumn(),
)
_DEFAULT_OUT: Final = Path("output")

app = typer.Typer(
    help=HELP, add_completion=False, pretty_exceptions_enable=False, no_args_is_help=False
)

SourceOption = Annotated[
    str | None, typer.Option(help="What the window shows first (default: a camera, else the demo).")
]
EngineOption = Annotated[
    str,
    typer.Option(
        help="What finds the hands: auto (the fastest here) or an engine that `doctor` lists."
    ),
]


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    source: SourceOption = None,
    engine: EngineOption = AUTO,
    out: Annotated[
        Path | None, typer.Option(help="Without a display: folder of the results.")
    ] = None,
    multi: Annotated[
        bool, typer.Option("--multi", help="Open another window beside one that is open.")
    ] = False,
    safe_mode: Annotated[
        bool, typer.Option("--safe-mode", help="Default settings, not kept, and no OpenGL.")
    ] = False,
    reset_settings: Annotated[
        bool, typer.Option("--reset-settings", help="Start with default settings; keep a copy.")
    ] = False,
    software_gl: Annotated[
        bool,
        typer.Option(
            "--software-gl", help="Draw with the processor, where a graphics driver is broken."
        ),
    ] = False,
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.")
    ] = False,
) -> int:
    """Open the window; without a display process a source headless."""
    if context.invoked_subcommand is not None:
        window_only = multi or safe_mode or reset_settings or software_gl
        if source is not None or out is not None or engine != AUTO or window_only:
            raise UsageError(
                "USE-01",
                f"options of {context.invoked_subcommand} stand before it",
                f"Write them after it: manyhands {context.invoked_subcommand} --option ...",
            )
        return 0
    if show_version:
        Console().print(f"manyhands {_version()}", highlight=False)
        return 0
    check_choice(engine)
    problem = display_problem()
    if problem is None:
        # Imported late: Qt loads system libraries that a machine without a display lacks.
        from app.program import main as open_window

        return open_window(
            StartOptions(source, engine, multi, safe_mode, reset_settings, software_gl)
        )
    Console(stderr=True).print(
        f"No window can open ({problem}); processing {source or 'the demo clip'} instead.",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    if out is not None:
        return run(source or DEMO, out, engine=engine)
    folder = _headless_folder()
    return run(source or DEMO, folder, engine=engine, overwrite=folder.exists())


@app.command()
def run(
    source: Annotated[
        str, typer.Argument(help="Camera index, video, image, image folder, URL or demo.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the results.")],
    engine: EngineOption = AUTO,
    max_frames: Annotated[
        int | None, typer.Option(help="End after so many frames (a live source: or by Ctrl-C).")
    ] = None,
    overlay: Annotated[
        bool, typer.Option("--overlay/--no-overlay", help="Write pictures with the meshes.")
    ] = True,
    style: Annotated[
        str,
        typer.Option(
            help="What the overlay draws, with commas between: mesh, wireframe, skeleton, "
            "keypoints, boxes, names; skin or normals for the surface's colour, studio for an even "
            "lamp."
        ),
    ] = DEFAULT_STYLE,
    overwrite: Annotated[
        bool, typer.Option(help="Replace results that are in the folder.")
    ] = False,
) -> int:
    """Find the hands in SOURCE and write hands.csv, hands.npz, an overlay and summary.json."""
    from app.run_command import RunOptions
    from app.run_command import run as run_source

    options = RunOptions(source, out, engine, max_frames, overlay, overwrite, style)
    errors = Console(stderr=True)
    with Progress(*_RUN_COLUMNS, console=errors, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Finding hands", total=None, rate="")

        def show_progress(done: int, total: int | None) -> None:
            speed = progress.tasks[0].speed
            rate = f"{speed:.1f} frames/s" if speed else ""
            progress.update(task, completed=done, total=total, rate=rate)

        result = run_source(options, show_progress)
    _show_result(result, options.out)
    if result.fault is not None:
        raise result.fault
    return 0


@app.command()
def refine(
    source: Annotated[
        str, typer.Argument(help="Video, image, image folder, demo, a session, or a run's folder.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the results.")],
    original: Annotated[
        str | None, typer.Option(help="The pictures of that run, where they have moved.")
    ] = None,
    engine: EngineOption = AUTO,
    steps: Annotated[int, typer.Option(help="At most so many steps for each picture.")] = 50,
    recursive: Annotated[
        bool, typer.Option(help="Let the network refine its keypoints as the hand changes.")
    ] = False,
    foreground: Annotated[
        bool, typer.Option(help="Fit the silhouette to what the network saw, too; slow.")
    ] = False,
    max_frames: Annotated[int | None, typer.Option(help="End after so many frames.")] = None,
    overlay: Annotated[
        bool, typer.Option("--overlay/--no-overlay", help="Write pictures of before and after.")
    ] = True,
    overwrite: Annotated[
        bool, typer.Option(help="Replace results that are in the folder.")
    ] = False,
) -> int:
    """Fit the hands to each picture of SOURCE: slower and closer than live.

    Writes what `run` writes, and refinement.json; Ctrl-C keeps what is done. Needs torch (the
    extra `train`).
    """
    from app.refine_command import RefineOptions
    from app.refine_command import refine as refine_source

    options = RefineOptions(
        source, out, original, engine, steps, recursive, foreground, max_frames, overlay, overwrite
    )
    errors = Console(stderr=True)
    with Progress(*_RUN_COLUMNS, console=errors, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Refining hands", total=None, rate="")

        def show_progress(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        result = refine_source(options, show_progress)
    _show_result(result, options.out)
    gain = result.summary["refinement"]
    if gain["refined_hands"]:
        Console(highlight=False, markup=False, soft_wrap=True).print(
            f"Distance to the keypoints: {gain['mean_error_before_px']:.2f} px before, "
            f"{gain['mean_error_after_px']:.2f} px after ({gain['mean_ms_per_step']:.1f} ms a step)"
        )
    return 0


def _show_result(result: "RunResult", out: Path) -> None:
    """Say what was found and where it lies; pictures that were skipped go to stderr."""
    summary = result.summary
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"{summary['frames']} frames, {summary['hands']} hands, {summary['fps']:.1f} frames/s "
        f"({summary['engine']['name']}: {summary['engine']['detail']})"
    )
    names = ", ".join(path.name + ("/" if path.is_dir() else "") for path in result.paths)
    console.print(f"Results in {out.absolute()}: {names}")
    if summary["skipped_images"]:
        first = "; ".join(summary["skipped"][:3])
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(
            f"Skipped {summary['skipped_images']} pictures: {first}"
        )


@app.command()
def stream(
    source: Annotated[
        str, typer.Argument(help="Camera index, video, image, folder, URL, recording or demo.")
    ],
    vmc: Annotated[
        str | None, typer.Option(help="HOST:PORT of an avatar program (port 39539 by custom).")
    ] = None,
    osc: Annotated[
        str | None, typer.Option(help="HOST:PORT that plain OSC messages go to.")
    ] = None,
    websocket: Annotated[
        int | None, typer.Option(help="Port where WebSocket clients connect, such as 8765.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="Where WebSocket clients connect; 0.0.0.0: other machines, too.")
    ] = "127.0.0.1",
    token: Annotated[str, typer.Option(help="What WebSocket clients must show.")] = "",
    origin: Annotated[
        list[str] | None,
        typer.Option(help="A web page that may connect, such as https://my.site; repeatable."),
    ] = None,
    engine: EngineOption = AUTO,
    loop: Annotated[bool, typer.Option(help="Play a video again and again.")] = False,
    max_frames: Annotated[int | None, typer.Option(help="End after so many frames.")] = None,
) -> int:
    """Find the hands in SOURCE and send them to other programs until it ends, or until Ctrl-C."""
    from app import stream_command

    options = stream_command.read_options(
        source, vmc=vmc, osc=osc, websocket=websocket, host=host, token=token,
        origins=origin or (), engine=engine, loop=loop, max_frames=max_frames,
    )  # fmt: skip
    errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    errors.print("\n".join(stream_command.describe(options)))
    with errors.status("Opening ...") as line:
        result = stream_command.stream(
            options, lambda live, streams: line.update(stream_command.text_of(live, streams))
        )
    Console(highlight=False, markup=False, soft_wrap=True).print(
        stream_command.text_of(result.pipeline, result.streams)
    )
    return 0


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> int:
    """Say what this machine has and lacks, and what to do. Exit 0 where `run` can work, else 2."""
    from app.doctor import examine, show

    report = examine()
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), indent=2) + "\n")
    else:
        show(report, Console())
    return 0 if report.can_run else 2


app.command()(bench_cli.bench)
app.command()(take_cli.export)
app.command()(take_cli.clean)
app.add_typer(take_cli.mano, name="mano")
app.command()(session_cli.record)
app.command()(session_cli.recover)


def _version() -> str:
    try:
        return version("manyhands")
    except PackageNotFoundError:  # started from the sources, without installing
        return "(not installed)"


def _headless_folder() -> Path:
    """Return ./output, or the next free name where it holds results of something else."""
    folder, number = _DEFAULT_OUT, 1
    while _holds_other_results(folder):
        number += 1
        folder = _DEFAULT_OUT.with_name(f"{_DEFAULT_OUT.name}-{number}")
    return folder


def _holds_other_results(folder: Path) -> bool:
    """Say whether results lie there that are not of the demo clip."""
    if not any((folder / name).exists() for name in RESULT_NAMES):
        return False
    try:
        summary = json.loads((folder / SUMMARY_NAME).read_text("utf-8"))
        return bool(summary["source"] != demo_clip_path().name)
    except (OSError, ValueError, KeyError, TypeError):
        return True
