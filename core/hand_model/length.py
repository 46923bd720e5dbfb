"""How long a hand is, and which shape has a given length."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.hand_model.file import HandModel
from core.types import Float32

#: Model joints from the wrist along the middle finger; its tip is the third of the tips.
_MIDDLE_CHAIN: Final = (0, 4, 5, 6)
_MIDDLE_TIP: Final = 2
_STEPS: Final = 4


class HandLength:
    """Lengths of hands of one model: wrist, middle finger's joints, its tip, bone by bone.

    That is what a ruler finds on a flat hand from the crease of the wrist to the fingertip.
    """

    def __init__(self, model: HandModel) -> None:
        """Take from the model what the five points depend on."""
        chain = list(_MIDDLE_CHAIN)
        tip = int(model.tip_ids[_MIDDLE_TIP])
        regressor = model.J_regressor[chain].astype(np.float64)
        at_rest = np.concatenate((regressor @ model.v_template, model.v_template[tip][None]))
        directions = np.einsum("jv,vck->jck", regressor, model.shapedirs)
        directions = np.concatenate((directions, model.shapedirs[tip][None]))
        self._bones = np.diff(at_rest, axis=0)  # (4, 3) m
        self._bone_dirs = np.diff(directions, axis=0)  # (4, 3, 10) m

    def metres(self, betas: Float32) -> NDArray[np.float64]:
        """Return the lengths (N,) of hands with betas (N, 10)."""
        bones = self._bones + np.einsum("bck,nk->nbc", self._bone_dirs, betas)
        return np.asarray(np.linalg.norm(bones, axis=-1).sum(-1), np.float64)

    def with_length(self, betas: Float32, length_m: float) -> Float32:
        """Return the betas (N, 10) nearest to the given ones whose hands have this length.

        Shapes are normally distributed with unit variance, so the nearest is the most probable:
        Newton steps along the gradient g of the length, betas += g (wanted - length) / |g|^2.
        """
        fitted = betas.astype(np.float64)
        for _ in range(_STEPS):
            bones = self._bones + np.einsum("bck,nk->nbc", self._bone_dirs, fitted)
            lengths = np.linalg.norm(bones, axis=-1, keepdims=True)
            gradient = np.einsum("nbc,bck->nk", bones / lengths, self._bone_dirs)
            missing = length_m - lengths.sum((1, 2))
            fitted += gradient * (missing / (gradient**2).sum(1))[:, None]
        return fitted.astype(np.float32)
