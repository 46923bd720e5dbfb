"""The keypoint-heatmap prior: 21 maps from a small U-net, fused early into the trunk (SMHR 1.4).

SMHR runs a second ResNet-18 beside its encoder (13.8 M parameters) and fuses its maps at half the
resolution. Here the U-net starts from the trunk's own stem, which sees the same picture and has
ImageNet's weights already, goes down with the trunk's kind of block and comes back to a quarter of
the resolution: 0.21 M parameters and half of the trunk's work in the `lite` profile, where
a second encoder would double it. A cell of four pixels still tells a keypoint to within 3 px.

The fused map is added to the stem's output, with a last norm that starts at zero (Goyal et al.
2017): a network that gets a prior is at first the network without it, whose weights it can go on
from.
"""

from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.network.backbone import STEM_CHANNELS, InvertedResidual, scaled_channels
from core.network.config import NetworkConfig
from core.network.heads import PRIOR_BIAS, Head, local_maxima
from core.topology import NUM_JOINTS, TIPS

#: Input pixels per cell of the maps.
PRIOR_STRIDE: Final = 4
#: Channels at stride 4, 8, 16, 32 on the way down and at 16, 8, 4 on the way up, at width 1.
_DOWN: Final = (24, 40, 80, 112)
_UP: Final = (48, 40, 24)
_LOWEST: Final = 1e-4
_TIP_PAIRS: Final = tuple((a, b) for i, a in enumerate(TIPS) for b in TIPS[i + 1 :])
_FINGERS: Final = tuple(tuple(range(tip - 3, tip + 1)) for tip in TIPS)
#: The 15 relations: the ten pairs of fingertips and the five fingers, as sets of keypoints.
RELATIONS: Final = (*_TIP_PAIRS, *_FINGERS)


class PriorReading(NamedTuple):
    """What the branch makes of a stem.

    Attributes:
        stem: (B, 32, H / 2, W / 2), what the trunk goes on with.
        logits: (B, 21, H / 4, W / 4); all hands' peaks lie in the same channels.
    """

    stem: Tensor
    logits: Tensor


class Peaks(NamedTuple):
    """The strongest local maxima of each keypoint's map, best first.

    Attributes:
        score: (B, 21, K) in [0, 1]; 0 where there are fewer than K.
        points: (B, 21, K, 2) px of the network input, the centre of the peak's cell.
    """

    score: Tensor
    points: Tensor


class HeatmapPrior(nn.Module):
    """U-net from the stem's output to 21 maps, and their fusion with it."""

    relations: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        """Build for the width of the configured trunk."""
        super().__init__()
        down = [scaled_channels(channels, config.backbone.width) for channels in _DOWN]
        up = [scaled_channels(channels, config.backbone.width) for channels in _UP]
        sources = [STEM_CHANNELS, *down[:-1]]
        self.down = nn.ModuleList(
            # Expanding at half the resolution would cost more than all that follows.
            InvertedResidual(source, out, 3, 2, 1 if level == 0 else 3)
            for level, (source, out) in enumerate(zip(sources, down, strict=True))
        )
        below = [down[-1], *up[:-1]]
        self.up = nn.ModuleList(
            _ConvNorm(deeper + skip, out, 3)
            for deeper, skip, out in zip(below, down[-2::-1], up, strict=True)
        )
        self.heat = Head(up[-1], up[-1], NUM_JOINTS, bias=PRIOR_BIAS)
        mixed = STEM_CHANNELS + NUM_JOINTS + len(RELATIONS)
        self.mix = InvertedResidual(mixed, STEM_CHANNELS, 3, 1, 1)
        self.add = _ConvNorm(STEM_CHANNELS, STEM_CHANNELS, 1)
        nn.init.zeros_(self.add.bn.weight)
        self.register_buffer("relations", relation_matrix(), persistent=False)

    def forward(self, stem: Tensor) -> PriorReading:
        """Map the stem's output (B, 32, H / 2, W / 2); H and W are multiples of 32."""
        levels = [stem]
        for block in self.down:
            levels.append(block(levels[-1]))
        x = levels[-1]
        for skip, block in zip(levels[-2:0:-1], self.up, strict=True):
            x = F.relu6(block(torch.cat([_enlarged(x), skip], 1)))
        logits: Tensor = self.heat(x)
        heat = heat_of(logits).to(stem.dtype)
        related = torch.einsum("rj,bjhw->brhw", self.relations.to(heat.dtype), heat)
        maps = _enlarged(torch.cat([heat, related], 1))
        mixed = F.relu6(self.mix(torch.cat([stem, maps], 1)))
        return PriorReading(F.relu6(stem + self.add(mixed)), logits)


