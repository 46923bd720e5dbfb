"""`manyhands record` and `recover`: options in, what was done out."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from core.engines.select import AUTO

if TYPE_CHECKING:
    from core.session.status import RecorderStatus

#: Exit statuses of `recover`.
_OUTCOMES: Final = {"all": 0, "nothing": 1, "lossy": 3}


def record(
    source: Annotated[
        str, typer.Argument(help="Camera index, video, image, image folder, URL or demo.")
    ],
    out: Annotated[Path, typer.Option(help="The session's folder, name.hands.")],
    seconds: Annotated[
        float | None, typer.Option(help="End after so many seconds (else: by Ctrl-C).")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="What finds the hands: auto (the fastest here) or onnx.")
    ] = AUTO,
    video: Annotated[
        bool, typer.Option("--video/--no-video", help="Keep the pictures, not the hands alone.")
    ] = True,
    every_frame: Annotated[
        bool,
        typer.Option(
            "--every-frame", help="Keep also what a camera gives while the network works."
        ),
    ] = False,
) -> int:
    """Record SOURCE with its hands into a session; Ctrl-C ends it, whole.

    A session that exists is never touched: the new one gets a number.
    """
    from app.record_command import RecordCommand
    from app.record_command import record as record_source

    errors = Console(stderr=True, highlight=False)
    with errors.status("Recording") if errors.is_terminal else contextlib.nullcontext() as line:

        def show(status: "RecorderStatus") -> None:
            if line is not None:
                line.update(f"Recording {_text(status)}, {_room(status)} free")

        recorded = record_source(
            RecordCommand(source, out, seconds, engine, video, every_frame), show
        )
    status = recorded.status
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"{status.path.absolute() if status.path else out}: {_text(status)}")
    if status.warning is not None:
        errors.print(f"{status.warning.code}: {status.warning.cause}. {status.warning.remedy}")
    if recorded.fault is not None:
        raise recorded.fault
    return 0


def recover(
    path: Annotated[Path, typer.Argument(help="Folder of a session, name.hands.")],
) -> int:
    """Complete a session that was cut off. Exit 0 all is there, 3 a part is missing, 1 nothing."""
    from core.session.recover import recover as recover_session

    result = recover_session(path.expanduser())
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"{result.path}: {result.frames} frames, {result.seconds:.1f} s")
    for line in result.notices:
        console.print(line)
    words = {"all": "Everything is there.", "lossy": "What is there opens.", "nothing": "Lost."}
    console.print(words[result.outcome])
    return _OUTCOMES[result.outcome]


def _text(status: "RecorderStatus") -> str:
    """Return what was recorded so far, for a person."""
    text = f"{status.recorded_s:.1f} s, {status.frames} frames"
    if status.unseen_frames:
        text += f" ({status.unseen_frames} that the network did not look at)"
    text += f", {status.hands} hands, "
    if status.late_hands:
        text += f"{status.late_hands} that came too late, "
    return text + f"{status.bytes / 1e6:.1f} MB"


def _room(status: "RecorderStatus") -> str:
    return f"{(status.disk_free or 0) / 1e9:.1f} GB"
