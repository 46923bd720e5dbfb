"""HandNetwork: picture in, K hands out, one forward pass.

SMHR's single stage (one map; every head read at hand centres) with Baek's iterative regressor
and 2D refiner on the gathered rows: three shared steps of h += E(F, j2D, h) and then
j2D = R(F, h, J3D(h), j2D) (Baek Eq 5 and 2.4). F is the hand's 3x3 patch and, beyond the papers,
the features under the current 21 keypoints, so that each step looks where the last one pointed.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.hand_model.skinning_torch import HandLayer, mirror_x
from core.network.backbone import LITE0, LITE2, BackboneConfig, EfficientNetLite
from core.network.camera import cell_corner
from core.network.heads import (
    PRIOR_BIAS,
    Head,
    gather_patches,
    patch_weight,
    peak_scores,
    sample_at,
)
from core.network.neck import FusionNeck
from core.rotations import rotmat_from_rot6d
from core.topology import MIDDLE_MCP, NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS

#: SMHR's mean skin albedo; the albedo head predicts what is added to it.
MEAN_ALBEDO: Final = (0.45, 0.35, 0.30)
#: Span of a hand's 21 projected joints in metres, to guess its scale from its keypoints.
_TYPICAL_SPAN_M: Final = 0.15
_IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
_IMAGENET_STD: Final = (0.229, 0.224, 0.225)
_POSE_SIZE: Final = NUM_MODEL_JOINTS * 6
_CODE_SIZE: Final = _POSE_SIZE + NUM_BETAS + 3
NUM_LIGHT: Final = 27


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
        slots: K, hands per picture at most.
        steps: iterations of regressor and refiner.
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
    slots: int = 8
    steps: int = 3
    input_sizes: tuple[tuple[int, int], ...] = field(
        default=((288, 384), (224, 384), (384, 288), (384, 224))
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


class FeatureMaps(NamedTuple):
    """What the heads read.

    Attributes:
        fused: (B, C, h, w), the neck's map at the network's stride.
        mid: (B, C', H / 16, W / 16), the backbone's own stage.
        deep: (B, C'', H / 32, W / 32), likewise.
    """

    fused: Tensor
    mid: Tensor
    deep: Tensor


class DenseMaps(NamedTuple):
    """Logits read at every cell: centre (B, 1, h, w), side (B, 2, h, w), heatmaps (B, 21, h, w)."""

    centre: Tensor
    side: Tensor
    heatmap: Tensor | None


class HandStep(NamedTuple):
    """The hands after one step; all in input pixels and right-hand canonical form.

    Attributes:
        rot6d: (B, K, 16, 6).
        betas: (B, K, 10).
        middle_mcp_2d: (B, K, 2) px.
        pixels_per_metre: (B, K).
        joints_3d: (B, K, 21, 3) m by forward kinematics, of the hand's own side, relative to the
            middle MCP.
        keypoints_2d: (B, K, 21, 2) px, refined.
    """

    rot6d: Tensor
    betas: Tensor
    middle_mcp_2d: Tensor
    pixels_per_metre: Tensor
    joints_3d: Tensor
    keypoints_2d: Tensor


class HandRows(NamedTuple):
    """Everything that is read at hand centres.

    Attributes:
        centre_2d: (B, K, 2) px, the refined hand centre.
        local_2d: (B, K, 21, 2) px, the local keypoints before the first step: j2D(0).
        confidence_logits: (B, K, 21).
        steps: the hands after each step, the last one is the answer.
        albedo: (B, K, V, 3), mean albedo plus residual; None unless asked for.
        light: (B, K, 27); None unless asked for.
    """

    centre_2d: Tensor
    local_2d: Tensor
    confidence_logits: Tensor
    steps: tuple[HandStep, ...]
    albedo: Tensor | None
    light: Tensor | None


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


class IterativeRegressor(nn.Module):
    """Baek's E3D and R with shared weights over the steps, on normalised 2D.

    2D joints enter relative to their own centre and extent, x mirrored for left hands, so that
    the layers see one canonical hand whatever its size, place and side.
    """

    mean_code: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        """Build E (hand code) and R (2D joints)."""
        super().__init__()
        evidence = config.row_hidden + NUM_JOINTS * config.sample_channels
        flat = NUM_JOINTS * 2
        hidden = config.row_hidden
        self.estimate = _two_layers(evidence + flat + _CODE_SIZE, hidden, _CODE_SIZE)
        self.refine = _two_layers(evidence + 2 * flat + _CODE_SIZE + NUM_JOINTS * 3, hidden, flat)
        mean_code = torch.zeros(_CODE_SIZE)
        mean_code[:_POSE_SIZE] = torch.tensor([1.0, 0, 0, 0, 1, 0]).repeat(NUM_MODEL_JOINTS)
        self.register_buffer("mean_code", mean_code)

    def forward(
        self,
        features: Tensor,
        sampled_map: Tensor,
        local_2d: Tensor,
        is_left: Tensor,
        layer: HandLayer,
        config: NetworkConfig,
    ) -> tuple[HandStep, ...]:
        """Run all steps.

        Args:
            features: (B, K, row_hidden) of the centre patch.
            sampled_map: (B, sample_channels, h, w).
            local_2d: (B, K, 21, 2) px: j2D(0).
            is_left: (B, K) bool.
            layer: the hand's skeleton.
            config: sizes.
        """
        batch, slots = is_left.shape
        flip = torch.stack([1 - 2 * is_left.float(), torch.ones_like(is_left).float()], -1)
        flip = flip[:, :, None]  # (B, K, 1, 2)
        keypoints = local_2d
        centre, span = _centre_and_span(keypoints)
        code = self.mean_code.expand(batch, slots, -1)
        steps = []
        for _ in range(config.steps):
            # Each step takes the last one's keypoints as given (as RAFT, Teed & Deng 2020):
            # gradients through where to look are noise that grows with every step.
            keypoints = keypoints.detach()
            sampled = sample_at(sampled_map, keypoints, config.stride)
            evidence = torch.cat([features, sampled.to(features.dtype)], -1)
            relative = ((keypoints - centre) / span * flip).flatten(2)
            code = code + self.estimate(torch.cat([evidence, relative, code], -1)).float()
            step = _decode_code(code, centre, span, flip, is_left, layer)
            projected = step.joints_3d[..., :2] * step.pixels_per_metre[..., None, None]
            projected = projected + step.middle_mcp_2d[:, :, None]
            reprojected = ((projected - centre) / span * flip).flatten(2)
            joints = step.joints_3d * torch.cat([flip, torch.ones_like(flip[..., :1])], -1)
            refined = self.refine(
                torch.cat([evidence, relative, reprojected, code, joints.flatten(2) * 10], -1)
            ).float()
            delta = refined.view(batch, slots, NUM_JOINTS, 2) * flip * span
            keypoints = keypoints + delta
            steps.append(step._replace(keypoints_2d=keypoints))
        return tuple(steps)


def _two_layers(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Linear, ReLU, Linear; the last starts near zero, so that a first step changes little."""
    last = nn.Linear(hidden, outputs)
    nn.init.normal_(last.weight, std=1e-3)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), last)


