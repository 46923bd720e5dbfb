"""HandNetwork: picture in, K hands out, one forward pass.

SMHR's single stage (one map; every head read at hand centres) with Baek's iterative regressor
and 2D refiner on the gathered rows: three shared steps of h += E(F, j2D, h) and then
j2D = R(F, h, J3D(h), j2D) (Baek Eq 5 and 2.4). F is the hand's 3x3 patch and, beyond the papers, a
second look in a window around the local keypoints, which also gives j2D(0), and the features under
the current 21 keypoints, so that each step looks where the last one pointed.
"""

from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.hand_model.skinning_torch import HandLayer, mirror_x
from core.network.backbone import EfficientNetLite
from core.network.camera import cell_corner
from core.network.config import LITE, NetworkConfig
from core.network.heads import (
    PRIOR_BIAS,
    Head,
    gather_patches,
    patch_weight,
    peak_scores,
    sample_at,
)
from core.network.heatmap_prior import HeatmapPrior
from core.network.neck import FusionNeck
from core.network.regressor import HandStep, IterativeRegressor
from core.network.window import HandWindow, WindowReading
from core.rotations import rotmat_from_rot6d
from core.topology import MIDDLE_MCP, NUM_JOINTS

#: SMHR's mean skin albedo; the albedo head predicts what is added to it.
MEAN_ALBEDO: Final = (0.45, 0.35, 0.30)
#: The backbone was trained on (x - 127) / 128; ImageNet's mean and deviation, as in SMHR, would
#: drive its ReLU6 into saturation.
_PIXEL_MEAN: Final = 127.0
_PIXEL_SCALE: Final = 128.0
NUM_LIGHT: Final = 27
#: SMHR's offset of each colour's first light coefficient; here, where the head's bias starts.
LIGHT_START: Final = 0.8


class FeatureMaps(NamedTuple):
    """What the heads read.

    Attributes:
        fused: (B, C, h, w), the neck's map at the network's stride.
        fine: (B, C4, H / 4, W / 4), the backbone's own stage.
        mid: (B, C16, H / 16, W / 16), likewise.
        deep: (B, C32, H / 32, W / 32), likewise.
        prior_heatmap: logits (B, 21, H / 4, W / 4) of the heatmap prior, where there is one.
    """

    fused: Tensor
    fine: Tensor
    mid: Tensor
    deep: Tensor
    prior_heatmap: Tensor | None = None


class DenseMaps(NamedTuple):
    """Logits at every cell that learning needs: centre (B, 1, h, w), side (B, 2, h, w), heatmaps.

    Heatmaps are (B, 21, h, w), where they are asked for.
    """

    centre: Tensor
    side: Tensor
    heatmap: Tensor | None


class HandEvidence(NamedTuple):
    """What the picture shows of K hands, before anyone says which side they are.

    Attributes:
        patches: (B, K, 9 * C) of the fused map.
        hidden: (B, K, row_hidden), the hand's feature at its centre.
        corner: (B, K, 2) px, the cell that it was read at.
        local: (B, K, 2 + 21 * 3): centre offset, keypoint offsets in cells, confidence logits.
        local_2d: (B, K, 21, 2) px, the local keypoints.
        window: the second look, around the local keypoints.
    """

    patches: Tensor
    hidden: Tensor
    corner: Tensor
    local: Tensor
    local_2d: Tensor
    window: WindowReading


class HandRows(NamedTuple):
    """Everything that is read at hand centres.

    Attributes:
        centre_2d: (B, K, 2) px, the refined hand centre.
        local_2d: (B, K, 21, 2) px, the local keypoints.
        window_2d: (B, K, 21, 2) px, the window's keypoints, before the first step: j2D(0).
        confidence_logits: (B, K, 21).
        steps: the hands after each step, the last one is the answer.
        albedo: (B, K, V, 3), mean albedo plus residual; None unless asked for.
        light: (B, K, 27); None unless asked for.
    """

    centre_2d: Tensor
    local_2d: Tensor
    window_2d: Tensor
    confidence_logits: Tensor
    steps: tuple[HandStep, ...]
    albedo: Tensor | None
    light: Tensor | None


class FoundHands(NamedTuple):
    """The hands at the strongest K peaks of B pictures, best first.

    Attributes:
        score: (B, K) of the centre map.
        right_probability: (B, K).
        rows: everything else.
    """

    score: Tensor
    right_probability: Tensor
    rows: HandRows


