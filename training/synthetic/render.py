"""From a scene to layers: pose and place the hands, gather all meshes, rasterise, shade."""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer, mirror_x, pose_forearm
from training.rasterise import rasterise, rays
from training.synthetic.meshes import (
    Body,
    Shape,
    make_body,
    pose_tube,
    superellipsoid,
    superellipsoid_shape,
    vertex_normals,
)
from training.synthetic.scenes import LIGHTS, Hands, Scene
from training.synthetic.shading import SPHERES, hand_spheres, occlusion, shade
from training.synthetic.textures import (
    LEVELS,
    Atlas,
    cloth_textures,
    face_textures,
    make_atlas,
    srgb_from_linear,
)

#: Samples per pixel along each axis.
SUPERSAMPLING = 2
#: Cloth textures (the first is skin grain) and faces that the renderer makes for itself.
CLOTHS, FACES = 24, 6
_CROP_PX = 48
# No joint comes nearer to the camera than this.
_NEAREST_M = 0.10


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
class Layers:
    """What the renderer hands on.

    Attributes:
        foreground: (P, 4, H, W), linear RGB times coverage, and coverage.
        hand_index: (P, H, W) int8, slot of the visible hand, -1 elsewhere.
        visible: (N,) share of each hand's own area that is seen in the picture.
        albedo: (N, V, 3) sRGB in [0, 1].
        radiance: (N, V, 3) linear, of every vertex as lit, seen or not.
    """

    foreground: Tensor
    hand_index: Tensor
    visible: Tensor
    albedo: Tensor
    radiance: Tensor


