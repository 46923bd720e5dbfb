"""The network that scales its own picture, and the one whose products are half."""

import numpy as np
import torch

from core.engines.base import RawHands
from core.engines.torch import TorchEngine
from core.network.picture import PictureNetwork
from core.network.precision import HalfProducts
from core.preprocess import prepare
from tests.core.test_preprocess import frame_of
from tests.networks import lively_network, noise_picture

SIZE = (64, 96)


def as_hands(output: object) -> RawHands:
    return RawHands(*(value.detach().float().numpy() for value in output))  # type: ignore[attr-defined]


def test_picture_is_scaled_as_prepare_scales_it() -> None:
    picture = noise_picture(240, 320)
    network = PictureNetwork(lively_network(), (240, 320), SIZE)
    scaled = network.scaled(torch.from_numpy(picture))[0].permute(1, 2, 0).numpy()
    expected = prepare(frame_of(picture), SIZE).image
    np.testing.assert_allclose(scaled, expected, atol=1)
    assert np.abs(scaled - expected).mean() < 0.05  # roundings of exact halves alone


def test_answers_are_in_the_pictures_own_pixels() -> None:
    picture = noise_picture(240, 320)
    with torch.no_grad():
        found = as_hands(PictureNetwork(lively_network(), (240, 320), SIZE)(
            torch.from_numpy(picture)))  # fmt: skip
    prepared = prepare(frame_of(picture), SIZE)
    expected = TorchEngine(lively_network(), SIZE).run(prepared.image)
    back = prepared.image_from_input
    placed = expected.keypoints_2d * np.diag(back)[:2] + back[:2, 2]
    np.testing.assert_allclose(found.keypoints_2d, placed, atol=0.5)
    focal = frame_of(picture).K[0, 0]
    depth = focal / found.pixels_per_metre
    expected_depth = np.sqrt(
        prepared.K_input[0, 0] * prepared.K_input[1, 1]) / expected.pixels_per_metre  # fmt: skip
    np.testing.assert_allclose(depth, expected_depth, rtol=1e-3)


def test_half_products_change_little_and_leave_the_network_as_it_was() -> None:
    network = lively_network()
    picture = torch.from_numpy(noise_picture(*SIZE)).permute(2, 0, 1)[None].contiguous()
    half = HalfProducts(network, "cpu")
    with torch.no_grad():
        expected, found = as_hands(network(picture)), as_hands(half(picture))
    assert network.neck.fuse.weight.dtype == torch.float32
    assert half.network.neck.fuse.weight.dtype == torch.float16
    np.testing.assert_allclose(found.score, expected.score, atol=2e-3)
    difference = np.abs(found.vertices - expected.vertices)
    assert 0 < difference.mean() < 1e-3  # it did run in half precision


def test_weights_of_products_are_half_and_nothing_else() -> None:
    half = HalfProducts(lively_network(), "cpu").network
    kinds = {name: value.dtype for name, value in half.named_parameters()}
    assert kinds["context_norm.weight"] == torch.float32
    assert kinds["local.conv.weight"] == torch.float16
    assert {value.dtype for name, value in half.named_buffers()} <= {torch.float32, torch.int64}


def test_coordinates_stay_exact_under_half_products() -> None:
    """The window's mean of places is a product too, and would round pixels."""
    half = HalfProducts(lively_network(), "cpu")
    readings = []
    half.network.window.register_forward_hook(lambda module, given, found: readings.append(found))
    with torch.no_grad():
        half(torch.from_numpy(noise_picture(*SIZE)).permute(2, 0, 1)[None].contiguous())
    (reading,) = readings
    assert reading.cells.dtype == torch.float16
    mean = (reading.log_heat.exp() @ reading.points).view_as(reading.keypoints_2d)
    torch.testing.assert_close(reading.keypoints_2d, mean, atol=1e-4, rtol=0)
