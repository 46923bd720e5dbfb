"""Stages of training: a tuple of frozen configurations; losses switch on at stage borders."""

from dataclasses import dataclass, field, replace
from typing import Final

from training.augment import AugmentConfig
from training.compose import ComposeConfig


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weight of each term of training/losses; 0 switches it off (Baek Eq 7, SMHR 1.10)."""

    centre: float = 2.0
    side: float = 1.0
    row_side: float = 1.0
    heatmap: float = 0.3
    local: float = 6.0
    window: float = 8.0
    window_heat: float = 1.0
    refined: float = 8.0
    reprojection: float = 8.0
    bone_direction: float = 0.5
    joints_3d: float = 4.0
    vertices: float = 4.0
    rotation: float = 0.6
    shape: float = 0.2
    hint_direction: float = 0.5
    shape_prior: float = 0.1
    joint_limits: float = 0.5
    confidence: float = 0.1
    albedo: float = 0.0
    light: float = 0.0
    articulation: float = 0.0
    consistency: float = 0.0
    centre_consistency: float = 0.0
    multi_consistency: float = 0.0
    foreground: float = 0.0
    silhouette: float = 0.0
    photometric: float = 0.0
    laplacian: float = 0.0

    @property
    def needs_pictures(self) -> bool:
        """Whether hands must be rendered into the pictures."""
        return self.silhouette > 0 or self.photometric > 0


@dataclass(frozen=True, slots=True)
class Layout:
    """How the pictures of a batch are laid out.

    Attributes:
        height: px of a tile.
        width: px of a tile.
        across: tiles per row and column of a picture; each tile is a picture of its own.
        share: of --batch that such a batch has.
        hand_px: longer side of the hands shown, px, where it differs from the augmentation's own:
            a small crop is for small hands, and large ones fill a large crop.
    """

    height: int
    width: int
    across: int = 1
    share: float = 1.0
    hand_px: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class StageConfig:
    """One stage.

    Attributes:
        name: shown in the log.
        share: of the run's samples.
        layouts: of the batches, taken in turn: small crops and tiles see most hands per second,
            large crops see large hands.
        weak_share: share of real pictures in a batch, the rest is synthetic.
        learning_rate: at the start and at the end of the stage; cosine between.
        weights: of the losses.
        augment: of real pictures.
        augment_scenes: of scenes from a pool, whose colours the generator has varied already.
        jitter: share of hands read one cell beside their centre.
        triplet_share: of a batch, added in triplets of predicted hands once there are any (Baek
            2.8).
        composed_share: share of a batch's pictures that are composed of several single hands, each
            beside the same hand alone.
        compose: how they are composed.
        twin_share: of a batch, added as pictures of it in which all but the hands may be another;
            their hands have to agree (`multi_consistency`).
        hard_share: share of a batch's pictures, those of the largest loss, that are learnt from.
        gate_tau: a hand's mask and photometric terms count from this mean joint error on, in hand
            boxes (Baek Eq 12); None for always.
        full_supervision: whether 3D labels teach where there are any; off, 2D labels alone do.
        hold_norms: batch norms keep the statistics that they have, as at inference.
        orthographic: hands are projected by scale and shift alone (SMHR's two-hand camera).
    """

    name: str
    share: float
    learning_rate: tuple[float, float]
    layouts: tuple[Layout, ...] = (
        Layout(96, 96, hand_px=(21.0, 90.0)),
        Layout(160, 160, share=0.4, hand_px=(60.0, 150.0)),
        Layout(96, 96, hand_px=(21.0, 90.0)),
        Layout(128, 128, share=0.6, hand_px=(45.0, 120.0)),
        Layout(96, 96, hand_px=(21.0, 90.0)),
        Layout(192, 256, share=0.25),
        Layout(96, 96, hand_px=(21.0, 90.0)),
        Layout(160, 160, share=0.4, hand_px=(60.0, 150.0)),
    )
    weak_share: float = 0.6
    weights: LossWeights = field(default_factory=LossWeights)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    augment_scenes: AugmentConfig = field(
        default_factory=lambda: AugmentConfig(photometric=0.0, blur=0.0, pair=0.1)
    )
    jitter: float = 0.3
    triplet_share: float = 0.0
    composed_share: float = 0.0
    compose: ComposeConfig = field(default_factory=ComposeConfig)
    twin_share: float = 0.0
    hard_share: float = 1.0
    gate_tau: float | None = 0.15
    full_supervision: bool = True
    hold_norms: bool = False
    orthographic: bool = False


_STEADY = LossWeights(multi_consistency=4.0)
_WITH_APPEARANCE = replace(_STEADY, albedo=1.0, light=0.1)

# Small crops see most hands per second, but a deep stage sees nothing but their borders, and their
# batches have statistics of their own: at the end pictures are as large as the product's.
_WHOLE = (
    Layout(192, 256, share=0.3, hand_px=(30.0, 150.0)),
    Layout(128, 128, share=0.6, hand_px=(30.0, 110.0)),
    Layout(192, 256, share=0.3, hand_px=(30.0, 150.0)),
    Layout(160, 160, share=0.4, hand_px=(40.0, 140.0)),
)

#: Geometry first, appearance once the hands lie where they should (SMHR 1.12), at last in whole
#: pictures with the batch norms of inference (Touvron et al., "Fixing the train-test resolution
#: discrepancy", 2019), over faces and beside bare arms. All stages see single and several hands:
#: the synthetic scenes and the paired pictures bring the latter. Twins keep the noise of a camera
#: and what happens beside a hand from moving it.
STAGES: Final = (
    StageConfig("geometry", 0.65, (1e-3, 5e-4), weights=_STEADY, twin_share=0.15),
    StageConfig("appearance", 0.2, (5e-4, 5e-5), weights=_WITH_APPEARANCE, twin_share=0.15),
    StageConfig(
        "whole pictures",
        0.15,
        (2.5e-4, 1e-5),
        layouts=_WHOLE,
        weights=_WITH_APPEARANCE,
        twin_share=0.2,
        composed_share=0.25,
        augment=AugmentConfig(blur=0.25, beside=0.15),
        hold_norms=True,
    ),
)

_PAPER_GEOMETRY = LossWeights(articulation=0.5, consistency=0.8, centre_consistency=0.2)
_PAPER_APPEARANCE = replace(
    _PAPER_GEOMETRY,
    albedo=1.0,
    light=0.1,
    foreground=0.2,
    silhouette=2.0,
    photometric=2.0,
    laplacian=0.01,
)
_SINGLE = AugmentConfig(pair=0.0)
# One hand cut out and laid over another background: where real pictures get their masks from.
_ONE_HAND = ComposeConfig(hand_count_weights=(0.05, 0.95))
_LARGER = (Layout(128, 128, share=0.6), Layout(128, 128, share=0.6), Layout(192, 256, share=0.25))

# Predicted hands seen anew: from the run's first third on, when there is something to predict.
_TRIPLETS = 0.15

#: The papers' stages (SMHR 1.12 A to D, with Baek's Eq 7): single hands, their appearance, composed
#: hands, their appearance. Photometric stages learn from the hardest 70 % of the pictures.
PAPER_STAGES: Final = (
    StageConfig(
        "A single-hand geometry",
        0.35,
        (1e-3, 5e-4),
        weights=_PAPER_GEOMETRY,
        augment=_SINGLE,
        triplet_share=_TRIPLETS,
    ),
    StageConfig(
        "B single-hand appearance",
        0.15,
        (5e-4, 2e-4),
        weights=_PAPER_APPEARANCE,
        augment=_SINGLE,
        triplet_share=_TRIPLETS,
        composed_share=0.5,
        compose=_ONE_HAND,
        hard_share=0.7,
    ),
    StageConfig(
        "C multi-hand geometry",
        0.35,
        (5e-4, 1e-4),
        layouts=_LARGER,
        weights=replace(_PAPER_GEOMETRY, multi_consistency=1.0),
        triplet_share=_TRIPLETS,
        composed_share=0.4,
    ),
    StageConfig(
        "D multi-hand appearance",
        0.15,
        (2e-4, 1e-5),
        layouts=_LARGER,
        weights=replace(_PAPER_APPEARANCE, multi_consistency=1.0),
        triplet_share=_TRIPLETS,
        composed_share=0.5,
        hard_share=0.7,
    ),
)

#: What `--stages` of the trainer offers.
STAGE_PLANS: Final = {"short": STAGES, "papers": PAPER_STAGES}


def weakly_supervised(stages: tuple[StageConfig, ...]) -> tuple[StageConfig, ...]:
    """Return the stages with the one switch set: 2D labels alone teach."""
    return tuple(replace(stage, full_supervision=False) for stage in stages)


def stage_at(progress: float, stages: tuple[StageConfig, ...] = STAGES) -> tuple[int, float]:
    """Return (index of the stage, progress within it) at a run's progress in [0, 1]."""
    start = 0.0
    for index, stage in enumerate(stages):
        if progress < start + stage.share or index == len(stages) - 1:
            return index, min(1.0, (progress - start) / stage.share)
        start += stage.share
    raise AssertionError("stages is empty")
