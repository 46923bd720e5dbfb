"""Slots whose numbers are not finite or impossible are no hands, and are counted."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decode import decode
from core.topology import MIDDLE_MCP
from tests.core.raw_slots import (
    CONFIG,
    SLOT_FIELDS,
    changed_slot,
    frame_with,
    raw_of,
    with_appearance,
)
from tests.factories import make_hand


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("field", SLOT_FIELDS)
def test_slot_with_a_number_that_is_not_finite_is_left_out(field: str, value: float) -> None:
    """Row 32: in every output; what lasts a second is core.engines.recovery's."""
    good, bad = make_hand(at=(-0.2, 0, 0.6), score=0.5), make_hand(at=(0.2, 0, 0.6), score=0.8)
    frame = frame_with()
    raw, network_input = raw_of([bad, good], frame)
    raw = with_appearance(raw)
    spoilt = np.array(getattr(raw, field))
    spoilt[0].reshape(-1)[-1:] = value
    if spoilt.ndim == 1:
        spoilt[0] = value
    found = decode(replace(raw, **{field: spoilt}), network_input, frame, CONFIG)
    assert len(found.rejected_score) == 1
    np.testing.assert_allclose(found.score, [0.5])
    np.testing.assert_allclose(found.hands[0].joints_3d, good.joints_3d, atol=1e-5)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("pixels_per_metre", 0.0),  # infinitely far
        ("pixels_per_metre", -400.0),  # behind the camera
        ("pixels_per_metre", 1e6),  # on the lens
        ("pixels_per_metre", 1.0),  # hundreds of metres away
        ("betas", 20.0),
        ("middle_mcp_2d", 1e30),
        ("keypoints_2d", 3e38),  # overflows on the way to the frame
        ("vertices", 2.0),
        ("joints_3d", 1e9),
        ("pose", 40.0),
        ("score", 3e38),
    ],
)
def test_impossible_slot_is_left_out(field: str, values: float) -> None:
    """Row 33."""
    bad, good = make_hand(at=(0.2, 0, 0.6), score=0.8), make_hand(at=(-0.2, 0, 0.6), score=0.5)
    raw, network_input = raw_of([bad, good], frame_with())
    found = decode(changed_slot(raw, field, values), network_input, frame_with(), CONFIG)
    assert len(found.rejected_score) == 1
    np.testing.assert_allclose(found.score, [0.5])


def test_slot_without_a_hand_is_not_counted_as_rejected_whatever_its_numbers() -> None:
    raw, network_input = raw_of([make_hand(score=0.01)], frame_with())
    found = decode(changed_slot(raw, "betas", math.nan), network_input, frame_with(), CONFIG)
    assert (found.hands, len(found.rejected_score)) == ((), 0)


@pytest.mark.parametrize(
    ("matrix", "is_left_out"),
    [
        (np.diag([1, 1, 0.7]), True),
        (np.diag([1, 1, -1]), True),
        (np.zeros((3, 3)), True),
        (np.diag([1.001, 0.999, 1.001]), False),  # rounded to half precision
    ],
)
def test_hand_with_a_matrix_that_is_no_rotation_is_left_out(
    matrix: object, is_left_out: bool
) -> None:
    """Row 33."""
    bad, good = make_hand(at=(0.2, 0, 0.6), score=0.8), make_hand(at=(-0.2, 0, 0.6), score=0.5)
    raw, network_input = raw_of([bad, good], frame_with())
    pose = np.array(raw.pose)
    pose[0, 7] = matrix
    found = decode(replace(raw, pose=pose), network_input, frame_with(), CONFIG)
    np.testing.assert_allclose(found.score, [0.5] if is_left_out else [0.8, 0.5])


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.floats(0.03, 0.08))
def test_nearly_a_rotation_becomes_one_and_the_hand_unsure(seed: int, size: float) -> None:
    """Row 33."""
    bad, good = make_hand(at=(0.2, 0, 0.6), score=0.8), make_hand(at=(-0.2, 0, 0.6), score=0.5)
    raw, network_input = raw_of([bad, good], frame_with())
    pose = np.array(raw.pose)
    noise = np.random.default_rng(seed).uniform(-1, 1, (3, 3))
    pose[0, 7] += size * noise / np.abs(noise).max()
    found = decode(replace(raw, pose=pose), network_input, frame_with(), CONFIG)
    np.testing.assert_allclose(found.score, [0.8, 0.5])
    mended, whole = found.hands
    np.testing.assert_allclose(
        mended.pose @ mended.pose.swapaxes(-1, -2), np.tile(np.eye(3), (16, 1, 1)), atol=0.06
    )
    error = np.abs(pose[0, 7] @ pose[0, 7].T - np.eye(3)).max()
    handed = abs(np.linalg.det(pose[0, 7]) - 1)
    if max(error, handed) > 0.051:
        np.testing.assert_allclose(mended.pose[7] @ mended.pose[7].T, np.eye(3), atol=1e-5)
        assert np.linalg.det(mended.pose[7]) > 0.99
        np.testing.assert_allclose(mended.pose[7], pose[0, 7], atol=0.2)
        assert not mended.joint_confidence.any()
    assert whole.joint_confidence.any()


@pytest.mark.parametrize("depth_m", [0.051, 0.08])
def test_hand_that_reaches_behind_the_camera_is_left_out(depth_m: float) -> None:
    """Its fingertips cannot be projected: they would fly to infinity or to the other side."""
    pointing = make_hand(at=(0, 0, 0.6), turn=(1.5, 0, 0), curl=0.0)
    reach = pointing.joints_3d[:, 2].min() - pointing.joints_3d[MIDDLE_MCP, 2]
    assert reach < -0.06
    raw, network_input = raw_of([pointing], frame_with())
    focal = float(network_input.K_input[0, 0])
    near = changed_slot(raw, "pixels_per_metre", focal / depth_m)
    found = decode(near, network_input, frame_with(), CONFIG)
    assert all((hand.joints_3d[:, 2] > 0.01).all() for hand in found.hands)
    if depth_m + reach < 0.01:
        assert found.hands == ()


@settings(max_examples=30)
@given(st.data())
def test_random_numbers_never_break_decoding(data: st.DataObject) -> None:
    """Whatever eight slots hold, what is decoded is finite."""
    frame = frame_with()
    raw, network_input = raw_of([make_hand()], frame)
    wild = np.array([0.0, -1.0, 1.0, 1e-30, 1e30, 3e38, np.nan, np.inf, -np.inf], np.float32)
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    changes = {}
    for name in data.draw(st.sets(st.sampled_from(SLOT_FIELDS[:-2]), min_size=1)):
        array = np.array(getattr(raw, name))
        mask = rng.random(array.shape) < 0.2
        array[mask] = rng.choice(wild, int(mask.sum()))
        changes[name] = array
    found = decode(replace(raw, **changes), network_input, frame, CONFIG)
    for hand in found.hands:
        for array in (hand.pose, hand.vertices, hand.joints_3d, hand.joints_2d, hand.betas):
            assert np.isfinite(array).all()
