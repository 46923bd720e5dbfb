"""Gathers what is drawn: hands, forearms, sleeves and things, each as copies of one shape."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import mirror_x
from training.synthetic.meshes import (
    Body,
    Shape,
    make_body,
    superellipsoid,
    superellipsoid_shape,
    vertex_normals,
)
from training.synthetic.scene import Scene
from training.synthetic.textures import LEVELS, Atlas, cloth_textures, face_textures, make_atlas

#: Samples per pixel along each axis.
SUPERSAMPLING = 2
#: Cloth textures (the first is skin grain) and faces that the renderer makes for itself.
CLOTHS, FACES = 24, 6
# Mean of the textures that are tinted: what the tint is divided by.
_CLOTH_MEAN = 0.84


@dataclass(frozen=True, slots=True, eq=False)
class PosedHands:
    """N hands in the camera frame.

    Attributes:
        vertices: (N, V, 3) m.
        normals: (N, V, 3).
        joints: (N, 21, 3) m.
        forearm: (N, Vf, 3) m or None.
        forearm_normals: (N, Vf, 3) or None.
        tube: (N, Vt, 3) m or None.
    """

    vertices: Tensor
    normals: Tensor
    joints: Tensor
    forearm: Tensor | None
    forearm_normals: Tensor | None
    tube: Tensor | None

    def moved(self, transl: Tensor) -> "PosedHands":
        """Return the hands moved by transl (N, 3) m."""

        def move(points: Tensor | None) -> Tensor | None:
            return None if points is None else points + transl[:, None]

        return replace(
            self,
            vertices=self.vertices + transl[:, None],
            joints=self.joints + transl[:, None],
            forearm=move(self.forearm),
            tube=move(self.tube),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """n copies of one shape, each with its own place and looks.

    Attributes:
        shape: their topology.
        first_static: row of this shape's first face in the renderer's table of corner UVs.
        vertices, normals, colour: (n, V, 3) camera frame, tint of the texture (linear).
        mirrored: (n,) bool, faces turn the other way.
        picture, texture, level: (n,) int64.
        gloss, skin: (n,).
        hand: (n,) int64, row of the hand whose label these pixels get, -1 for none.
        closed: whether faces seen from behind can be left out.
    """

    shape: Shape
    first_static: int
    vertices: Tensor
    normals: Tensor
    colour: Tensor
    mirrored: Tensor
    picture: Tensor
    texture: Tensor
    level: Tensor
    gloss: Tensor
    skin: Tensor
    hand: Tensor
    closed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """What never changes from scene to scene.

    Attributes:
        body, thing_shape: the shapes.
        atlas: all textures: skins, then CLOTHS, then FACES.
        skins: number of skins; skin_side: their side in px.
        static_uv: (R, 3, 2) corner UVs of all shapes, each as it is and then mirrored.
        first_static: row of `static_uv` where hand, arm, tube and thing start.
        vertex_uv: (V, 2) of the hand's vertices.
    """

    body: Body
    thing_shape: Shape
    atlas: Atlas
    skins: int
    skin_side: int
    static_uv: Tensor
    first_static: tuple[int, ...]
    vertex_uv: Tensor


def make_stock(model: HandModel, skins: Tensor, device: torch.device) -> Stock:
    """Build the stock from a right hand with UVs and its skins (S, 3, T, T) uint8."""
    body = make_body(model).to(device)
    thing_shape = superellipsoid_shape().to(device)
    atlas = make_atlas([skins.cpu(), cloth_textures(CLOTHS), face_textures(FACES)])
    tables: list[Tensor] = []
    first = []
    for shape in (body.hand, body.arm, body.tube, thing_shape):
        first.append(sum(len(table) for table in tables))
        if shape is not None:
            tables += [shape.uv, shape.uv[:, (0, 2, 1)]]
    vertex_uv = torch.zeros(model.num_vertices, 2, device=device)
    vertex_uv[body.hand.faces.flatten()] = body.hand.uv.flatten(0, 1)
    return Stock(
        body=body,
        thing_shape=thing_shape,
        atlas=Atlas(*(t.to(device) for t in (atlas.texels, atlas.start, atlas.side))),
        skins=len(skins),
        skin_side=skins.shape[-1],
        static_uv=torch.cat(tables),
        first_static=tuple(first),
        vertex_uv=vertex_uv,
    )


def _level(scene: Scene, picture: Tensor, depth: Tensor, texels_per_m: float) -> Tensor:
    """Mip level (n,) at which a texel is about a pixel wide."""
    pixels_per_m = scene.K[picture, 0, 0] / depth.clamp(min=0.05)
    return torch.log2(texels_per_m / pixels_per_m).round().clamp(0, LEVELS - 1).long()


def hand_parts(stock: Stock, scene: Scene, posed: PosedHands) -> list[Part]:
    """Hands, and where the model has them forearms, and sleeves or bare upper arms."""
    hands, body = scene.hands, stock.body
    count = len(hands.picture)
    if count == 0:
        return []
    depth = posed.joints[:, 9, 2]
    ones = torch.ones(count, device=depth.device)
    nobody = torch.full_like(hands.picture, -1)
    gloss = scene.lights.gloss[hands.picture]
    skin_level = _level(scene, hands.picture, depth, 2.2 * stock.skin_side)
    gain = hands.skin_gain[:, None]
    common = {"mirrored": hands.is_left, "picture": hands.picture, "gloss": gloss}
    parts = [
        Part(
            shape=body.hand, first_static=stock.first_static[0], vertices=posed.vertices,
            normals=posed.normals, colour=gain.expand_as(posed.vertices), texture=hands.skin,
            level=skin_level, skin=ones, closed=True,
            hand=torch.arange(count, device=depth.device), **common,
        )
    ]  # fmt: skip
    if body.arm is None or body.tube is None or posed.forearm is None:
        return parts
    loop = len(body.wrist_uv)
    wrist = stock.atlas.sample(
        hands.skin.repeat_interleave(loop),
        torch.full((count * loop,), 3, device=depth.device),
        body.wrist_uv.repeat(count, 1),
    ).view(count, loop, 3)
    arm_colour = (body.wrist_share @ wrist) * gain
    rows = body.arm_rows
    grain = torch.full_like(hands.skin, stock.skins)
    level = _level(scene, hands.picture, depth, 500.0)
    bare = hands.cloth < 0
    tube_colour = torch.where(bare[:, None], arm_colour[:, -1], hands.cloth_tint)
    whole = torch.cat((posed.vertices, posed.forearm), 1)[:, rows]
    whole_normals = torch.cat((posed.normals, posed.forearm_normals), 1)[:, rows]
    tube_normals = mirror_x(
        vertex_normals(mirror_x(posed.tube, hands.is_left), body.tube), hands.is_left
    )
    common["gloss"] = torch.where(bare, gloss, 0.03 * ones)
    return [
        *parts,
        Part(
            shape=body.arm, first_static=stock.first_static[1], vertices=whole,
            normals=whole_normals, colour=arm_colour / _CLOTH_MEAN, texture=grain, level=level,
            skin=ones, hand=nobody, closed=True, **common,
        ),
        Part(
            shape=body.tube, first_static=stock.first_static[2], vertices=posed.tube,
            normals=tube_normals, colour=tube_colour[:, None].expand_as(posed.tube) / _CLOTH_MEAN,
            texture=torch.where(bare, grain, stock.skins + hands.cloth), level=level,
            skin=bare.float(), hand=nobody, closed=False, **common,
        ),
    ]  # fmt: skip


def thing_part(stock: Stock, scene: Scene, posed: PosedHands, height: int, width: int) -> Part:
    """All things of the scenes, put where their hands are."""
    things, hands, K = scene.things, scene.hands, scene.K
    points = superellipsoid(things.radius, things.exponent)
    centre, turn = things.offset, things.rotation
    size = K.new_tensor([width, height])
    pixel = things.place * size
    # Depth relative to the picture's first hand; half a metre where there is none.
    base = torch.full((len(K),), 0.5, device=K.device)
    if len(hands.picture):
        first = scene.slots[0]
        base = base.index_put((hands.picture[first],), posed.joints[first, 9, 2])
    depth = things.depth * torch.where(things.relative, base[things.picture], 1.0)
    focal = K[things.picture, 0, 0]
    xy = (pixel - K[things.picture, :2, 2]) / focal[:, None] * depth[:, None]
    free = torch.cat((xy, depth[:, None]), -1) + things.offset
    if len(hands.picture):
        hand = things.hand.clamp(min=0)
        orient = hands.orient[hand]
        in_hand = (orient @ things.offset[..., None]).squeeze(-1)
        in_hand = mirror_x(in_hand[:, None], hands.is_left[hand])[:, 0] + posed.joints[hand, 0]
        beside = posed.joints[hand, 9] + things.offset
        owned = torch.where(things.held[:, None], in_hand, beside)
        centre = torch.where((things.hand >= 0)[:, None], owned, free)
    else:
        centre = free
    vertices = points @ turn.mT + centre[:, None]
    count = len(vertices)
    normals = vertex_normals(vertices, stock.thing_shape)
    cloth = stock.skins + things.texture.clamp(min=0)
    number = torch.arange(count, device=K.device) % FACES
    texture = torch.where(things.texture < 0, stock.skins + CLOTHS + number, cloth)
    return Part(
        shape=stock.thing_shape, first_static=stock.first_static[3], vertices=vertices,
        normals=normals, colour=things.tint[:, None].expand_as(vertices) / _CLOTH_MEAN,
        mirrored=torch.zeros_like(things.held), picture=things.picture, texture=texture,
        level=_level(scene, things.picture, centre[:, 2], 400.0), gloss=things.gloss,
        skin=torch.zeros_like(things.gloss), hand=torch.full_like(things.hand, -1),
        closed=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Soup:
    """All triangles of a batch; copies are the rows of all parts one after the other.

    Attributes:
        vertices: (V, 3) m.
        faces: (F, 3) int64 into `vertices`, outward.
        static: (F,) int64, row of the face in `Stock.static_uv`.
        copy: (F,) int64, the copy that the face belongs to.
        cull: (F,) bool, whether it can be left out when seen from behind.
    """

    vertices: Tensor
    faces: Tensor
    static: Tensor
    copy: Tensor
    cull: Tensor


def make_soup(parts: list[Part]) -> Soup:
    """Throw the triangles of all parts together; mirrored copies are turned outside out again."""
    faces, static, copies, cull = [], [], [], []
    vertex_base = copy_base = 0
    for part in parts:
        count, vertices = part.vertices.shape[:2]
        number, device = len(part.shape.faces), part.vertices.device
        copy = torch.arange(count, device=device)[:, None]
        turned = part.shape.faces[:, (0, 2, 1)]
        own = torch.where(part.mirrored[:, None, None], turned, part.shape.faces)
        faces.append((own + (copy * vertices + vertex_base)[..., None]).flatten(0, 1))
        row = torch.arange(number, device=device) + part.first_static
        static.append((row + number * part.mirrored[:, None]).flatten())
        copies.append((copy + copy_base).expand(count, number).flatten())
        cull.append(torch.full((count * number,), part.closed, device=device))
        vertex_base += count * vertices
        copy_base += count
    return Soup(
        vertices=torch.cat([part.vertices.flatten(0, 1) for part in parts]),
        faces=torch.cat(faces),
        static=torch.cat(static),
        copy=torch.cat(copies),
        cull=torch.cat(cull),
    )
