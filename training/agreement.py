"""Terms of feature consistency (SMHR 1.9) and of the foreground feature (Baek Eq 2)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from core.network.network import HandNetwork, HandRows
from core.network.regressor import HandStep
from core.rotations import rotmat_from_rot6d
from training import losses
from training.batch import TrainingBatch
from training.distributed import mean_over_ranks
from training.pairs import HandPairs
from training.targets import DenseTargets

#: What a masked picture shows beside the hands: zero, once the network has normalised it.
_NOTHING = 127


def consistency_terms(
    rows: HandRows, projected: Tensor, batch: TrainingBatch, targets: DenseTargets
) -> dict[str, Tensor]:
    """Reprojected joints against local keypoints and the centre, in one picture.

    Local keypoints are those of the hand's centre patch and those of its window's heat (the
    soft-argmax of 1.9). A keypoint without a label counts by the network's own confidence.

    Args:
        rows: of the hands.
        projected: (B, M, 21, 2) px, joints of the last step.
        batch: labels.
        targets: hand boxes.
    """
    valid = batch.valid[..., None]
    labelled = (batch.keypoint_confidence > 0) & valid
    guessed = torch.sigmoid(rows.confidence_logits.detach()) * valid
    confidence = torch.where(labelled, batch.keypoint_confidence, guessed)
    box = targets.box_px
    parts = [
        losses.consistency_loss(projected, local, confidence, labelled, box)
        for local in (rows.local_2d, rows.window_2d)
    ]
    limit = projected.new_tensor([batch.image.shape[-1] - 1, batch.image.shape[-2] - 1])
    inside = ((batch.keypoints_2d >= 0) & (batch.keypoints_2d <= limit)).all(-1)
    counted = (inside & labelled).float()
    return {
        "consistency": torch.stack(parts).mean(0),
        "centre_consistency": losses.centre_consistency_loss(
            projected, rows.centre_2d, counted, box
        ),
    }


def multi_consistency_term(
    step: HandStep,
    projected: Tensor,
    batch: TrainingBatch,
    targets: DenseTargets,
    pairs: HandPairs | None,
) -> Tensor:
    """L_mcon (B,) of the hands that the batch shows twice, in the composed pictures; else zero."""
    shares = torch.zeros(len(batch), device=projected.device)
    if pairs is None:
        return shares
    pose = rotmat_from_rot6d(step.rot6d)

    def of(where: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        index = where.unbind(1)
        return pose[index], step.betas[index], projected[index]

    alone, pasted = pairs.alone.unbind(1), pairs.pasted.unbind(1)
    turn = losses.paste_turn(
        pairs.pasted_from_alone, batch.side[alone] == 0, batch.side[pasted] == 0
    )
    error = losses.multi_consistency_loss(
        of(pairs.alone), of(pairs.pasted), turn, pairs.pasted_from_alone, targets.box_px[pasted]
    )
    both = (batch.valid[alone] & batch.valid[pasted]).float()
    scale = len(batch) / mean_over_ranks(both.sum()).clamp(min=1e-6)
    return shares.index_add(0, pasted[0], error * both * scale)


def foreground_term(
    network: HandNetwork, hidden: Tensor, cells: Tensor, batch: TrainingBatch
) -> tuple[Tensor, dict[str, Tensor]]:
    """Foreground-feature loss (B,), and how far from a collapse the features are.

    The masked picture is seen without gradient, for it is the teacher, and leaves no trace in the
    running statistics, which are those of real pictures. A picture without a mask stays whole.

    Args:
        network: to look at the masked pictures with.
        hidden: F(x) (B, M, D) of the whole pictures.
        cells: (B, M) that they were read at.
        batch: with masks.
    """
    assert batch.hand_index is not None
    shown = (batch.hand_index >= 0)[:, None]
    has_mask = shown.flatten(1).any(1)
    weight = (batch.valid & has_mask[:, None]).float()
    kept = shown | ~has_mask[:, None, None, None]
    masked = torch.where(kept, batch.image, torch.full_like(batch.image, _NOTHING))
    with torch.no_grad(), _statistics_kept(network):
        teacher = network.look(network.features(masked), cells).hidden
    with torch.no_grad():
        near = torch.nn.functional.cosine_similarity(hidden.float(), teacher.float(), dim=-1)
        metrics = {
            "foreground_cosine": losses.per_picture(near, weight).mean(),
            "foreground_variance": losses.feature_variance(hidden.float(), weight),
        }
    return losses.foreground_loss(hidden, teacher, weight), metrics


@contextmanager
def _statistics_kept(network: nn.Module) -> Iterator[None]:
    """Let batch norms go on as they do, but add nothing to their running statistics."""
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