class NetworkOutput(NamedTuple):
    """What the exported graph returns for one picture; see core.engines.base.RawHands."""

    score: Tensor
    right_probability: Tensor
    keypoints_2d: Tensor
    keypoint_confidence: Tensor
    pose: Tensor
    betas: Tensor
    middle_mcp_2d: Tensor
    pixels_per_metre: Tensor
    vertices: Tensor
    joints_3d: Tensor
    albedo: Tensor
    light: Tensor


class HandNetwork(nn.Module):
    """The whole network. Input: (B, 3, H, W) uint8 RGB, H and W multiples of 32."""

    mean_albedo: Tensor

    def __init__(self, layer: HandLayer, config: NetworkConfig = LITE) -> None:
        """Build with random weights around the given right-hand layer."""
        super().__init__()
        self.config = config
        self.layer = layer
        self.backbone = EfficientNetLite(config.backbone)
        self.neck = FusionNeck(self.backbone.channels[1:], config.stage_channels, config.channels)
        channels, dense, hidden = config.channels, config.dense_hidden, config.row_hidden
        self.centre = Head(channels, dense, 1, bias=PRIOR_BIAS)
        self.side = Head(channels, dense, 2, bias=PRIOR_BIAS)
        # For learning alone, hence narrow: the window finds keypoints.
        self.heatmap = Head(channels, dense // 4, NUM_JOINTS, bias=PRIOR_BIAS)
        self.local = Head(channels, hidden, 2 + NUM_JOINTS * 3)
        self.hand_feature = nn.Conv2d(channels, hidden, 3, padding=1)
        # What the backbone knows of the whole hand goes straight to the rows: the neck's narrow map
        # is for what is near a cell.
        context = sum(self.backbone.channels[2:])
        self.context_norm = nn.LayerNorm(context)
        self.hand_context = nn.Linear(context, hidden)
        self.local_context = nn.Linear(context, hidden)
        self.row_side = nn.Linear(hidden, 1)
        fine, _, mid, _ = self.backbone.channels
        self.window = HandWindow(config, fine, mid)
        self.sample_project = nn.Conv2d(channels, config.sample_channels, 1)
        self.regressor = IterativeRegressor(config)
        self.appearance = Head(channels, channels, layer.num_vertices * 3 + NUM_LIGHT)
        assert self.appearance.out.bias is not None
        with torch.no_grad():
            self.appearance.out.bias[-NUM_LIGHT :: NUM_LIGHT // 3] = LIGHT_START
        self.register_buffer("mean_albedo", torch.tensor(MEAN_ALBEDO), persistent=False)
        # Built last: the flag changes no other part's random start.
        self.prior = HeatmapPrior(config) if config.heatmap_prior else None

    def features(self, image: Tensor) -> FeatureMaps:
        """Return the maps of (B, 3, H, W) uint8 RGB."""
        x = (image.float() - _PIXEL_MEAN) / _PIXEL_SCALE
        heatmap = None
        if self.prior is None:
            maps = self.backbone(x)
        else:
            stem, heatmap = self.prior(self.backbone.stem(x))
            maps = self.backbone.stages(stem)
        fine, near, mid, deep = maps
        fused = self.neck((near, mid, deep), self.config.upsample)
        return FeatureMaps(fused, fine, mid, deep, heatmap)

    def dense(self, features: FeatureMaps, with_heatmaps: bool = False) -> DenseMaps:
        """Run the heads that are taught everywhere; finding hands needs the centres alone."""
        fused = features.fused
        heatmap = self.heatmap(fused) if with_heatmaps else None
        return DenseMaps(self.centre(fused), self.side(fused), heatmap)

    def look(self, features: FeatureMaps, cells: Tensor) -> HandEvidence:
        """Look at hands whose centres are in cells (B, K), flat index row * w + column."""
        fused = features.fused
        patches = gather_patches(fused, cells)
        context = self._context(features, cells)
        local = self._local(patches, context)
        offsets = local[..., 2 : 2 + NUM_JOINTS * 2].reshape(*cells.shape, NUM_JOINTS, 2)
        corner = cell_corner(cells, fused.shape[-1], self.config.stride)
        local_2d = corner[:, :, None] + offsets * self.config.stride
        window = self.window(fused, features.fine, features.mid, local_2d)
        hidden = self._hidden(patches, context)
        return HandEvidence(patches, hidden, corner, local, local_2d, window)

    def right_logit(self, evidence: HandEvidence) -> Tensor:
        """Log-odds (B, K) of right hands: side head at the cell, the centre's feature, the window.

        The head is the one that `dense` runs everywhere; here it is run at the hands alone.
        """
        left, right = self.side.at(evidence.patches).float().unbind(-1)
        row: Tensor = self.row_side(evidence.hidden).squeeze(-1).float()
        return right - left + row + self.window.right_logit(evidence.window)

    def _context(self, features: FeatureMaps, cells: Tensor) -> Tensor:
        """Sample the backbone's deeper stages at cell centres: (B, K, C' + C'')."""
        stride = self.config.stride
        centre = cell_corner(cells, features.fused.shape[-1], stride) + (stride - 1) / 2
        points = centre[:, :, None]
        sampled = [sample_at(features.mid, points, 16), sample_at(features.deep, points, 32)]
        normalised: Tensor = self.context_norm(torch.cat(sampled, -1))
        return normalised

    def _hidden(self, patches: Tensor, context: Tensor) -> Tensor:
        """The hand's feature F (B, K, row_hidden)."""
        near = F.linear(patches, patch_weight(self.hand_feature), self.hand_feature.bias)
        return F.relu(near + self.hand_context(context))

    def _local(self, patches: Tensor, context: Tensor) -> Tensor:
        """Run the local head (B, K, 2 + 21 * 3): centre offset, keypoints, confidence."""
        head = self.local
        near = F.linear(patches, patch_weight(head.conv), head.conv.bias)
        hidden = F.relu(near + self.local_context(context))
        return F.linear(hidden, head.out.weight.flatten(1), head.out.bias).float()

    def read(
        self,
        features: FeatureMaps,
        evidence: HandEvidence,
        is_left: Tensor,
        with_appearance: bool = True,
    ) -> HandRows:
        """Read everything else of hands.

        Args:
            features: of B pictures.
            evidence: of K hands in each of them.
            is_left: (B, K) bool, whether to take the hand for a left one.
            with_appearance: also albedo and light.
        """
        local, window = evidence.local, evidence.window
        hidden = F.relu(evidence.hidden + self.window.hand_feature(window, is_left))
        sampled_map = self.sample_project(features.fused)
        steps = self.regressor(
            hidden, sampled_map, window.keypoints_2d, is_left, self.layer, self.config
        )
        albedo = light = None
        if with_appearance:
            appearance = self.appearance.at(evidence.patches).float()
            residual = appearance[..., :-NUM_LIGHT].reshape(*is_left.shape, -1, 3)
            albedo, light = residual + self.mean_albedo, appearance[..., -NUM_LIGHT:]
        return HandRows(
            evidence.corner + local[..., :2] * self.config.stride,
            evidence.local_2d,
            window.keypoints_2d,
            local[..., 2 + NUM_JOINTS * 2 :],
            steps,
            albedo,
            light,
        )

    def find(self, image: Tensor, with_appearance: bool = True) -> FoundHands:
        """Find up to K hands in each picture (B, 3, H, W) uint8 RGB."""
        features = self.features(image)
        centre = self.centre(features.fused)
        scores, cells = peak_scores(centre).flatten(1).topk(self.config.slots)
        evidence = self.look(features, cells)
        right_probability = torch.sigmoid(self.right_logit(evidence))
        rows = self.read(features, evidence, right_probability < 0.5, with_appearance)
        return FoundHands(scores, right_probability, rows)

    def forward(self, image: Tensor) -> NetworkOutput:
        """Find up to K hands in one picture (1, 3, H, W) uint8 RGB, posed vertices included."""
        scores, right_probability, rows = self.find(image)
        is_left = right_probability < 0.5
        last = rows.steps[-1]
        pose = rotmat_from_rot6d(last.rot6d[0])
        vertices, joints = self.layer(pose, last.betas[0])
        middle = joints[:, MIDDLE_MCP : MIDDLE_MCP + 1]
        assert rows.albedo is not None
        assert rows.light is not None
        return NetworkOutput(
            scores[0],
            right_probability[0],
            last.keypoints_2d[0],
            torch.sigmoid(rows.confidence_logits[0]),
            pose,
            last.betas[0],
            last.middle_mcp_2d[0],
            last.pixels_per_metre[0],
            mirror_x(vertices - middle, is_left[0]),
            mirror_x(joints - middle, is_left[0]),
            rows.albedo[0].clamp(0, 1),
            rows.light[0],
        )
