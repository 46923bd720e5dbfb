"""Triplets of picture, skeleton and mask from hands of known pose, colour and light (Baek 2.8).

Each hand gets three new shapes and views and a new room each time. Its colour is the appearance
model's own, albedo times nine spherical harmonics (SMHR 1.8), so albedo and light are exact labels.
"""

import math
from dataclasses import dataclass, field, fields, replace
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer
from core.rotations import rotmat_from_rotvec
from training.appearance import shade_vertices
from training.batch import TrainingBatch
from training.rasterise import rasterise
from training.synthetic.dice import Dice
from training.synthetic.generator import backdrop
from training.synthetic.parts import CLOTHS, SUPERSAMPLING, Part, PosedHands, hand_parts, make_soup
from training.synthetic.placing import image_of, place_hands
from training.synthetic.render import Renderer, supersampled
from training.synthetic.sampler import sample_scene
from training.synthetic.scene import Scene, SceneConfig, to_device
from training.synthetic.textures import srgb_from_linear
from training.warp import keypoints_in_frame

#: Pictures made of each seed (Baek 2.8).
TRIPLETS: Final = 3
# Joints outside the frame are guesses for a network that cannot see them.
_OUTSIDE_CONFIDENCE: Final = 0.3
#: Views tried for each picture, and how far an arm may point at the camera (its direction's z).
_VIEWS: Final = 24
_MOST_TOWARDS: Final = 0.3

#: Hands alone, at sizes that a network learns shape from.
_HANDS_ALONE: Final = SceneConfig(
    hand_count_weights=(0.0, 1.0),
    min_size_px=90.0,
    max_size_px=300.0,
    person_share=0.0,
    held_share=0.0,
    thing_share=0.0,
)


@dataclass(frozen=True, slots=True)
class TripletConfig:
    """How hands are seen anew.

    Attributes:
        height, width: of the pictures, px; even.
        betas_limit: new betas are uniform within plus and minus this many standard deviations.
        in_plane: new views turn by up to this about the optical axis, rad.
        out_of_plane: and by up to this about the two others, rad.
        scene: sizes, lenses and sleeves; hands alone.
    """

    height: int = 160
    width: int = 160
    betas_limit: float = 3.0
    in_plane: float = math.pi
    out_of_plane: float = math.pi / 2
    scene: SceneConfig = field(default_factory=lambda: _HANDS_ALONE)


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """S hands to be seen anew: pose (S, 16, 3, 3), is_left, albedo (S, V, 3), light (S, 27)."""

    pose: Tensor
    is_left: Tensor
    albedo: Tensor
    light: Tensor

    def rows(self, rows: Tensor) -> "Seeds":
        """Return the seeds of the given rows."""
        return Seeds(*(getattr(self, entry.name)[rows] for entry in fields(self)))


def make_renderer(model: HandModel, device: torch.device) -> Renderer:
    """A renderer for triplets: their colours come from predictions, so its one skin is blank."""
    blank = torch.full((1, 3, 32, 32), 128, dtype=torch.uint8)
    return Renderer(HandLayer(model), model, blank, device)


