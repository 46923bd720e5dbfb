"""The demo clip's motion is what its tests elsewhere rely on."""

import numpy as np
import pytest
import torch

from core.hand_model.file import HandModel
from training.open_hand.pose_prior import pose_prior
from training.synthetic.demo_clip import (
    ACTORS,
    FPS,
    HEIGHT,
    SECONDS,
    WIDTH,
    ClipRenderer,
    orientation,
    tracks,
)

TIMES = np.arange(FPS * SECONDS) / FPS


@pytest.fixture(scope="module")
def clip(hand: HandModel) -> ClipRenderer:
    skins = torch.full((8, 3, 32, 32), 150, dtype=torch.uint8)
    return ClipRenderer(hand, skins, torch.full((1, 3, HEIGHT, WIDTH), 0.2))


def test_one_hand_holds_perfectly_still_for_two_seconds(clip: ClipRenderer) -> None:
    still = (TIMES >= 6.0) & (TIMES <= 8.6)
    assert still.sum() > 2 * FPS
    rows = torch.from_numpy(still)
    wrist, pose = clip.wrist[1][rows], clip.pose[rows, 1]
    torch.testing.assert_close(wrist, wrist[:1].expand_as(wrist), atol=1e-6, rtol=0)
    torch.testing.assert_close(pose, pose[:1].expand_as(pose), atol=1e-5, rtol=0)
    assert (clip.wrist[1][:30] - wrist[0]).abs().max() > 0.01  # and moves before


def test_motion_is_smooth(clip: ClipRenderer) -> None:
    for wrist in clip.wrist:
        assert wrist.diff(dim=0).norm(dim=-1).max() < 0.04  # 1.2 m/s at most
    turn = clip.pose[1:] @ clip.pose[:-1].mT
    cosine = (turn.diagonal(dim1=-2, dim2=-1).sum(-1) - 1) / 2
    assert torch.rad2deg(cosine.clamp(-1, 1).acos()).max() < 15


def test_two_hands_cross_and_one_leaves_and_returns(clip: ClipRenderer) -> None:
    apart = clip.wrist[0][:, 0] - clip.wrist[1][:, 0]
    assert apart[0] < 0 < apart[FPS * 4]
    assert apart[FPS * 6] < 0
    middle = slice(3 * FPS, 5 * FPS)
    assert (clip.wrist[0][middle, 2] < clip.wrist[1][middle, 2] - 0.05).all()
    image = clip.wrist[2][:, :2] / clip.wrist[2][:, 2:] * clip.scene.K[0, 0, 0]
    inside = (image[:, 0].abs() < WIDTH / 2 - 100).numpy()
    assert not inside[0] and inside[2 * FPS] and not inside[6 * FPS] and inside[9 * FPS]


def test_a_palm_turned_by_zero_faces_the_camera(hand: HandModel) -> None:
    prior = pose_prior(hand)
    for actor in ACTORS[:2]:
        wrist, turn, flex, _ = tracks(actor, prior, np.array([1.0]))
        rotmat, bend = orientation(actor, wrist, torch.zeros_like(turn), torch.zeros_like(flex))
        mirror = torch.tensor([-1.0 if actor.is_left else 1.0, 1, 1])
        palm = -rotmat[0, :, 1] * mirror
        assert palm[2] < -0.8
        torch.testing.assert_close(bend, torch.eye(3)[None])
        torch.testing.assert_close(rotmat[0].det(), torch.tensor(1.0))


def test_a_frame_has_its_truth(clip: ClipRenderer) -> None:
    picture, truth = clip.frame(75)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert truth["keypoints_2d"].shape == (4, 21, 2)
    assert truth["visible_share"][0] > 0.9
    np.testing.assert_allclose(
        truth["joints_3d"][:, 0], torch.stack([w[75] for w in clip.wrist]).numpy(), atol=1e-6
    )
    column, row = truth["keypoints_2d"][0, 9].round().astype(int)
    back = picture[5, 5].astype(int)
    assert np.abs(picture[row, column].astype(int) - back).max() > 15
