"""Engines that take the whole picture and engines that take it letterboxed are told apart here."""

from dataclasses import fields

import numpy as np
import torch

from core.engines.base import RawHands
from core.engines.pictures import run_whole
from core.engines.torch import TorchEngine
from core.network.picture import PictureNetwork
from core.types import UInt8
from tests.networks import lively_network, noise_picture

PICTURE, INPUT = (240, 320), (64, 96)


class WholeEngine(TorchEngine):
    """Answers in the picture's pixels, as engines of a GPU do."""

    def run(self, image: UInt8) -> RawHands:
        module = PictureNetwork(lively_network(), PICTURE, INPUT)
        with torch.inference_mode():
            return RawHands(*(v.numpy() for v in module(torch.from_numpy(image.copy()))))


def test_both_kinds_of_engine_say_the_same_of_a_picture() -> None:
    picture = noise_picture(*PICTURE)
    expected = run_whole(TorchEngine(lively_network(), INPUT), picture, INPUT)
    found = run_whole(WholeEngine(lively_network(), PICTURE), picture, INPUT)
    own = WholeEngine(lively_network(), PICTURE).run(picture)
    assert np.abs(own.keypoints_2d - expected.keypoints_2d).max() > 20
    tolerances = {"keypoints_2d": 0.1, "middle_mcp_2d": 0.1, "pixels_per_metre": 1.0}
    for item in fields(RawHands):
        np.testing.assert_allclose(
            getattr(found, item.name),
            getattr(expected, item.name),
            atol=tolerances.get(item.name, 5e-3),
            err_msg=item.name,
        )


def test_engine_of_the_same_input_is_asked_as_it_is() -> None:
    engine = TorchEngine(lively_network(), INPUT)
    picture = noise_picture(*INPUT)
    np.testing.assert_array_equal(
        run_whole(engine, picture, INPUT).keypoints_2d, engine.run(picture).keypoints_2d
    )
