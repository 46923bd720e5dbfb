import numpy as np
import pytest

from core.errors import StreamError
from core.rotations_np import quat_xyzw_from_rotmat
from core.streams.address import Address
from core.streams.osc import HandSlots, OscTarget
from core.types import TrackedHands
from tests.core.streams.receivers import osc_receiver
from tests.factories import make_frame, make_hand


def test_a_receiver_gets_all_numbers_of_each_hand() -> None:
    hands = (make_hand("left", track_id=3), make_hand("right", track_id=8, at=(0.1, 0, 0.4)))
    with osc_receiver() as receiver:
        target = OscTarget(Address("127.0.0.1", receiver.port))
        target.open()
        target.send(TrackedHands(make_frame(30), hands, predicted=frozenset({8})))
        receiver.wait_for("/manyhands/hand/1/rotations")
        target.close()
    frame = receiver.of("/manyhands/frame")[0][1]
    assert frame[:2] == (30, 2)
    assert frame[2] == pytest.approx(1.0)
    for slot, hand in enumerate(hands):
        track_id, side, score, seen = receiver.of(f"/manyhands/hand/{slot}/info")[0][1]
        assert (track_id, side, seen) == (hand.track_id, hand.side, int(slot == 0))
        assert score == pytest.approx(0.9)
        for name, expected in (
            ("joints_3d", hand.joints_3d),
            ("joints_2d", hand.joints_2d),
            ("rotations", quat_xyzw_from_rotmat(hand.pose)),
        ):
            values = receiver.of(f"/manyhands/hand/{slot}/{name}")[0][1]
            np.testing.assert_allclose(values, expected.ravel(), rtol=1e-5, atol=1e-6)


def test_a_hand_that_goes_is_told_once() -> None:
    hand = make_hand(track_id=3)
    with osc_receiver() as receiver:
        target = OscTarget(Address("127.0.0.1", receiver.port))
        target.open()
        for index, hands in enumerate(((hand,), (), ())):
            target.send(TrackedHands(make_frame(index), hands))
        target.send_heartbeat(2_500_000_000)
        beat = receiver.wait_for("/manyhands/heartbeat")[0][1]
        target.close()
    assert [values for _, values in receiver.of("/manyhands/hand/0/active")] == [(1,), (0,)]
    assert beat == (2.5,)


def test_a_hand_keeps_its_slot() -> None:
    slots = HandSlots()
    assert slots.assign([4, 7]) == ([0, 1], [])
    assert slots.assign([7]) == ([1], [0])
    assert slots.assign([7, 9]) == ([1, 0], [])
    assert slots.assign([]) == ([], [0, 1])


def test_hands_without_identity_have_slots_too() -> None:
    assert HandSlots().assign([-1, -1, -1]) == ([0, 1, 2], [])


def test_a_receiver_that_is_absent_is_no_fault() -> None:
    """Row 68: UDP is fire and forget."""
    with osc_receiver() as receiver:
        port = receiver.port
    target = OscTarget(Address("127.0.0.1", port))
    target.open()
    for index in range(20):
        target.send(TrackedHands(make_frame(index), (make_hand(track_id=1),)))
    target.close()


def test_a_host_that_does_not_exist_is_named() -> None:
    with pytest.raises(StreamError, match=r"STR-01.*no-such-host\.invalid:9000"):
        OscTarget(Address("no-such-host.invalid", 9000)).open()
