"""Refinement of one frame after the other, with the network's answers where they are wanted.

It brings torch, and is imported only when something is refined.
"""

from collections.abc import Sequence
from typing import Final

from core.assets import weights_path
from core.engines.select import DEFAULT_PROFILE
from core.hand_model.file import HandModel
from core.network.frozen_picture import FrozenPicture
from core.network.network import HandNetwork
from core.network.weights import load_network
from core.preprocess import NetworkInput
from core.refinement import HandRefiner, OnStep, Refinement, RefinementConfig
from core.types import Float32, Frame, HandState

#: Steps after which the network's refiner is asked again.
_REFRESH_EVERY: Final = 10


class FrameRefiner:
    """Refines the hands of frames; holds the network where one is needed."""

    def __init__(self, model: HandModel, steps: int, recursive: bool, foreground: bool) -> None:
        """Prepare, and load the network in torch for the recursive or the foreground part.

        Raises:
            ModelFileError: the network is needed and its weights are missing or damaged.
        """
        every = _REFRESH_EVERY if recursive else 0
        self._refiner = HandRefiner(model, RefinementConfig(steps=steps, refresh_every=every))
        self._with_foreground = foreground
        self._network: HandNetwork | None = None
        if recursive or foreground:
            path = weights_path(DEFAULT_PROFILE, "safetensors")
            self._network = load_network(path, self._refiner.layer).requires_grad_(False)

    def refine(
        self,
        frame: Frame,
        hands: Sequence[HandState],
        keypoints_2d: Float32,
        confidence: Float32,
        network_input: NetworkInput | None,
        on_step: OnStep | None = None,
    ) -> Refinement:
        """Fit N hands of a frame to their 2D keypoints.

        Args:
            frame: the picture.
            hands: N of them.
            keypoints_2d: (N, 21, 2) px.
            confidence: (N, 21).
            network_input: the picture as the network sees it; None where it has no hands.
            on_step: hears of each step.
        """
        picture = None
        if self._network is not None and network_input is not None and hands:
            is_left = [hand.side == "left" for hand in hands]
            picture = FrozenPicture(self._network, network_input, keypoints_2d, is_left)
        return self._refiner.refine(
            hands,
            keypoints_2d,
            confidence,
            frame.K,
            None if picture is None else picture.refresh,
            picture.foreground if picture is not None and self._with_foreground else None,
            on_step,
        )
