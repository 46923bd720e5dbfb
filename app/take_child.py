"""Exports or cleans a recording in a process of its own, so that the window stays quick.

What goes through the pipe are the dataclasses below and those of app/take_jobs.py.
"""

import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from app.take_jobs import CleanOptions, ExportOptions
from core.errors import ManyHandsError, OutputError
from core.timing import now_ns

#: A person sees no more.
_TELL_EVERY_NS: Final = 50_000_000

TakeJob = ExportOptions | CleanOptions


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far it is; `total` is None where nobody knows."""

    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has left.

    Attributes:
        path: the file or folder.
        frames: how many.
        hands: their names, such as "right_0".
        notices: what is missing in the recording, one line each.
    """

    path: Path
    frames: int
    hands: tuple[str, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CleanedRow:
    """One hand as it was smoothed live, and as it is now.

    Attributes:
        name: side and number, such as "right_0".
        jitter_mm: before and after.
        reprojection_px: before and after; NaN where the network saw no keypoints.
        filled: frames that were missing and are not now.
    """

    name: str
    jitter_mm: tuple[float, float]
    reprojection_px: tuple[float, float]
    filled: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning has left: a recording, its frames, a row for each hand, what is missing."""

    path: Path
    frames: int
    rows: tuple[CleanedRow, ...]
    notices: tuple[str, ...]


TakeMessage = Progressed | Exported | Cleaned | ManyHandsError


def work_on_take(pipe: Connection) -> None:
    """Take one TakeJob from the pipe, and send TakeMessages until it is done or interrupted."""
    os.environ["OMP_NUM_THREADS"] = "1"  # the other cores belong to the live picture
    try:
        job: TakeJob = pipe.recv()
        pipe.send(_export(job, pipe) if isinstance(job, ExportOptions) else _clean(job, pipe))
    except KeyboardInterrupt:
        return
    except ManyHandsError as error:
        pipe.send(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the window must know
        cause = f"nothing was written: {type(error).__name__}: {error}"
        pipe.send(OutputError("OUT-01", cause, "Try another format, or a part of the recording."))
    finally:
        pipe.close()


class _Teller:
    """Tells the window how far it is, not too often, and hears whether it shall end."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._next_ns = 0

    def __call__(self, done: int, total: int | None) -> None:
        if self._pipe.poll():
            raise KeyboardInterrupt
        if now_ns() >= self._next_ns or done == total:
            self._next_ns = now_ns() + _TELL_EVERY_NS
            self._pipe.send(Progressed(done, total))


def _export(options: ExportOptions, pipe: Connection) -> Exported:
    # Imported here: the window, which imports this file, does without every writer.
    from app.export_command import export

    result = export(options, _Teller(pipe))
    return Exported(result.path, result.frames, result.hands, result.notices)


def _clean(options: CleanOptions, pipe: Connection) -> Cleaned:
    from app.clean_command import clean

    result = clean(options, _Teller(pipe))
    rows = tuple(
        CleanedRow(
            hand.track.name,
            (hand.live.jitter_mm, hand.clean.jitter_mm),
            (hand.live.reprojection_px, hand.clean.reprojection_px),
            hand.track.filled,
        )
        for hand in result.hands
    )
    return Cleaned(result.path, result.frames, rows, result.notices)
