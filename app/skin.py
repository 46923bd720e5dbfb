"""A hand's own skin under the light that the network saw: albedo times nine spherical harmonics.

The same formula as in training (SMHR 1.8), in numpy for pictures that are drawn in software, and
as one symmetric matrix per colour for the vertex shader: with n~ = (x, y, z, 1) every harmonic up
to order 2 is a quadratic form, so that sum_k g_k H_k(n) = n~^T M n~ (Ramamoorthi and Hanrahan,
"An efficient representation for irradiance environment maps", 2001, equation 12).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.types import Float32

#: Constants of SMHR's light model, by order.
_K0, _K1, _K2 = 0.8862269, 1.7724539, 2.4270325
_K2_Z: Final = _K2 / (2 * 3**0.5)


def sh_basis(normals: NDArray[np.floating]) -> Float32:
    """Return the nine harmonics (..., 9) of unit normals (..., 3), camera frame.

    Order: 1, y, z, x, xy, yz, 3z^2-1, xz, x^2-y^2, with the signs of SMHR's light model.
    """
    x, y, z = np.moveaxis(normals, -1, 0)
    terms = (
        np.full_like(x, _K0),
        -_K1 * y,
        _K1 * z,
        -_K1 * x,
        _K2 * x * y,
        -_K2 * y * z,
        _K2_Z * (3 * z * z - 1),
        -_K2 * x * z,
        _K2 / 2 * (x * x - y * y),
    )
    return np.stack(terms, -1).astype(np.float32)


def lit_skin(albedo: Float32, normals: Float32, light: Float32) -> Float32:
    """Return the colour (V, 3) RGB in [0, 1] of skin under a light.

    Args:
        albedo: (V, 3) RGB in [0, 1].
        normals: (V, 3) unit, outwards, camera frame.
        light: (27,), colour-major.
    """
    return np.clip(albedo * (sh_basis(normals) @ light.reshape(3, 9).T), 0, 1)


def light_matrices(light: Float32) -> Float32:
    """Return M (3, 4, 4), one symmetric matrix per colour: light on n is n~^T M n~.

    Args:
        light: (27,), colour-major.
    """
    one, y, z, x, xy, yz, zz, xz, xx_yy = light.reshape(3, 9).T
    matrices = np.zeros((3, 4, 4), np.float32)
    matrices[:, 0, 0], matrices[:, 1, 1] = _K2 / 2 * xx_yy, -_K2 / 2 * xx_yy
    matrices[:, 2, 2] = 3 * _K2_Z * zz
    matrices[:, 3, 3] = _K0 * one - _K2_Z * zz
    for row, column, half in (
        (0, 1, _K2 / 2 * xy),
        (1, 2, -_K2 / 2 * yz),
        (0, 2, -_K2 / 2 * xz),
        (0, 3, -_K1 / 2 * x),
        (1, 3, -_K1 / 2 * y),
        (2, 3, _K1 / 2 * z),
    ):
        matrices[:, row, column] = matrices[:, column, row] = half
    return matrices
