"""Blur, development and compression."""

import pytest
import torch

from training.synthetic.camera_effects import (
    CameraConfig,
    codec,
    defocus,
    develop,
    expose,
    motion_blur,
    sample_cameras,
)
from training.synthetic.dice import Dice


def spot() -> torch.Tensor:
    layer = torch.zeros(1, 1, 41, 41)
    layer[0, 0, 20, 20] = 1
    return layer


def moments(layer: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    y, x = torch.meshgrid(torch.arange(41.0), torch.arange(41.0), indexing="ij")
    at = torch.stack((x, y), -1)
    weight = layer[0, 0, ..., None] / layer.sum()
    mean = (at * weight).sum((0, 1))
    return mean, ((at - mean).square() * weight).sum((0, 1))


def test_motion_blur_smears_along_the_motion_and_keeps_the_middle() -> None:
    mean, variance = moments(motion_blur(spot(), torch.tensor([[8.0, 0.0]])))
    torch.testing.assert_close(mean, torch.tensor([20.0, 20.0]), atol=0.02, rtol=0)
    assert variance[0].item() == pytest.approx(8**2 / 12, rel=0.3)
    assert variance[1] < 0.1
    torch.testing.assert_close(motion_blur(spot(), torch.zeros(1, 2)), spot(), atol=1e-4, rtol=0)


@pytest.mark.parametrize("sigma", [0.0, 0.6, 1.0, 2.0, 4.0])
def test_defocus_has_the_sigma_it_is_asked_for(sigma: float) -> None:
    blurred = defocus(spot(), torch.tensor([sigma]))
    assert blurred.sum().item() == pytest.approx(1, abs=1e-3)
    _, variance = moments(blurred)
    assert variance[0].item() == pytest.approx(sigma**2, abs=1e-3, rel=0.05)


def test_codec_keeps_at_quality_100_and_loses_more_the_lower_it_is() -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 3, 20, 30, generator=generator) * 255
    image = torch.nn.functional.interpolate(image, scale_factor=2.0, mode="bilinear")
    loss = [
        (codec(image, torch.tensor([q])) - image).abs().mean().item() for q in (100, 90, 50, 10)
    ]
    assert loss[0] == 0
    assert 0 < loss[1] < loss[2] < loss[3]
    flat = torch.full((1, 3, 16, 16), 128.0)
    torch.testing.assert_close(codec(flat, torch.tensor([30.0])), flat, atol=3, rtol=0)


def test_development_is_monotonic_and_stays_in_range() -> None:
    cameras = sample_cameras(CameraConfig(grey_share=1.0), Dice(0), 3, 384)
    ramp = torch.linspace(0, 3, 50).expand(3, 3, 50)
    shown = develop(ramp, cameras)
    assert (shown.diff(dim=-1) >= 0).all()
    assert shown.min() >= 0 and shown.max() <= 1


def test_noise_comes_from_the_generator_alone() -> None:
    cameras = sample_cameras(CameraConfig(low_light_share=1.0, max_noise=0.2), Dice(1), 2, 64)
    linear = torch.full((2, 3, 32, 64), 0.2)
    pictures = [expose(linear, cameras, torch.Generator().manual_seed(seed)) for seed in (5, 5, 6)]
    assert torch.equal(pictures[0], pictures[1])
    assert not torch.equal(pictures[0], pictures[2])
