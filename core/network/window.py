"""A second look at each hand: the map sampled in a window around its local keypoints.

RoIAlign on the features (He et al., Mask R-CNN, 2017, without its crop network) and integral
keypoints (Sun et al., Integral Human Pose Regression, 2018). In its window a hand has one size
whatever its size in the picture, so what is learnt of one distance holds for all; the cost is that
of K small windows, however many hands there are.
"""

from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.hand_model.skinning_torch import full_precision
from core.network.config import NetworkConfig
from core.network.heads import sample_at
from core.topology import NUM_JOINTS

#: Side of the window in longer sides of the local keypoints' box: room for a poor first guess.
_EXTENT: Final = 1.6
_SMALLEST_PX: Final = 24.0
_FINE_STRIDE: Final = 4
_SIDE_HIDDEN: Final = 32
_MIXES: Final = 2


class WindowReading(NamedTuple):
    """What the window shows.

    Attributes:
        keypoints_2d: (B, K, 21, 2) px, the mean of each keypoint's heat.
        log_heat: (B, K, 21, n * n), log of each keypoint's distribution over the points.
        points: (B, K, n * n, 2) px, where the window was sampled.
        cells: (B, K, C, n / 2, n / 2), as the picture shows them, for side and pose.
    """

    keypoints_2d: Tensor
    log_heat: Tensor
    points: Tensor
    cells: Tensor


class WholeHand(nn.Module):
    """Lets every part of a window see every other one, at half the points per side.

    A 3x3 convolution sees its neighbours only, and where a finger is depends on the whole hand.
    Cells are mixed by one matrix for all channels and channels by one for all cells (Tolstikhin et
    al., MLP-Mixer, 2021): a fraction of the weights of wide convolutions.
    """

    def __init__(self, channels: int, mixed: int, side: int) -> None:
        """Build for windows of side x side points; at the start nothing is added to them.

        Args:
            channels: of the window.
            mixed: channels at half the points per side.
            side: points per side, even.
        """
        super().__init__()
        self.coarse = nn.Conv2d(channels, mixed, 2, stride=2)
        cells = (side // 2) ** 2
        self.cells = nn.ModuleList(nn.Linear(cells, cells) for _ in range(_MIXES))
        self.channels = nn.ModuleList(nn.Linear(mixed, mixed) for _ in range(_MIXES))
        self.back = nn.Conv2d(mixed, channels, 1, bias=False)
        nn.init.zeros_(self.back.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, n, n) to what is to be added to it."""
        coarse = F.relu(self.coarse(x))
        y = coarse.flatten(2)  # (N, mixed, cells)
        for cells, channels in zip(self.cells, self.channels, strict=True):
            y = y + F.relu(cells(y))
            y = y + F.relu(channels(y.transpose(1, 2))).transpose(1, 2)
        return F.interpolate(self.back(y.view(coarse.shape)), scale_factor=2.0, mode="nearest")


class HandWindow(nn.Module):
    """Samples n x n points per hand and reads keypoints, side and a feature from them."""

    grid: Tensor

    def __init__(self, config: NetworkConfig, fine_channels: int, mid_channels: int) -> None:
        """Build for the fused map and the backbone's stages of stride 4 and 16."""
        super().__init__()
        self._side = config.window_cells
        self._stride = config.stride
        channels, squeezed = config.window_channels, config.window_squeezed
        self.fused = nn.Conv2d(config.channels, channels, 1)
        self.mid = nn.Conv2d(mid_channels, channels, 1)
        self.fine = nn.Conv2d(fine_channels, channels, 1, bias=False)
        nn.init.zeros_(self.fine.weight)
        self.mix = nn.Conv2d(channels, channels, 3, padding=1)
        self.mix2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.whole = WholeHand(channels, config.window_mixed, config.window_cells)
        self.heat = nn.Conv2d(channels, NUM_JOINTS, 1)
        self.squeeze = nn.Conv2d(channels, squeezed, 2, stride=2)
        flat = squeezed * (config.window_cells // 2) ** 2
        self.feature = nn.Linear(flat, config.row_hidden)
        self.right = nn.Sequential(
            nn.Linear(flat, _SIDE_HIDDEN), nn.ReLU(), nn.Linear(_SIDE_HIDDEN, 1)
        )
        line = (torch.arange(self._side) + 0.5) / self._side - 0.5
        grid = torch.stack(torch.meshgrid(line, line, indexing="xy"), -1).flatten(0, 1)
        self.register_buffer("grid", grid, persistent=False)

    def forward(self, fused: Tensor, fine: Tensor, mid: Tensor, local_2d: Tensor) -> WindowReading:
        """Look at hands.

        Args:
            fused: (B, C, h, w) at the network's stride.
            fine: (B, C4, H / 4, W / 4).
            mid: (B, C16, H / 16, W / 16).
            local_2d: (B, K, 21, 2) px; only their box counts, and nothing is learnt through it.
        """
        fixed = local_2d.detach()
        low, high = fixed.amin(2), fixed.amax(2)
        centre = ((low + high) / 2)[:, :, None]
        extent = ((high - low).amax(-1) * _EXTENT).clamp(min=_SMALLEST_PX)[..., None, None]
        points = centre + self.grid * extent
        # Projected before they are sampled: maps have far fewer cells than all windows together.
        near = sample_at(self.fused(fused), points, self._stride)
        seen = near + sample_at(self.mid(mid), points, 16)
        seen = seen + sample_at(self.fine(fine), points, _FINE_STRIDE)
        batch, slots = local_2d.shape[:2]
        side = self._side
        x = seen.view(batch * slots, side, side, -1).permute(0, 3, 1, 2)
        x = F.relu(self.mix(F.relu(x)))
        x = x + self.whole(x)
        x = F.relu(x + self.mix2(x))
        log_heat = self.heat(x).float().flatten(2).log_softmax(-1)
        with full_precision(log_heat):  # a mean of places: half precision would round pixels
            mean = log_heat.exp() @ self.grid
        keypoints = mean.view(batch, slots, NUM_JOINTS, 2) * extent + centre
        cells = F.relu(self.squeeze(x)).view(batch, slots, -1, side // 2, side // 2)
        log_heat = log_heat.view(batch, slots, NUM_JOINTS, side * side)
        return WindowReading(keypoints, log_heat, points, cells)

    def right_logit(self, reading: WindowReading) -> Tensor:
        """Log-odds (B, K) of a right hand."""
        logit: Tensor = self.right(reading.cells.flatten(2)).squeeze(-1).float()
        return logit

    def hand_feature(self, reading: WindowReading, is_left: Tensor) -> Tensor:
        """Feature (B, K, row_hidden) of the canonical right hand: left windows are mirrored."""
        cells = reading.cells
        canonical = torch.where(is_left[..., None, None, None], cells.flip(-1), cells)
        feature: Tensor = self.feature(canonical.flatten(2))
        return feature
