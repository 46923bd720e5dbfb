"""The fixed shapes of a scene: hand, forearm, sleeve tube, superellipsoid; and their normals."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_matrix
from scipy.spatial import Delaunay
from torch import Tensor

from core.hand_model.file import Forearm, HandModel
from core.rotations import rotmat_from_rotvec

TUBE_SEGMENTS = 16
#: Rings of the tube along the forearm, and beyond the elbow along the upper arm.
TUBE_RINGS, TUBE_EXTRA = 11, 5
_TABLE_RINGS = 14
_ELBOW_STEP_M = 0.06
_GRID = (9, 17)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A triangle mesh whose topology never changes.

    Attributes:
        faces: (F, 3) int64, counter-clockwise from outside.
        uv: (F, 3, 2), texture coordinates of the corners, v downwards, in units of the texture.
        neighbours: (V, N) int64, faces around each vertex, padded with F.
    """

    faces: Tensor
    uv: Tensor
    neighbours: Tensor

    def to(self, device: torch.device) -> "Shape":
        """Return the shape on another device."""
        return Shape(self.faces.to(device), self.uv.to(device), self.neighbours.to(device))


def make_shape(faces: np.ndarray, uv: np.ndarray, num_vertices: int) -> Shape:
    """Build a shape from faces (F, 3) and corner UVs (F, 3, 2)."""
    around: list[list[int]] = [[] for _ in range(num_vertices)]
    for number, face in enumerate(faces.tolist()):
        for vertex in face:
            around[vertex].append(number)
    most = max(len(row) for row in around)
    table = [row + [len(faces)] * (most - len(row)) for row in around]
    return Shape(
        torch.from_numpy(faces.astype(np.int64)),
        torch.from_numpy(uv.astype(np.float32)),
        torch.tensor(table),
    )


def vertex_normals(vertices: Tensor, shape: Shape) -> Tensor:
    """Unit normals (B, V, 3) of vertices (B, V, 3), face normals weighted by area.

    Gathers through a table instead of adding into place, so the result is the same at every run.
    """
    corners = vertices[:, shape.faces]
    normal = torch.linalg.cross(
        corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0], dim=-1
    )
    normal = torch.cat((normal, torch.zeros_like(normal[:, :1])), 1)
    return torch.nn.functional.normalize(normal[:, shape.neighbours].sum(2), dim=-1, eps=1e-12)


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """How hand, forearm and tube hang together.

    Attributes:
        whole: shape of [hand vertices, forearm vertices], for normals across the wrist.
        hand: shape of the hand's own vertices.
        arm: shape of the forearm with its own copy of the wrist loop, or None.
        arm_rows: (Na,) int64, the rows of [hand, forearm] that `arm`'s vertices are.
        wrist_uv: (L, 2) texture coordinates on the hand's skin around the wrist.
        wrist_share: (Na, L) how much of each of them colours each arm vertex.
        tube: shape of sleeve or upper arm, or None.
        tube_table: (rings * segments, Vf) forearm vertices -> a regular grid on the arm.
    """

    whole: Shape
    hand: Shape
    arm: Shape | None
    arm_rows: Tensor
    wrist_uv: Tensor
    wrist_share: Tensor
    tube: Shape | None
    tube_table: Tensor

    def to(self, device: torch.device) -> "Body":
        """Return the body on another device."""
        return Body(
            *(
                value if value is None else value.to(device)
                for value in (
                    self.whole, self.hand, self.arm, self.arm_rows, self.wrist_uv,
                    self.wrist_share, self.tube, self.tube_table,
                )
            )
        )  # fmt: skip


def make_body(model: HandModel) -> Body:
    """Take a hand model apart into the shapes that are drawn; without a forearm, the hand alone."""
    if model.vt is None or model.ft is None:
        raise ValueError("the hand model has no UVs, so it cannot be drawn with skins")
    down = np.array([1.0, -1.0]), np.array([0.0, 1.0])
    hand_uv = (model.vt * down[0] + down[1])[model.ft]
    hand = make_shape(model.faces, hand_uv, model.num_vertices)
    arm = model.forearm
    if arm is None:
        empty = torch.zeros(0)
        return Body(hand, hand, None, empty.long(), empty, empty, None, empty)
    faces = np.concatenate([model.faces, arm.faces])
    arm_uv = arm.vt[arm.ft] * np.array([1.0, 1.5])
    total = model.num_vertices + len(arm.v_template)
    whole = make_shape(faces, np.concatenate([hand_uv, arm_uv]), total)
    rows, inverse = np.unique(arm.faces, return_inverse=True)
    loop = rows[rows < model.num_vertices]
    tube = _tube_shape()
    table = _tube_table(arm, model.num_vertices)
    # Which way u runs around the arm is the file's affair; outside must stay outside.
    corner = (table @ arm.v_template)[tube.faces[: 2 * TUBE_SEGMENTS].numpy()]
    outwards = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    if ((corner.mean(1) - corner.mean((0, 1))) * outwards * (0, 1, 1)).sum() < 0:
        table = table.reshape(_TABLE_RINGS, TUBE_SEGMENTS, -1)[:, ::-1].reshape(table.shape).copy()
    loop_uv = np.zeros((model.num_vertices, 2))
    loop_uv[model.faces.ravel()] = hand_uv.reshape(-1, 2)
    rest = np.concatenate([model.v_template, arm.v_template])
    return Body(
        whole=whole,
        hand=hand,
        arm=make_shape(inverse.reshape(-1, 3), arm_uv, len(rows)),
        arm_rows=torch.from_numpy(rows.astype(np.int64)),
        wrist_uv=torch.from_numpy(loop_uv[loop].astype(np.float32)),
        wrist_share=torch.from_numpy(_wrist_share(rest[rows], rest[loop])),
        tube=tube,
        tube_table=torch.from_numpy(table),
    )