def _centre_and_span(keypoints: Tensor) -> tuple[Tensor, Tensor]:
    """Middle (B, K, 1, 2) and longer side (B, K, 1, 1), at least 8 px, of the keypoints' box.

    Detached: they are the unit in which later steps speak, not something to optimise.
    """
    fixed = keypoints.detach()
    low, high = fixed.amin(2, keepdim=True), fixed.amax(2, keepdim=True)
    return (low + high) / 2, (high - low).amax(-1, keepdim=True).clamp(min=8.0)


def _decode_code(
    code: Tensor, centre: Tensor, span: Tensor, flip: Tensor, is_left: Tensor, layer: HandLayer
) -> HandStep:
    """Turn the hand code (B, K, 109) into a hand; camera numbers are in units of the span."""
    batch, slots = is_left.shape
    rot6d = code[..., :_POSE_SIZE].reshape(batch, slots, NUM_MODEL_JOINTS, 6)
    betas = code[..., _POSE_SIZE : _POSE_SIZE + NUM_BETAS]
    camera = code[..., -3:]
    middle_mcp_2d = (camera[..., None, :2] * flip * span + centre).squeeze(2)
    # The clamp keeps a wild early guess finite; a hand never spans e times its typical size.
    scale = span.flatten(1) / _TYPICAL_SPAN_M * camera[..., 2].clamp(-2.0, 3.0).exp()
    pose = rotmat_from_rot6d(rot6d).flatten(0, 1)
    joints = mirror_x(layer.skeleton(pose, betas.flatten(0, 1)), is_left.flatten())
    joints = (joints - joints[:, MIDDLE_MCP : MIDDLE_MCP + 1]).view(batch, slots, NUM_JOINTS, 3)
    return HandStep(rot6d, betas, middle_mcp_2d, scale, joints, joints[..., :2])


