"""`manyhands export`: a recorded session as a file, or a folder, of another program."""

import difflib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from app.export_formats import WRITERS, Job
from app.run_command import ShowProgress, stop_on_signal
from app.take_jobs import FIXED_AXES, FORMATS, RATES_HZ, ExportOptions
from app.writers import reported
from core.atomic import staged
from core.errors import OutputError, UsageError
from core.mesh_io.axes import AXES_NAMES, Axes, axes_of
from core.session.reader import SessionReader, open_session
from core.session.take import Take
from core.session.tracks import mean_rate, resampled

#: Cannot say which axis is up; their readers take y.
_Y_UP_READERS: Final = ("bvh", "obj")
#: Frames of these come at an even rate.
_EVEN: Final = ("bvh", "usd")
_NEED_HANDS: Final = ("bvh", "mano")
_USD_SUFFIXES: Final = (".usd", ".usda", ".usdc")
#: A person's 0.1 s means the third frame, at 0.0999 s.
_NEARLY_NS: Final = 500_000
_MOMENT: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(s|f)?")


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export has left.

    Attributes:
        path: the file or folder.
        frames: how many.
        hands: the names of the hands, such as "right_0".
        notices: what is missing in the session, one line each.
        detail: what else is worth saying, or "".
    """

    path: Path
    frames: int
    hands: tuple[str, ...]
    notices: tuple[str, ...]
    detail: str = ""


def export(options: ExportOptions, show_progress: ShowProgress) -> ExportResult:
    """Write the session in another format; under its final name it is whole or not at all.

    Ctrl-C (SIGINT) and SIGTERM leave nothing behind.

    Raises:
        ManyHandsError: bad option, session or target; nothing is left behind.
    """
    axes = _checked(options)
    with stop_on_signal(False), open_session(options.session.expanduser()) as session:
        first, last = _range(options, session)
        take = _take(options, session, first, last)
        out = _target(options, take)
        job = Job(
            session=session,
            take=take,
            frames=range(first, last),
            rate_hz=options.rate_hz or round(mean_rate(take), 3),
            is_resampled=options.rate_hz is not None,
            axes=axes,
            raw=options.raw,
            correctives=options.correctives,
            mano=options.mano,
            show_progress=show_progress,
        )
        with reported(out), staged(out) as path:
            detail = WRITERS[options.format](job, path)
        return ExportResult(
            path=out,
            frames=len(take.timestamps_ns),
            hands=tuple(f"{track.side}_{track.track_id}" for track in take.tracks),
            notices=session.notices,
            detail=detail,
        )


def _checked(options: ExportOptions) -> Axes:
    """Return the axes; refuse what does not go together.

    Raises:
        UsageError: USE-01 an unknown word, USE-03 a number out of range.
    """
    if options.format not in FORMATS:
        raise _unknown("--to", options.format, tuple(FORMATS))
    own = FORMATS[options.format]
    name = own if options.axes is None else options.axes
    if name not in AXES_NAMES:
        raise _unknown("--axes", name, AXES_NAMES)
    if options.format in FIXED_AXES and options.axes is not None:
        raise UsageError(
            "USE-01",
            f"--axes does not go with --to {options.format}",
            "Leave it out.",
        )
    if options.format == "usd" and name == "camera":
        raise UsageError(
            "USE-01",
            "in USD y or z is up, and in the camera's frame neither is",
            "Give --axes scene, blender, unity, unreal or maya.",
        )
    if options.correctives and options.format != "glb":
        raise UsageError("USE-01", "--correctives goes with --to glb alone", "Leave it out.")
    if options.mano is not None and options.format != "mano":
        raise UsageError("USE-01", "--mano goes with --to mano alone", "Leave it out.")
    rate = options.rate_hz
    if rate is not None and not RATES_HZ[0] <= rate <= RATES_HZ[1]:
        low, high = RATES_HZ
        raise UsageError("USE-03", f"--rate is {rate:g}", f"Give {low:g} to {high:g} per second.")
    if options.format == "glb":  # glTF fixes y up and metres; every reader turns that itself
        name = "scene"
    return axes_of(name, reader_wants_y_up=options.format in _Y_UP_READERS)


def _unknown(option: str, word: str, choices: tuple[str, ...]) -> UsageError:
    near = difflib.get_close_matches(word, choices, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    return UsageError("USE-01", f"{option} {word} is unknown", f"{hint}Give {', '.join(choices)}.")


def _range(options: ExportOptions, session: SessionReader) -> tuple[int, int]:
    """Return the first frame and the one after the last.

    Raises:
        UsageError: USE-01 a moment that cannot be read, USE-03 nothing lies between them.
    """
    first = _frame(options.start, "--start", session, 0)
    last = _frame(options.end, "--end", session, session.frame_count)
    if not first < last:
        raise UsageError(
            "USE-03",
            f"no frame of {session.name} lies in that range",
            f"It has {session.frame_count} frames in {session.duration_s:.2f} s, from 0 on.",
        )
    return first, last


def _frame(text: str | None, option: str, session: SessionReader, default: int) -> int:
    """Return the first frame at or after a moment."""
    if text is None:
        return default
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            "USE-01", f"{option} {text} is no moment", "Give seconds (2.5) or a frame (75f)."
        )
    if match[2] == "f":
        return min(int(float(match[1])), session.frame_count)
    moment_ns = round(float(match[1]) * 1e9) - _NEARLY_NS
    return int(np.searchsorted(session.timestamps_ns, moment_ns))


def _take(options: ExportOptions, session: SessionReader, first: int, last: int) -> Take:
    """Return the hands that are asked for, on the clock that is asked for.

    Raises:
        UsageError: USE-01 there is no such hand, or there is none where one is needed.
    """
    take = session.take(first, last, smoothed=not options.raw)
    if options.track is not None:
        kept = tuple(track for track in take.tracks if track.track_id == options.track)
        if not kept:
            there = ", ".join(str(track.track_id) for track in take.tracks) or "none"
            raise UsageError(
                "USE-01", f"there is no hand {options.track} in that range", f"It has: {there}."
            )
        take = replace(take, tracks=kept)
    if not take.tracks and options.format in _NEED_HANDS:
        raise UsageError(
            "USE-01",
            f"no hand is tracked in that range of {session.name}",
            "Give another range, or another format.",
        )
    rate = options.rate_hz
    if rate is None and options.format in _EVEN:
        rate = round(mean_rate(take), 3)
    return take if rate is None or options.format == "mp4" else resampled(take, rate)


def _target(options: ExportOptions, take: Take) -> Path:
    """Return where the result goes: what was asked for, or a name of the session's own.

    Raises:
        OutputError: OUT-01 something is there already.
    """
    kind, suffix = options.format, f".{options.format}"
    makes_folder = (kind == "bvh" and len(take.tracks) > 1) or (
        kind in ("obj", "ply") and len(take.timestamps_ns) > 1
    )
    if kind == "mano":
        suffix = "-mano.npz"
    elif makes_folder:
        suffix = f"-{kind}"
    stem = options.stem or Path(take.name)
    out = stem.with_name(stem.name + suffix) if options.out is None else options.out.expanduser()
    if kind == "usd" and out.suffix not in _USD_SUFFIXES:
        raise UsageError(
            "USE-01",
            f"{out.name} is no name for USD",
            f"Let it end with {', '.join(_USD_SUFFIXES)}.",
        )
    if makes_folder and out.suffix == f".{kind}":
        what, choice = f"{len(take.timestamps_ns)} frames", "--start and --end"
        if kind == "bvh":
            what, choice = f"{len(take.tracks)} hands", "--track"
        raise UsageError(
            "USE-01",
            f"{out.name} would hold {what}, and a {kind} file holds one",
            f"Name a folder, or choose one by {choice}.",
        )
    if out.exists() and (not options.overwrite or _is_foreign(out, kind, makes_folder)):
        raise OutputError(
            "OUT-01",
            f"{out} exists already",
            "Choose another name with --out" + ("." if options.overwrite else ", or --overwrite."),
        )
    return out


def _is_foreign(out: Path, kind: str, makes_folder: bool) -> bool:
    """Say whether what lies there is something else than such an export: it is never replaced."""
    if out.is_dir() != makes_folder:
        return True
    return makes_folder and any(
        entry.suffix != f".{kind}" or entry.is_dir() for entry in out.iterdir()
    )