@torch.no_grad()
def triplets(
    seeds: Seeds, renderer: Renderer, backgrounds: Tensor, dice: Dice, config: TripletConfig
) -> TrainingBatch:
    """Render each seed three times: B = 3 S pictures with one hand each, and its mask.

    The light stays where it was in the room (the camera frame), the hand turns in it.

    Args:
        seeds: S hands, at least one.
        renderer: on the seeds' device.
        backgrounds: (N, 3, h, w) uint8.
        dice: the randomness; the same seed draws the same triplets.
        config: sizes and ranges.
    """
    count = TRIPLETS * len(seeds.pose)
    device = seeds.pose.device
    again = seeds.rows(torch.arange(count, device=device) // TRIPLETS)
    betas = dice.uniform(count, 10, low=-config.betas_limit, high=config.betas_limit)
    orient = _new_orient(again.pose[:, 0], dice, config)
    pose = torch.cat((orient[:, None], again.pose[:, 1:]), 1)
    banks = (1, 1, len(backgrounds), CLOTHS)
    size = (config.height, config.width)
    scene = to_device(sample_scene(config.scene, dice, count, *size, banks), device)
    hands = replace(scene.hands, orient=pose[:, 0], betas=betas.to(device), is_left=again.is_left)
    scene = replace(scene, hands=hands)
    posed = renderer.pose(pose, hands)
    posed = posed.moved(place_hands(posed.joints, scene, *size))
    front, mask = _draw_lit(renderer, scene, posed, again, size)
    back = srgb_from_linear(backdrop(backgrounds, scene.backdrops, *size).clamp(0, 1))
    image = front[:, :3] + (1 - front[:, 3:]) * back
    image = (255 * image).round().to(torch.uint8)
    return _labelled(image, mask, scene, posed, pose, again)


def _new_orient(orient: Tensor, dice: Dice, config: TripletConfig) -> Tensor:
    """Orientations (N, 3, 3) seen anew: turned about x and y, then in the picture.

    Of some views the first is taken from which the forearm does not come at the camera: it would
    stand before the hand, or the camera inside it; if there is none, the one where it does least.
    """
    count = len(orient)
    turned = orient[:, None].expand(-1, _VIEWS, 3, 3).flatten(0, 1)
    for axis, most in enumerate((config.out_of_plane, config.out_of_plane, config.in_plane)):
        rotvec = torch.zeros(count * _VIEWS, 3)
        rotvec[:, axis] = dice.uniform(count * _VIEWS, low=-most, high=most)
        turned = rotmat_from_rotvec(rotvec.to(orient.device)) @ turned
    turned = turned.view(count, _VIEWS, 3, 3)
    towards = -turned[:, :, 2, 0]  # the arm leaves the hand along its x axis
    best = torch.where(towards <= _MOST_TOWARDS, -1.0, towards).argmin(1)
    return turned[torch.arange(count, device=orient.device), best]


def _draw_lit(
    renderer: Renderer, scene: Scene, posed: PosedHands, seeds: Seeds, size: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Draw hands, arms and sleeves in the seeds' colour and light.

    Returns:
        (P, 4, H, W) RGB times coverage, and coverage; and the hand's own mask (P, H, W) bool.
    """
    parts = _coloured_parts(renderer, scene, posed, seeds)
    soup = make_soup(parts)
    colour = torch.cat(
        [
            shade_vertices(part.colour, part.normals, seeds.light).clamp(0, 1).flatten(0, 1)
            for part in parts
        ]
    )
    picture = torch.cat([part.picture for part in parts])
    K = supersampled(scene.K)
    fine = [SUPERSAMPLING * side for side in size]
    fragments = rasterise(
        soup.vertices, soup.faces, picture[soup.copy], K, *fine, cull_back=soup.cull
    )
    share = fragments.barycentric(soup.vertices, soup.faces, K)
    seen = fragments.interpolate(share, colour, soup.faces)
    is_hand = (torch.cat([part.hand for part in parts])[soup.copy[fragments.face]] >= 0).float()
    values = torch.cat((seen, torch.ones_like(seen[:, :1]), is_hand[:, None]), -1)
    layer = F.avg_pool2d(fragments.dense(values, 0.0).permute(0, 3, 1, 2), SUPERSAMPLING)
    return layer[:, :4], layer[:, 4] >= 0.5


def _coloured_parts(
    renderer: Renderer, scene: Scene, posed: PosedHands, seeds: Seeds
) -> list[Part]:
    """Hands in their albedo; arms in that of the skin around the wrist; sleeves in their cloth's.

    The colours are sRGB, as the predicted albedo is.
    """
    parts = hand_parts(renderer.stock, scene, posed)
    hand = replace(parts[0], colour=seeds.albedo)
    if len(parts) == 1:
        return [hand]
    body = renderer.stock.body
    wrist = body.arm_rows[body.arm_rows < seeds.albedo.shape[1]]
    arm_colour = body.wrist_share @ seeds.albedo[:, wrist]
    hands = scene.hands
    bare = (hands.cloth < 0)[:, None]
    cloth = torch.where(bare, arm_colour[:, -1], srgb_from_linear(hands.cloth_tint))
    sleeve = cloth[:, None].expand_as(parts[2].colour)
    return [hand, replace(parts[1], colour=arm_colour), replace(parts[2], colour=sleeve)]


def _labelled(
    image: Tensor, mask: Tensor, scene: Scene, posed: PosedHands, pose: Tensor, seeds: Seeds
) -> TrainingBatch:
    """The triplets as a batch: pictures, skeletons, masks, and what they were made from."""
    count, _, height, width = image.shape
    points = image_of(posed.joints, scene.K)
    inside = keypoints_in_frame(points, height, width)
    ones = torch.ones(count, 1, dtype=torch.bool, device=image.device)
    return TrainingBatch(
        image=image,
        K=scene.K[:, None],
        valid=ones,
        side=(~seeds.is_left).long()[:, None],
        keypoints_2d=points[:, None],
        keypoint_confidence=torch.where(inside, 1.0, _OUTSIDE_CONFIDENCE)[:, None],
        joints_3d=posed.joints[:, None],
        pose=pose[:, None],
        betas=scene.hands.betas[:, None],
        has_3d=ones,
        ignore_xyxy=torch.zeros(count, 0, 4, device=image.device),
        hand_index=mask.to(torch.int8) - 1,
        albedo=seeds.albedo[:, None],
        light=seeds.light[:, None],
    )
