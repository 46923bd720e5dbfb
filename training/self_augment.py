"""Self-supervised data augmentation (Baek 2.8): predicted hands, seen anew.

A hand that the network found on a training picture keeps its pose, its colour and its light; it
gets new shapes, is seen from new sides before new rooms, and comes with exact labels: a triplet of
picture, skeleton and mask. New poses are not drawn, since those that people take are what the
pictures bring. Triplets fill a bounded bank little by little, once the run has warmed up.
"""

import math
from dataclasses import dataclass, field, fields
from typing import Final

import torch
from torch import Tensor

from core.hand_model.file import HandModel
from core.network.network import HandNetwork
from core.rotations import rotmat_from_rot6d
from training import losses
from training.batch import TrainingBatch, concatenate
from training.open_hand.interpenetration import collision_depth
from training.open_hand.pose_prior import PosePrior, angles_from_pose, pose_prior
from training.synthetic.dice import Dice
from training.targets import dense_targets
from training.triplets import TRIPLETS, Seeds, TripletConfig, make_renderer, triplets
from training.warp import PicturePool

#: Value of the first spherical harmonic.
_CONSTANT_HARMONIC: Final = 0.8862269


@dataclass(frozen=True, slots=True)
class SelfAugmentConfig:
    """When triplets are made, of which predictions, and how.

    A predicted hand is a seed when it is labelled, and
    sure: its mean keypoint confidence and the label's reach their minima, its side is the label's,
    and both its own 2D keypoints and the label lie near its reprojected joints; and
    plausible: no angle leaves the anatomical limits by more than the slack, no finger sinks into
    another or the palm, and albedo and light are those of lit skin.

    Attributes:
        warm_up: share of the run before the first triplet.
        full_at: share of the run at which the bank may be full; it grows evenly from warm-up on.
        capacity: pictures in the bank; then the oldest make way.
        every: steps between two visits to the network's predictions.
        seeds: hands taken at a visit, at most.
        min_confidence: of the prediction, mean over the 21 keypoints. Where the network expects an
            error of e it says exp(-e / 5 %) (`losses.confidence_loss`): this is `max_error`.
        min_label_confidence: of the label, mean over the 21 keypoints.
        max_error: mean distance of reprojected joints, in hand boxes.
        limit_slack_deg: beyond the joint limits.
        max_collision_m: depth of one finger in another beyond what soft tissue gives way.
        skin: least and most mean albedo of each colour.
        lit: least and most mean light of each colour.
        triplets: how they are drawn.
    """

    warm_up: float = 1 / 3
    full_at: float = 0.9
    capacity: int = 768
    every: int = 20
    seeds: int = 8
    min_confidence: float = 0.3
    min_label_confidence: float = 0.6
    max_error: float = 0.06
    limit_slack_deg: float = 12.0
    max_collision_m: float = 0.004
    skin: tuple[float, float] = (0.04, 0.95)
    lit: tuple[float, float] = (0.2, 2.0)
    triplets: TripletConfig = field(default_factory=TripletConfig)


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a network says of the hands (B, M) of a labelled batch.

    Attributes:
        pose: (B, M, 16, 3, 3) in right-hand canonical form.
        side: (B, M) int64, 0 left, 1 right.
        keypoints_2d: (B, M, 21, 2) px, predicted directly.
        projected: (B, M, 21, 2) px, of the predicted hand.
        confidence: (B, M, 21) in [0, 1].
        albedo: (B, M, V, 3).
        light: (B, M, 27), colour-major.
    """

    pose: Tensor
    side: Tensor
    keypoints_2d: Tensor
    projected: Tensor
    confidence: Tensor
    albedo: Tensor
    light: Tensor


@torch.no_grad()
def predict(network: HandNetwork, batch: TrainingBatch) -> Predictions:
    """Read a network at the labelled hands of a batch; its mode and statistics stay as they are."""
    was_training = network.training
    network.eval()
    targets = dense_targets(batch, network.config.stride)
    features = network.features(batch.image)
    evidence = network.look(features, targets.cells)
    right = network.right_logit(evidence) > 0
    rows = network.read(features, evidence, batch.side == 0)
    network.train(was_training)
    last = rows.steps[-1]
    assert rows.albedo is not None
    assert rows.light is not None
    return Predictions(
        pose=rotmat_from_rot6d(last.rot6d),
        side=right.long(),
        keypoints_2d=last.keypoints_2d,
        projected=losses.reproject(
            last.joints_3d, last.middle_mcp_2d, last.pixels_per_metre, batch.K
        ),
        confidence=torch.sigmoid(rows.confidence_logits),
        albedo=rows.albedo.clamp(0, 1),
        light=rows.light,
    )


def sure_and_plausible(
    found: Predictions, batch: TrainingBatch, prior: PosePrior, config: SelfAugmentConfig
) -> Tensor:
    """Say which predicted hands (B, M) may be seeds; the rule is `SelfAugmentConfig`'s."""
    labelled = batch.keypoint_confidence
    box = (batch.keypoints_2d.amax(2) - batch.keypoints_2d.amin(2)).amax(-1).clamp(min=16.0)
    apart = (found.projected - batch.keypoints_2d).norm(dim=-1) * labelled
    apart = apart.sum(-1) / labelled.sum(-1).clamp(min=1e-6) / box
    within = (found.projected - found.keypoints_2d).norm(dim=-1).mean(-1) / box
    sure = batch.valid & (found.side == batch.side)
    sure &= found.confidence.mean(-1) >= config.min_confidence
    sure &= labelled.mean(-1) >= config.min_label_confidence
    sure &= (apart <= config.max_error) & (within <= config.max_error)

    angles = angles_from_pose(found.pose[:, :, 1:], prior.axes)
    slack = math.radians(config.limit_slack_deg)
    beyond = torch.maximum(prior.limits[..., 0] - angles, angles - prior.limits[..., 1])
    possible = beyond.flatten(2).amax(-1) <= slack
    depth = collision_depth(prior.spheres, found.pose.flatten(0, 1)).view_as(possible.float())
    possible &= depth <= config.max_collision_m
    skin = found.albedo.mean(2)
    lit = found.light.unflatten(-1, (3, 9))[..., 0] * _CONSTANT_HARMONIC
    for values, (least, most) in ((skin, config.skin), (lit, config.lit)):
        possible &= ((values >= least) & (values <= most)).all(-1)
    return sure & possible


