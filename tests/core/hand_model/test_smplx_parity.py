"""The hand in the reference implementation of MANO, where a person has installed it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer
from core.rotations_np import rotmat_from_rotvec

smplx = pytest.importorskip("smplx", reason="the optional package smplx is not installed")


def test_open_hand_in_smplx_equals_our_skinning(right: HandModel, hand_path: Path) -> None:
    rng = np.random.default_rng(0)
    rotvec = rng.normal(0, 0.5, (8, 16, 3)).astype(np.float32)
    betas = rng.normal(0, 1, (8, 10)).astype(np.float32)
    mano = smplx.MANO(str(hand_path), ext="npz", use_pca=False, flat_hand_mean=True, batch_size=8)
    theirs = mano(
        global_orient=torch.from_numpy(rotvec[:, 0]),
        hand_pose=torch.from_numpy(rotvec[:, 1:].reshape(8, 45)),
        betas=torch.from_numpy(betas),
    )
    pose = torch.from_numpy(rotmat_from_rotvec(rotvec).astype(np.float32))
    vertices, _ = HandLayer(right)(pose, torch.from_numpy(betas))
    difference = (theirs.vertices - theirs.joints[:, :1] - vertices).abs().max().item()
    assert difference < 1e-6