class _ConvNorm(nn.Module):
    """Convolution and batch norm."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int) -> None:
        super().__init__()
        self.fuse = nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(out_channels, momentum=0.01)

    def forward(self, x: Tensor) -> Tensor:
        normed: Tensor = self.bn(self.fuse(x))
        return normed


def _enlarged(x: Tensor) -> Tensor:
    """Return (B, C, h, w) at twice the size."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def relation_matrix() -> Tensor:
    """Return (15, 21): row r adds up the maps of relation r."""
    matrix = torch.zeros(len(RELATIONS), NUM_JOINTS)
    for row, keypoints in enumerate(RELATIONS):
        matrix[row, list(keypoints)] = 1.0
    return matrix


def heat_of(logits: Tensor) -> Tensor:
    """Return the maps in [1e-4, 1 - 1e-4], in FP32."""
    return torch.sigmoid(logits.float()).clamp(_LOWEST, 1 - _LOWEST)


def heat_peaks(logits: Tensor, count: int, stride: int = PRIOR_STRIDE) -> Peaks:
    """Find the `count` strongest peaks of each keypoint: one per hand (SMHR 1.4, Baek 2.2).

    Args:
        logits: (B, 21, h, w).
        count: K.
        stride: input pixels per cell.
    """
    width = logits.shape[-1]
    score, cells = local_maxima(heat_of(logits)).flatten(2).topk(count)
    row = torch.div(cells, width, rounding_mode="floor")
    cell = torch.stack([cells - row * width, row], -1).float()
    return Peaks(score, (cell + 0.5) * stride - 0.5)


def window_soft_argmax(
    logits: Tensor, centre: Tensor, side_px: Tensor, stride: int = PRIOR_STRIDE
) -> Tensor:
    """Read each hand's keypoints as the mean of its heat within its own window (SMHR 1.9).

    The heat times the map's longer side goes through a softmax, so that the empty cells weigh
    nothing beside a peak. The window keeps other hands' peaks of the same channel out.

    Args:
        logits: (B, 21, h, w).
        centre: (B, K, 2) px, middle of each hand's window; held within the picture.
        side_px: (B, K) px, its side; at least two cells.
        stride: input pixels per cell.

    Returns:
        (B, K, 21, 2) px; differentiable in the logits.
    """
    height, width = logits.shape[-2:]
    ys = (torch.arange(height, device=logits.device) + 0.5) * stride - 0.5
    xs = (torch.arange(width, device=logits.device) + 0.5) * stride - 0.5
    limit = centre.new_tensor([width * stride - 1, height * stride - 1])
    middle = torch.minimum(centre.clamp(min=0), limit)
    half = side_px.clamp(min=2.0 * stride)[..., None] / 2
    in_x = (xs - middle[..., :1]).abs() <= half
    in_y = (ys - middle[..., 1:]).abs() <= half
    inside = (in_y[..., :, None] & in_x[..., None, :]).flatten(2)
    sharp = (heat_of(logits) * max(height, width)).flatten(2)
    masked = sharp[:, None].masked_fill(~inside[:, :, None], float("-inf"))
    grid = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1).flatten(0, 1)
    return masked.softmax(-1) @ grid
