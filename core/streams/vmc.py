"""VmcTarget: hands over the Virtual Motion Capture protocol (protocol.vmc.info), OSC on UDP.

ManyHands is a "performer" that sends to a "marionette", such as an avatar program. An avatar has
two hands: of several hands of one side the one that was there first is sent until it is gone.
"""

from collections.abc import Sequence
from typing import Final

from core.streams.address import Address
from core.streams.osc_bundle import OscMessage, bundle
from core.streams.udp import UdpSender
from core.streams.unity import UnityHand, bone_names, unity_hand
from core.timing import now_ns
from core.types import HandState, Side, TrackedHands

VMC_PORT: Final = 39539
_SIDES: Final[tuple[Side, ...]] = ("left", "right")
_LOADED: Final = 1
_CALIBRATED: Final = 3
_NORMAL_MODE: Final = 0
_ORIGIN: Final = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


class VmcTarget:
    """Sends the state with a tracker at each wrist, then the bones of each hand."""

    def __init__(self, address: Address) -> None:
        """Send to a marionette there, by custom on port 39539."""
        self._udp = UdpSender(address)
        self._chosen: dict[Side, int] = {}
        self._start_ns = now_ns()

    @property
    def clients(self) -> int | None:
        """Nobody knows who receives datagrams."""
        return None

    def open(self) -> None:
        """Look the host up."""
        self._udp.open()

    def send(self, tracked: TrackedHands) -> None:
        """Send the state, then one datagram for each hand."""
        hands = [unity_hand(hand) for hand in self._choose(tracked)]
        self._udp.send(state_datagram(self._elapsed_s(now_ns()), hands))
        for hand in hands:
            self._udp.send(hand_datagram(hand))

    def send_heartbeat(self, time_ns: int) -> None:
        """Send the state without hands."""
        self._udp.send(state_datagram(self._elapsed_s(time_ns), ()))

    def close(self) -> None:
        """Close the socket."""
        self._udp.close()

    def _elapsed_s(self, time_ns: int) -> float:
        return (time_ns - self._start_ns) / 1e9

    def _choose(self, tracked: TrackedHands) -> list[HandState]:
        """Return at most one hand of each side: the one of before, else the surest."""
        chosen = []
        for side in _SIDES:
            hands = [hand for hand in tracked.hands if hand.side == side]
            before = self._chosen.pop(side, None)
            hands.sort(key=lambda hand: (hand.track_id == before, hand.score))
            if hands:
                chosen.append(hands[-1])
                self._chosen[side] = hands[-1].track_id
        return chosen


def state_datagram(time_s: float, hands: Sequence[UnityHand]) -> bytes:
    """Encode availability (VMC 2.7), the sender's time in s, the avatar's place, and trackers.

    A tracker is at each hand's wrist, and is called as the bone is.
    """
    trackers: list[OscMessage] = [
        (
            "/VMC/Ext/Tra/Pos",
            (bone_names(hand.side)[0], *hand.wrist.tolist(), *hand.quat_xyzw[0].tolist()),
        )
        for hand in hands
    ]
    return bundle(
        [
            ("/VMC/Ext/OK", (_LOADED, _CALIBRATED, _NORMAL_MODE, int(bool(hands)))),
            ("/VMC/Ext/T", (time_s,)),
            ("/VMC/Ext/Root/Pos", ("root", *_ORIGIN)),
            *trackers,
        ]
    )


def hand_datagram(hand: UnityHand) -> bytes:
    """Encode a hand's 16 bones: less than an Ethernet frame, so that no half of it is lost."""
    names = bone_names(hand.side)
    rows = zip(names, hand.positions.tolist(), hand.quat_xyzw.tolist(), strict=True)
    return bundle(("/VMC/Ext/Bone/Pos", (name, *place, *turn)) for name, place, turn in rows)
