"""Test-time refinement: a hand fitted to what one picture shows of it (Baek Eq 13, section 2.7).

Only the hand's code moves: rotations, shape, where the middle knuckle lies and how large the hand
appears. The network, if there is one, is frozen, and none is needed for the 2D term: keypoints and
confidences of any engine do. Baek's step size is lost; here Adam takes the steps, one that raises
the objective by more than 5 % is taken back and the next is half as long, and the best code seen is
what is returned, so no hand comes out worse by the objective than it went in.

The objective of a hand, lengths in percent of the hand's span in the picture:

    sum_j w_j |proj(J3D(h))_j - j2D*_j|^2          2D joints, w the confidences, their sum 1
    + foreground |F(x) - F(x * Ren(v(h)))|^2       where the caller can say it
    + limits * sum relu(excess)^2                  joint limits, rad
    + shape * mean betas^2
    + laplacian * mean relu(added roughness)^2     Eq 10-11, of the shaped template's own units
    + keep * mean |R - R_start|_F^2                what 2D cannot tell stays as the network said

The foreground term is a callable because only who runs the network in torch has an F; the ONNX
engine's hands are refined without it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer
from core.network.camera import project_perspective
from core.network.hand_code import (
    BETAS,
    CODE_SIZE,
    FitProblem,
    hand_state,
    pose_codes,
    problem_of,
    tidied,
)
from core.network.regressor import HandStep
from core.rotations import rotmat_from_rot6d, rotvec_from_rotmat
from core.roughness import AddedRoughness
from core.timing import now_ns
from core.topology import NUM_JOINTS
from core.types import Float32, HandState

#: A step that raises the objective by more than this share is taken back.
_TOLERATED_RISE: Final = 0.05
#: A hand is done where its best objective has fallen by less than this share in so many steps.
_STILL: Final = 1e-4
_PATIENCE: Final = 5
_MOMENTUM: Final = 0.9
_MEMORY: Final = 0.99
_EPSILON: Final = 1e-8

#: Projected vertices (N, V, 2) px to a cost (N,), differentiable: |F(x) - F(x * Ren(v))|^2.
Foreground = Callable[[Tensor], Tensor]
#: The hands as one step of the network, (1, N, ...), in pixels of the picture, with the current
#: j2D, to a better j2D (1, N, 21, 2) px (Baek's R).
Refresh = Callable[[HandStep], Tensor]
#: Hears the number of steps taken so far; what it raises ends the search.
OnStep = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class RefinementConfig:
    """How hands are refined.

    Attributes:
        steps: at most so many; raising it: a closer fit, more time.
        rate: of the first step, in numbers of rot6d, hand spans and log scale; falls along a
            cosine to a tenth. Raising it: faster, more steps are taken back.
        shape_rate: the same of betas.
        enough_px: a hand whose 2D joints are this near (root mean square) is done.
        foreground: weight of the foreground term, as all that follow.
        limits: of the joint limits.
        shape: of unlikely shapes.
        laplacian: of roughness that the template lacks.
        keep: of turning away from the start. Raising it: trusts the network's 3D more.
        refresh_every: so many steps after which j2D* is asked for anew; 0 keeps it.
    """

    steps: int = 50
    rate: float = 0.02
    shape_rate: float = 0.05
    enough_px: float = 0.5
    foreground: float = 5.0
    limits: float = 100.0
    shape: float = 0.05
    laplacian: float = 10.0
    keep: float = 2.0
    refresh_every: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class RefinedHand:
    """One hand, refined.

    Attributes:
        hand: the refined hand; the very one that was given where nothing better was found.
        keypoints_2d: (21, 2) px, the last j2D*, which all numbers here refer to.
        objective_before: of the hand that was given.
        objective_after: of `hand`; never more.
        error_before_px: mean distance of the projected joints to j2D*, weighted by confidence.
        error_after_px: likewise.
        steps: how many were tried.
        rejected: how many of them were taken back.
        best_so_far: the objective of the best code after each step; where j2D* is asked for anew
            it starts again.
    """

    hand: HandState
    keypoints_2d: Float32
    objective_before: float
    objective_after: float
    error_before_px: float
    error_after_px: float
    steps: int
    rejected: int
    best_so_far: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Refinement:
    """The hands of one picture, refined.

    Attributes:
        hands: in the order in which they were given.
        steps: how many were taken for the hand that needed most.
        ms_per_step: of all hands together.
    """

    hands: tuple[RefinedHand, ...]
    steps: int
    ms_per_step: float


class _Point(NamedTuple):
    """Codes (N, 109), their objectives and gradients, squared mean distance (N,) to j2D* px^2."""

    code: Tensor
    value: Tensor
    gradient: Tensor
    away: Tensor

    def where(self, chosen: Tensor, other: "_Point") -> "_Point":
        """Take the rows `chosen` (N,) from here, the rest from the other."""
        rows = chosen[:, None]
        return _Point(
            torch.where(rows, self.code, other.code),
            torch.where(chosen, self.value, other.value),
            torch.where(rows, self.gradient, other.gradient),
            torch.where(chosen, self.away, other.away),
        )


class HandRefiner:
    """Refines hands of one model, all hands of a picture at once."""

    def __init__(self, model: HandModel, config: RefinementConfig | None = None) -> None:
        """Prepare for a right hand's model; without joint axes it has no limits to keep to."""
        self.config = config or RefinementConfig()
        self.layer = HandLayer(model)
        self._limits: tuple[Tensor, Tensor] | None = None
        if model.joint_axes is not None and model.joint_limits is not None:
            axes, limits = np.array(model.joint_axes[1:]), np.array(model.joint_limits[1:])
            self._limits = torch.from_numpy(axes), torch.from_numpy(limits)
        self._roughness = AddedRoughness(self.layer)

    def refine(
        self,
        hands: Sequence[HandState],
        keypoints_2d: Float32,
        confidence: Float32,
        K: Float32,
        refresh: Refresh | None = None,
        foreground: Foreground | None = None,
        on_step: OnStep | None = None,
    ) -> Refinement:
        """Fit hands to their 2D keypoints.

        A hand none of whose keypoints has any confidence is returned as it is.

        Args:
            hands: N hands in the camera frame of the picture.
            keypoints_2d: (N, 21, 2) px, j2D*.
            confidence: (N, 21) in [0, 1].
            K: (3, 3) px.
            refresh: asked for j2D* anew every `config.refresh_every` steps.
            foreground: the self-consistency term of the network's features.
            on_step: hears of each step.

        Raises:
            ValueError: an array has another shape or is not finite.
        """
        _check(hands, keypoints_2d, confidence, K)
        if not hands:
            return Refinement((), 0, 0.0)
        problem, code = problem_of(hands, keypoints_2d, confidence, K)
        search = _Search(self, problem, torch.from_numpy(keypoints_2d.copy()), foreground)
        start_ns = now_ns()
        search.run(code, refresh, on_step)
        elapsed_ms = (now_ns() - start_ns) / 1e6
        with torch.no_grad():
            refined = tuple(self._refined_hand(row, hand, search) for row, hand in enumerate(hands))
        taken = max(hand.steps for hand in refined)
        return Refinement(refined, taken, elapsed_ms / max(taken, 1))

    def objective(
        self, code: Tensor, problem: FitProblem, target: Tensor, foreground: Foreground | None
    ) -> tuple[Tensor, Tensor]:
        """Return the objective (N,) of codes (N, 109) and the mean squared distance (N,) in px^2.

        The latter is that of the projected joints to j2D* (N, 21, 2) px, weighted.
        """
        config = self.config
        step, vertices = pose_codes(self.layer, code, problem)
        pose = rotmat_from_rot6d(step.rot6d[0])
        squared = (step.keypoints_2d[0] - target).square().sum(-1)
        away = (problem.weight * squared).sum(-1)
        total = away * (100 / problem.span).square()
        total = total + config.shape * step.betas[0].square().mean(-1)
        total = total + config.laplacian * self._roughness(vertices)
        turned = (pose - problem.start_rotmat).square().sum((-1, -2)).mean(-1)
        total = total + config.keep * turned
        if self._limits is not None:
            total = total + config.limits * self._excess(pose, *self._limits)
        if foreground is not None:
            place, scale = step.middle_mcp_2d[0], step.pixels_per_metre[0]
            outline = project_perspective(vertices, place, scale, problem.K)
            total = total + config.foreground * foreground(outline)
        return total, away

    def _excess(self, pose: Tensor, axes: Tensor, limits: Tensor) -> Tensor:
        """Sum of squared excess (N,) rad^2 over the joint limits of canonical poses."""
        rotvec = rotvec_from_rotmat(pose[:, 1:])
        angles = torch.einsum("jcr,njc->njr", axes, rotvec)
        over = (limits[..., 0] - angles).relu() + (angles - limits[..., 1]).relu()
        return over.square().sum((-1, -2))

    def _refined_hand(self, row: int, hand: HandState, search: "_Search") -> RefinedHand:
        """Put one row of a finished search into words."""
        problem, target = search.problem, search.target[row]
        before, after = float(search.start.value[row]), float(search.best.value[row])
        refined = hand
        if after < before:
            one = problem.only(row)
            step, vertices = pose_codes(self.layer, search.best.code[row : row + 1], one)
            refined = hand_state(hand, step, vertices[0], problem.K)
        return RefinedHand(
            hand=refined,
            keypoints_2d=target.numpy().copy(),
            objective_before=before,
            objective_after=min(before, after),
            error_before_px=_mean_error_px(hand, target, problem.weight[row]),
            error_after_px=_mean_error_px(refined, target, problem.weight[row]),
            steps=int(search.tried[row]),
            rejected=int(search.rejected[row]),
            best_so_far=tuple(values[row] for values in search.history[: int(search.tried[row])]),
        )


