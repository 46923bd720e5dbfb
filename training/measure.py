"""What a network gets wrong on labelled batches, read at the labelled centres."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from core.geometry import project
from core.hand_model.file import HandModel
from core.metrics import mpjpe, pa_error
from core.network.camera import translation
from core.network.network import HandNetwork, HandRows
from core.refinement import HandRefiner, RefinementConfig
from core.rotations import mirror_rotmat, rotmat_from_rot6d
from core.topology import MIDDLE_MCP, WRIST
from core.types import Float32, HandState
from training.augment import Draw
from training.batch import TrainingBatch
from training.objective import Objective
from training.pairs import HandPairs
from training.picture_terms import vertices_of
from training.stages import LossWeights, StageConfig
from training.targets import dense_targets

_ON = ("consistency", "multi_consistency", "silhouette", "photometric", "albedo")
#: Everything that is measured by way of a loss, and nothing that draws random numbers.
_JUDGED = StageConfig(
    "judged", 1.0, (0.0, 0.0), weights=LossWeights(**dict.fromkeys(_ON, 1.0)), jitter=0.0
)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Batches that nothing is learnt from.

    Attributes:
        batches: with the hands that they show twice, where they do.
        refined_hands: at most so many hands of each batch are refined at test time.
    """

    batches: tuple[tuple[TrainingBatch, HandPairs | None], ...]
    refined_hands: int = 16


@torch.no_grad()
def measure(
    objective: Objective, model: HandModel, judged: Judged, testing_steps: int
) -> dict[str, float]:
    """Return figures by name, means over hands; those that no batch can tell are left out.

    Errors in 2D are px, those in 3D mm. `consistency` and `multi_consistency` are the losses.
    """
    network = objective.network
    was_training = network.training
    objective.eval()
    found: dict[str, list[float]] = {}
    for batch, pairs in judged.batches:
        draw = Draw(torch.Generator(batch.image.device).manual_seed(0))
        stage = _JUDGED
        if batch.hand_index is None:
            off = replace(stage.weights, silhouette=0.0, photometric=0.0)
            stage = replace(stage, weights=off)
        terms = objective(batch, stage, draw, pairs)
        for name in ("consistency", "silhouette_iou", "psnr", "gate_share"):
            if name in terms:
                found.setdefault(name, []).append(terms[name].item())
        if pairs is not None and len(pairs.alone):
            found.setdefault("multi_consistency", []).append(terms["multi_consistency"].item())
        for name, values in _hand_errors(
            network, model, batch, testing_steps, judged.refined_hands
        ).items():
            found.setdefault(name, []).extend(values)
    objective.train(was_training)
    return {name: float(np.mean(values)) for name, values in sorted(found.items()) if values}


def _hand_errors(
    network: HandNetwork, model: HandModel, batch: TrainingBatch, testing_steps: int, most: int
) -> dict[str, list[float]]:
    """Errors of each labelled hand of a batch, refined at test time where that is asked for."""
    targets = dense_targets(batch, network.config.stride)
    features = network.features(batch.image)
    evidence = network.look(features, targets.cells)
    rows = network.read(features, evidence, batch.side == 0, with_appearance=False)
    refiner = HandRefiner(model, RefinementConfig(steps=max(testing_steps, 1)))
    errors: dict[str, list[float]] = {
        "joints_px": [], "keypoints_px": [], "pa_mpjpe_mm": [], "mpjpe_mm": []
    }  # fmt: skip
    for picture, slot in batch.valid.nonzero()[:most].tolist():
        K = batch.K[picture, slot].cpu().numpy()
        keypoints = rows.steps[-1].keypoints_2d[picture, slot].cpu().numpy()
        confidence = torch.sigmoid(rows.confidence_logits[picture, slot]).cpu().numpy()
        hand = _state(network, rows, batch, picture, slot, confidence)
        if testing_steps > 0:
            with torch.enable_grad():
                result = refiner.refine([hand], keypoints[None], confidence[None], K)
            hand = result.hands[0].hand
        label = batch.keypoints_2d[picture, slot].cpu().numpy()
        weight = batch.keypoint_confidence[picture, slot].cpu().numpy()
        errors["joints_px"].append(_mean_px(hand.joints_2d, label, weight))
        errors["keypoints_px"].append(_mean_px(keypoints, label, weight))
        if bool(batch.has_3d[picture, slot]):
            true = batch.joints_3d[picture, slot].cpu().numpy()
            errors["pa_mpjpe_mm"].append(1e3 * pa_error(hand.joints_3d, true))
            errors["mpjpe_mm"].append(1e3 * mpjpe(hand.joints_3d, true, MIDDLE_MCP))
    return errors


def _mean_px(points: Float32, label: Float32, weight: Float32) -> float:
    """Mean distance of points (21, 2) px to their labels, by confidence."""
    apart = np.linalg.norm(points - label, axis=-1)
    return float((apart * weight).sum() / max(float(weight.sum()), 1e-6))


def _state(
    network: HandNetwork,
    rows: HandRows,
    batch: TrainingBatch,
    picture: int,
    slot: int,
    confidence: Float32,
) -> HandState:
    """One predicted hand in the camera frame that it was labelled in."""
    step, K = rows.steps[-1], batch.K[picture, slot]
    is_left = batch.side[picture, slot] == 0
    pose = rotmat_from_rot6d(step.rot6d[picture, slot])
    betas = step.betas[picture, slot]
    place = translation(step.middle_mcp_2d[picture, slot], step.pixels_per_metre[picture, slot], K)
    vertices = vertices_of(network.layer, pose[None], betas[None], is_left[None])[0]
    joints = _array(step.joints_3d[picture, slot] + place)
    return HandState(
        track_id=-1,
        side="left" if is_left else "right",
        score=1.0,
        pose=_array(mirror_rotmat(pose) if is_left else pose),
        betas=_array(betas),
        transl=joints[WRIST].copy(),
        vertices=_array(vertices + place),
        joints_3d=joints,
        joints_2d=project(joints, _array(K)),
        joint_confidence=confidence,
    )


def _array(values: Tensor) -> Float32:
    """Return a float32 array of its own."""
    return np.array(values.detach().cpu().numpy(), np.float32)
