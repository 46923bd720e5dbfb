"""How the errors of hands become the loss of pictures."""

import math

import torch
from torch import Tensor

from training.distributed import mean_over_ranks


def per_picture(values: Tensor, weight: Tensor) -> Tensor:
    """Share of each picture (B,) in a weighted mean over the batch; their mean is that mean.

    c_b = B sum_b(v w) / sum(w), so a picture with many labels counts more than one with few, a
    picture without any is 0, and a batch without any too. With several processes sum(w) is their
    mean, so that the mean over them is the weighted mean over all their hands.

    Args:
        values: (B, ...).
        weight: like values.
    """
    parts = (values * weight).reshape(len(values), -1).sum(1)
    return len(values) * parts / mean_over_ranks(weight.sum()).clamp(min=1e-6)


def hardest(loss: Tensor, share: float) -> Tensor:
    """Rows of the largest `share` of losses (B,), rounded up (SMHR 1.10, hard-sample rule).

    Which they are is a choice, not something to learn through.
    """
    count = max(1, math.ceil(share * len(loss) - 1e-6))
    return torch.topk(loss.detach(), count).indices