class _Search:
    """Adam on N independent codes; each row has its own rate, memory and end."""

    def __init__(
        self,
        refiner: HandRefiner,
        problem: FitProblem,
        target: Tensor,
        foreground: Foreground | None,
    ) -> None:
        self.problem, self.target = problem, target
        self.history: list[list[float]] = []
        self._refiner, self._foreground = refiner, foreground
        count = len(target)
        self.tried = torch.zeros(count, dtype=torch.int64)
        self.rejected = torch.zeros(count, dtype=torch.int64)
        self._shortened = torch.ones(count)
        self._mean = torch.zeros(count, CODE_SIZE)
        self._square = torch.zeros_like(self._mean)
        self._accepted = torch.zeros(count)
        rates = torch.full_like(self._mean[0], refiner.config.rate)
        rates[BETAS] = refiner.config.shape_rate
        self._rates = rates

    def run(self, code: Tensor, refresh: Refresh | None, on_step: OnStep | None = None) -> None:
        """Search from codes (N, 109); `start`, `best` and the counts then hold the answer."""
        config = self._refiner.config
        self.start = self.best = current = self._point(code)
        # Without evidence there is nothing to fit to, and what is not finite cannot be followed.
        active = (self.problem.weight.sum(-1) > 0) & self.start.value.isfinite()
        active &= current.away > config.enough_px**2
        retargeted = 0
        for step in range(config.steps):
            if not active.any():
                break
            if refresh is not None and config.refresh_every and step:
                if step % config.refresh_every == 0:
                    current, retargeted = self._retargeted(current, refresh), step
            share = 0.55 + 0.45 * math.cos(math.pi * step / config.steps)
            current = self._step(current, active, share)
            self.best = current.where(current.value < self.best.value, self.best)
            self.history.append(self.best.value.tolist())
            if on_step is not None:
                on_step(step + 1)
            active = active & (current.away > config.enough_px**2)
            if step - retargeted >= _PATIENCE:
                earlier = torch.tensor(self.history[step - _PATIENCE])
                active = active & (earlier - self.best.value > _STILL * earlier)

    def _step(self, current: _Point, active: Tensor, share: float) -> _Point:
        """Try one step of the active rows and return where they are then."""
        mean = _MOMENTUM * self._mean + (1 - _MOMENTUM) * current.gradient
        square = _MEMORY * self._square + (1 - _MEMORY) * current.gradient.square()
        count = (self._accepted + 1)[:, None]
        direction = (mean / (1 - _MOMENTUM**count)) / (
            (square / (1 - _MEMORY**count)).sqrt() + _EPSILON
        )
        length = self._rates * share * (self._shortened * active)[:, None]
        proposed = self._point(tidied(current.code - length * direction))
        limit = current.value * (1 + _TOLERATED_RISE)
        fine = proposed.value.isfinite() & proposed.gradient.isfinite().all(-1)
        accepted = active & fine & (proposed.value <= limit)
        self.tried += active
        self.rejected += active & ~accepted
        self._shortened = torch.where(active & ~accepted, self._shortened / 2, self._shortened)
        self._mean = torch.where(accepted[:, None], mean, self._mean)
        self._square = torch.where(accepted[:, None], square, self._square)
        self._accepted = self._accepted + accepted
        return proposed.where(accepted, current)

    def _point(self, code: Tensor) -> _Point:
        """Evaluate codes (N, 109); rows do not depend on each other."""
        leaf = code.detach().requires_grad_()
        value, away = self._refiner.objective(leaf, self.problem, self.target, self._foreground)
        (gradient,) = torch.autograd.grad(value.sum(), leaf)
        return _Point(leaf.detach(), value.detach(), gradient, away.detach())

    def _retargeted(self, current: _Point, refresh: Refresh) -> _Point:
        """Ask for j2D* anew; all that was found so far is judged by it from now on."""
        with torch.no_grad():
            step, _ = pose_codes(self._refiner.layer, current.code, self.problem)
            asked = refresh(step._replace(keypoints_2d=self.target[None]))[0]
        known = asked.isfinite().all(-1, keepdim=True)
        self.target = torch.where(known, asked, self.target)
        self.start = self._point(self.start.code)
        best = self._point(self.best.code)
        self.best = best.where(best.value < self.start.value, self.start)
        return self._point(current.code)


def _mean_error_px(hand: HandState, target: Tensor, weight: Tensor) -> float:
    """Mean distance of a hand's projected joints to j2D* (21, 2) px, weighted (21,)."""
    away = (torch.from_numpy(hand.joints_2d.copy()) - target).norm(dim=-1)
    return float((weight * away).sum())


def _check(
    hands: Sequence[HandState], keypoints_2d: Float32, confidence: Float32, K: Float32
) -> None:
    """Refuse arrays of other shapes or with numbers that are not finite."""
    count = len(hands)
    expected = (("keypoints_2d", keypoints_2d, (count, NUM_JOINTS, 2)),
                ("confidence", confidence, (count, NUM_JOINTS)), ("K", K, (3, 3)))  # fmt: skip
    for name, array, shape in expected:
        if array.shape != shape:
            raise ValueError(f"{name}: expected {shape}, got {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name}: expected finite numbers")
    for hand in hands:
        for array in (hand.pose, hand.betas, hand.joints_3d):
            if not np.isfinite(array).all():
                raise ValueError("hands: expected finite numbers")
