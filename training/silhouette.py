"""Soft silhouettes with a gradient from their edges.

A hard mask does not change when a vertex moves a little, so it teaches nothing. Here pixels close
to the outline take a value between 0 and 1 from their distance to it, and the distance has an exact
gradient to the two ends of the outline's edge, in the manner of deodr (de La Gorce et al.,
"Model-based 3D hand pose estimation from monocular video", PAMI 2011) and of nvdiffrast (Laine et
al., "Modular primitives for high-performance differentiable rendering", 2020).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.rasterise import NEAR_M, expand, rasterise

_EMPTY = torch.iinfo(torch.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class MeshEdges:
    """The edges of a triangle mesh.

    Attributes:
        ends: (E, 2) int64 vertices.
        sides: (E, 2) int64 faces on either side; an open border has the same face twice.
    """

    ends: Tensor
    sides: Tensor


def mesh_edges(faces: Tensor) -> MeshEdges:
    """Find the edges of faces (F, 3); once per topology, it sorts.

    An edge of more than two faces keeps two of them.
    """
    count = len(faces)
    directed = torch.cat((faces[:, (0, 1)], faces[:, (1, 2)], faces[:, (2, 0)]))
    owner = torch.arange(count, device=faces.device).repeat(3)
    ends, edge = directed.sort(1).values.unique(dim=0, return_inverse=True)
    first = torch.full((len(ends),), count, device=faces.device)
    first = first.scatter_reduce(0, edge, owner, "amin")
    last = torch.full((len(ends),), -1, device=faces.device)
    last = last.scatter_reduce(0, edge, owner, "amax")
    return MeshEdges(ends, torch.stack((first, last), 1))


def soft_silhouette(
    vertices: Tensor,
    faces: Tensor,
    edges: MeshEdges,
    K: Tensor,
    height: int,
    width: int,
    band_px: float = 1.0,
) -> Tensor:
    """Masks (B, H, W) in [0, 1] of B posed copies of one mesh, each alone in its picture.

    The value crosses 1/2 on the outline and reaches 0 and 1 at `band_px` from it.

    Args:
        vertices: (B, V, 3) m, camera frame; gets the gradient.
        faces: (F, 3) int64.
        edges: of `faces`.
        K: (B, 3, 3) px.
        height: px.
        width: px.
        band_px: half the width of the soft border: 0.5 is about the covered area of a pixel, more
            reaches farther.
    """
    batch, count = vertices.shape[:2]
    copy = torch.arange(batch, device=vertices.device)
    all_faces = (faces + copy[:, None, None] * count).flatten(0, 1)
    flat = vertices.flatten(0, 1)
    picture = copy.repeat_interleave(len(faces))
    with torch.no_grad():
        fragments = rasterise(flat, all_faces, picture, K, height, width)
        mask = torch.zeros(batch * height * width, dtype=torch.bool, device=flat.device)
        mask[fragments.pixel] = True
        outline = _outline(vertices, faces, edges)
    copies, edge = outline.nonzero().unbind(1)
    ends = edges.ends[edge] + copies[:, None] * count
    scale, centre = K[copies][:, None, (0, 1), (0, 1)], K[copies][:, None, :2, 2]
    corners = flat[ends]
    line = corners[..., :2] / corners[..., 2:] * scale + centre
    with torch.no_grad():
        winner, pixel = _nearest(line, copies, mask, height, width, band_px)
    point = torch.stack((pixel % width, pixel // width % height), -1).to(flat)
    distance = (point - _foot(line[winner], point)).square().sum(-1).add(1e-12).sqrt()
    near = 0.5 * (distance / band_px).clamp(max=1)
    value = torch.where(mask[pixel], 0.5 + near, 0.5 - near)
    return mask.to(flat.dtype).index_put((pixel,), value).view(batch, height, width)


def _outline(vertices: Tensor, faces: Tensor, edges: MeshEdges) -> Tensor:
    """Edges (B, E) bool between a face towards the camera and one away from it, or at a border."""
    a, b, c = vertices[:, faces].unbind(2)
    front = (torch.linalg.cross(b - a, c - a, dim=-1) * a).sum(-1) < 0
    first, second = edges.sides.unbind(1)
    turns = front[:, first] != front[:, second]
    ahead = (vertices[..., 2][:, edges.ends] > NEAR_M).all(-1)
    return (turns | (first == second)) & ahead


def _foot(line: Tensor, point: Tensor) -> Tensor:
    """Nearest points (N, 2) of segments (N, 2, 2) to points (N, 2), px."""
    start, way = line[:, 0], line[:, 1] - line[:, 0]
    t = ((point - start) * way).sum(-1) / way.square().sum(-1).clamp(min=1e-12)
    return start + t.clamp(0, 1)[:, None] * way


def _nearest(
    line: Tensor, copies: Tensor, mask: Tensor, height: int, width: int, band_px: float
) -> tuple[Tensor, Tensor]:
    """For every pixel within the band of an outline: its nearest edge (N,) and itself (N,)."""
    limit = line.new_tensor([width, height])
    start = torch.minimum((line.amin(1) - band_px).clamp(min=0).ceil(), limit).long()
    end = torch.minimum((line.amax(1) + band_px).clamp(min=-1).floor() + 1, limit).long()
    size = (end - start).clamp(min=0)
    edge, offset = expand(size[:, 0] * size[:, 1])
    y = torch.div(offset, size[edge, 0], rounding_mode="floor")
    x = offset - y * size[edge, 0]
    cell = start[edge] + torch.stack((x, y), -1)
    point = cell.to(line)
    foot = _foot(line[edge], point)
    away = foot - point
    distance = away.norm(dim=-1)
    pixel = (copies[edge] * height + cell[:, 1]) * width + cell[:, 0]
    # Seen from inside, an edge is the outline only if the far side of it is empty; otherwise it is
    # a finger's edge over the palm.
    beyond = (foot + away / distance.clamp(min=1e-6)[:, None]).round().long()
    in_frame = ((beyond >= 0) & (beyond < limit)).all(-1)
    column, row = beyond.clamp(min=0).unbind(-1)
    other = (copies[edge] * height + row.clamp(max=height - 1)) * width
    empty = in_frame & ~mask[other + column.clamp(max=width - 1)]
    keep = ((distance < band_px) & (~mask[pixel] | empty)).nonzero().squeeze(1)
    key = torch.full((len(mask),), _EMPTY, device=line.device)
    bits = distance[keep].float().view(torch.int32).long() << 32
    key.scatter_reduce_(0, pixel[keep], bits | edge[keep], "amin")
    found = (key != _EMPTY).nonzero().squeeze(1)
    return key[found] & 0xFFFFFFFF, found
