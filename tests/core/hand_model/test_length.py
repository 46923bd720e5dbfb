import numpy as np
import pytest

from core.hand_model.length import HandLength
from core.hand_model.skinning_np import pose_hand
from core.topology import WRIST
from tests.factories import hand_model

LENGTH = HandLength(hand_model())
BETAS = np.random.default_rng(0).normal(size=(6, 10)).astype(np.float32)
MIDDLE = (WRIST, 9, 10, 11, 12)


def test_the_length_is_that_of_the_posed_hand_from_wrist_to_middle_tip() -> None:
    eye = np.tile(np.eye(3, dtype=np.float32), (16, 1, 1))
    for betas, length in zip(BETAS, LENGTH.metres(BETAS), strict=True):
        posed = pose_hand(hand_model(), eye, betas, np.zeros(3, np.float32))
        bones = np.diff(posed.joints_3d[list(MIDDLE)], axis=0)
        assert length == pytest.approx(np.linalg.norm(bones, axis=1).sum(), abs=1e-5)


@pytest.mark.parametrize("wanted_m", [0.13, 0.187, 0.23])
def test_a_hand_gets_the_length_that_was_measured(wanted_m: float) -> None:
    fitted = LENGTH.with_length(BETAS, wanted_m)
    np.testing.assert_allclose(LENGTH.metres(fitted), wanted_m, atol=1e-5)


def test_the_shape_changes_as_little_as_it_can() -> None:
    wanted_m = float(LENGTH.metres(BETAS)[0]) + 0.004
    fitted = LENGTH.with_length(BETAS[:1], wanted_m)
    change = np.linalg.norm(fitted - BETAS[:1])
    rng = np.random.default_rng(1)
    for direction in rng.normal(size=(50, 10)):
        other = BETAS[:1] + (change * direction / np.linalg.norm(direction)).astype(np.float32)
        assert LENGTH.metres(other)[0] < wanted_m + 1e-6


def test_a_hand_of_that_length_stays_as_it_is() -> None:
    length = float(LENGTH.metres(BETAS[:1])[0])
    np.testing.assert_allclose(LENGTH.with_length(BETAS[:1], length), BETAS[:1], atol=1e-5)
