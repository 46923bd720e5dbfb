"""Z-buffer rasteriser in plain torch: many meshes, many pictures, the same code on CPU and CUDA.

Triangles are drawn in homogeneous coordinates (Olano and Greer, "Triangle Scan Conversion using
2D Homogeneous Coordinates", 1997): with the camera at the origin, a ray d through a pixel meets
the triangle (v0, v1, v2) where d = l0 v0 + l1 v1 + l2 v2 with l >= 0. The three l are linear in the
pixel, 1 / depth is their sum, and l / sum(l) are perspective-correct barycentrics, so nothing has
to be clipped and a vertex behind the camera does no harm.

Each triangle is drawn in its own window (its bounding box in the picture): on every row the span of
pixels inside follows from the linear conditions, for all rows of all triangles at once. The nearest
wins by a scatter-min of (depth, face) packed into one integer, which is exact and does not depend
on the order of the work.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

#: Nothing nearer to the camera than this is drawn, in metres.
NEAR_M = 0.02
_FAR_M = 1e3
#: Pixels of windows drawn at once; bounds the memory.
MAX_CANDIDATES = 64_000_000
_EMPTY = torch.iinfo(torch.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """The visible surface of a batch of pictures; row i of every field is the same covered pixel.

    Attributes:
        pixel: (M,) int64, index into the flattened (P, H, W), ascending.
        face: (M,) int64, the visible face.
        depth: (M,) m, along the camera's z axis; a constant to gradients.
        shape: (P, H, W).
    """

    pixel: Tensor
    face: Tensor
    depth: Tensor
    shape: tuple[int, int, int]

    def rays(self, K: Tensor) -> Tensor:
        """Directions (M, 3) with z = 1 of the rays through the pixels; K is (P, 3, 3)."""
        _, height, width = self.shape
        picture = self.pixel // (height * width)
        row = self.pixel // width % height
        column = self.pixel % width
        focal, centre = K[:, (0, 1), (0, 1)][picture], K[:, :2, 2][picture]
        xy = (torch.stack((column, row), -1).to(K) - centre) / focal
        return torch.cat((xy, torch.ones_like(xy[:, :1])), -1)

    def barycentric(self, vertices: Tensor, faces: Tensor, K: Tensor) -> Tensor:
        """Perspective-correct barycentrics (M, 3), with gradients to the vertices (V, 3).

        det(d, v_j, v_k) does not change when a multiple of the ray d is taken from both, so the
        corners are moved to the hit point first, where they are small and no digits cancel. The
        same identity makes the gradient exact although the depth is a constant.
        """
        ray = self.rays(K)
        local = vertices[faces[self.face]] - (ray * self.depth[:, None])[:, None]
        normal = torch.linalg.cross(local.roll(-1, 1), local.roll(-2, 1), dim=-1)
        weight = (normal * ray[:, None]).sum(-1)
        return weight / weight.sum(-1, keepdim=True)

    def interpolate(self, barycentric: Tensor, attributes: Tensor, faces: Tensor) -> Tensor:
        """Attributes (V, C) at the fragments: (M, C), with gradients to both.

        `faces` (F, 3) may index other rows than the mesh's own (texture coordinates).
        """
        return (attributes[faces[self.face]] * barycentric[..., None]).sum(1)

    def dense(self, values: Tensor, fill: float) -> Tensor:
        """Put values (M, ...) of the fragments into pictures (P, H, W, ...) over a fill value."""
        pictures, height, width = self.shape
        out = values.new_full((pictures * height * width, *values.shape[1:]), fill)
        out = out.index_put((self.pixel,), values)
        return out.view(pictures, height, width, *values.shape[1:])

    def subset(self, rows: Tensor) -> "Fragments":
        """Return the fragments of some rows (N,) int64."""
        return Fragments(self.pixel[rows], self.face[rows], self.depth[rows], self.shape)


def _planes(corners: Tensor, K: Tensor, picture: Tensor) -> tuple[Tensor, Tensor]:
    """Linear functions l_i(u, v) = a u + b v + c of triangles (F, 3, 3), and their facing (F,).

    Returns the coefficients (F, 3, 3) (corner, abc) and det(v0, v1, v2), negative for triangles
    whose corners run counter-clockwise as the camera sees them.
    """
    following, last = corners.roll(-1, 1), corners.roll(-2, 1)
    # v_j x v_k written with the short edge keeps the digits that the subtraction would lose.
    edge_normal = torch.linalg.cross(following, last - following, dim=-1)
    det = (corners[:, 0] * edge_normal[:, 0]).sum(-1)
    safe = torch.where(det.abs() < 1e-18, torch.full_like(det, torch.inf), det)
    normal = edge_normal / safe[:, None, None]
    focal_x, focal_y = K[picture, 0, 0], K[picture, 1, 1]
    a = normal[..., 0] / focal_x[:, None]
    b = normal[..., 1] / focal_y[:, None]
    c = normal[..., 2] - a * K[picture, 0, 2][:, None] - b * K[picture, 1, 2][:, None]
    return torch.stack((a, b, c), -1), det


def _windows(corners: Tensor, K: Tensor, picture: Tensor, height: int, width: int) -> Tensor:
    """Pixel windows (F, 4) int64 x0 y0 x1 y1 (exclusive end) of triangles, near plane respected.

    Corners behind the near plane are replaced by the points where their edges cross it.
    """
    z = corners[..., 2]
    following = corners.roll(-1, 1)
    crosses = (z < NEAR_M) != (following[..., 2] < NEAR_M)
    step = following[..., 2] - z
    t = (NEAR_M - z) / torch.where(step == 0, torch.ones_like(step), step)
    crossing = corners + t[..., None] * (following - corners)
    points = torch.cat((corners, crossing), 1)
    usable = torch.cat((z >= NEAR_M, crosses), 1)
    focal = torch.stack((K[picture, 0, 0], K[picture, 1, 1]), -1)[:, None]
    pixel = points[..., :2] / points[..., 2:].clamp(min=NEAR_M / 2) * focal
    pixel = pixel + K[picture, :2, 2][:, None]
    inf = torch.full_like(pixel, torch.inf)
    low = torch.where(usable[..., None], pixel, inf).amin(1)
    high = torch.where(usable[..., None], pixel, -inf).amax(1)
    limit = low.new_tensor([width, height])
    start = torch.minimum(low.clamp(min=0).ceil(), limit)
    end = torch.minimum(high.clamp(min=-1).floor() + 1, limit)
    # A hidden triangle has an empty window: start at the limit, end at zero.
    return torch.cat((start, end), -1).long()


def _draw(
    zbuffer: Tensor, planes: Tensor, window: Tensor, base: Tensor, name: Tensor, width: int
) -> None:
    """Fill the spans of triangles and keep the nearest per pixel, in place.

    Args:
        zbuffer: (P * H * W,) int64 packed (depth, face).
        planes: (T, 3, 3) float64, relative to the window's first pixel.
        window: (T, 4) int64.
        base: (T,) int64, first pixel of the triangle's picture.
        name: (T,) int64, face index.
        width: of the pictures, px.
    """
    triangle, y = expand(window[:, 3] - window[:, 1])
    start, end = _spans(planes, triangle, y, (window[:, 2] - window[:, 0])[triangle])
    row, x = expand(end - start)
    sum_plane = planes.sum(1)[triangle]
    slope = sum_plane[:, 0]
    first_value = sum_plane[:, 1] * y + sum_plane[:, 2] + slope * start
    first_pixel = base[triangle] + (window[:, 1][triangle] + y) * width
    first_pixel = first_pixel + window[:, 0][triangle] + start
    inverse_depth = first_value.float()[row] + slope.float()[row] * x
    # The bits of a positive float sort like the float.
    bits = inverse_depth.reciprocal().view(torch.int32).long()
    zbuffer.scatter_reduce_(0, first_pixel[row] + x, (bits << 32) | name[triangle][row], "amin")


def expand(count: Tensor) -> tuple[Tensor, Tensor]:
    """For counts (N,) of items: owner (sum,) and number within the owner (sum,) of each item."""
    owner = torch.repeat_interleave(count)
    first = count.cumsum(0) - count
    return owner, torch.arange(len(owner), device=count.device) - first[owner]


def _spans(planes: Tensor, triangle: Tensor, y: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
    """First column and end (R,) of the pixels inside triangles, on each row of their windows.

    On one row each condition is linear, a x + r >= 0, and so bounds x from one side: the three
    sides of the triangle, and a depth between the near plane and far away.
    """
    depth = planes.sum(1, keepdim=True)
    near, far = -depth, depth.clone()
    near[..., 2] += 1 / NEAR_M
    far[..., 2] -= 1 / _FAR_M
    conditions = torch.cat((planes, near, far), 1)
    # In pixels from the line. Rounding may open a crack between neighbours; a millionth closes it.
    conditions = conditions / conditions[..., :2].abs().amax(-1, keepdim=True).clamp(min=1e-30)
    a = conditions[..., 0][triangle]
    rest = (conditions[..., 1][triangle] * y[:, None]) + conditions[..., 2][triangle] + 1e-6
    bound = -rest / a
    inf = torch.full_like(bound, torch.inf)
    lower = torch.where(a > 0, bound, -inf).amax(1)
    upper = torch.where(a < 0, bound, inf).amin(1)
    outside = ((a == 0) & (rest < 0)).any(1)
    start = torch.minimum(lower.clamp(min=0).ceil().clamp(max=1e9).long(), columns)
    end = torch.minimum(upper.clamp(min=-1, max=1e9).floor().long() + 1, columns)
    end = torch.where(outside, start, end)
    return start, torch.maximum(start, end)


@torch.no_grad()
def rasterise(
    vertices: Tensor,
    faces: Tensor,
    picture: Tensor,
    K: Tensor,
    height: int,
    width: int,
    cull_back: bool | Tensor = False,
) -> Fragments:
    """Find the visible face of every pixel of P pictures.

    Args:
        vertices: (V, 3) m, camera frame, of all meshes of all pictures.
        faces: (F, 3) int64 into `vertices`. Outward faces run counter-clockwise seen from outside.
        picture: (F,) int64, the picture that each face is in.
        K: (P, 3, 3) px; pixel (0, 0) is the centre of the top-left pixel.
        height: px.
        width: px.
        cull_back: Leave out faces seen from behind, all or those marked (F,): right for closed
            meshes, and faster.

    Returns:
        The fragments, ordered by pixel.
    """
    shape = (len(K), height, width)
    # Setup in double precision: it is per triangle, and makes neighbours agree on their edge.
    double_K = K.double()
    corners = vertices.double()[faces]
    planes, det = _planes(corners, double_K, picture)
    window = _windows(corners, double_K, picture, height, width)
    visible = (window[:, 2] > window[:, 0]) & (window[:, 3] > window[:, 1]) & (det.abs() >= 1e-18)
    if isinstance(cull_back, Tensor):
        visible &= (det < 0) | ~cull_back
    elif cull_back:
        visible &= det < 0
    name = visible.nonzero().squeeze(1)
    planes, window = planes[name], window[name]
    origin = window[:, None, :2].to(planes)
    constant = planes[..., 2] + (planes[..., :2] * origin).sum(-1)
    planes = torch.cat((planes[..., :2], constant[..., None]), -1)
    base = picture[name] * (height * width)

    zbuffer = torch.full((len(K) * height * width,), _EMPTY, device=vertices.device)
    candidates = ((window[:, 2] - window[:, 0]) * (window[:, 3] - window[:, 1])).cumsum(0)
    total = int(candidates[-1]) if len(candidates) else 0
    chunks = max(1, -(-total // MAX_CANDIDATES))
    limits = torch.arange(1, chunks, device=vertices.device) * MAX_CANDIDATES
    cuts = torch.searchsorted(candidates, limits).tolist() if chunks > 1 else []
    for start, end in zip([0, *cuts], [*cuts, len(name)], strict=True):
        part = slice(start, end)
        _draw(zbuffer, planes[part], window[part], base[part], name[part], width)

    pixel = (zbuffer != _EMPTY).nonzero().squeeze(1)
    packed = zbuffer[pixel]
    face = packed & 0xFFFFFFFF
    depth = (packed >> 32).to(torch.int32).view(torch.float32).to(vertices.dtype)
    return Fragments(pixel, face, depth, shape)
