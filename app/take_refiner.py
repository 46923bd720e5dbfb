"""Test-time refinement of a take: every hand fitted once more to what the network saw of it.

It brings torch, and is imported only when a take is refined.
"""

from dataclasses import replace

import numpy as np

from app.run_command import ShowProgress
from core.hand_model.file import HandModel
from core.refinement import HandRefiner, RefinementConfig
from core.session.reader import SessionReader
from core.session.take import HandTrack, Take
from core.session.tracks import frame_numbers
from core.types import HandState


def refined_take(
    session: SessionReader, take: Take, model: HandModel, steps: int, show_progress: ShowProgress
) -> Take:
    """Return the take with each seen hand refined; hands without keypoints stay as they are.

    Args:
        session: that the take is of, whole and as measured.
        take: likewise.
        model: the open right hand.
        steps: of the refinement, per frame, at most.
        show_progress: called with frames done and in all; may raise to stop.
    """
    refiner = HandRefiner(model, RefinementConfig(steps=steps))
    editors = {track.track_id: _Editor(take, track) for track in take.tracks}
    for index in range(session.frame_count):
        hands = [
            hand
            for hand in session.hands_at(index, smoothed=False)
            if hand.keypoints_2d is not None
            and hand.track_id in editors
            and editors[hand.track_id].is_seen(index, hand)
        ]
        if hands:
            refinement = refiner.refine(
                hands,
                np.stack([hand.keypoints_2d for hand in hands if hand.keypoints_2d is not None]),
                np.stack([hand.joint_confidence for hand in hands]),
                session.camera_at(index).K,
            )
            for refined in refinement.hands:
                editors[refined.hand.track_id].put(index, refined.hand)
        show_progress(index + 1, session.frame_count)
    return replace(take, tracks=tuple(editors[track.track_id].track() for track in take.tracks))


class _Editor:
    """One track whose rows are replaced."""

    def __init__(self, take: Take, track: HandTrack) -> None:
        numbers = frame_numbers(take, track).tolist()
        self._track = track
        self._row_of = {number: row for row, number in enumerate(numbers)}
        self._pose, self._betas = track.pose.copy(), track.betas.copy()
        self._transl = track.transl.copy()

    def is_seen(self, index: int, hand: HandState) -> bool:
        """Say whether the track has this hand, and saw it, in a frame."""
        row = self._row_of.get(index)
        return row is not None and hand.side == self._track.side and bool(self._track.seen[row])

    def put(self, index: int, hand: HandState) -> None:
        row = self._row_of[index]
        self._pose[row], self._betas[row] = hand.pose, hand.betas
        self._transl[row] = hand.transl

    def track(self) -> HandTrack:
        return replace(self._track, pose=self._pose, betas=self._betas, transl=self._transl)