class HandNetwork(nn.Module):
    """The whole network. Input: (B, 3, H, W) uint8 RGB, H and W multiples of 32."""

    pixel_mean: Tensor
    pixel_std: Tensor
    mean_albedo: Tensor

    def __init__(self, layer: HandLayer, config: NetworkConfig = LITE) -> None:
        """Build with random weights around the given right-hand layer."""
        super().__init__()
        self.config = config
        self.layer = layer
        self.backbone = EfficientNetLite(config.backbone)
        self.neck = FusionNeck(self.backbone.channels, config.stage_channels, config.channels)
        channels, dense, hidden = config.channels, config.dense_hidden, config.row_hidden
        self.centre = Head(channels, dense, 1, bias=PRIOR_BIAS)
        self.side = Head(channels, dense, 2, bias=PRIOR_BIAS)
        self.heatmap = Head(channels, dense, NUM_JOINTS, bias=PRIOR_BIAS)
        self.local = Head(channels, hidden, 2 + NUM_JOINTS * 3)
        self.hand_feature = nn.Conv2d(channels, hidden, 3, padding=1)
        # What the backbone knows of the whole hand goes straight to the rows: the neck's narrow map
        # is for what is near a cell.
        context = sum(self.backbone.channels[1:])
        self.context_norm = nn.LayerNorm(context)
        self.hand_context = nn.Linear(context, hidden)
        self.local_context = nn.Linear(context, hidden)
        self.row_side = nn.Linear(hidden, 1)
        self.sample_project = nn.Conv2d(channels, config.sample_channels, 1)
        self.regressor = IterativeRegressor(config)
        self.appearance = Head(channels, channels, layer.num_vertices * 3 + NUM_LIGHT)
        self.register_buffer(
            "pixel_mean", torch.tensor(_IMAGENET_MEAN).view(1, 3, 1, 1) * 255, persistent=False
        )
        self.register_buffer(
            "pixel_std", torch.tensor(_IMAGENET_STD).view(1, 3, 1, 1) * 255, persistent=False
        )
        self.register_buffer("mean_albedo", torch.tensor(MEAN_ALBEDO), persistent=False)

    def features(self, image: Tensor) -> FeatureMaps:
        """Return the maps of (B, 3, H, W) uint8 RGB."""
        x = (image.float() - self.pixel_mean) / self.pixel_std
        maps = self.backbone(x)
        return FeatureMaps(self.neck(maps, self.config.upsample), maps[1], maps[2])

    def dense(self, features: FeatureMaps, with_heatmaps: bool = False) -> DenseMaps:
        """Run the heads that are read everywhere."""
        fused = features.fused
        heatmap = self.heatmap(fused) if with_heatmaps else None
        return DenseMaps(self.centre(fused), self.side(fused), heatmap)

    def right_logit(self, features: FeatureMaps, maps: DenseMaps, cells: Tensor) -> Tensor:
        """Log-odds (B, K) of right hands: the side map at the cell plus the row's evidence."""
        side = maps.side.flatten(2).float()
        dense = side[:, 1].gather(1, cells) - side[:, 0].gather(1, cells)
        hidden = self._hidden(gather_patches(features.fused, cells), self._context(features, cells))
        row: Tensor = self.row_side(hidden).squeeze(-1).float()
        return dense + row

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
        self, features: FeatureMaps, cells: Tensor, is_left: Tensor, with_appearance: bool = True
    ) -> HandRows:
        """Read everything else at hand centres.

        Args:
            features: of B pictures.
            cells: (B, K) flat index row * w + column.
            is_left: (B, K) bool, whether to take the hand for a left one.
            with_appearance: also albedo and light.
        """
        stride = self.config.stride
        patches = gather_patches(features.fused, cells)
        context = self._context(features, cells)
        corner = cell_corner(cells, features.fused.shape[-1], stride)
        local = self._local(patches, context)
        offsets = local[..., 2 : 2 + NUM_JOINTS * 2].reshape(*cells.shape, NUM_JOINTS, 2)
        local_2d = corner[:, :, None] + offsets * stride
        hidden = self._hidden(patches, context)
        steps = self.regressor(
            hidden, self.sample_project(features.fused), local_2d, is_left, self.layer, self.config
        )
        albedo = light = None
        if with_appearance:
            appearance = self.appearance.at(patches).float()
            residual = appearance[..., :-NUM_LIGHT].reshape(*cells.shape, -1, 3)
            albedo, light = residual + self.mean_albedo, appearance[..., -NUM_LIGHT:]
        return HandRows(
            corner + local[..., :2] * stride,
            local_2d,
            local[..., 2 + NUM_JOINTS * 2 :],
            steps,
            albedo,
            light,
        )

    def forward(self, image: Tensor) -> NetworkOutput:
        """Find up to K hands in one picture (1, 3, H, W) uint8 RGB, posed vertices included."""
        features = self.features(image)
        maps = self.dense(features)
        scores, cells = peak_scores(maps.centre).flatten(1).topk(self.config.slots)
        right_probability = torch.sigmoid(self.right_logit(features, maps, cells))
        is_left = right_probability < 0.5
        rows = self.read(features, cells, is_left)
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
