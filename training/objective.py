"""One forward pass of training: network outputs and labels to named loss terms."""

from dataclasses import fields

import torch
from torch import Tensor, nn

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer, mirror_x
from core.network.network import HandNetwork, HandRows
from core.network.regressor import HandStep
from core.rotations import rotmat_from_rot6d, rotvec_from_rotmat
from core.topology import MIDDLE_MCP, NUM_MODEL_JOINTS
from training import losses
from training.augment import Draw
from training.batch import TrainingBatch
from training.stages import LossWeights, StageConfig
from training.targets import DenseTargets, dense_targets, jitter_cells

#: Unit of 3D bone directions.
HAND_LENGTH_M = 0.18


class Objective(nn.Module):
    """Weak and full supervision through one code path: absent labels have weight zero."""

    joint_axes: Tensor
    limits_low: Tensor
    limits_high: Tensor

    def __init__(self, network: HandNetwork, model: HandModel) -> None:
        """Keep the network to train and the hand's joint axes and limits."""
        super().__init__()
        self.network = network
        if model.joint_axes is None or model.joint_limits is None:
            raise ValueError("the hand model has no joint axes or limits")
        self.register_buffer("joint_axes", torch.from_numpy(model.joint_axes[1:].copy()))
        limits = torch.from_numpy(model.joint_limits[1:].copy())
        self.register_buffer("limits_low", limits[..., 0])
        self.register_buffer("limits_high", limits[..., 1])

    def forward(self, batch: TrainingBatch, stage: StageConfig, draw: Draw) -> dict[str, Tensor]:
        """Return the unweighted terms by name (the fields of LossWeights), all scalars."""
        network, weights = self.network, stage.weights
        targets = dense_targets(batch, network.config.stride)
        features = network.features(batch.image)
        maps = network.dense(features, with_heatmaps=weights.heatmap > 0)
        height, width = features.fused.shape[-2:]
        cells = jitter_cells(targets.cells, height, width, draw, stage.jitter)
        with_appearance = weights.albedo > 0 and batch.albedo is not None
        evidence = network.look(features, cells)
        rows = network.read(features, evidence, batch.side == 0, with_appearance)
        seen = batch.keypoint_confidence * batch.valid[..., None]
        terms = {
            "centre": losses.focal_loss(maps.centre, targets.centre, targets.weight),
            "side": losses.focal_loss(maps.side, targets.side, targets.weight),
        }
        terms["row_side"] = losses.side_loss(
            network.right_logit(evidence, maps, cells), batch.side, _weight(batch.valid)
        )
        window = evidence.window
        terms["window_heat"] = losses.heat_loss(
            window.log_heat, window.points, batch.keypoints_2d, seen
        )
        if maps.heatmap is not None:
            terms["heatmap"] = losses.focal_loss(maps.heatmap, targets.heatmap, targets.weight)
        terms |= self._keypoint_terms(rows, batch, targets)
        terms |= self._step_terms(rows.steps, batch, targets)
        terms |= self._mesh_terms(rows.steps[-1], batch)
        if rows.albedo is not None and rows.light is not None:
            assert batch.albedo is not None
            assert batch.light is not None
            full = _weight(batch.valid & batch.has_3d)
            terms["albedo"] = losses.albedo_loss(rows.albedo, batch.albedo.float(), full)
            terms["light"] = losses.light_loss(rows.light, batch.light, full)
        return terms

    def _keypoint_terms(
        self, rows: HandRows, batch: TrainingBatch, targets: DenseTargets
    ) -> dict[str, Tensor]:
        """Terms of the keypoints that are predicted directly."""
        confidence = batch.keypoint_confidence * batch.valid[..., None]
        centre = (rows.centre_2d - targets.centre_2d).abs().sum(-1) / targets.box_px
        local = losses.keypoint_loss(
            rows.local_2d, batch.keypoints_2d, confidence, targets.box_px
        ) + losses.weighted_mean(centre, _weight(batch.valid))
        last = rows.steps[-1].keypoints_2d
        error = (last - batch.keypoints_2d).norm(dim=-1) / targets.box_px[..., None]
        return {
            "local": local,
            "window": losses.keypoint_loss(
                rows.window_2d, batch.keypoints_2d, confidence, targets.box_px
            ),
            "confidence": losses.confidence_loss(rows.confidence_logits, error, confidence),
        }

    def _step_terms(
        self, steps: tuple[HandStep, ...], batch: TrainingBatch, targets: DenseTargets
    ) -> dict[str, Tensor]:
        """Terms that every iteration is held to, averaged over the iterations."""
        confidence = batch.keypoint_confidence * batch.valid[..., None]
        full = _weight(batch.valid & batch.has_3d)
        sums: dict[str, Tensor] = {}
        for step in steps:
            projected = losses.reproject(
                step.joints_3d, step.middle_mcp_2d, step.pixels_per_metre, batch.K
            )
            pose = rotmat_from_rot6d(step.rot6d)
            goal, box = batch.keypoints_2d, targets.box_px
            terms = {
                "refined": losses.keypoint_loss(step.keypoints_2d, goal, confidence, box),
                "reprojection": losses.keypoint_loss(projected, goal, confidence, box),
                "bone_direction": losses.bone_direction_loss(projected, goal, confidence, box),
                "joints_3d": losses.joints_3d_loss(step.joints_3d, batch.joints_3d, full),
                "rotation": losses.rotation_loss(pose, batch.pose, full),
                "shape": losses.shape_loss(step.betas, batch.betas, full),
            }
            if batch.hint_3d is not None and batch.has_hint is not None:
                hint = confidence * batch.has_hint[..., None]
                terms["hint_direction"] = losses.bone_direction_loss(
                    step.joints_3d, batch.hint_3d, hint, torch.full_like(box, HAND_LENGTH_M)
                )
            for name, value in terms.items():
                sums[name] = sums.get(name, torch.zeros_like(value)) + value / len(steps)
        return sums

    def _mesh_terms(self, step: HandStep, batch: TrainingBatch) -> dict[str, Tensor]:
        """Terms of the last step's mesh and anatomy."""
        shape = batch.valid.shape
        pose = rotmat_from_rot6d(step.rot6d)
        valid = _weight(batch.valid)
        known = batch.valid & batch.has_3d  # skinning is dear: only hands that have a truth
        own = self._vertices(pose[known], step.betas[known], batch.side[known])
        with torch.no_grad():
            true = self._vertices(batch.pose[known], batch.betas[known], batch.side[known])
        finger_rotvec = rotvec_from_rotmat(pose[:, :, 1:].reshape(-1, 3, 3))
        finger_rotvec = finger_rotvec.view(*shape, NUM_MODEL_JOINTS - 1, 3)
        angles = torch.einsum("jcr,bmjc->bmjr", self.joint_axes, finger_rotvec)
        return {
            "vertices": losses.points_loss(own, true, torch.ones_like(own[:, 0, 0])),
            "shape_prior": losses.shape_prior(step.betas, valid),
            "joint_limits": losses.joint_limit_prior(
                angles, self.limits_low, self.limits_high, valid
            ),
        }

    def _vertices(self, pose: Tensor, betas: Tensor, side: Tensor) -> Tensor:
        """Vertices (N, V, 3) m relative to the middle MCP, of the hand's own side (N,)."""
        layer: HandLayer = self.network.layer
        vertices, joints = layer(pose, betas)
        return mirror_x(vertices - joints[:, MIDDLE_MCP : MIDDLE_MCP + 1], side == 0)


def total_loss(terms: dict[str, Tensor], weights: LossWeights) -> Tensor:
    """Weighted sum of the terms."""
    parts = [
        getattr(weights, field.name) * terms[field.name]
        for field in fields(LossWeights)
        if field.name in terms and getattr(weights, field.name) > 0
    ]
    return torch.stack(parts).sum()


def _weight(mask: Tensor) -> Tensor:
    """Bool to float weights."""
    return mask.float()
