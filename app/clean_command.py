"""`manyhands clean`: a recorded session once more, with its hands smoothed with hindsight."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.run_command import ShowProgress, stop_on_signal
from app.take_jobs import LONGEST_GAP_S, MOST_REFINE_STEPS, CleanOptions
from app.torch_extra import require_torch
from app.writers import reported
from core.assets import hand_model_path
from core.errors import UsageError
from core.hand_model.file import load_hand_model
from core.hand_model.poser import HandPoser
from core.session.clean import CleanConfig, Quality, TrackReport, clean_take, quality
from core.session.reader import open_session
from core.session.rewrite import write_session
from core.session.take import Take


@dataclass(frozen=True, slots=True)
class CleanedHand:
    """One hand before and after.

    Attributes:
        track: what was done to it.
        raw: as it was measured.
        live: as it was smoothed while it was recorded.
        clean: as it is now.
    """

    track: TrackReport
    raw: Quality
    live: Quality
    clean: Quality


@dataclass(frozen=True, slots=True)
class CleanResult:
    """What cleaning has left.

    Attributes:
        path: the new session.
        frames: how many.
        hands: each hand before and after.
        notices: what is missing in the session, one line each.
    """

    path: Path
    frames: int
    hands: tuple[CleanedHand, ...]
    notices: tuple[str, ...]


def clean(options: CleanOptions, show_progress: ShowProgress) -> CleanResult:
    """Write a cleaned copy of a session; Ctrl-C and SIGTERM leave nothing behind.

    Args:
        options: what is asked.
        show_progress: called with frames done and in all.

    Raises:
        ManyHandsError: bad option, session or target; nothing is left behind.
    """
    longest_gap_s, refine_steps = options.longest_gap_s, options.refine_steps
    if not 0 <= longest_gap_s <= LONGEST_GAP_S:
        raise UsageError(
            "USE-03", f"--fill is {longest_gap_s:g}", f"Give 0 to {LONGEST_GAP_S:g} seconds."
        )
    if not 0 <= refine_steps <= MOST_REFINE_STEPS:
        raise UsageError(
            "USE-03", f"--refine is {refine_steps}", f"Give 0 to {MOST_REFINE_STEPS} steps."
        )
    if refine_steps:
        require_torch()
    model = load_hand_model(hand_model_path())
    poser = HandPoser(model)
    config = CleanConfig(longest_gap_s=longest_gap_s)
    with stop_on_signal(False), open_session(options.session.expanduser(), poser=poser) as reader:
        raw, live = reader.take(smoothed=False), reader.take()
        measured = raw
        if refine_steps:
            # Imported here: it brings torch, which the rest of the command line does without.
            from app.take_refiner import refined_take

            measured = refined_take(reader, raw, model, refine_steps, show_progress)
        take, reports = clean_take(measured, poser, config)
        hands = tuple(
            CleanedHand(
                report,
                *(_quality(one, track.track_id, poser) for one in (raw, live, take)),
            )
            for report, track in zip(reports, take.tracks, strict=True)
        )
        note = {
            "settings": asdict(config),
            "refine_steps": refine_steps,
            "hands": [_numbers(hand) for hand in hands],
        }
        with reported(options.out):
            path = write_session(reader, take, options.out.expanduser(), note, show_progress)
        return CleanResult(path, reader.frame_count, hands, reader.notices)


def _quality(take: Take, track_id: int, poser: HandPoser) -> Quality:
    track = next(track for track in take.tracks if track.track_id == track_id)
    return quality(take, track, poser)


def _numbers(hand: CleanedHand) -> dict[str, Any]:
    """Return a hand's report for JSON, which knows no NaN."""

    def known(value: float) -> float | None:
        return None if math.isnan(value) else round(value, 4)

    return asdict(hand.track) | {
        name: {key: known(value) for key, value in asdict(part).items()}
        for name, part in (("raw", hand.raw), ("live", hand.live), ("clean", hand.clean))
    }