def _wrist_share(rows: np.ndarray, loop: np.ndarray) -> np.ndarray:
    """Colour of the arm from the skin at the wrist: by angle about the arm, blurred along it."""
    centre = loop.mean(0)
    angle = np.arctan2(*(rows - centre)[:, 1:].T)[:, None]
    loop_angle = np.arctan2(*(loop - centre)[:, 1:].T)
    apart = np.abs((angle - loop_angle + np.pi) % (2 * np.pi) - np.pi)
    distance = np.clip(rows[:, :1] - loop[:, 0].max(), 0, None)
    share = np.exp(-0.5 * (apart / (0.12 + 6.0 * distance).clip(max=1.2)) ** 2) + 1e-9
    return (share / share.sum(1, keepdims=True)).astype(np.float32)


def _tube_shape() -> Shape:
    rings, segments = TUBE_RINGS + TUBE_EXTRA, TUBE_SEGMENTS
    ring, segment = np.meshgrid(np.arange(rings - 1), np.arange(segments), indexing="ij")
    ring, segment = ring.ravel(), segment.ravel()
    following = (segment + 1) % segments
    a, b = ring * segments + segment, ring * segments + following
    c, d = a + segments, b + segments
    faces = np.concatenate([np.stack([a, c, b], -1), np.stack([b, c, d], -1)])

    def uv(ring_: np.ndarray, segment_: np.ndarray) -> np.ndarray:
        return np.stack([segment_ / segments * 2.0, ring_ / TUBE_RINGS * 2.0], -1)

    corner = (
        uv(ring, segment), uv(ring + 1, segment), uv(ring, segment + 1), uv(ring + 1, segment + 1)
    )  # fmt: skip
    corners = np.concatenate(
        [
            np.stack([corner[0], corner[1], corner[2]], 1),
            np.stack([corner[2], corner[1], corner[3]], 1),
        ]
    )
    return make_shape(faces, corners, rings * segments)


