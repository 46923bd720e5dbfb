import numpy as np
import pytest
import torch
from torch import Tensor

from core.hand_model.file import mirrored
from core.hand_model.skinning_np import pose_hand
from core.hand_model.skinning_torch import mirror_x
from core.network.two_hands import LEFT, RIGHT, side_peaks, two_hand_centres
from core.rotations import rotmat_from_rotvec
from tests.factories import hand_model
from tests.networks import hand_layer

ROWS, COLUMNS = 8, 12


def maps_with(hands: list[tuple[int, int, int, float]]) -> tuple[Tensor, Tensor]:
    """Centre and side logits with a hand (row, column, side, log-odds of that side) each."""
    centre = torch.full((1, 1, ROWS, COLUMNS), -6.0)
    side = torch.zeros(1, 2, ROWS, COLUMNS)
    for row, column, of, sure in hands:
        centre[0, 0, row, column] = 3.0
        centre[0, 0, row, column - 1] = 1.0
        side[0, of, row, column - 1 : column + 1] = sure
    return centre, side


def test_both_hands_peak_each_in_its_own_channel() -> None:
    centre, side = maps_with([(2, 3, LEFT, 4.0), (5, 9, RIGHT, 4.0)])
    peaks = side_peaks(centre, side)
    assert peaks.cells.tolist() == [[2 * COLUMNS + 3, 5 * COLUMNS + 9]]
    assert (peaks.score > 0.9).all()


def test_crossed_hands_keep_their_sides() -> None:
    centre, side = maps_with([(2, 3, RIGHT, 4.0), (5, 9, LEFT, 4.0)])
    assert side_peaks(centre, side).cells.tolist() == [[5 * COLUMNS + 9, 2 * COLUMNS + 3]]


def test_hands_in_neighbouring_cells_do_not_hide_each_other() -> None:
    centre, side = maps_with([(4, 4, LEFT, 5.0)])
    centre[0, 0, 4, 5], side[0, RIGHT, 4, 5] = 2.5, 5.0
    peaks = side_peaks(centre, side)
    assert peaks.cells.tolist() == [[4 * COLUMNS + 4, 4 * COLUMNS + 5]]
    assert (peaks.score > 0.9).all()


@pytest.mark.parametrize("only", [LEFT, RIGHT])
def test_one_hand_leaves_the_other_channel_low(only: int) -> None:
    peaks = side_peaks(*maps_with([(3, 6, only, 4.0)]))
    assert peaks.score[0, only] > 0.9
    assert peaks.score[0, 1 - only] < 0.1


def test_channels_add_up_to_the_centre_map() -> None:
    draw = torch.Generator().manual_seed(0)
    centre = torch.randn(2, 1, ROWS, COLUMNS, generator=draw)
    side = torch.randn(2, 2, ROWS, COLUMNS, generator=draw)
    both = two_hand_centres(centre, side)
    assert both.shape == (2, 2, ROWS, COLUMNS)
    torch.testing.assert_close(both.sum(1, keepdim=True), torch.sigmoid(centre))
    is_right = both[:, RIGHT] > both[:, LEFT]
    assert torch.equal(is_right, side[:, 1] > side[:, 0])


def test_mirrored_picture_swaps_the_channels() -> None:
    centre, side = maps_with([(2, 3, LEFT, 4.0), (5, 9, RIGHT, 2.0)])
    own = two_hand_centres(centre, side)
    mirror = two_hand_centres(centre.flip(-1), side.flip(-1).flip(1))
    torch.testing.assert_close(mirror, own.flip(-1).flip(1))


def smhr_block(rotvec: Tensor, betas: Tensor, offset: Tensor) -> Tensor:
    """61 numbers as SMHR lays them out: wrist 3, 15 joints 45, betas 10, camera 3."""
    return torch.cat([rotvec.flatten(), betas, offset])


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_one_canonical_code_and_its_side_stand_for_smhrs_two_blocks(side: int) -> None:
    """Handedness takes a block of 61 out of 122; decoding it on that side's model is our hand."""
    draw = torch.Generator().manual_seed(5)
    rotvec, betas = 0.4 * torch.randn(16, 3, generator=draw), torch.randn(10, generator=draw)
    offset = torch.tensor([3.0, -2.0, 0.1])
    flip = torch.tensor([1.0, -1.0, -1.0])
    blocks = torch.cat(
        [
            smhr_block(rotvec * flip, betas, offset * torch.tensor([-1.0, 1.0, 1.0])),
            smhr_block(rotvec, betas, offset),
        ]
    )
    assert blocks.shape == (122,)
    chosen = blocks[61 * side : 61 * (side + 1)]
    theirs_rotvec, theirs_betas = chosen[:48].view(16, 3), chosen[48:58]
    model = mirrored(hand_model()) if side == LEFT else hand_model()
    theirs = pose_hand(model, rotmat_from_rotvec(theirs_rotvec), theirs_betas)

    vertices, joints = hand_layer()(rotmat_from_rotvec(rotvec)[None], betas[None])
    is_left = torch.tensor([side == LEFT])
    np.testing.assert_allclose(mirror_x(joints, is_left)[0], theirs.joints_3d, atol=2e-5)
    np.testing.assert_allclose(mirror_x(vertices, is_left)[0], theirs.vertices, atol=2e-5)
    ours_offset = offset * torch.tensor([-1.0 if side == LEFT else 1.0, 1.0, 1.0])
    torch.testing.assert_close(chosen[58:], ours_offset)
