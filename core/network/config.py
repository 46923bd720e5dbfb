"""Sizes of a HandNetwork."""

from dataclasses import dataclass, field
from typing import Final

from core.network.backbone import LITE0, LITE2, BackboneConfig


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Sizes of the network; part of the weights' json.

    Attributes:
        profile: name that a person sees.
        backbone: which EfficientNet-Lite.
        upsample: 1 for output stride 8, 2 for stride 4.
        stage_channels: channels per fused backbone stage.
        channels: channels of the fused map.
        dense_hidden: hidden channels of the heads that are read everywhere.
        row_hidden: width of the per-hand feature F and of the regressor's hidden layers.
        sample_channels: channels sampled under each keypoint.
        window_cells: points per side of the window in which each hand is looked at again, even.
        window_channels: channels in that window.
        window_squeezed: channels of its summary, at half the points per side.
        window_mixed: channels in which all parts of the window see each other.
        slots: K, hands per picture at most.
        steps: iterations of regressor and refiner.
        heatmap_prior: whether keypoint heatmaps are found first and fused into the stem.
        input_sizes: (height, width) px that the profile is meant for, best aspect is chosen.
    """

    profile: str = "lite"
    backbone: BackboneConfig = LITE0
    upsample: int = 1
    stage_channels: int = 64
    channels: int = 128
    dense_hidden: int = 64
    row_hidden: int = 384
    sample_channels: int = 32
    window_cells: int = 10
    window_channels: int = 64
    window_squeezed: int = 48
    window_mixed: int = 80
    slots: int = 8
    steps: int = 3
    heatmap_prior: bool = False
    input_sizes: tuple[tuple[int, int], ...] = field(
        default=((192, 256), (160, 288), (256, 192), (288, 160))
    )

    @property
    def stride(self) -> int:
        """Input pixels per cell."""
        return 8 // self.upsample


LITE: Final = NetworkConfig()
FULL: Final = NetworkConfig(
    profile="full",
    backbone=LITE2,
    upsample=2,
    stage_channels=96,
    channels=192,
    dense_hidden=96,
    row_hidden=512,
    input_sizes=((384, 512), (288, 512), (512, 384), (512, 288)),
)