def _tube_table(arm: Forearm, first: int) -> np.ndarray:
    """Weights (rings * segments, Vf) that read a regular grid off the forearm, by its own UV."""
    corner, uv = arm.faces.ravel() - first, arm.vt[arm.ft.ravel()]
    own = corner >= 0
    points, index = np.unique(
        np.concatenate([uv[own], corner[own, None]], -1).round(5), axis=0, return_index=True
    )
    vertex = corner[own][index]
    # The map is periodic in u: lay a copy on either side.
    wide = np.concatenate([points[:, :2] + (shift, 0) for shift in (-1, 0, 1)])
    vertex = np.tile(vertex, 3)
    mesh = Delaunay(wide)
    # The mesh ends in a ragged line at either end: keep to what goes all the way round.
    side = (wide[:, 0] * TUBE_SEGMENTS / 2 % (TUBE_SEGMENTS / 2)).astype(int)
    ends = [wide[side == number, 1] for number in range(TUBE_SEGMENTS // 2)]
    low, high = max(end.min() for end in ends), min(end.max() for end in ends)
    v, u = np.meshgrid(
        np.linspace(low, high, _TABLE_RINGS),
        np.arange(TUBE_SEGMENTS) / TUBE_SEGMENTS,
        indexing="ij",
    )
    wanted = np.stack([u.ravel(), v.ravel()], -1)
    triangle = mesh.find_simplex(wanted)
    transform = mesh.transform[triangle]
    two = np.einsum("nij,nj->ni", transform[:, :2], wanted - transform[:, 2])
    weight = np.concatenate([two, 1 - two.sum(1, keepdims=True)], 1)
    row = np.repeat(np.arange(len(wanted)), 3)
    column = vertex[mesh.simplices[triangle]].ravel()
    shape = (len(wanted), len(arm.v_template))
    return csr_matrix((weight.ravel(), (row, column)), shape).toarray().astype(np.float32)


def pose_tube(
    forearm: Tensor, table: Tensor, cuff: Tensor, offset: Tensor, phase: Tensor, upper_arm: Tensor
) -> Tensor:
    """Sleeve (or bare upper arm) around a posed forearm: vertices (B, rings * segments, 3) m.

    Args:
        forearm: (B, Vf, 3) m.
        table: of `Body`.
        cuff: (B,) where it starts: 0 at the wrist, 1 at the elbow.
        offset: (B,) m, distance from the skin; folds scale with it.
        phase: (B, 4) rad, of the folds.
        upper_arm: (B, 3) unit direction in which it goes on beyond the elbow.
    """
    batch = len(forearm)
    grid = (table @ forearm).view(batch, _TABLE_RINGS, TUBE_SEGMENTS, 3)
    steps = torch.linspace(0, 1, TUBE_RINGS, device=forearm.device)
    at = (cuff[:, None] + (1 - cuff[:, None]) * steps) * (_TABLE_RINGS - 1)
    lower = at.floor().clamp(max=_TABLE_RINGS - 2).long()
    share = (at - lower)[..., None, None]
    rows = torch.arange(batch, device=forearm.device)[:, None]
    rings = grid[rows, lower] * (1 - share) + grid[rows, lower + 1] * share
    centre = rings.mean(2, keepdim=True)
    out = rings - centre
    angle = torch.arange(TUBE_SEGMENTS, device=forearm.device) * (2 * torch.pi / TUBE_SEGMENTS)
    along = steps[:, None] * 14
    wave = torch.sin(2 * angle + along + phase[:, 0, None, None])
    wave = wave + torch.sin(along * 1.7 - angle + phase[:, 1, None, None])
    wave = wave + torch.sin(3 * angle - along * 0.6 + phase[:, 2, None, None])
    swell = offset[:, None, None] * (1 + 0.16 * wave)
    out = out * (1 + swell / out.norm(dim=-1).clamp(min=1e-4))[..., None]
    # Beyond the elbow the last ring is carried along, turning towards the upper arm.
    axis = torch.nn.functional.normalize(centre[:, -1, 0] - centre[:, -3, 0], dim=-1, eps=1e-9)
    turn_axis = torch.linalg.cross(axis, upper_arm, dim=-1)
    angle_end = torch.atan2(turn_axis.norm(dim=-1), (axis * upper_arm).sum(-1)).clamp(max=2.0)
    turn_axis = torch.nn.functional.normalize(turn_axis, dim=-1, eps=1e-6)
    position, extra = centre[:, -1, 0], []
    for number in range(1, TUBE_EXTRA + 1):
        share_turned = min(1.0, number / 3)
        turn = rotmat_from_rotvec(turn_axis * (angle_end * share_turned)[:, None])
        position = position + _ELBOW_STEP_M * (turn @ axis[..., None]).squeeze(-1)
        extra.append(position[:, None] + out[:, -1] @ turn.transpose(1, 2))
    return torch.cat((centre + out, torch.stack(extra, 1)), 1).flatten(1, 2)


def superellipsoid_shape() -> Shape:
    """Shape of the grid on a sphere that `superellipsoid` places."""
    rows, columns = _GRID
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    a = (row * columns + column).ravel()
    b, c, d = a + 1, a + columns, a + columns + 1
    faces = np.concatenate([np.stack([a, c, b], -1), np.stack([b, c, d], -1)])
    v, u = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    return make_shape(faces, np.stack([u.ravel(), v.ravel()], -1)[faces], rows * columns)


def superellipsoid(radius: Tensor, exponent: Tensor) -> Tensor:
    """Vertices (B, 153, 3) m of superellipsoids (Barr 1981) with their poles along -y and y.

    Args:
        radius: (B, 3) m, along x, y (the poles) and z.
        exponent: (B, 2), 1 round, towards 0 square; from pole to pole, and around.
    """
    rows, columns = _GRID
    # Rows are denser at the rims, where boxes turn.
    latitude = torch.linspace(-0.5, 0.5, rows, device=radius.device) * torch.pi
    longitude = torch.linspace(0, 2, columns, device=radius.device) * torch.pi

    def power(x: Tensor, e: Tensor) -> Tensor:
        return x.sign() * x.abs().clamp(min=1e-6) ** e

    along, around = exponent[:, :1, None], exponent[:, 1:, None]
    ring = power(latitude.cos()[None, :, None], along)
    height = power(latitude.sin()[None, :, None], along)
    x = ring * power(longitude.cos()[None, None], around)
    z = ring * power(longitude.sin()[None, None], around)
    points = torch.stack((x, height.expand_as(x), z), -1).flatten(1, 2)
    return points * radius[:, None]
