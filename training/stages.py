"""Stages of training: a tuple of frozen configurations; losses switch on at stage borders."""

from dataclasses import dataclass, field
from typing import Final

from training.augment import AugmentConfig


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weight of each term of training/losses.py; 0 switches it off."""

    centre: float = 2.0
    side: float = 1.0
    row_side: float = 1.0
    heatmap: float = 0.3
    local: float = 4.0
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


@dataclass(frozen=True, slots=True)
class Layout:
    """How the pictures of a batch are laid out.

    Attributes:
        height: px of a tile.
        width: px of a tile.
        across: tiles per row and column of a picture; each tile is a picture of its own.
        share: of --batch that such a batch has.
    """

    height: int
    width: int
    across: int = 1
    share: float = 1.0


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
    """

    name: str
    share: float
    learning_rate: tuple[float, float]
    layouts: tuple[Layout, ...] = (
        Layout(96, 96),
        Layout(96, 96),
        Layout(96, 96),
        Layout(128, 128, share=0.6),
        Layout(96, 96),
        Layout(96, 96),
        Layout(96, 96),
        Layout(192, 256, share=0.25),
    )
    weak_share: float = 0.7
    weights: LossWeights = field(default_factory=LossWeights)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    augment_scenes: AugmentConfig = field(
        default_factory=lambda: AugmentConfig(photometric=0.0, blur=0.0, pair=0.1)
    )
    jitter: float = 0.3


_WITH_APPEARANCE = LossWeights(albedo=1.0, light=0.1)

#: Geometry first, appearance once the hands lie where they should (SMHR 1.12). Both stages see
#: single and several hands: the synthetic scenes and the paired pictures bring the latter.
STAGES: Final = (
    StageConfig("geometry", 0.7, (1e-3, 5e-4)),
    StageConfig("appearance", 0.3, (5e-4, 1e-5), weights=_WITH_APPEARANCE),
)


def stage_at(progress: float, stages: tuple[StageConfig, ...] = STAGES) -> tuple[int, float]:
    """Return (index of the stage, progress within it) at a run's progress in [0, 1]."""
    start = 0.0
    for index, stage in enumerate(stages):
        if progress < start + stage.share or index == len(stages) - 1:
            return index, min(1.0, (progress - start) / stage.share)
        start += stage.share
    raise AssertionError("stages is empty")
