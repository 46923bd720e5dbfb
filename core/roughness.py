"""How much rougher a hand's surface is than the template's: a penalty for fits (Baek Eq 10-11)."""

import numpy as np
import torch
from torch import Tensor

from core.hand_model.skinning_torch import HandLayer


class AddedRoughness:
    """Uniform-Laplacian roughness beyond that of the template (Baek Eq 10-11, reconstructed).

    The length of v_i minus the mean of its neighbours, less the template's own, in mean edges;
    lengths do not change when a hand turns.
    """

    def __init__(self, layer: HandLayer) -> None:
        """Take the edges of the layer's faces."""
        edges = layer.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
        both = np.unique(torch.cat([edges, edges.flip(1)]).numpy(), axis=0)
        self._of, self._neighbour = torch.from_numpy(both).unbind(1)
        self._degree = torch.bincount(self._of, minlength=layer.num_vertices).clamp(min=1)
        template = layer.v_template
        self._edge_m = (template[self._of] - template[self._neighbour]).norm(dim=-1).mean()
        self._own = self._lengths(template[None])

    def __call__(self, vertices: Tensor) -> Tensor:
        """Mean squared added roughness (N,) of vertices (N, V, 3) m, in squared mean edges."""
        added = (self._lengths(vertices) - self._own).relu() / self._edge_m
        mean: Tensor = added.square().mean(-1)
        return mean

    def _lengths(self, vertices: Tensor) -> Tensor:
        around = torch.zeros_like(vertices).index_add(1, self._of, vertices[:, self._neighbour])
        away = vertices - around / self._degree[:, None]
        return (away.square().sum(-1) + 1e-12).sqrt()
