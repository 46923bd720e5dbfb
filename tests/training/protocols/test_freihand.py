from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TrainingError
from core.rotations_np import rotmat_from_rotvec
from tests.training.protocols.hands import ROUNDING_100, guesses, hands
from training.protocols.freihand import FreihandFigures, freihand_figures
from training.tables import plain_figures

RIGHT = np.array([1.0, 0, 0])


def surface(joints: np.ndarray) -> np.ndarray:
    """(N, 63, 3) m: three vertices 1 cm around each joint."""
    offsets = 0.01 * np.eye(3)
    return (joints[:, :, None] + offsets).reshape(len(joints), -1, 3)


def figures(predicted: np.ndarray, target: np.ndarray) -> FreihandFigures:
    return freihand_figures(predicted, target, surface(predicted), surface(target))


def test_the_labels_themselves_have_no_error() -> None:
    target = hands(3)
    result = figures(target, target)
    assert (result.hands, result.missing) == (3, 0)
    for name, value in plain_figures(result).items():
        if name.endswith("_mm"):
            assert value == pytest.approx(0, abs=1e-9), name
        elif name not in ("hands", "missing"):
            assert value == pytest.approx(1, abs=ROUNDING_100), name


def test_a_hand_too_far_right_is_wrong_only_where_it_lies() -> None:
    target = hands(2)
    result = figures(target + 0.02 * RIGHT, target)
    assert result.camera_mpjpe_mm == pytest.approx(20)
    assert result.camera_mpvpe_mm == pytest.approx(20)
    # 20 mm against 100 thresholds of 50/99 mm: wrong up to the 40th (19.70), right from the 41st
    # (20.20), between them a trapezoid of one half: (99 - 40 + 0.5) / 99.
    assert result.camera_auc == pytest.approx(59.5 / 99)
    # Fingers are 20 mm apart: four of them lie on their neighbours, the last and the wrist do not.
    assert result.f5 == pytest.approx(16 / 21)
    for value in (result.mpjpe_mm, result.st_mpjpe_mm, result.pa_mpjpe_mm, result.mpvpe_mm):
        assert value == pytest.approx(0, abs=1e-9)
    assert result.auc == pytest.approx(1, abs=ROUNDING_100)
    assert result.pa_f5 == 1


def test_a_hand_too_large_is_right_once_its_bone_has_the_labels_length() -> None:
    target = hands(2)
    wrist = target[:, :1]
    result = figures(wrist + 1.5 * (target - wrist), target)
    # Wrist aligned, each joint is off by half its distance from the wrist.
    away = np.linalg.norm(target - wrist, axis=2).mean()
    assert result.mpjpe_mm == pytest.approx(1e3 * 0.5 * away)
    assert result.camera_mpjpe_mm == pytest.approx(1e3 * 0.5 * away)
    assert result.st_mpjpe_mm == pytest.approx(0, abs=1e-9)
    assert result.pa_mpjpe_mm == pytest.approx(0, abs=1e-9)


def test_a_turned_hand_is_right_after_procrustes_alone() -> None:
    target = hands(2)
    turn = rotmat_from_rotvec(np.array([0.2, 0.1, 0.4]))
    turned = (target - target[:, :1]) @ turn.T + target[:, :1]
    result = freihand_figures(turned, target)
    assert result.st_mpjpe_mm is not None
    assert result.st_mpjpe_mm > 10
    assert result.pa_mpjpe_mm == pytest.approx(0, abs=1e-9)


def test_a_hand_that_was_not_found_is_counted_and_wrong_at_every_threshold() -> None:
    target = hands(4)
    predicted, mesh = target.copy(), surface(target)
    predicted[1] = np.nan
    mesh[1] = np.nan
    result = freihand_figures(predicted, target, mesh, surface(target))
    assert (result.hands, result.missing) == (4, 1)
    assert result.camera_mpjpe_mm == pytest.approx(0, abs=1e-9)
    assert result.camera_auc == pytest.approx(0.75)
    assert result.pa_auc == pytest.approx(0.75, abs=ROUNDING_100)
    assert result.f15 == result.pa_f15 == pytest.approx(0.75)


