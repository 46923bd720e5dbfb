"""Light, occlusion, textures."""

import pytest
import torch

from training.synthetic.shading import SPHERES, hand_spheres, occlusion, sh_basis
from training.synthetic.textures import (
    LEVELS,
    cloth_textures,
    face_textures,
    linear_from_srgb,
    make_atlas,
    srgb_from_linear,
)


def test_harmonics_are_orthogonal_over_the_sphere() -> None:
    generator = torch.Generator().manual_seed(0)
    normals = torch.nn.functional.normalize(torch.randn(200_000, 3, generator=generator), dim=-1)
    basis = sh_basis(normals)
    gram = basis.mT @ basis / len(normals)
    scale = gram.diagonal().sqrt()
    correlation = gram / (scale[:, None] * scale)
    torch.testing.assert_close(correlation, torch.eye(9), atol=0.02, rtol=0)
    assert basis[0, 0].item() == pytest.approx(0.886, abs=1e-3)


def test_a_sphere_darkens_what_lies_under_it_and_shades_from_the_light() -> None:
    points = torch.tensor([[[0.0, 0, 0], [1.0, 0, 0]]])
    normals = torch.tensor([[[0.0, 0, 1], [0, 0, 1]]])
    sphere = torch.tensor([[[0.0, 0, 0.05, 0.02]]])
    lights = torch.tensor([[[0.0, 0, 1], [1.0, 0, 0]]])
    ambient, seen = occlusion(points, normals, sphere, lights)
    assert ambient[0, 0] < 0.9 < ambient[0, 1]
    assert seen[0, 0, 0] < 0.2  # the sphere is between the point and this light
    assert seen[0, 0, 1] == 1  # this one shines from the side
    assert (seen[0, 1] == 1).all()
    nothing = occlusion(points, normals, sphere * torch.tensor([1, 1, 1, 0.0]), lights)
    assert (nothing[0] == 1).all() and (nothing[1] == 1).all()


def test_spheres_fill_the_hand_from_wrist_to_tips() -> None:
    joints = torch.rand(2, 21, 3)
    spheres = hand_spheres(joints)
    assert spheres.shape == (2, SPHERES, 4)
    assert (spheres[..., 3] > 0).all()


def test_srgb_round_trip() -> None:
    values = torch.linspace(0, 1, 257)
    torch.testing.assert_close(
        srgb_from_linear(linear_from_srgb(values)), values, atol=0.02, rtol=0
    )


def test_atlas_returns_texels_at_their_centres_and_wraps() -> None:
    generator = torch.Generator().manual_seed(0)
    banks = [torch.randint(256, (2, 3, side, side), generator=generator, dtype=torch.uint8)
             for side in (32, 64)]  # fmt: skip
    atlas = make_atlas(banks)
    for texture, (bank, number, side) in enumerate(
        [(0, 0, 32), (0, 1, 32), (1, 0, 64), (1, 1, 64)]
    ):
        row, column = 5, 30
        uv = torch.tensor([[(column + 0.5) / side + 1, (row + 0.5) / side - 2]])
        colour = atlas.sample(torch.tensor([texture]), torch.tensor([0]), uv)
        expected = linear_from_srgb(banks[bank][number, :, row, column].float() / 255)
        torch.testing.assert_close(colour[0], expected, atol=1e-4, rtol=0)
    coarse = atlas.sample(
        torch.tensor([3]), torch.tensor([LEVELS - 1]), torch.tensor([[0.25, 0.25]])
    )
    block = linear_from_srgb(banks[1][1, :, :32, :32].float().mean((1, 2)) / 255)
    torch.testing.assert_close(coarse[0], block, atol=0.01, rtol=0)


def test_atlas_refuses_sides_that_are_no_power_of_two() -> None:
    with pytest.raises(ValueError, match="power of two"):
        make_atlas([torch.zeros(1, 3, 48, 48, dtype=torch.uint8)])


def test_made_textures_are_the_same_at_every_start() -> None:
    assert torch.equal(cloth_textures(4), cloth_textures(4))
    assert torch.equal(face_textures(2), face_textures(2))
