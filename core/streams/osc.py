"""OscTarget: hands as plain Open Sound Control 1.0 messages on UDP, for tools that patch numbers.

Each hand keeps one slot number from 0 as long as it is tracked, so that an address stays with a
hand. README.md lists the messages.
"""

import itertools
from collections.abc import Iterable
from typing import Final

import numpy as np

from core.rotations_np import quat_xyzw_from_rotmat
from core.streams.address import Address
from core.streams.osc_bundle import OscMessage, bundle
from core.streams.udp import UdpSender
from core.types import HandState, TrackedHands

OSC_PORT: Final = 9000
_MAX_INT: Final = 0x7FFFFFFF


class HandSlots:
    """Gives each track the smallest number that is free, for as long as it is there."""

    def __init__(self) -> None:
        """Start without tracks."""
        self._slot_of: dict[int, int] = {}

    def assign(self, track_ids: Iterable[int]) -> tuple[list[int], list[int]]:
        """Return the slot of each track, and the slots that have become free with this call."""
        keys = [track if track >= 0 else -1 - row for row, track in enumerate(track_ids)]
        kept = {key: slot for key, slot in self._slot_of.items() if key in keys}
        free = (slot for slot in itertools.count() if slot not in kept.values())
        assigned = {key: kept[key] if key in kept else next(free) for key in keys}
        freed = sorted(set(self._slot_of.values()) - set(assigned.values()))
        self._slot_of = assigned
        return [assigned[key] for key in keys], freed


class OscTarget:
    """Sends one bundle for the frame and one for each hand."""

    def __init__(self, address: Address) -> None:
        """Send there; tools have no common port, many listen at 9000."""
        self._udp = UdpSender(address)
        self._slots = HandSlots()

    @property
    def clients(self) -> int | None:
        """Nobody knows who receives datagrams."""
        return None

    def open(self) -> None:
        """Look the host up."""
        self._udp.open()

    def send(self, tracked: TrackedHands) -> None:
        """Send how many hands there are, which slots became free, and each hand."""
        slots, freed = self._slots.assign(hand.track_id for hand in tracked.hands)
        frame = tracked.frame
        index, time_s = frame.index & _MAX_INT, frame.timestamp_ns / 1e9
        head: list[OscMessage] = [
            ("/manyhands/frame", (index, len(tracked.hands), time_s)),
            *((f"/manyhands/hand/{slot}/active", (0,)) for slot in freed),
        ]
        self._udp.send(bundle(head))
        for slot, hand in zip(slots, tracked.hands, strict=True):
            self._udp.send(_hand_bundle(slot, hand, hand.track_id not in tracked.predicted))

    def send_heartbeat(self, time_ns: int) -> None:
        """Send the program's clock."""
        self._udp.send(bundle([("/manyhands/heartbeat", (time_ns / 1e9,))]))

    def close(self) -> None:
        """Close the socket."""
        self._udp.close()


def _hand_bundle(slot: int, hand: HandState, seen: bool) -> bytes:
    """Encode one hand: 1.1 kB, less than an Ethernet frame."""
    prefix = f"/manyhands/hand/{slot}"
    identity = (hand.track_id, hand.side, float(hand.score), int(seen))
    rotations = quat_xyzw_from_rotmat(hand.pose)
    return bundle(
        [
            (f"{prefix}/active", (1,)),
            (f"{prefix}/info", identity),
            (f"{prefix}/joints_3d", hand.joints_3d.ravel().tolist()),
            (f"{prefix}/joints_2d", hand.joints_2d.ravel().tolist()),
            (f"{prefix}/rotations", rotations.astype(np.float32).ravel().tolist()),
        ]
    )