def seeds_where(found: Predictions, chosen: Tensor) -> Seeds:
    """Return the hands marked in chosen (B, M) as seeds."""
    return Seeds(
        found.pose[chosen], found.side[chosen] == 0, found.albedo[chosen], found.light[chosen]
    )


class TripletBank:
    """Keeps the triplets of a run: none before warm-up, then ever more, up to the capacity."""

    def __init__(
        self,
        model: HandModel,
        backgrounds: Tensor,
        device: torch.device,
        config: SelfAugmentConfig | None = None,
    ) -> None:
        """Start empty.

        Args:
            model: a right hand with UVs and joint axes.
            backgrounds: (N, 3, h, w) uint8 sRGB without hands.
            device: to draw and keep pictures on.
            config: when, of which predictions, and how.
        """
        self.config = config or SelfAugmentConfig()
        self._renderer = make_renderer(model, device)
        self._prior = pose_prior(model, device)
        self._backgrounds = backgrounds.to(device)
        self._kept: TrainingBatch | None = None
        self._pool: PicturePool | None = None

    def __len__(self) -> int:
        """Return the number of pictures in the bank."""
        return 0 if self._kept is None else len(self._kept)

    def room(self, progress: float) -> int:
        """Return how many pictures the bank may hold at a run's progress in [0, 1]."""
        config = self.config
        if progress < config.warm_up:
            return 0
        grown = (progress - config.warm_up) / max(config.full_at - config.warm_up, 1e-6)
        return min(config.capacity, math.ceil(grown * config.capacity))

    def visit(
        self, network: HandNetwork, batch: TrainingBatch, seed: int, step: int, total: int
    ) -> int:
        """Add triplets of what the network finds in a batch; return how many.

        Nothing happens before warm-up, between visits, and while the bank is as full as it may be
        by now; once it is as full as it gets, new triplets replace the oldest.

        Args:
            network: in training; it is left as it was.
            batch: labelled pictures.
            seed: of the run.
            step: of the run; what is drawn depends on seed and step alone.
            total: steps of the run.
        """
        config = self.config
        room = self.room(step / total)
        growing = len(self) + TRIPLETS <= room or room == config.capacity
        if step % config.every or room < TRIPLETS or not growing:
            return 0
        found = predict(network, batch)
        chosen = sure_and_plausible(found, batch, self._prior, config)
        seeds = seeds_where(found, chosen)
        most = config.seeds if room == config.capacity else (room - len(self)) // TRIPLETS
        dice = Dice(seed * 1_000_003 + step)
        order = torch.randperm(len(seeds.pose), generator=dice.generator)
        order = order[: min(config.seeds, most)].to(seeds.pose.device)
        if len(order) == 0:
            return 0
        fresh = triplets(
            seeds.rows(order), self._renderer, self._backgrounds, dice, config.triplets
        )
        kept = fresh if self._kept is None else concatenate(self._kept, fresh)
        self._keep(kept.part(max(0, len(kept) - config.capacity), None))
        return len(fresh)

    def pool(self) -> PicturePool | None:
        """Return the triplets as pictures to warp and to compose from; None while empty."""
        if self._pool is None and self._kept is not None:
            height, width = self._kept.image.shape[2:]
            extent = torch.tensor([float(width), float(height)], device=self._kept.image.device)
            self._pool = PicturePool(self._kept, extent.expand(len(self), 2))
        return self._pool

    def state_dict(self) -> dict[str, Tensor]:
        """Return the bank's tensors, for a checkpoint."""
        if self._kept is None:
            return {}
        named = ((entry.name, getattr(self._kept, entry.name)) for entry in fields(TrainingBatch))
        return {name: value for name, value in named if value is not None}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Take a checkpoint's tensors."""
        if state:
            self._keep(TrainingBatch(**state).to(self._backgrounds.device))
        else:
            self._kept = self._pool = None

    def _keep(self, batch: TrainingBatch) -> None:
        """Hold a batch in place of the last one."""
        self._kept, self._pool = batch, None
