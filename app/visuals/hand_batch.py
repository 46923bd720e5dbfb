"""What both views draw of one result: finite hands with normals and colours, computed once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication

from app.palette import HAND_COLOURS
from app.visuals.mesh_topology import MeshTopology
from core.topology import NUM_JOINTS
from core.types import Float32, HandState, Side, TrackedHands

#: The network has eight slots, and so have the buffers.
MAX_HANDS = 8
#: Nothing nearer to the lens is drawn: it could only be a slip, and would fill the picture.
NEAREST_M = 0.03


class HandColours:
    """Gives each track a colour that it keeps, and no two hands of a picture the same one."""

    def __init__(self) -> None:
        """Start with every colour free."""
        self._index_of: dict[int, int] = {}

    def indices(self, hands: tuple[HandState, ...]) -> tuple[int, ...]:
        """Return an index into HAND_COLOURS for each hand; forget tracks that have gone."""
        keys = [-1 - row if hand.track_id < 0 else hand.track_id for row, hand in enumerate(hands)]
        self._index_of = {key: self._index_of[key] for key in keys if key in self._index_of}
        for key in keys:
            if key not in self._index_of:
                taken = set(self._index_of.values())
                wanted = range(len(HAND_COLOURS))
                preferred = abs(key) % len(HAND_COLOURS)
                free = [i for i in wanted if i not in taken] or [preferred]
                self._index_of[key] = preferred if preferred in free else free[0]
        return tuple(self._index_of[key] for key in keys)


@dataclass(frozen=True, slots=True, eq=False)
class HandBatch:
    """Hands ready to draw; row i of every field is the same hand; seen hands come first.

    Attributes:
        hands: the hands themselves.
        vertices: (N, V, 3) m, camera frame.
        normals: (N, V, 3) outward, camera frame.
        joints_3d: (N, 21, 3) m, camera frame.
        joint_confidence: (N, 21) in [0, 1].
        colour_index: (N,) into HAND_COLOURS.
        seen_count: hands from here on are predicted, not seen.
        labels: a word or two for each hand.
    """

    hands: tuple[HandState, ...]
    vertices: Float32
    normals: Float32
    joints_3d: Float32
    joint_confidence: Float32
    colour_index: NDArray[np.int64]
    seen_count: int
    labels: tuple[str, ...]

    def __len__(self) -> int:
        """N."""
        return len(self.vertices)

    @property
    def colours(self) -> Float32:
        """(N, 3) RGB in [0, 1]."""
        palette = np.array(HAND_COLOURS, np.float32) / np.float32(255)
        return np.asarray(palette[self.colour_index].reshape(-1, 3), np.float32)


def empty_batch(topology: MeshTopology) -> HandBatch:
    """Return a batch without hands."""
    return HandBatch(
        (),
        np.zeros((0, topology.vertex_count, 3), np.float32),
        np.zeros((0, topology.vertex_count, 3), np.float32),
        np.zeros((0, NUM_JOINTS, 3), np.float32),
        np.zeros((0, NUM_JOINTS), np.float32),
        np.zeros(0, np.int64),
        0,
        (),
    )


def _drawable(hand: HandState, topology: MeshTopology) -> bool:
    """Whether the hand is of this mesh, in front of the lens and finite; OpenGL takes any NaN."""
    return (
        len(hand.vertices) == topology.vertex_count
        and bool(np.isfinite(hand.vertices).all() and np.isfinite(hand.joints_3d).all())
        and float(hand.vertices[:, 2].min()) > NEAREST_M
    )


def make_batch(tracked: TrackedHands, topology: MeshTopology, colours: HandColours) -> HandBatch:
    """Sort out what can be drawn of tracked, and compute normals and colours."""
    colour_of = colours.indices(tracked.hands)
    rows = [i for i, hand in enumerate(tracked.hands) if _drawable(hand, topology)]
    rows.sort(key=lambda i: tracked.hands[i].track_id in tracked.predicted)
    rows = rows[:MAX_HANDS]
    if not rows:
        return empty_batch(topology)
    hands = [tracked.hands[i] for i in rows]
    vertices = np.stack([hand.vertices for hand in hands]).astype(np.float32)
    return HandBatch(
        hands=tuple(hands),
        vertices=vertices,
        normals=topology.normals(vertices, np.array([hand.side == "left" for hand in hands])),
        joints_3d=np.stack([hand.joints_3d for hand in hands]).astype(np.float32),
        joint_confidence=np.stack([hand.joint_confidence for hand in hands]).astype(np.float32),
        colour_index=np.array([colour_of[i] for i in rows]),
        seen_count=sum(hand.track_id not in tracked.predicted for hand in hands),
        labels=tuple(hand_name(hand.side, hand.track_id) for hand in hands),
    )


def hand_name(side: Side, track_id: int) -> str:
    """Return what a person calls a hand: side and identity, where it has one."""
    translate = QCoreApplication.translate
    word = translate("Hands", "Left") if side == "left" else translate("Hands", "Right")
    return word if track_id < 0 else f"{word} {track_id}"
