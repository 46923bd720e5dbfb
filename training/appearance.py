"""Predicted hands as a picture: shading by nine spherical harmonics, one z-tested rendering.

All hands of a picture are one mesh to the rasteriser, so that they hide each other. Each hand may
have been taken with a camera of its own; they are first moved into one camera per picture.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.network.camera import translation
from core.network.network import LIGHT_START
from training.rasterise import rasterise
from training.synthetic.shading import sh_basis

# An orthographic hand is seen from this far: 0.2 m of its depth change its size by 0.02 %.
_FAR_M = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """Hands of P pictures.

    Attributes:
        image: (P, H, W, 3) RGB, black where no hand is.
        hand: (P, H, W) int64, row of the visible hand, -1 elsewhere.
    """

    image: Tensor
    hand: Tensor


def start_light(device: torch.device | None = None) -> Tensor:
    """Light (27,), colour-major, of an untrained head: 0.709 on every colour, from everywhere."""
    light = torch.zeros(3, 9, device=device)
    light[:, 0] = LIGHT_START
    return light.flatten()


def vertex_normals(vertices: Tensor, faces: Tensor, is_left: Tensor) -> Tensor:
    """Unit normals (N, V, 3), pointing outwards: the sum of the one-ring's face normals (SMHR 1.8).

    A mirrored mesh is inside out, so a left hand's faces are flipped, which turns their normals.

    Args:
        vertices: (N, V, 3), of each hand's own side.
        faces: (F, 3) int64 of a right hand.
        is_left: (N,) bool.
    """
    a, b, c = vertices[:, faces].unbind(2)
    normal = torch.linalg.cross(b - a, c - a, dim=-1)
    normal = normal * torch.where(is_left, -1.0, 1.0)[:, None, None]
    total = torch.zeros_like(vertices)
    for corner in range(3):
        total = total.index_add(1, faces[:, corner], normal)
    # In units of the mesh's own size squared: areas of a fingertip's triangles are tiny numbers.
    return torch.nn.functional.normalize(total, dim=-1, eps=1e-12)


def shade_vertices(albedo: Tensor, normals: Tensor, light: Tensor) -> Tensor:
    """Colour (N, V, 3) = albedo * sum_k g_k H_k(normal), per colour (SMHR 1.8).

    Args:
        albedo: (N, V, 3), the mean albedo and the residual.
        normals: (N, V, 3) unit, camera frame.
        light: g (N, 27), colour-major, SMHR's +0.8 included.
    """
    return albedo * (sh_basis(normals) @ light.unflatten(-1, (3, 9)).mT)


def picture_camera(height: int, width: int, like: Tensor) -> Tensor:
    """K (3, 3) px of the one camera that all hands of a picture are drawn with."""
    focal = float(max(height, width))
    rows = [[focal, 0.0, (width - 1) / 2], [0.0, focal, (height - 1) / 2], [0.0, 0.0, 1.0]]
    return like.new_tensor(rows)


def place_hands(
    vertices: Tensor,
    middle_mcp_2d: Tensor,
    pixels_per_metre: Tensor,
    K: Tensor,
    camera: Tensor,
    orthographic: bool = False,
) -> Tensor:
    """Put hands where the network sees them, in the frame of their picture's one camera.

    Projected by `camera`, a vertex lands on the very pixel where the hand's own camera sees it;
    depth is that of an equally large hand in front of `camera`, so hands can hide each other.

    Args:
        vertices: (N, V, 3) m, relative to the middle MCP.
        middle_mcp_2d: (N, 2) px.
        pixels_per_metre: (N,).
        K: (N, 3, 3) px, of each hand.
        camera: (3, 3) px, of the picture.
        orthographic: the hands' cameras are scale and shift alone; K does not matter.
    """
    if orthographic:
        K = camera.expand(len(vertices), 3, 3).clone()
        K[:, 0, 0] = K[:, 1, 1] = _FAR_M * pixels_per_metre
    placed = vertices + translation(middle_mcp_2d, pixels_per_metre, K)[:, None]
    change = torch.linalg.inv(camera) @ K
    focal = (K[:, 0, 0] * K[:, 1, 1]).sqrt()
    return placed @ change.mT * (camera[0, 0] / focal)[:, None, None]


def render_hands(
    vertices: Tensor,
    colour: Tensor,
    picture: Tensor,
    faces: Tensor,
    camera: Tensor,
    shape: tuple[int, int, int],
) -> Rendering:
    """Draw hands with colours at their vertices; gradients reach vertices and colours.

    The gradient with respect to vertices is that of the colours inside the visible surface; what a
    moving outline does is the silhouette's part.

    Args:
        vertices: (N, V, 3) m, in the frame of `camera`.
        colour: (N, V, 3) RGB.
        picture: (N,) int64, the picture that each hand is in.
        faces: (F, 3) int64.
        camera: (3, 3) px.
        shape: (P, H, W).
    """
    pictures, height, width = shape
    K = camera.expand(pictures, 3, 3)
    count = torch.arange(len(vertices), device=vertices.device)
    all_faces = (faces + count[:, None, None] * vertices.shape[1]).flatten(0, 1)
    owner = picture.repeat_interleave(len(faces))
    flat = vertices.flatten(0, 1)
    fragments = rasterise(flat, all_faces, owner, K, height, width)
    share = fragments.barycentric(flat, all_faces, K)
    values = fragments.interpolate(share, colour.flatten(0, 1), all_faces)
    hand = torch.div(fragments.face, len(faces), rounding_mode="floor")
    return Rendering(fragments.dense(values, 0.0), fragments.dense(hand, -1))
