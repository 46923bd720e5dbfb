"""One forward pass of training: network outputs and labels to named loss terms."""

from dataclasses import fields

import torch
from torch import Tensor, nn

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer
from core.network.camera import translation
from core.network.heatmap_prior import PRIOR_STRIDE
from core.network.network import HandNetwork, HandRows
from core.network.regressor import HandStep
from core.rotations import rotmat_from_rot6d, rotvec_from_rotmat
from core.topology import NUM_MODEL_JOINTS
from training import losses
from training.agreement import consistency_terms, foreground_term, multi_consistency_term
from training.augment import Draw
from training.batch import TrainingBatch
from training.pairs import HandPairs
from training.picture_terms import (
    laplacian_term,
    mesh_hands,
    photometric_term,
    silhouette_term,
    vertices_of,
)
from training.silhouette import MeshEdges, mesh_edges
from training.stages import LossWeights, StageConfig
from training.targets import DenseTargets, dense_targets, jitter_cells

#: Unit of 3D bone directions.
HAND_LENGTH_M = 0.18
#: What is logged beside the terms and teaches nothing.
METRICS = ("gate_share", "silhouette_iou", "psnr", "foreground_cosine", "foreground_variance")


class Objective(nn.Module):
    """Weak and full supervision through one code path: absent labels have weight zero."""

    joint_axes: Tensor
    limits_low: Tensor
    limits_high: Tensor

    def __init__(self, network: HandNetwork, model: HandModel) -> None:
        """Keep the network to train and the hand's edges, joint axes and limits."""
        super().__init__()
        self.network = network
        if model.joint_axes is None or model.joint_limits is None:
            raise ValueError("the hand model has no joint axes or limits")
        self.register_buffer("joint_axes", torch.from_numpy(model.joint_axes[1:].copy()))
        limits = torch.from_numpy(model.joint_limits[1:].copy())
        self.register_buffer("limits_low", limits[..., 0])
        self.register_buffer("limits_high", limits[..., 1])
        edges = mesh_edges(network.layer.faces.cpu())
        self.register_buffer("edge_ends", edges.ends)
        self.register_buffer("edge_sides", edges.sides)

    edge_ends: Tensor
    edge_sides: Tensor

    def forward(
        self,
        batch: TrainingBatch,
        stage: StageConfig,
        draw: Draw,
        pairs: HandPairs | None = None,
    ) -> dict[str, Tensor]:
        """Return the unweighted terms by name (the fields of LossWeights) and METRICS, all scalars.

        Terms whose weight in the stage is 0 and that cost something are left out. In stages with a
        hard share each term is its mean over the pictures whose weighted sum is largest.

        Args:
            batch: pictures and labels.
            stage: weights and switches.
            draw: random numbers.
            pairs: hands that the batch shows twice.
        """
        if stage.hold_norms:
            for module in self.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()
        network, weights = self.network, stage.weights
        targets = dense_targets(batch, network.config.stride)
        features = network.features(batch.image)
        maps = network.dense(features, with_heatmaps=weights.heatmap > 0)
        height, width = features.fused.shape[-2:]
        cells = jitter_cells(targets.cells, height, width, draw, stage.jitter)
        evidence = network.look(features, cells)
        supervised = weights.albedo > 0 and batch.albedo is not None and stage.full_supervision
        with_appearance = supervised or weights.photometric > 0
        rows = network.read(features, evidence, batch.side == 0, with_appearance)
        projected = [_projected(step, batch, stage) for step in rows.steps]
        terms = {
            "centre": losses.focal_loss(maps.centre, targets.centre, targets.weight),
            "side": losses.focal_loss(maps.side, targets.side, targets.weight),
        }
        terms["row_side"] = losses.side_loss(
            network.right_logit(evidence), batch.side, _weight(batch.valid)
        )
        window = evidence.window
        terms["window_heat"] = losses.heat_loss(
            window.log_heat, window.points, batch.keypoints_2d, batch.label_weight
        )
        if maps.heatmap is not None:
            terms["heatmap"] = losses.focal_loss(maps.heatmap, targets.heatmap, targets.weight)
            if features.prior_heatmap is not None:
                fine = dense_targets(batch, PRIOR_STRIDE)
                terms["heatmap"] = terms["heatmap"] + losses.focal_loss(
                    features.prior_heatmap, fine.heatmap, fine.weight
                )
        terms |= self._keypoint_terms(rows, batch, targets)
        terms |= self._step_terms(rows.steps, projected, batch, targets, stage)
        terms |= self._mesh_terms(rows.steps[-1], batch, stage.full_supervision)
        if supervised:
            terms |= _appearance_labels(rows, batch)
        more, metrics = self._further_terms(rows, projected[-1], batch, targets, stage, pairs)
        terms |= more
        if weights.foreground > 0 and batch.hand_index is not None:
            terms["foreground"], found = foreground_term(network, evidence.hidden, cells, batch)
            metrics |= found
        return _reduced(terms, stage) | metrics

    def _keypoint_terms(
        self, rows: HandRows, batch: TrainingBatch, targets: DenseTargets
    ) -> dict[str, Tensor]:
        """Terms of the keypoints that are predicted directly."""
        confidence = batch.label_weight
        centre = (rows.centre_2d - targets.centre_2d).abs().sum(-1) / targets.box_px
        local = losses.keypoint_loss(
            rows.local_2d, batch.keypoints_2d, confidence, targets.box_px
        ) + losses.per_picture(centre, _weight(batch.valid))
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
        self,
        steps: tuple[HandStep, ...],
        projections: list[Tensor],
        batch: TrainingBatch,
        targets: DenseTargets,
        stage: StageConfig,
    ) -> dict[str, Tensor]:
        """Terms that every iteration is held to, averaged over the iterations."""
        confidence = batch.label_weight
        full = _weight(_known(batch, stage.full_supervision))
        joints = _weight(batch.joints_known & stage.full_supervision)
        sums: dict[str, Tensor] = {}
        for step, projected in zip(steps, projections, strict=True):
            pose = rotmat_from_rot6d(step.rot6d)
            goal, box = batch.keypoints_2d, targets.box_px
            terms = {
                "refined": losses.keypoint_loss(step.keypoints_2d, goal, confidence, box),
                "reprojection": losses.keypoint_loss(projected, goal, confidence, box),
                "bone_direction": losses.bone_direction_loss(projected, goal, confidence, box),
                "joints_3d": losses.joints_3d_loss(step.joints_3d, batch.joints_3d, joints),
                "rotation": losses.rotation_loss(pose, batch.pose, full),
                "shape": losses.shape_loss(step.betas, batch.betas, full),
            }
            if batch.hint_3d is not None and batch.has_hint is not None:
                hint = confidence * (batch.has_hint & stage.full_supervision)[..., None]
                terms["hint_direction"] = losses.bone_direction_loss(
                    step.joints_3d, batch.hint_3d, hint, torch.full_like(box, HAND_LENGTH_M)
                )
            for name, value in terms.items():
                sums[name] = sums.get(name, torch.zeros_like(value)) + value / len(steps)
        return sums

    def _mesh_terms(
        self, step: HandStep, batch: TrainingBatch, full_supervision: bool = True
    ) -> dict[str, Tensor]:
        """Terms of the last step's mesh and anatomy."""
        shape = batch.valid.shape
        pose = rotmat_from_rot6d(step.rot6d)
        valid = _weight(batch.valid)
        # Skinning is dear: only hands that have a truth.
        known = _known(batch, full_supervision)
        layer, is_left = self.network.layer, batch.side[known] == 0
        own = vertices_of(layer, pose[known], step.betas[known], is_left)
        with torch.no_grad():
            true = vertices_of(layer, batch.pose[known], batch.betas[known], is_left)
        finger_rotvec = rotvec_from_rotmat(pose[:, :, 1:].reshape(-1, 3, 3))
        finger_rotvec = finger_rotvec.view(*shape, NUM_MODEL_JOINTS - 1, 3)
        angles = torch.einsum("jcr,bmjc->bmjr", self.joint_axes, finger_rotvec)
        return {
            "vertices": losses.hands_loss(own, true, known),
            "shape_prior": losses.shape_prior(step.betas, valid),
            "joint_limits": losses.joint_limit_prior(
                angles, self.limits_low, self.limits_high, valid
            ),
        }

    def _further_terms(
        self,
        rows: HandRows,
        projected: Tensor,
        batch: TrainingBatch,
        targets: DenseTargets,
        stage: StageConfig,
        pairs: HandPairs | None,
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Terms of agreement and of rendered hands, and metrics."""
        step, weights = rows.steps[-1], stage.weights
        confidence = batch.label_weight
        gate = losses.hierarchical_gate(
            projected, batch.keypoints_2d, confidence, targets.box_px, stage.gate_tau
        )
        terms = {}
        if weights.articulation > 0:
            terms["articulation"] = _articulation(step, projected, batch, stage)
        if weights.consistency > 0 or weights.centre_consistency > 0:
            terms |= consistency_terms(rows, projected, batch, targets)
        metrics = {"gate_share": losses.per_picture(gate, _weight(batch.valid)).mean()}
        # Half precision would move points and outlines by whole pixels.
        with torch.autocast(batch.image.device.type, enabled=False):
            if weights.multi_consistency > 0:
                terms["multi_consistency"] = multi_consistency_term(
                    step, projected, batch, targets, pairs
                )
            drawn, found = self._drawn_terms(rows, batch, targets, stage, gate)
        return terms | drawn, metrics | found

    def _drawn_terms(
        self,
        rows: HandRows,
        batch: TrainingBatch,
        targets: DenseTargets,
        stage: StageConfig,
        gate: Tensor,
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Terms of the last step's mesh in the picture; masks are needed for all but smoothness."""
        weights, terms, metrics = stage.weights, {}, {}
        masked = batch.hand_index is not None
        if not (weights.laplacian > 0 or (weights.needs_pictures and masked)):
            return terms, metrics
        layer: HandLayer = self.network.layer
        edges = MeshEdges(self.edge_ends, self.edge_sides)
        hands = mesh_hands(layer, rows.steps[-1], batch, stage.orthographic)
        if weights.laplacian > 0:
            terms["laplacian"] = laplacian_term(layer, edges, hands, batch)
        if weights.silhouette > 0 and masked:
            terms["silhouette"], found = silhouette_term(
                layer, edges, hands, gate, targets.box_px, batch
            )
            metrics |= found
        if weights.photometric > 0 and masked:
            assert rows.albedo is not None
            assert rows.light is not None
            terms["photometric"], found = photometric_term(
                layer, hands, rows.albedo, rows.light, gate, batch
            )
            metrics |= found
        return terms, metrics


def total_loss(terms: dict[str, Tensor], weights: LossWeights) -> Tensor:
    """Weighted sum of the terms (Baek Eq 7)."""
    parts = [
        getattr(weights, field.name) * terms[field.name]
        for field in fields(LossWeights)
        if field.name in terms and getattr(weights, field.name) > 0
    ]
    return torch.stack(parts).sum(0)


def _reduced(terms: dict[str, Tensor], stage: StageConfig) -> dict[str, Tensor]:
    """Mean over the pictures, or over the hardest of them, of terms (B,) (SMHR 1.10)."""
    if stage.hard_share < 1:
        chosen = losses.hardest(total_loss(terms, stage.weights), stage.hard_share)
        terms = {name: value[chosen] for name, value in terms.items()}
    return {name: value.mean() for name, value in terms.items()}


def _projected(step: HandStep, batch: TrainingBatch, stage: StageConfig) -> Tensor:
    """Joints (B, M, 21, 2) px of a step, by the stage's kind of camera."""
    return losses.reproject(
        step.joints_3d, step.middle_mcp_2d, step.pixels_per_metre, batch.K, stage.orthographic
    )


def _articulation(
    step: HandStep, projected: Tensor, batch: TrainingBatch, stage: StageConfig
) -> Tensor:
    """Articulation loss (B,) of the normalised 2.5D skeletons; the 2D part without 3D labels."""
    box = losses.skeleton_box(batch.keypoints_2d)
    focal = (batch.K[..., 0, 0] + batch.K[..., 1, 1]) / 2
    root = translation(step.middle_mcp_2d, step.pixels_per_metre, batch.K)[..., 2:]
    known = batch.joints_known & stage.full_supervision
    true_depth = torch.where(known[..., None], batch.joints_3d[..., 2], torch.ones_like(root))
    own = losses.normalise_skeleton(projected, step.joints_3d[..., 2] + root, box, focal)
    true = losses.normalise_skeleton(batch.keypoints_2d, true_depth, box, focal)
    confidence = batch.label_weight
    return losses.articulation_loss(own, true, confidence, _weight(known))


def _appearance_labels(rows: HandRows, batch: TrainingBatch) -> dict[str, Tensor]:
    """Terms of albedo and light where they are labelled."""
    assert rows.albedo is not None
    assert rows.light is not None
    assert batch.albedo is not None
    assert batch.light is not None
    full = _weight(_known(batch, True))
    return {
        "albedo": losses.albedo_loss(rows.albedo, batch.albedo.float(), full),
        "light": losses.light_loss(rows.light, batch.light, full),
    }


def _known(batch: TrainingBatch, full_supervision: bool) -> Tensor:
    """Hands (B, M) bool whose labels of the whole hand teach: pose, shape and mesh."""
    return batch.valid & batch.has_3d & full_supervision


def _weight(mask: Tensor) -> Tensor:
    """Bool to float weights."""
    return mask.float()
