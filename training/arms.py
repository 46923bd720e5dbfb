"""Arms of the ablation: each differs from the whole method in one thing (Baek 2.10, SMHR)."""

from dataclasses import dataclass, replace
from typing import Final

from torch import nn

from core.network.network import HandNetwork
from training.augment import AugmentConfig
from training.stages import LossWeights, StageConfig

#: Pictures as they are.
STILL: Final = AugmentConfig(
    zoom=(1.0, 1.0), keep_place=1.0, turn_deg=0.0, any_turn=0.0, mirror=0.0, pair=0.0,
    photometric=0.0, blur=0.0, occlude=0.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arm:
    """One row of the table.

    Attributes:
        name: of the row, and of its files.
        testing_steps: of test-time refinement (Baek Eq 13); 0 for none.
        estimator_steps: iterations of regressor and refiner (Baek Eq 5).
        refiner: whether the 2D refiner R changes anything (Baek 2.4, Eq 6).
        losses_2d: whether keypoints found in the picture are taught: heat, local and refined
            keypoints and the foreground feature. Off, 2D labels teach by reprojection alone (HMR).
        augmentation: whether pictures are warped, coloured and paired.
        self_augmentation: whether predicted hands are seen anew (Baek 2.8).
        shape_losses: L_Sh and what else teaches the shape. Off: pose only.
        gate: Eq 12; off, lambda is constant.
        consistency: local against reprojected keypoints (SMHR 1.9, single-hand).
        multi_consistency: alone against composed (SMHR 1.9, multi-hand).
        appearance: albedo, light and the photometric loss.
        full_supervision: 3D labels where there are any.
    """

    name: str
    testing_steps: int = 50
    estimator_steps: int = 3
    refiner: bool = True
    losses_2d: bool = True
    augmentation: bool = True
    self_augmentation: bool = True
    shape_losses: bool = True
    gate: bool = True
    consistency: bool = True
    multi_consistency: bool = True
    appearance: bool = True
    full_supervision: bool = True

    def training(self) -> "Arm":
        """Return what matters while learning: arms that agree in it share one network."""
        return replace(self, name="", testing_steps=0)


ARMS: Final = (
    Arm("whole"),
    Arm("no-testing-refinement", testing_steps=0),
    Arm("testing-refinement-10", testing_steps=10),
    Arm("testing-refinement-25", testing_steps=25),
    Arm("estimator-1-step", estimator_steps=1),
    Arm("no-refiner", refiner=False),
    Arm("no-2d-losses", losses_2d=False),
    Arm("no-augmentation", augmentation=False),
    Arm("no-self-augmentation", self_augmentation=False),
    Arm("pose-only", shape_losses=False),
    Arm("constant-lambda", gate=False),
    Arm("no-consistency", consistency=False),
    Arm("no-multi-consistency", multi_consistency=False),
    Arm("no-appearance", appearance=False),
    Arm("weak-supervision", full_supervision=False),
)


def switched(stage: StageConfig, arm: Arm) -> StageConfig:
    """Return the stage with the arm's switches set."""
    stage = replace(stage, weights=_switched_weights(stage.weights, arm))
    if not arm.gate:
        stage = replace(stage, gate_tau=None)
    if not arm.full_supervision:
        stage = replace(stage, full_supervision=False)
    if not arm.augmentation:
        compose = replace(stage.compose, mirror=0.0, transfer=0.0, augment=STILL)
        stage = replace(stage, augment=STILL, augment_scenes=STILL, compose=compose)
    return stage


def _switched_weights(weights: LossWeights, arm: Arm) -> LossWeights:
    """Set the weights of what the arm does without to zero."""
    off: set[str] = set()
    if not arm.losses_2d:
        off |= {"heatmap", "local", "window", "window_heat", "refined", "foreground"}
    if not arm.refiner:
        off |= {"refined"}
    if not arm.shape_losses:
        off |= {"silhouette", "shape", "vertices"}
    if not arm.consistency:
        off |= {"consistency", "centre_consistency"}
    if not arm.multi_consistency:
        off |= {"multi_consistency"}
    if not arm.appearance:
        off |= {"albedo", "light", "photometric"}
    return replace(weights, **dict.fromkeys(off, 0.0))


def fit_network(network: HandNetwork, arm: Arm) -> None:
    """Set the arm's switches inside a fresh network.

    Without the refiner R returns the very keypoints it is given: its last layer is zero for good.
    """
    network.config = replace(network.config, steps=arm.estimator_steps)
    if not arm.refiner:
        last = network.regressor.refine[-1]
        assert isinstance(last, nn.Linear)
        nn.init.zeros_(last.weight)
        last.weight.requires_grad_(False)
        last.bias.requires_grad_(False)
