"""A model of MANO's layout fitted to the posed open hand."""

import numpy as np
import pytest

from core.hand_model.file import HandModel, hand_model_from_arrays
from core.hand_model.fit import HandFitter, _Frames, _Posed
from core.hand_model.skinning_np import pose_hand
from core.rotations_np import rotmat_from_rotvec
from tests.core.hand_model.mano_files import made_up_hand
from tests.factories import hand_model, hand_poser, make_take


@pytest.fixture(scope="module")
def model() -> HandModel:
    from pathlib import Path

    return hand_model_from_arrays(Path("made-up.npz"), made_up_hand())


@pytest.fixture(scope="module")
def fitter(model: HandModel) -> HandFitter:
    return HandFitter(model, hand_model())


def test_a_made_up_mano_follows_the_open_hand_within_millimetres(
    model: HandModel, fitter: HandFitter
) -> None:
    track = make_take(40, sides=("right",)).tracks[0]
    fitted = fitter.fit(track.pose, track.betas, track.transl, lambda done, total: None)
    target = hand_poser().pose(np.ones(40, bool), track.pose, track.betas, track.transl)
    betas = np.tile(fitted.betas, (40, 1))
    posed = pose_hand(model, fitted.pose, betas, fitted.transl)
    joints_mm = 1e3 * np.linalg.norm(posed.joints_3d - target.joints_3d, axis=2)
    assert joints_mm.mean() < 2.0
    np.testing.assert_allclose(1e3 * fitted.joint_error, joints_mm.mean(1), atol=0.02)
    assert 1e3 * fitted.surface_error.mean() < 2.0
    turns = fitted.pose @ fitted.pose.swapaxes(2, 3)
    np.testing.assert_allclose(turns, np.broadcast_to(np.eye(3), turns.shape), atol=1e-5)


def test_every_finger_joint_moves(fitter: HandFitter) -> None:
    track = make_take(20, sides=("right",)).tracks[0]
    fitted = fitter.fit(track.pose, track.betas, track.transl, lambda done, total: None)
    assert (np.ptp(fitted.pose, axis=0).max((1, 2)) > 0.02).all()


def test_the_open_hand_is_fitted_to_itself_exactly() -> None:
    right = hand_model()
    fitter = HandFitter(right, right)
    track = make_take(30, sides=("right",)).tracks[0]
    fitted = fitter.fit(track.pose, track.betas, track.transl, lambda done, total: None)
    assert 1e3 * fitted.joint_error.max() < 0.15
    assert 1e3 * fitted.surface_error.max() < 0.2
    cosine = (np.trace(fitted.pose.swapaxes(2, 3) @ track.pose, axis1=2, axis2=3) - 1) / 2
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean() < 0.5


def test_points_are_posed_as_the_plain_skinning_poses_them(model: HandModel) -> None:
    draw = np.random.default_rng(0)
    pose = rotmat_from_rotvec(draw.normal(0, 0.4, (5, 16, 3)))
    betas, place = draw.normal(size=10), draw.normal(size=(5, 3))
    own = np.arange(0, 778, 7)
    posed = _Posed.of(model, own, _Frames(pose, place), betas)
    plain = pose_hand(model, pose, np.tile(betas, (5, 1)), place)
    np.testing.assert_allclose(posed.joints, plain.joints_3d, atol=1e-6)
    np.testing.assert_allclose(posed.points, plain.vertices[:, own], atol=1e-6)


def test_slopes_are_those_of_small_steps(model: HandModel) -> None:
    # Without correctives, which the slopes leave out.
    from dataclasses import replace

    from core.hand_model.fit import _stepped

    plain = replace(model, posedirs=np.zeros_like(model.posedirs))
    draw = np.random.default_rng(1)
    frames = _Frames(rotmat_from_rotvec(draw.normal(0, 0.4, (2, 16, 3))), draw.normal(size=(2, 3)))
    betas, own = draw.normal(size=10), np.arange(0, 778, 40)
    posed = _Posed.of(plain, own, frames, betas)
    slope = posed.slopes(1.0)
    for column in range(51):
        step = np.zeros((2, 51))
        step[:, column] = 1e-6
        moved = _Posed.of(plain, own, _stepped(frames, step, posed.world), betas)
        difference = np.concatenate((moved.joints - posed.joints, moved.points - posed.points), 1)
        np.testing.assert_allclose(slope[:, :, column], difference.reshape(2, -1) / 1e-6, atol=1e-5)
