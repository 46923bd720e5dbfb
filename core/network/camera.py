"""From the network's camera numbers to pixels and metres (torch).

The network says where the middle-finger MCP projects, in input pixels, and its apparent scale s
in input pixels per metre. For any focal length f the depth is t_z = f / s. SMHR's fixed f = 512 px
with a depth residual c around 0.8 m is the special case s = 512 / (c + 0.8).

Network, decoding and losses count the place from the cell corner that `cell_corner` returns: a
network whose numbers are all zero puts the middle MCP there.
"""

import torch
from torch import Tensor


def cell_corner(cells: Tensor, width: int, stride: int) -> Tensor:
    """Return the top-left input pixel (B, K, 2) of cells (B, K) = row * width + column."""
    row = torch.div(cells, width, rounding_mode="floor")
    return torch.stack([cells - row * width, row], -1).float() * stride


def translation(middle_mcp_2d: Tensor, pixels_per_metre: Tensor, K: Tensor) -> Tensor:
    """Return where the middle MCP is in the camera frame, in metres.

    Args:
        middle_mcp_2d: (..., 2) px.
        pixels_per_metre: (...) apparent scale s.
        K: (..., 3, 3) px, broadcast against the others.

    Returns:
        (..., 3) m: t_z = f / s with the geometric mean f of both focal lengths, t_x =
        t_z (u - c_x) / f_x, likewise t_y (SMHR 1.7 for any f).
    """
    focal, centre = _focal(K), K[..., :2, 2]
    depth = ((focal[..., 0] * focal[..., 1]).sqrt() / pixels_per_metre)[..., None]
    return torch.cat([(middle_mcp_2d - centre) * (depth / focal), depth], -1)


def project_perspective(
    points: Tensor, middle_mcp_2d: Tensor, pixels_per_metre: Tensor, K: Tensor
) -> Tensor:
    """Project points (..., N, 3) m, relative to the middle MCP, to (..., N, 2) px."""
    moved = points + translation(middle_mcp_2d, pixels_per_metre, K)[..., None, :]
    # A hand that the regressor puts behind the camera must not divide by zero.
    rays = moved[..., :2] / moved[..., 2:].clamp(min=0.02)
    return rays * _focal(K)[..., None, :] + K[..., None, :2, 2]


def _focal(K: Tensor) -> Tensor:
    """Return both focal lengths (..., 2) px of K (..., 3, 3)."""
    return torch.stack([K[..., 0, 0], K[..., 1, 1]], -1)


def project_orthographic(points: Tensor, middle_mcp_2d: Tensor, pixels_per_metre: Tensor) -> Tensor:
    """Project points (..., N, 3) m by scale and shift alone to (..., N, 2) px (SMHR two-hand)."""
    return points[..., :2] * pixels_per_metre[..., None, None] + middle_mcp_2d[..., None, :]
