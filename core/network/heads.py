"""Heads: dense ones read everywhere, and ones read only at hand centres.

Every head is SMHR's: 3x3 convolution, ReLU, 1x1 convolution. A head whose output is needed only
at K centres is run as two linear layers on the K gathered 3x3 patches: the same function with the
same weights, at a cost that does not depend on the resolution (components.md 1.3).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: Sigmoid of this bias is 0.01, the prior of a cell being a centre (SMHR 1.5).
PRIOR_BIAS = -math.log((1 - 0.01) / 0.01)


class Head(nn.Module):
    """conv3x3 + ReLU + conv1x1, runnable on a map or on gathered patches."""

    def __init__(
        self, channels: int, hidden: int, out: int, bias: float = 0.0, out_std: float = 1e-3
    ) -> None:
        """Build the two convolutions; the last one starts near `bias`."""
        super().__init__()
        self.conv = nn.Conv2d(channels, hidden, 3, padding=1)
        self.out = nn.Conv2d(hidden, out, 1)
        nn.init.normal_(self.out.weight, std=out_std)
        self.out.bias = nn.Parameter(torch.full((out,), bias))

    def forward(self, features: Tensor) -> Tensor:
        """Run densely: (B, C, H, W) to (B, out, H, W)."""
        dense: Tensor = self.out(F.relu(self.conv(features)))
        return dense

    def at(self, patches: Tensor) -> Tensor:
        """Run on gathered patches (B, K, 9 * C) to (B, K, out)."""
        weight = self.out.weight.flatten(1)
        return F.linear(self.hidden_at(patches), weight, self.out.bias)

    def hidden_at(self, patches: Tensor) -> Tensor:
        """Run only the first layer and its ReLU on patches (B, K, 9 * C): (B, K, hidden)."""
        return F.relu(F.linear(patches, patch_weight(self.conv), self.conv.bias))


def patch_weight(conv: nn.Conv2d) -> Tensor:
    """Return a 3x3 convolution's weight (O, C, 3, 3) as (O, 9 * C), patch position first."""
    return conv.weight.permute(0, 2, 3, 1).flatten(1)


def gather_patches(features: Tensor, cells: Tensor) -> Tensor:
    """Take the 3x3 patch around each cell, zero outside the map.

    Args:
        features: (B, C, H, W).
        cells: (B, K) flat index row * W + column.

    Returns:
        (B, K, 9 * C), patch position first, row by row.
    """
    batch, channels, height, width = features.shape
    padded = F.pad(features, (1, 1, 1, 1))
    # One gather of whole rows: channels last, all pictures in one table.
    table = padded.permute(0, 2, 3, 1).reshape(-1, channels)
    row = torch.div(cells, width, rounding_mode="floor")
    corner = row * (width + 2) + (cells - row * width)
    steps = torch.arange(3, device=cells.device)
    window = (steps[:, None] * (width + 2) + steps).flatten()
    picture = torch.arange(batch, device=cells.device) * ((height + 2) * (width + 2))
    index = picture[:, None, None] + corner[:, :, None] + window
    return table.index_select(0, index.flatten()).view(batch, -1, 9 * channels)


def sample_at(features: Tensor, points: Tensor, stride: int) -> Tensor:
    """Sample features bilinearly at input pixels.

    Args:
        features: (B, C, H, W).
        points: (B, K, J, 2) px of the network input.
        stride: input pixels per cell; cell (r, c) is centred on pixel ((c + .5) * stride - .5).

    Returns:
        (B, K, J * C), zero outside the map.
    """
    height, width = features.shape[-2:]
    # grid_sample with align_corners=False maps [-1, 1] to the outer edges of the map. The size
    # stays out of tensors: in one, an export would fix it at the size that it was traced with.
    x = (points[..., 0] + 0.5) * (2.0 / (width * stride)) - 1.0
    y = (points[..., 1] + 0.5) * (2.0 / (height * stride)) - 1.0
    grid = torch.stack([x, y], -1)
    sampled = F.grid_sample(features.float(), grid.float(), align_corners=False)
    return sampled.permute(0, 2, 3, 1).flatten(2)


def peak_scores(centre_logits: Tensor) -> Tensor:
    """Keep only local maxima of a centre map (B, 1, H, W): sigmoid, 5x5 max-pool equality NMS."""
    return local_maxima(torch.sigmoid(centre_logits.float()))


def local_maxima(score: Tensor) -> Tensor:
    """Set every cell of (B, C, H, W) that is not the highest of its 5x5 neighbours to zero."""
    highest = F.max_pool2d(score, 5, stride=1, padding=2)
    return score * (score == highest).to(score.dtype)
