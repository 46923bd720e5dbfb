"""From the network's camera numbers to pixels and metres (torch).

The hand vector carries (a, b, log s): (a, b) is the pixel offset of the projected middle-finger
MCP from the top-left pixel of the centre cell, s its apparent scale in input pixels per metre.
For any focal length f the depth is t_z = f / s. SMHR's fixed f = 512 px with a depth residual
c around 0.8 m is the special case log s = log(512 / (c + 0.8)).
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
        (..., 3) m: t_z = f / s, t_x = t_z (u - c_x) / f, likewise t_y (SMHR 1.7 for any f).
    """
    focal, centre = K[..., 0, 0], K[..., :2, 2]
    depth = focal / pixels_per_metre
    xy = (middle_mcp_2d - centre) * (depth / focal)[..., None]
    return torch.cat([xy, depth[..., None]], -1)


def project_perspective(
    points: Tensor, middle_mcp_2d: Tensor, pixels_per_metre: Tensor, K: Tensor
) -> Tensor:
    """Project points (..., N, 3) m, relative to the middle MCP, to (..., N, 2) px."""
    moved = points + translation(middle_mcp_2d, pixels_per_metre, K)[..., None, :]
    focal, centre = K[..., 0, 0][..., None, None], K[..., None, :2, 2]
    # A hand that the regressor puts behind the camera must not divide by zero.
    return moved[..., :2] / moved[..., 2:].clamp(min=0.02) * focal + centre


def project_orthographic(points: Tensor, middle_mcp_2d: Tensor, pixels_per_metre: Tensor) -> Tensor:
    """Project points (..., N, 3) m by scale and shift alone to (..., N, 2) px (SMHR two-hand)."""
    return points[..., :2] * pixels_per_metre[..., None, None] + middle_mcp_2d[..., None, :]
