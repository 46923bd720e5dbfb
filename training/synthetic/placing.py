"""Decides where hands stand, once their posed size is known."""

import torch
from torch import Tensor

from training.synthetic.scene import Scene

# No joint comes nearer to the camera than this.
_NEAREST_M = 0.17
# The other way of computing distances loses millimetres where matrix products run in TF32.
_EXACT = "donot_use_mm_for_euclid_dist"


def image_of(points: Tensor, K: Tensor) -> Tensor:
    """Pixels (N, J, 2) of points (N, J, 3) m seen through K (N, 3, 3)."""
    focal, centre = K[:, None, (0, 1), (0, 1)], K[:, None, :2, 2]
    return points[..., :2] / points[..., 2:].clamp(min=1e-3) * focal + centre


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
            gap = torch.cdist(points.flatten(1, 2), first[picture], compute_mode=_EXACT).amin(-1)
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
