"""SMHR's two-hand mode: a centre map with a channel for each side, from what the network has.

SMHR's network for two interacting hands has a 2-channel centre map, and for any task two blocks of
61 numbers per cell, left and right, of which handedness chooses one (components.md 1.5). Here both
are one map or one block with the side map beside it:

* The centre map times the share of a side in the side map is that side's centre map.
* The one block is a right hand's; a left hand is its mirror image, which is SMHR's left block with
  the same numbers: its rotation vectors have y and z negated, its betas and depth are equal, its
  x offset has the other sign. Each cell learns from hands of both sides.

The orthographic camera that goes with SMHR's two-hand task is `camera.project_orthographic`.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from core.network.heads import local_maxima

#: Channels of a side map and of what is made of it.
LEFT, RIGHT = 0, 1


class SidePeaks(NamedTuple):
    """The strongest hand of each side; [:, 0] is the left one.

    Attributes:
        score: (B, 2) in [0, 1].
        cells: (B, 2) flat index row * w + column.
    """

    score: Tensor
    cells: Tensor


def two_hand_centres(centre: Tensor, side: Tensor) -> Tensor:
    """Return SMHR's 2-channel centre map (B, 2, h, w), left and right, in [0, 1].

    Args:
        centre: (B, 1, h, w) logits of the centre map.
        side: (B, 2, h, w) logits of the side map.
    """
    # The side map has a sigmoid per channel; their difference is the log-odds, as for detections.
    share = torch.softmax(side.float(), 1)
    return torch.sigmoid(centre.float()) * share


def side_peaks(centre: Tensor, side: Tensor) -> SidePeaks:
    """Find the best left and the best right hand of each picture; logits as above."""
    score, cells = local_maxima(two_hand_centres(centre, side)).flatten(2).max(-1)
    return SidePeaks(score, cells)
