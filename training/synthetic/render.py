"""From a scene to layers: pose and place the hands, gather all meshes, rasterise, shade."""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer, mirror_x, pose_forearm
from training.rasterise import Fragments, rasterise
from training.synthetic.meshes import pose_tube, vertex_normals
from training.synthetic.parts import (
    SUPERSAMPLING,
    Part,
    PosedHands,
    Stock,
    hand_parts,
    make_soup,
    make_stock,
    thing_part,
)
from training.synthetic.scene import LIGHTS, Hands, Scene
from training.synthetic.shading import SPHERES, hand_spheres, occlusion, shade
from training.synthetic.textures import srgb_from_linear

# Side of the picture in which each hand's own area is measured.
_CROP_PX = 48


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
        self.stock: Stock = make_stock(model, skins, device)

    def pose(self, pose: Tensor, hands: Hands) -> PosedHands:
        """Skin the hands with pose (N, 16, 3, 3), canonical form; wrists at the origin."""
        vertices, joints = self.layer(pose, hands.betas)
        count, is_left = vertices.shape[1], hands.is_left
        joints = mirror_x(joints, is_left)
        if self.stock.body.arm is None:
            normals = vertex_normals(vertices, self.stock.body.hand)
            vertices, normals = mirror_x(vertices, is_left), mirror_x(normals, is_left)
            return PosedHands(vertices, normals, joints, None, None, None)
        forearm = pose_forearm(self.layer, pose, hands.betas, hands.wrist_bend)
        tube = pose_tube(
            forearm,
            self.stock.body.tube_table,
            hands.cuff,
            hands.sleeve_offset,
            hands.sleeve_phase,
            mirror_x(hands.upper_arm[:, None], is_left)[:, 0],
        )
        whole = torch.cat((vertices, forearm), 1)
        normals = mirror_x(vertex_normals(whole, self.stock.body.whole), is_left)
        whole = mirror_x(whole, is_left)
        return PosedHands(
            vertices=whole[:, :count],
            normals=normals[:, :count],
            joints=joints,
            forearm=whole[:, count:],
            forearm_normals=normals[:, count:],
            tube=mirror_x(tube, is_left),
        )

    def render(self, scene: Scene, posed: PosedHands, height: int, width: int) -> Layers:
        """Draw all hands, arms, sleeves and things of the scenes."""
        hands = scene.hands
        parts = [
            *hand_parts(self.stock, scene, posed),
            thing_part(self.stock, scene, posed, height, width),
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
        count, vertices = len(hands.picture), len(self.stock.vertex_uv)
        skin = hands.skin.repeat_interleave(vertices)
        level = torch.full_like(skin, 2)
        colour = self.stock.atlas.sample(skin, level, self.stock.vertex_uv.repeat(count, 1))
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
        soup = make_soup(parts)

        def join(name: str) -> Tensor:
            return torch.cat([getattr(part, name) for part in parts])

        attributes = torch.cat(
            [
                torch.cat((p.normals, p.colour, seen[..., None], lights), -1).flatten(0, 1)
                for p, (seen, lights) in zip(parts, lit, strict=True)
            ]
        )
        picture = join("picture")
        K = supersampled(scene.K)
        fine = (SUPERSAMPLING * height, SUPERSAMPLING * width)
        fragments = rasterise(
            soup.vertices, soup.faces, picture[soup.copy], K, *fine, cull_back=soup.cull
        )
        samples, chosen = _shared_samples(fragments, soup.copy, scene.K)
        shown = fragments.subset(chosen)
        share = shown.barycentric(soup.vertices, soup.faces, K)
        part = soup.copy[shown.face]
        values = shown.interpolate(share, attributes, soup.faces)
        corner_uv = self.stock.static_uv[soup.static[shown.face]]
        uv = (corner_uv * share[..., None]).sum(1)
        albedo = self.stock.atlas.sample(join("texture")[part], join("level")[part], uv)
        albedo = (albedo * values[:, 3:6]).clamp(0, 0.98)
        where = picture[part]
        lights = scene.lights
        radiance = shade(
            albedo,
            torch.nn.functional.normalize(values[:, :3], dim=-1),
            -torch.nn.functional.normalize(shown.rays(K), dim=-1),
            values[:, 6],
            values[:, 7 : 7 + LIGHTS],
            (lights.ambient[where], lights.direction[where], lights.colour[where]),
            join("gloss")[part],
            join("skin")[part],
        )
        rgba = torch.cat((radiance.clamp(max=4), torch.ones_like(radiance[:, :1])), -1)
        rgba = torch.cat((rgba, torch.zeros_like(rgba[:1])))  # the last row: nothing there
        layer = rgba[samples].mean(1).view(len(K), height, width, 4).permute(0, 3, 1, 2)
        hand = join("hand")[soup.copy[fragments.face]]
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
        faces = self.stock.body.hand.faces
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


def _shared_samples(fragments: Fragments, copy: Tensor, K: Tensor) -> tuple[Tensor, Tensor]:
    """Which samples are shaded: those of one pixel on one smooth surface share a colour.

    Args:
        fragments: on the grid of samples.
        copy: (F,) int64, the part that each face belongs to.
        K: (P, 3, 3) of the pixels.

    Returns:
        For the samples of each pixel (P * H * W, 4) the row of the colour they take, and the
        fragments (N,) that are to be shaded; row N stands for an empty sample.
    """
    pictures, height, width = fragments.shape
    count = len(fragments.pixel)
    index = fragments.dense(torch.arange(count, device=copy.device), count)
    index = index.view(pictures, height // 2, 2, width // 2, 2).transpose(2, 3).reshape(-1, 4)
    pad = torch.nn.functional.pad
    part = pad(copy[fragments.face], (0, 1), value=-1)[index].unbind(1)
    picture = torch.arange(pictures, device=copy.device).repeat_interleave(height * width // 4)
    # A surface that falls away by less than three pixels' width from sample to sample is smooth.
    step = 3 / K[picture, 0, 0]
    depth = pad(fragments.depth, (0, 1))[index].unbind(1)
    owner = list(index.unbind(1))
    for later in range(1, 4):
        for earlier in reversed(range(later)):
            near = (depth[earlier] - depth[later]).abs() < step * depth[later]
            same = (part[earlier] == part[later]) & near
            owner[later] = torch.where(same, owner[earlier], owner[later])
    owners = torch.stack(owner, 1)
    shaded = torch.zeros(count + 1, dtype=torch.bool, device=copy.device)
    shaded[owners.flatten()] = True
    shaded[count] = False
    chosen = shaded.nonzero().squeeze(1)
    row = torch.full((count + 1,), 0, device=copy.device)
    row[chosen] = torch.arange(len(chosen), device=copy.device)
    row[count] = -1
    return row[owners], chosen


def supersampled(K: Tensor) -> Tensor:
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
