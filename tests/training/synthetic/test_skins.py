"""Painted skins have the tones and marks they should."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from core.hand_model.file import HandModel
from training.synthetic.skins import (
    SkinGeometry,
    _nails,
    bake_geometry,
    paint_skin,
    photographic_skins,
    texel_from_uv,
)

SIZE = 96


@pytest.fixture(scope="module")
def geometry(hand: HandModel) -> SkinGeometry:
    return bake_geometry(hand, SIZE)


def test_baked_geometry_is_that_of_the_mesh(hand: HandModel, geometry: SkinGeometry) -> None:
    low, high = hand.v_template.min(0), hand.v_template.max(0)
    assert (geometry.position >= low - 1e-4).all() and (geometry.position <= high + 1e-4).all()
    assert 0.2 < geometry.covered.mean() < 0.7
    palm = geometry.position[(geometry.dorsal < -0.8) & (geometry.weights[:, 0] > 0.9)]
    back = geometry.position[(geometry.dorsal > 0.8) & (geometry.weights[:, 0] > 0.9)]
    assert palm[:, 1].mean() < back[:, 1].mean()  # the palm faces -y


def test_a_texel_lies_where_its_uv_says(hand: HandModel) -> None:
    assert hand.vt is not None
    corner = texel_from_uv(np.array([[0.0, 1.0], [1.0, 0.0]], np.float32), 8)
    np.testing.assert_allclose(corner, [[-0.5, -0.5], [7.5, 7.5]])


def test_nails_lie_on_the_back_of_each_finger_near_its_tip(geometry: SkinGeometry) -> None:
    mask, _, finger = _nails(geometry)
    for number, joint in enumerate((3, 6, 9, 12, 15)):
        own = (mask > 0.5) & (finger == number)
        assert own.sum() >= 2
        assert (geometry.dorsal[own] > 0.2).all()
        assert (geometry.tip[joint] - geometry.along[own, joint] < 0.015).all()


def test_tones_run_from_light_to_dark_and_dark_palms_are_lighter(geometry: SkinGeometry) -> None:
    tones = []
    for seed in range(6):
        skin = paint_skin(seed, geometry)
        assert skin.shape == (3, SIZE, SIZE)
        colour = skin.transpose(1, 2, 0)[geometry.covered].astype(float)
        assert (colour.mean(0)[0] > colour.mean(0)[2]) and colour.std() > 2  # red over blue
        palm, back = colour[geometry.dorsal < -0.7].mean(), colour[geometry.dorsal > 0.7].mean()
        assert palm > back
        tones.append(back)
    assert max(tones) > 1.6 * min(tones)


def test_the_same_seed_paints_the_same_skin(geometry: SkinGeometry) -> None:
    assert np.array_equal(paint_skin(3, geometry), paint_skin(3, geometry))
    assert not np.array_equal(paint_skin(3, geometry), paint_skin(4, geometry))


def test_photographic_skins_are_read_from_a_folder(tmp_path: Path) -> None:
    red = np.zeros((40, 40, 3), np.uint8)
    red[..., 2] = 200
    cv2.imwrite(str(tmp_path / "a.png"), red)
    skins = photographic_skins(tmp_path, 32)
    assert skins.shape == (1, 3, 32, 32)
    assert torch.equal(skins[0, :, 4, 4], torch.tensor([200, 0, 0], dtype=torch.uint8))
    with pytest.raises(ValueError, match="holds no"):
        photographic_skins(tmp_path / "empty")
