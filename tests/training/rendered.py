"""Labelled hands drawn from their own truth: picture, mask, albedo and light agree."""

from dataclasses import replace

import torch
from torch import Tensor

from core.topology import MIDDLE_MCP
from tests.networks import hand_layer
from training.appearance import (
    Rendering,
    picture_camera,
    place_hands,
    render_hands,
    shade_vertices,
    start_light,
    vertex_normals,
)
from training.batch import TrainingBatch
from training.picture_terms import vertices_of
from training.warp import warp_labels


def close_up(batch: TrainingBatch, share: float = 0.8) -> TrainingBatch:
    """Labels warped so that each picture's first hand fills that share of its shorter side."""
    height, width = batch.image.shape[-2:]
    keypoints = batch.keypoints_2d[:, 0]
    low, high = keypoints.amin(1), keypoints.amax(1)
    scale = share * min(height, width) / (high - low).amax(1)
    zoom = torch.eye(3).repeat(len(batch), 1, 1)
    zoom[:, 0, 0] = zoom[:, 1, 1] = scale
    middle = torch.tensor([(width - 1) / 2, (height - 1) / 2])
    zoom[:, :2, 2] = middle - scale[:, None] * (low + high) / 2
    return warp_labels(batch, zoom, height, width)


def true_vertices(batch: TrainingBatch) -> Tensor:
    """(N, V, 3) m of the labelled hands in the frame of the pictures' one camera."""
    where = batch.valid.nonzero().unbind(1)
    layer = hand_layer()
    own = vertices_of(layer, batch.pose[where], batch.betas[where], batch.side[where] == 0)
    middle = batch.keypoints_2d[where][:, MIDDLE_MCP]
    K = batch.K[where]
    scale = K[:, 0, 0] / batch.joints_3d[where][:, MIDDLE_MCP, 2]
    return place_hands(own, middle, scale, K, picture_camera(*batch.image.shape[-2:], like=own))


def draw_truth(batch: TrainingBatch, albedo: Tensor, light: Tensor) -> Rendering:
    """Render albedo (B, M, V, 3) under light (B, M, 27)."""
    where = batch.valid.nonzero().unbind(1)
    layer, vertices = hand_layer(), true_vertices(batch)
    normals = vertex_normals(vertices, layer.faces, batch.side[where] == 0)
    colour = shade_vertices(albedo[where], normals, light[where])
    height, width = batch.image.shape[-2:]
    camera = picture_camera(height, width, like=vertices)
    shape = (len(batch), height, width)
    return render_hands(vertices, colour, where[0], layer.faces, camera, shape)


def drawn(batch: TrainingBatch, seed: int = 0) -> TrainingBatch:
    """The batch with a picture and a mask of its own hands, skins of one colour each."""
    draw = torch.Generator().manual_seed(seed)
    shape = batch.valid.shape
    tone = 0.35 + 0.4 * torch.rand(*shape, 1, 3, generator=draw)
    albedo = tone.expand(*shape, hand_layer().num_vertices, 3).contiguous()
    light = (start_light() + 0.1 * torch.randn(*shape, 27, generator=draw)).contiguous()
    rendering = draw_truth(batch, albedo, light)
    slots = batch.valid.nonzero()[:, 1]
    index = torch.cat([slots, slots.new_full((1,), -1)])[rendering.hand].to(torch.int8)
    skin = (rendering.image * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 3, 1, 2)
    image = torch.where(index[:, None] >= 0, skin, batch.image)
    return replace(batch, image=image, hand_index=index, albedo=albedo, light=light)