class Renderer:
    """Draws scenes with one hand model and one bank of skins, on one device."""

    def __init__(
        self, layer: HandLayer, model: HandModel, skins: Tensor, device: torch.device
    ) -> None:
        """Move everything that never changes to the device.

        Args:
            layer: of `model`.
            model: a right hand with UVs.
            skins: (S, 3, T, T) uint8 sRGB in the model's UV.
            device: to draw on.
        """
        self.layer = layer.to(device)
        self.body: Body = make_body(model).to(device)
        self.thing_shape = superellipsoid_shape().to(device)
        atlas = make_atlas([skins.cpu(), cloth_textures(CLOTHS), face_textures(FACES)])
        self.atlas = Atlas(*(t.to(device) for t in (atlas.texels, atlas.start, atlas.side)))
        self.skins, self.skin_side = len(skins), skins.shape[-1]
        shapes = [self.body.hand, self.body.arm, self.body.tube, self.thing_shape]
        tables, self._first = [], []
        for shape in shapes:
            self._first.append(sum(len(table) for table in tables))
            if shape is not None:
                tables += [shape.uv, shape.uv[:, (0, 2, 1)]]
        self._static_uv = torch.cat(tables)
        uv = torch.zeros(model.num_vertices, 2, device=device)
        uv[self.body.hand.faces.flatten()] = self.body.hand.uv.flatten(0, 1)
        self._vertex_uv = uv

    def pose(self, pose: Tensor, scene: Scene, height: int, width: int) -> PosedHands:
        """Skin the hands with pose (N, 16, 3, 3), canonical form, and place them."""
        hands = scene.hands
        vertices, joints = self.layer(pose, hands.betas)
        count = vertices.shape[1]
        joints = mirror_x(joints, hands.is_left)
        transl = place_hands(joints, scene, height, width)[:, None]
        if self.body.arm is None:
            normals = vertex_normals(vertices, self.body.hand)
            vertices, normals = (mirror_x(x, hands.is_left) for x in (vertices, normals))
            return PosedHands(vertices + transl, normals, joints + transl, None, None, None)
        forearm = pose_forearm(self.layer, pose, hands.betas, hands.wrist_bend)
        upper_arm = mirror_x(hands.upper_arm[:, None], hands.is_left)[:, 0]
        tube = pose_tube(
            forearm, self.body.tube_table, hands.cuff, hands.sleeve_offset, hands.sleeve_phase,
            upper_arm,
        )  # fmt: skip
        whole = torch.cat((vertices, forearm), 1)
        normals = mirror_x(vertex_normals(whole, self.body.whole), hands.is_left)
        whole = mirror_x(whole, hands.is_left) + transl
        return PosedHands(
            vertices=whole[:, :count],
            normals=normals[:, :count],
            joints=joints + transl,
            forearm=whole[:, count:],
            forearm_normals=normals[:, count:],
            tube=mirror_x(tube, hands.is_left) + transl,
        )

    def render(self, scene: Scene, posed: PosedHands, height: int, width: int) -> Layers:
        """Draw all hands, arms, sleeves and things of the scenes."""
        hands = scene.hands
        parts = [
            *self._hand_parts(scene, posed, width),
            self._thing_part(scene, posed, height, width),
        ]
        parts = [part for part in parts if len(part.vertices)]
        lit = self._vertex_light(scene, posed, parts)
        albedo = self._vertex_albedo(hands)
        if not parts:
            return self._nothing(scene, posed, height, width, albedo)
        samples, slot, fragment_hand = self._draw(scene, parts, lit, height, width)
        index = _hand_index(slot, height, width)
        visible = self._visible(scene, posed, fragment_hand)
        radiance = (
            self._vertex_radiance(scene, posed, lit[0], albedo) if len(hands.picture) else albedo
        )
        return Layers(samples, index, visible, srgb_from_linear(albedo), radiance)

    def _nothing(
        self, scene: Scene, posed: PosedHands, height: int, width: int, albedo: Tensor
    ) -> Layers:
        device, count = albedo.device, len(scene.K)
        return Layers(
            torch.zeros(count, 4, height, width, device=device),
            torch.full((count, height, width), -1, dtype=torch.int8, device=device),
            torch.zeros(0, device=device),
            albedo,
            albedo,
        )

    def _level(self, scene: Scene, picture: Tensor, depth: Tensor, texels_per_m: float) -> Tensor:
        """Mip level (n,) at which a texel is about a sample wide."""
        samples_per_m = SUPERSAMPLING * scene.K[picture, 0, 0] / depth.clamp(min=0.05)
        return torch.log2(texels_per_m / samples_per_m).round().clamp(0, LEVELS - 1).long()

    def _hand_parts(self, scene: Scene, posed: PosedHands, width: int) -> list[Part]:
        hands, body = scene.hands, self.body
        count = len(hands.picture)
        if count == 0:
            return []
        depth = posed.joints[:, 9, 2]
        ones = torch.ones(count, device=depth.device)
        nobody = torch.full_like(hands.picture, -1)
        gloss = scene.lights.gloss[hands.picture]
        skin_level = self._level(scene, hands.picture, depth, 2.2 * self.skin_side)
        gain = hands.skin_gain[:, None]
        common = {"mirrored": hands.is_left, "picture": hands.picture, "gloss": gloss}
        parts = [
            Part(
                shape=body.hand, first_static=self._first[0], vertices=posed.vertices,
                normals=posed.normals, colour=gain.expand_as(posed.vertices), texture=hands.skin,
                level=skin_level, skin=ones, closed=True,
                hand=torch.arange(count, device=depth.device), **common,
            )
        ]  # fmt: skip
        if body.arm is None or body.tube is None or posed.forearm is None:
            return parts
        loop = len(body.wrist_uv)
        wrist = self.atlas.sample(
            hands.skin.repeat_interleave(loop),
            torch.full((count * loop,), 3, device=depth.device),
            body.wrist_uv.repeat(count, 1),
        ).view(count, loop, 3)
        arm_colour = (body.wrist_share @ wrist) * gain
        rows = body.arm_rows
        grain = torch.full_like(hands.skin, self.skins)
        level = self._level(scene, hands.picture, depth, 500.0)
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
                shape=body.arm, first_static=self._first[1], vertices=whole,
                normals=whole_normals, colour=arm_colour / 0.84, texture=grain, level=level,
                skin=ones, hand=nobody, closed=True, **common,
            ),
            Part(
                shape=body.tube, first_static=self._first[2], vertices=posed.tube,
                normals=tube_normals, colour=tube_colour[:, None].expand_as(posed.tube) / 0.84,
                texture=torch.where(bare, grain, self.skins + hands.cloth), level=level,
                skin=bare.float(), hand=nobody, closed=False, **common,
            ),
        ]  # fmt: skip

    def _thing_part(self, scene: Scene, posed: PosedHands, height: int, width: int) -> Part:
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
        normals = vertex_normals(vertices, self.thing_shape)
        cloth = self.skins + things.texture.clamp(min=0)
        number = torch.arange(count, device=K.device) % FACES
        texture = torch.where(things.texture < 0, self.skins + CLOTHS + number, cloth)
        return Part(
            shape=self.thing_shape, first_static=self._first[3], vertices=vertices,
            normals=normals, colour=things.tint[:, None].expand_as(vertices) / 0.84,
            mirrored=torch.zeros_like(things.held), picture=things.picture, texture=texture,
            level=self._level(scene, things.picture, centre[:, 2], 400.0), gloss=things.gloss,
            skin=torch.zeros_like(things.gloss), hand=torch.full_like(things.hand, -1),
            closed=True,
        )  # fmt: skip

    def _vertex_light(
        self, scene: Scene, posed: PosedHands, parts: list[Part]
    ) -> list[tuple[Tensor, Tensor]]:
        """Occlusion at the vertices of every part: ambient (n, V) and lights (n, V, L)."""
        hands = scene.hands
        spheres = torch.zeros(
            len(scene.K), max(len(scene.slots), 1), SPHERES, 4, device=scene.K.device
        )
        if len(hands.picture):
            spheres = spheres.index_put((hands.picture, hands.slot), hand_spheres(posed.joints))
        spheres = spheres.flatten(1, 2)
        return [
            occlusion(
                part.vertices, part.normals, spheres[part.picture],
                scene.lights.direction[part.picture],
            )
            for part in parts
        ]  # fmt: skip

    def _vertex_albedo(self, hands: Hands) -> Tensor:
        """Linear skin colour (N, V, 3) at the hand's vertices."""
        count, vertices = len(hands.picture), len(self._vertex_uv)
        skin = hands.skin.repeat_interleave(vertices)
        level = torch.full_like(skin, 2)
        colour = self.atlas.sample(skin, level, self._vertex_uv.repeat(count, 1))
        return (colour.view(count, vertices, 3) * hands.skin_gain[:, None]).clamp(0, 1)

    def _vertex_radiance(
        self, scene: Scene, posed: PosedHands, lit: tuple[Tensor, Tensor], albedo: Tensor
    ) -> Tensor:
        count, vertices = albedo.shape[:2]
        picture = scene.hands.picture.repeat_interleave(vertices)
        lights = scene.lights
        points = posed.vertices.flatten(0, 1)
        ones = torch.ones(len(points), device=points.device)
        radiance = shade(
            albedo.flatten(0, 1),
            posed.normals.flatten(0, 1),
            -torch.nn.functional.normalize(points, dim=-1),
            lit[0].flatten(),
            lit[1].flatten(0, 1),
            (lights.ambient[picture], lights.direction[picture], lights.colour[picture]),
            0 * ones,  # highlights are not skin colour
            ones,
        )
        return radiance.view(count, vertices, 3)

    def _draw(
        self,
        scene: Scene,
        parts: list[Part],
        lit: list[tuple[Tensor, Tensor]],
        height: int,
        width: int,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Rasterise and shade: layer (P, 4, H, W), hand per sample (P, 2H, 2W), per fragment."""
        device = scene.K.device
        faces, static, part_of_face, cull = [], [], [], []
        vertex_base = part_base = 0
        for part in parts:
            count, vertices = part.vertices.shape[:2]
            number = len(part.shape.faces)
            turned = part.shape.faces[:, (0, 2, 1)]
            own = torch.where(part.mirrored[:, None, None], turned, part.shape.faces)
            shift = torch.arange(count, device=device)[:, None] * vertices + vertex_base
            faces.append((own + shift[..., None]).flatten(0, 1))
            row = torch.arange(number, device=device) + part.first_static
            static.append((row + number * part.mirrored[:, None]).flatten())
            copy = torch.arange(count, device=device)[:, None] + part_base
            part_of_face.append(copy.expand(count, number).flatten())
            cull.append(torch.full((count * number,), part.closed, device=device))
            vertex_base += count * vertices
            part_base += count

        def join(name: str) -> Tensor:
            return torch.cat([getattr(part, name) for part in parts])

        all_faces, owner = torch.cat(faces), torch.cat(part_of_face)
        vertices = torch.cat([part.vertices.flatten(0, 1) for part in parts])
        attributes = torch.cat(
            [
                torch.cat((p.normals, p.colour, seen[..., None], lights), -1).flatten(0, 1)
                for p, (seen, lights) in zip(parts, lit, strict=True)
            ]
        )
        picture = join("picture")
        K = _supersampled(scene.K)
        fine = (SUPERSAMPLING * height, SUPERSAMPLING * width)
        fragments = rasterise(
            vertices, all_faces, picture[owner], K, *fine, cull_back=torch.cat(cull)
        )
        part = owner[fragments.face]
        values = fragments.interpolate(attributes, all_faces)
        corner_uv = self._static_uv[torch.cat(static)[fragments.face]]
        uv = (corner_uv * fragments.barycentric[..., None]).sum(1)
        albedo = self.atlas.sample(join("texture")[part], join("level")[part], uv)
        albedo = (albedo * values[:, 3:6]).clamp(0, 0.98)
        ray = rays(fragments.pixel, fragments.shape, K)
        where = picture[part]
        lights = scene.lights
        radiance = shade(
            albedo,
            torch.nn.functional.normalize(values[:, :3], dim=-1),
            -torch.nn.functional.normalize(ray, dim=-1),
            values[:, 6],
            values[:, 7 : 7 + LIGHTS],
            (lights.ambient[where], lights.direction[where], lights.colour[where]),
            join("gloss")[part],
            join("skin")[part],
        )
        rgba = torch.cat((radiance.clamp(max=4), torch.ones_like(radiance[:, :1])), -1)
        layer = fragments.dense(rgba, 0).permute(0, 3, 1, 2)
        layer = torch.nn.functional.avg_pool2d(layer, SUPERSAMPLING)
        hand = join("hand")[part]
        slot = torch.cat((scene.hands.slot, scene.hands.slot.new_full((1,), -1)))[hand]  # -1: last
        return layer, fragments.dense(slot.to(torch.int8), -1), hand

    def _visible(self, scene: Scene, posed: PosedHands, fragment_hand: Tensor) -> Tensor:
        """Share (N,) of each hand's own projected area, in and out of the frame, that is seen."""
        hands = scene.hands
        count = len(hands.picture)
        if count == 0:
            return scene.K.new_zeros(0)
        seen = torch.zeros(count + 1, dtype=torch.int64, device=fragment_hand.device)
        own = torch.where(fragment_hand >= 0, fragment_hand, count)
        seen.scatter_add_(0, own, torch.ones_like(own))
        # Each hand alone in a small picture of its own, scaled to fit.
        K = scene.K[hands.picture]
        xy = posed.vertices[..., :2] / posed.vertices[..., 2:].clamp(min=0.03)
        low, high = xy.amin(1), xy.amax(1)
        focal = (_CROP_PX - 2) / (high - low).amax(-1).clamp(min=1e-3)
        alone = torch.zeros_like(K)
        alone[:, 0, 0] = alone[:, 1, 1] = focal
        alone[:, :2, 2] = 1 - low * focal[:, None]
        alone[:, 2, 2] = 1
        faces = self.body.hand.faces
        shift = torch.arange(count, device=faces.device)[:, None, None] * posed.vertices.shape[1]
        crops = rasterise(
            posed.vertices.flatten(0, 1),
            (faces + shift).flatten(0, 1),
            torch.arange(count, device=faces.device).repeat_interleave(len(faces)),
            alone,
            _CROP_PX,
            _CROP_PX,
        )
        area = torch.zeros(count, dtype=torch.int64, device=faces.device)
        crop = crops.pixel // _CROP_PX**2
        area.scatter_add_(0, crop, torch.ones_like(crop))
        scale = SUPERSAMPLING * K[:, 0, 0] / focal
        return seen[:count] / (area * scale**2).clamp(min=1)


def place_hands(joints: Tensor, scene: Scene, height: int, width: int) -> Tensor:
    """Choose where hands with joints (N, 21, 3), wrist at the origin, stand: transl (N, 3) m.

    Depth follows from the wanted size in px. Of the places drawn for each hand the first is taken
    that keeps half of its joints in the frame and, unless it may, does not cover earlier hands.
    """
    hands, K = scene.hands, scene.K
    low, high = joints.amin(1), joints.amax(1)
    middle = 0.5 * (low + high)
    focal, centre = K[hands.picture, 0, 0], K[hands.picture, :2, 2]
    depth = focal * (high - low)[:, :2].amax(-1) / hands.size_px
    depth = torch.maximum(depth, _NEAREST_M + middle[:, 2] - low[:, 2])
    limit = K.new_tensor([width, height])
    transl = torch.zeros_like(middle)
    slots = max(len(scene.slots), 1)
    boxes = torch.zeros(len(K), slots, 3, device=K.device)
    first = torch.zeros(len(K), 21, 3, device=K.device)
    for slot, rows in enumerate(scene.slots):
        if len(rows) == 0:
            continue
        picture = hands.picture[rows]
        pixel = hands.place[rows] * limit
        z = depth[rows, None].expand(pixel.shape[:2])
        f, c = focal[rows, None], centre[rows, None]
        at = torch.cat(((pixel - c) / f[..., None] * z[..., None], z[..., None]), -1)
        if slot == 1:
            anchor = 0.5 * (first.amin(1) + first.amax(1))[picture]
            beside = anchor[:, None] + hands.near[rows]
            nearest = (_NEAREST_M + middle[rows, 2] - low[rows, 2])[:, None]
            beside = torch.cat(
                (beside[..., :2], torch.maximum(beside[..., 2:], nearest[..., None])), -1
            )
            at = torch.where(hands.interacts[rows, None, None], beside, at)
        moved = at - middle[rows, None]
        points = joints[rows, None] + moved[:, :, None]
        image = points[..., :2] / points[..., 2:].clamp(min=0.02) * f[..., None, None]
        image = image + c[..., None, :]
        inside = ((image >= 0) & (image <= limit - 1)).all(-1).sum(-1) >= 11
        box_low, box_high = image.amin(2), image.amax(2)
        box = torch.cat(
            (0.5 * (box_low + box_high), (box_high - box_low).amax(-1, keepdim=True)), -1
        )
        others = boxes[picture, None]
        apart = (box[:, :, None, :2] - others[..., :2]).norm(dim=-1)
        reach = 0.42 * (box[:, :, None, 2] + others[..., 2])
        cover = (1 - apart / reach.clamp(min=1)).clamp(min=0) * (others[..., 2] > 0)
        cost = cover.sum(-1) * (~hands.overlaps[rows])[:, None]
        if slot == 1:
            gap = torch.cdist(points.flatten(1, 2), first[picture]).amin(-1)
            gap = gap.view(*cost.shape, 21).amin(-1)
            near_cost = (0.025 - gap).clamp(min=0) * 100
            cost = torch.where(hands.interacts[rows, None], near_cost, cost)
        best = (cost + 10.0 * ~inside).argmin(1)
        row = torch.arange(len(rows), device=rows.device)
        transl[rows] = moved[row, best]
        boxes[picture, slot] = box[row, best]
        if slot == 0:
            first[picture] = points[row, best]
    return transl


def _supersampled(K: Tensor) -> Tensor:
    """Intrinsics of the finer grid whose SUPERSAMPLING^2 samples cover each pixel."""
    fine = K.clone()
    fine[:, :2] *= SUPERSAMPLING
    fine[:, :2, 2] += 0.5 * (SUPERSAMPLING - 1)
    return fine


def _hand_index(slot: Tensor, height: int, width: int) -> Tensor:
    """Slot per pixel (P, H, W) from slots per sample: the one with at least half of the samples."""
    a, b, c, d = slot.view(-1, height, 2, width, 2).permute(2, 4, 0, 1, 3).flatten(0, 1).unbind(0)
    a, b = torch.minimum(a, b), torch.maximum(a, b)
    c, d = torch.minimum(c, d), torch.maximum(c, d)
    low, high = torch.maximum(a, c), torch.minimum(b, d)
    second, third, last = torch.minimum(low, high), torch.maximum(low, high), torch.maximum(b, d)
    return torch.where((third == last) & (third >= 0), third, second)
