from typing import Any

import numpy as np

from core.streams.address import Address
from core.streams.udp import MAX_WHOLE_DATAGRAM
from core.streams.unity import bone_names, unity_hand
from core.streams.vmc import VmcTarget, hand_datagram, state_datagram
from core.types import HandState, TrackedHands
from tests.core.streams.receivers import OscReceiver, osc_receiver
from tests.factories import make_frame, make_hand


def tracked(*hands: HandState) -> TrackedHands:
    return TrackedHands(make_frame(7), hands)


def bones(receiver: OscReceiver) -> dict[str, tuple[Any, ...]]:
    return {values[0]: values[1:] for _, values in receiver.of("/VMC/Ext/Bone/Pos")}


def test_a_marionette_gets_every_bone_of_both_hands() -> None:
    left, right = make_hand("left", track_id=1, curl=0.7), make_hand("right", track_id=2)
    with osc_receiver() as receiver:
        target = VmcTarget(Address("127.0.0.1", receiver.port))
        target.open()
        target.send(tracked(left, right))
        receiver.wait_for("/VMC/Ext/Bone/Pos", 32)
        receiver.wait_for("/VMC/Ext/Tra/Pos", 2)
        target.close()
    assert receiver.of("/VMC/Ext/OK") == [("/VMC/Ext/OK", (1, 3, 0, 1))]
    assert isinstance(receiver.of("/VMC/Ext/T")[0][1][0], float)
    assert receiver.of("/VMC/Ext/Root/Pos")[0][1] == ("root", 0, 0, 0, 0, 0, 0, 1)
    received = bones(receiver)
    assert set(received) == {*bone_names("left"), *bone_names("right")}
    for state in (left, right):
        hand = unity_hand(state)
        for row, name in enumerate(bone_names(state.side)):
            np.testing.assert_allclose(received[name][:3], hand.positions[row], atol=1e-6)
            np.testing.assert_allclose(received[name][3:], hand.quat_xyzw[row], atol=1e-6)
            assert all(isinstance(value, float) for value in received[name])
    trackers = {values[0]: values[1:4] for _, values in receiver.of("/VMC/Ext/Tra/Pos")}
    np.testing.assert_allclose(trackers["RightHand"], -right.joints_3d[0], atol=1e-6)


def test_no_hands_are_no_tracking() -> None:
    """Row 34."""
    with osc_receiver() as receiver:
        target = VmcTarget(Address("127.0.0.1", receiver.port))
        target.open()
        target.send(tracked())
        target.send_heartbeat(10**12)
        receiver.wait_for("/VMC/Ext/OK", 2)
        target.close()
    assert [values for _, values in receiver.of("/VMC/Ext/OK")] == [(1, 3, 0, 0)] * 2
    assert not receiver.of("/VMC/Ext/Bone/Pos")


def test_of_two_right_hands_the_first_is_sent_until_it_is_gone() -> None:
    first = make_hand("right", track_id=5, score=0.6, at=(0.0, 0.0, 0.5))
    surer = make_hand("right", track_id=9, score=0.9, at=(0.2, 0.0, 0.5))
    with osc_receiver() as receiver:
        target = VmcTarget(Address("127.0.0.1", receiver.port))
        target.open()
        for hands in ((first,), (first, surer), (surer,)):
            target.send(tracked(*hands))
        receiver.wait_for("/VMC/Ext/Tra/Pos", 3)
        target.close()
    wrists = [values[1] for _, values in receiver.of("/VMC/Ext/Tra/Pos")]
    expected = [-first.joints_3d[0, 0], -first.joints_3d[0, 0], -surer.joints_3d[0, 0]]
    np.testing.assert_allclose(wrists, expected, atol=1e-6)


def test_no_datagram_is_split_on_an_ethernet() -> None:
    hands = [unity_hand(make_hand("left")), unity_hand(make_hand("right"))]
    sizes = [len(hand_datagram(hand)) for hand in hands]
    assert max(*sizes, len(state_datagram(1.0, hands))) <= MAX_WHOLE_DATAGRAM
