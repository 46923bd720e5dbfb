"""What a frozen network says of one picture while its hands are fitted (Baek 2.7).

Two questions: where the 2D joints are for a hand as it is now (the refiner R), and how much the
hand's own silhouette explains of what the network saw there (F(x) against F(x * Ren(v))). Both are
asked in pixels of the frame.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from core.network.network import HandNetwork
from core.network.regressor import HandStep
from core.preprocess import NetworkInput
from core.types import Float32

#: What the network takes for nothing: grey, which its normalisation makes zero.
_NOTHING = 127.0
#: Input pixels per cell of the silhouette: finer than any map that the network reads hands from.
_SILHOUETTE_STRIDE = 4
#: A vertex stands for its surroundings: somewhat more than an edge's length, in hand spans; from
#: there the silhouette falls off within an eighth of that.
_REACH = 0.04
_SOFTNESS = 8


class FrozenPicture:
    """One picture, looked at once; answers for N hands in it.

    The network must be in evaluation mode and need no gradients of its weights.
    """

    def __init__(
        self,
        network: HandNetwork,
        network_input: NetworkInput,
        keypoints_2d: Float32,
        is_left: Sequence[bool],
    ) -> None:
        """Look at hands where their keypoints are.

        Args:
            network: whose refiner and features answer.
            network_input: the picture.
            keypoints_2d: (N, 21, 2) px of the frame; each hand is read at the cell of their mean.
            is_left: of each hand.
        """
        self._network = network
        image_from_input = torch.from_numpy(network_input.image_from_input.copy())
        self._scale, self._shift = image_from_input.diagonal()[:2], image_from_input[:2, 2]
        self._image = torch.from_numpy(network_input.image.copy()).permute(2, 0, 1)[None]
        self._is_left = torch.tensor(is_left)[None]
        points = self._input_px(torch.from_numpy(keypoints_2d.copy()))
        stride, (height, width) = network.config.stride, self._image.shape[-2:]
        last = torch.tensor([width // stride - 1, height // stride - 1])
        cell = torch.minimum((points.mean(1) / stride).floor().long().clamp(min=0), last)
        self.cells = (cell[:, 1] * (width // stride) + cell[:, 0])[None]
        with torch.no_grad():
            features = network.features(self._image)
            evidence = network.look(features, self.cells)
            window = evidence.window
            side = network.window.hand_feature(window, self._is_left)
            self._seen = evidence.hidden
            self._hidden = F.relu(evidence.hidden + side)
            self._start_2d = window.keypoints_2d
            self._sampled_map = network.sample_project(features.fused)

    @torch.no_grad()
    def refresh(self, step: HandStep) -> Tensor:
        """Refine the 2D joints (1, N, 21, 2) px of hands (1, N, ...) as they are now."""
        step = step._replace(
            middle_mcp_2d=self._input_px(step.middle_mcp_2d),
            pixels_per_metre=step.pixels_per_metre / self._scale.prod().sqrt(),
            keypoints_2d=self._input_px(step.keypoints_2d),
        )
        refined = self._network.regressor.refresh(
            self._hidden,
            self._sampled_map,
            self._start_2d,
            step,
            self._is_left,
            self._network.config,
        )
        return refined * self._scale + self._shift

    def foreground(self, vertices_2d: Tensor) -> Tensor:
        """Return |F(x) - F(x * Ren(v))|^2 / |F(x)|^2 (N,) of projected vertices (N, V, 2) px.

        F is the hand's feature at its centre, which training holds to be the same without its
        surroundings; x * Ren(v) shows all N hands at once.
        """
        height, width = self._image.shape[-2:]
        mask = soft_silhouette(self._input_px(vertices_2d), height, width).amax(0)
        masked = _NOTHING + (self._image - _NOTHING) * mask
        network = self._network
        seen = network.look(network.features(masked), self.cells).hidden
        away = (seen - self._seen).square().sum(-1)
        share: Tensor = away / self._seen.square().sum(-1).clamp(min=1e-6)
        return share[0]

    def _input_px(self, points: Tensor) -> Tensor:
        """Turn pixels of the frame into those of the network's input."""
        return (points - self._shift) / self._scale


def soft_silhouette(vertices_2d: Tensor, height: int, width: int) -> Tensor:
    """Silhouettes (N, height, width) in [0, 1] of projected vertices (N, V, 2) px.

    A pixel is as much inside as a vertex is near: no rasteriser, a gradient everywhere around the
    outline. It is drawn coarsely and scaled up.
    """
    stride = _SILHOUETTE_STRIDE
    ys = (torch.arange(height // stride) + 0.5) * stride - 0.5
    xs = (torch.arange(width // stride) + 0.5) * stride - 0.5
    grid = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1).view(-1, 2)
    span = (vertices_2d.amax(1) - vertices_2d.amin(1)).amax(-1).detach()
    reach = (span * _REACH).clamp(min=float(stride))[:, None]
    nearest = torch.stack([_nearest(grid, hand) for hand in vertices_2d])
    inside = torch.sigmoid((reach - nearest) / (reach / _SOFTNESS).clamp(min=1.0))
    coarse = inside.view(len(vertices_2d), 1, height // stride, width // stride)
    return F.interpolate(coarse, size=(height, width), mode="bilinear")[:, 0]


def _nearest(grid: Tensor, vertices_2d: Tensor) -> Tensor:
    """Distance (P,) of grid points (P, 2) to the nearest of vertices (V, 2), in px."""
    with torch.no_grad():
        which = torch.cdist(grid, vertices_2d).argmin(1)
    return ((grid - vertices_2d[which]).square().sum(-1) + 1e-6).sqrt()