def test_without_a_single_hand_there_is_no_mean() -> None:
    target = hands(2)
    result = figures(np.full_like(target, np.nan), target)
    assert result.missing == 2
    assert result.mpjpe_mm is result.pa_mpvpe_mm is None
    assert result.auc == result.pa_f15 == 0


def test_other_meshes_are_judged_by_f_alone_under_the_joints_alignment() -> None:
    target = hands(2)
    predicted = target + 0.02 * RIGHT
    result = freihand_figures(predicted, target, surface(predicted)[:, ::2], surface(target))
    assert result.camera_mpvpe_mm is result.mpvpe_mm is result.pa_mpvpe_mm is None
    # Aligned, every second vertex lies on its target: precision 1. Of each joint's three, at the
    # corners of a triangle of sqrt(2) cm sides, the others are within 15 mm: recall 1 there.
    assert result.pa_f15 == 1
    assert result.pa_f5 is not None
    assert 0.6 < result.pa_f5 < 0.7  # precision 1, recall 1 / 2
    without = freihand_figures(predicted, target)
    assert without.f5 is without.pa_f15 is without.mpvpe_mm is None
    assert without.camera_mpjpe_mm == pytest.approx(20)


@given(st.permutations(range(5)), st.integers(0, 100))
def test_pictures_have_no_order(order: list[int], seed: int) -> None:
    target = hands(5)
    predicted = guesses(target, seed)
    predicted[seed % 5] = np.nan
    one = plain_figures(freihand_figures(predicted, target))
    other = plain_figures(freihand_figures(predicted[order], target[order]))
    assert other == pytest.approx(one)


@given(st.integers(0, 100))
def test_left_hands_are_judged_as_their_mirror_images(seed: int) -> None:
    target = hands(3)
    predicted = guesses(target, seed)
    mirror = np.array([-1, 1, 1])
    one = plain_figures(figures(predicted, target))
    result = freihand_figures(
        predicted * mirror, target * mirror, surface(predicted) * mirror, surface(target) * mirror
    )
    assert plain_figures(result) == pytest.approx(one)
    assert one["pa_mpjpe_mm"] <= one["mpjpe_mm"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p, t: (p[:2], t), "2 predictions stand beside 3 labels"),
        (lambda p, t: (p[:, :20], t), "predicted joints: expected"),
        (lambda p, t: (p, t[..., :2]), "labelled joints: expected"),
        (lambda p, t: (p[:0], t[:0]), "no label"),
        (lambda p, t: (p, np.where(np.arange(3) == 1, np.nan, t)), "no label"),
        (lambda p, t: (p, np.full_like(t, np.inf)), "infinite"),
    ],
    ids=["fewer", "other joints", "flat", "none", "label missing", "label infinite"],
)
def test_predictions_that_do_not_fit_the_labels_are_refused(change: object, words: str) -> None:
    target = hands(3)
    with pytest.raises(TrainingError, match=words) as caught:
        freihand_figures(*change(target, target))  # type: ignore[operator]
    assert caught.value.code == "TRN-02"


def test_one_label_missing_of_many_is_refused_too() -> None:
    target = hands(3)
    gap = target.copy()
    gap[1, 4] = np.nan
    with pytest.raises(TrainingError, match="a joint has no label"):
        freihand_figures(target, gap)


def test_meshes_that_do_not_fit_are_refused() -> None:
    target = hands(3)
    mesh = surface(target)
    with pytest.raises(TrainingError, match="predicted vertices"):
        freihand_figures(target, target, mesh[:2], mesh)
    broken = mesh.copy()
    broken[0, 0, 0] = np.nan
    with pytest.raises(TrainingError, match="not finite"):
        freihand_figures(target, target, broken, mesh)


def test_figures_cannot_be_changed() -> None:
    result = figures(hands(2), hands(2))
    with pytest.raises(AttributeError):
        result.auc = 0.9  # type: ignore[misc]
    assert set(result.curves) == {
        "camera", "wrist aligned", "scale and translation aligned", "Procrustes aligned",
    }  # fmt: skip
    assert replace(result, auc=0.5).auc == 0.5
