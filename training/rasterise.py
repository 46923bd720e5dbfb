"""Z-buffer rasteriser in plain torch: many meshes, many pictures, the same code on CPU and CUDA.

Triangles are drawn in homogeneous coordinates (Olano and Greer, "Triangle Scan Conversion using
2D Homogeneous Coordinates", 1997): with the camera at the origin, a ray d through a pixel meets
the triangle (v0, v1, v2) where d = l0 v0 + l1 v1 + l2 v2 with l >= 0. The three l are linear in the
pixel, 1 / depth is their sum, and l / sum(l) are perspective-correct barycentrics, so nothing has
to be clipped and a vertex behind the camera does no harm.

Each triangle tests the pixels of its own window (its bounding box in the picture), all triangles at
once; the nearest wins by a scatter-min of (depth, face) packed into one integer, which is exact and
does not depend on the order of the work.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

#: Nothing nearer to the camera than this is drawn, in metres.
NEAR_M = 0.02
#: Pixels tested at once; bounds the memory at about 100 bytes each.
MAX_CANDIDATES = 24_000_000
_EMPTY = torch.iinfo(torch.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """The visible surface of a batch of pictures; row i of every field is the same covered pixel.

    Attributes:
        pixel: (M,) int64, index into the flattened (P, H, W), ascending.
        face: (M,) int64, the visible face.
        barycentric: (M, 3), perspective-correct weights of the face's corners.
        depth: (M,) m, along the camera's z axis.
        shape: (P, H, W).
    """

    pixel: Tensor
    face: Tensor
    barycentric: Tensor
    depth: Tensor
    shape: tuple[int, int, int]

    def interpolate(self, attributes: Tensor, faces: Tensor) -> Tensor:
        """Attributes (V, C) at the fragments: (M, C).

        Gradients reach the attributes, and the vertices through the barycentrics when those carry
        them (`differentiable_barycentric`). `faces` (F, 3) may index other rows than the mesh's own
        (texture coordinates).
        """
        corners = attributes[faces[self.face]]
        return (corners * self.barycentric[..., None]).sum(1)

    def dense(self, values: Tensor, fill: float) -> Tensor:
        """Put values (M, ...) of the fragments into pictures (P, H, W, ...) over a fill value."""
        pictures, height, width = self.shape
        out = values.new_full((pictures * height * width, *values.shape[1:]), fill)
        out = out.index_put((self.pixel,), values)
        return out.view(pictures, height, width, *values.shape[1:])


def rays(pixel: Tensor, shape: tuple[int, int, int], K: Tensor) -> Tensor:
    """Directions (M, 3) with z = 1 of the rays through flat pixel indices (M,)."""
    _, height, width = shape
    picture = pixel // (height * width)
    row = pixel // width % height
    column = pixel % width
    focal, centre = K[:, (0, 1), (0, 1)][picture], K[:, :2, 2][picture]
    xy = (torch.stack((column, row), -1).to(K) - centre) / focal
    return torch.cat((xy, torch.ones_like(xy[:, :1])), -1)


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
    zbuffer: Tensor,
    planes: Tensor,
    window: Tensor,
    base: Tensor,
    name: Tensor,
    width: int,
    total: int | None,
) -> None:
    """Test every pixel of every window and keep the nearest triangle per pixel, in place.

    Args:
        zbuffer: (P * H * W,) int64 packed (depth, face).
        planes: (T, 3, 3), relative to the window's first pixel.
        window: (T, 4) int64.
        base: (T,) int64, first pixel of the triangle's picture.
        name: (T,) int64, face index.
        width: of the pictures, px.
        total: pixels in all windows, if known: it saves waiting for the device.
    """
    size = (window[:, 2:] - window[:, :2]).clamp(min=0)
    count = size[:, 0] * size[:, 1]
    triangle = torch.repeat_interleave(count, output_size=total)
    first = count.cumsum(0) - count
    offset = torch.arange(len(triangle), device=count.device) - first[triangle]
    columns = size[:, 0][triangle]
    y = torch.div(offset, columns, rounding_mode="floor")
    x = offset - y * columns
    coefficients = planes.flatten(1)[triangle]
    dx, dy = x.to(planes), y.to(planes)
    l0, l1, l2 = (
        coefficients[:, 3 * i] * dx + coefficients[:, 3 * i + 1] * dy + coefficients[:, 3 * i + 2]
        for i in range(3)
    )
    inverse_depth = l0 + l1 + l2
    # Rounding may open a crack between neighbours; a millionth of a triangle closes it.
    tolerance = -1e-6 * inverse_depth
    inside = (l0 >= tolerance) & (l1 >= tolerance) & (l2 >= tolerance)
    inside &= (inverse_depth > 0) & (inverse_depth < 1 / NEAR_M)
    keep = inside.nonzero().squeeze(1)
    triangle = triangle[keep]
    pixel = base[triangle] + (window[:, 1][triangle] + y[keep]) * width
    pixel = pixel + window[:, 0][triangle] + x[keep]
    # The bits of a positive float sort like the float.
    bits = inverse_depth[keep].reciprocal().float().view(torch.int32).long()
    zbuffer.scatter_reduce_(0, pixel, (bits << 32) | name[triangle], "amin")


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
        The fragments; their barycentrics are constants (see `differentiable_barycentric`).
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
    planes = torch.cat((planes[..., :2], constant[..., None]), -1).to(vertices.dtype)
    base = picture[name] * (height * width)

    zbuffer = torch.full((len(K) * height * width,), _EMPTY, device=vertices.device)
    candidates = ((window[:, 2] - window[:, 0]) * (window[:, 3] - window[:, 1])).cumsum(0)
    total = int(candidates[-1]) if len(candidates) else 0
    chunks = max(1, -(-total // MAX_CANDIDATES))
    limits = torch.arange(1, chunks, device=vertices.device) * MAX_CANDIDATES
    cuts = torch.searchsorted(candidates, limits).tolist() if chunks > 1 else []
    for start, end in zip([0, *cuts], [*cuts, len(name)], strict=True):
        part = slice(start, end)
        _draw(
            zbuffer,
            planes[part],
            window[part],
            base[part],
            name[part],
            width,
            None if cuts else total,
        )

    pixel = (zbuffer != _EMPTY).nonzero().squeeze(1)
    packed = zbuffer[pixel]
    face = packed & 0xFFFFFFFF
    depth = (packed >> 32).to(torch.int32).view(torch.float32).to(vertices.dtype)
    barycentric = _barycentric(vertices[faces[face]], rays(pixel, shape, K), depth)
    return Fragments(pixel, face, barycentric, depth, shape)


def _barycentric(corners: Tensor, ray: Tensor, depth: Tensor) -> Tensor:
    """Perspective-correct barycentrics (M, 3) of rays (M, 3) in triangles (M, 3, 3).

    det(d, v_j, v_k) does not change when a multiple of d is taken from both, so the corners are
    moved to the hit point first, where they are small and no digits cancel. The same identity
    makes the gradient exact although the depth is a constant.
    """
    local = corners - (ray * depth[:, None])[:, None]
    normal = torch.linalg.cross(local.roll(-1, 1), local.roll(-2, 1), dim=-1)
    weight = (normal * ray[:, None]).sum(-1)
    return weight / weight.sum(-1, keepdim=True)


def differentiable_barycentric(
    fragments: Fragments, vertices: Tensor, faces: Tensor, K: Tensor
) -> Fragments:
    """Return the same fragments with barycentrics and depth that carry gradients to `vertices`."""
    corners = vertices[faces[fragments.face]]
    ray = rays(fragments.pixel, fragments.shape, K)
    barycentric = _barycentric(corners, ray, fragments.depth)
    depth = (corners[..., 2] * barycentric).sum(-1)
    return Fragments(fragments.pixel, fragments.face, barycentric, depth, fragments.shape)
