"""Baek's iterative estimator and 2D refiner on the gathered rows."""

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from core.hand_model.skinning_torch import HandLayer, mirror_x
from core.network.config import NetworkConfig
from core.network.heads import sample_at
from core.rotations import rotmat_from_rot6d
from core.topology import MIDDLE_MCP, NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS

#: Span of a hand's 21 projected joints in metres, to guess its scale from its keypoints.
_TYPICAL_SPAN_M: Final = 0.15
_POSE_SIZE: Final = NUM_MODEL_JOINTS * 6
_CODE_SIZE: Final = _POSE_SIZE + NUM_BETAS + 3


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
        flip = _flip(is_left)
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
            keypoints = keypoints + self._correction(
                evidence, relative, code, step, centre, span, flip
            )
            steps.append(step._replace(keypoints_2d=keypoints))
        return tuple(steps)

    def refresh(
        self,
        features: Tensor,
        sampled_map: Tensor,
        start_2d: Tensor,
        step: HandStep,
        is_left: Tensor,
        config: NetworkConfig,
    ) -> Tensor:
        """Refine 2D joints for any hand: R(F, h, J3D(h), j2D) alone (Baek 2.4).

        Args:
            features: (B, K, row_hidden), as above.
            sampled_map: (B, sample_channels, h, w).
            start_2d: (B, K, 21, 2) px, the j2D(0) that gives the unit of the network's numbers.
            step: the hand, with the j2D to refine.
            is_left: (B, K) bool.
            config: sizes.

        Returns:
            (B, K, 21, 2) px.
        """
        flip = _flip(is_left)
        centre, span = _centre_and_span(start_2d)
        sampled = sample_at(sampled_map, step.keypoints_2d, config.stride)
        evidence = torch.cat([features, sampled.to(features.dtype)], -1)
        relative = ((step.keypoints_2d - centre) / span * flip).flatten(2)
        code = encode_step(step, centre, span, flip)
        correction = self._correction(evidence, relative, code, step, centre, span, flip)
        return step.keypoints_2d + correction

    def _correction(
        self,
        evidence: Tensor,
        relative: Tensor,
        code: Tensor,
        step: HandStep,
        centre: Tensor,
        span: Tensor,
        flip: Tensor,
    ) -> Tensor:
        """What R adds to the 2D joints, (B, K, 21, 2) px."""
        projected = step.joints_3d[..., :2] * step.pixels_per_metre[..., None, None]
        projected = projected + step.middle_mcp_2d[:, :, None]
        reprojected = ((projected - centre) / span * flip).flatten(2)
        joints = step.joints_3d * torch.cat([flip, torch.ones_like(flip[..., :1])], -1)
        refined: Tensor = self.refine(
            torch.cat([evidence, relative, reprojected, code, joints.flatten(2) * 10], -1)
        ).float()
        return refined.view(*refined.shape[:2], NUM_JOINTS, 2) * flip * span


def _flip(is_left: Tensor) -> Tensor:
    """(B, K, 1, 2) factors of pixels: x is mirrored for left hands."""
    flip = torch.stack([1 - 2 * is_left.float(), torch.ones_like(is_left).float()], -1)
    return flip[:, :, None]


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


def encode_step(step: HandStep, centre: Tensor, span: Tensor, flip: Tensor) -> Tensor:
    """Turn a hand into its code (B, K, 109): `_decode_code` backwards."""
    place = ((step.middle_mcp_2d[:, :, None] - centre) / span * flip).squeeze(2)
    scale = (step.pixels_per_metre * _TYPICAL_SPAN_M / span.flatten(1)).log()
    return torch.cat([step.rot6d.flatten(2), step.betas, place, scale[..., None]], -1)
