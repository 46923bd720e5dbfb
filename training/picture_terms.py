"""Terms that compare rendered hands with the picture: silhouette, photometric, smoothness."""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.hand_model.skinning_torch import HandLayer, mirror_x
from core.network.regressor import HandStep
from core.rotations import rotmat_from_rot6d
from core.topology import MIDDLE_MCP
from training import losses
from training.appearance import (
    picture_camera,
    place_hands,
    render_hands,
    shade_vertices,
    vertex_normals,
)
from training.batch import TrainingBatch
from training.silhouette import MeshEdges, soft_silhouette

#: A hand of fewer pixels than this in its mask is hidden: its silhouette says nothing.
_MIN_PIXELS = 16


@dataclass(frozen=True, slots=True, eq=False)
class MeshHands:
    """The labelled hands of a batch as meshes.

    Attributes:
        picture: (N,) int64.
        slot: (N,) int64.
        is_left: (N,) bool.
        vertices: (N, V, 3) m, of the hand's own side, relative to the middle MCP.
        placed: (N, V, 3) m, in the frame of the pictures' one camera.
    """

    picture: Tensor
    slot: Tensor
    is_left: Tensor
    vertices: Tensor
    placed: Tensor


def vertices_of(layer: HandLayer, pose: Tensor, betas: Tensor, is_left: Tensor) -> Tensor:
    """Vertices (N, V, 3) m relative to the middle MCP, of the hand's own side (N,)."""
    vertices, joints = layer(pose, betas)
    return mirror_x(vertices - joints[:, MIDDLE_MCP : MIDDLE_MCP + 1], is_left)


def mesh_hands(
    layer: HandLayer, step: HandStep, batch: TrainingBatch, orthographic: bool
) -> MeshHands:
    """Skin and place the labelled hands of a batch."""
    where = batch.valid.nonzero().unbind(1)
    is_left = batch.side[where] == 0
    pose = rotmat_from_rot6d(step.rot6d[where])
    vertices = vertices_of(layer, pose, step.betas[where], is_left)
    camera = picture_camera(*batch.image.shape[-2:], like=vertices)
    placed = place_hands(
        vertices,
        step.middle_mcp_2d[where],
        step.pixels_per_metre[where],
        batch.K[where],
        camera,
        orthographic,
    )
    return MeshHands(*where, is_left, vertices, placed)


def laplacian_term(
    layer: HandLayer, edges: MeshEdges, hands: MeshHands, batch: TrainingBatch
) -> Tensor:
    """Roughness (B,) beyond the template's (Baek Eq 10)."""
    error = losses.laplacian_loss(hands.vertices, layer.v_template, edges.ends)
    return losses.per_picture(
        _in_slots(error, hands, batch), _in_slots(torch.ones_like(error), hands, batch)
    )


def silhouette_term(
    layer: HandLayer,
    edges: MeshEdges,
    hands: MeshHands,
    gate: Tensor,
    box_px: Tensor,
    batch: TrainingBatch,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Silhouette loss (B,) of the hands whose gate (B, M) is open, and their mean IoU.

    Where another hand is in front, what lies behind is unknown and counts nothing.
    """
    assert batch.hand_index is not None
    index = batch.hand_index[hands.picture].long()
    own = index == hands.slot[:, None, None]
    open_gate = gate[hands.picture, hands.slot] * (own.sum((1, 2)) >= _MIN_PIXELS)
    chosen = open_gate.nonzero().squeeze(1)
    error = torch.zeros(len(hands.picture), device=gate.device)
    iou = torch.zeros_like(error)
    if len(chosen):
        height, width = index.shape[1:]
        camera = picture_camera(height, width, hands.placed).expand(len(chosen), 3, 3)
        soft = soft_silhouette(hands.placed[chosen], layer.faces, edges, camera, height, width)
        mask = own[chosen].float()
        known = (own | (index < 0))[chosen].float()
        box = box_px[hands.picture, hands.slot][chosen]
        error = error.index_put((chosen,), losses.silhouette_loss(soft, mask, known, box))
        iou = iou.index_put((chosen,), losses.mask_iou(soft.detach(), mask, known))
    weight = _in_slots(open_gate, hands, batch)
    loss = losses.per_picture(_in_slots(error, hands, batch), weight)
    overlap = losses.per_picture(_in_slots(iou, hands, batch), weight).mean()
    return loss, {"silhouette_iou": overlap}


def photometric_term(
    layer: HandLayer,
    hands: MeshHands,
    albedo: Tensor,
    light: Tensor,
    gate: Tensor,
    batch: TrainingBatch,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Photometric loss (B,) of all hands of each picture in one rendering, and its PSNR in dB.

    A pixel counts where the rendering and the mask show the same hand and its gate is open.

    Args:
        layer: whose faces they have.
        hands: N hands.
        albedo: (B, M, V, 3).
        light: (B, M, 27).
        gate: (B, M).
        batch: with masks.
    """
    assert batch.hand_index is not None
    where = (hands.picture, hands.slot)
    normals = vertex_normals(hands.vertices, layer.faces, hands.is_left)
    colour = shade_vertices(albedo[where], normals, light[where])
    pictures, _, height, width = batch.image.shape
    camera = picture_camera(height, width, hands.placed)
    shape = (pictures, height, width)
    rendering = render_hands(hands.placed, colour, hands.picture, layer.faces, camera, shape)
    # The last row stands for no hand; no pixel of the mask has its slot.
    slot = torch.cat([hands.slot, hands.slot.new_full((1,), -2)])[rendering.hand]
    opened = torch.cat([gate[where], gate.new_zeros(1)])[rendering.hand]
    mask = (slot == batch.hand_index.long()) * opened
    image = batch.image.permute(0, 2, 3, 1).float() / 255
    loss = losses.photometric_loss(rendering.image, image, mask)
    with torch.no_grad():
        return loss, {"psnr": losses.psnr(rendering.image, image, mask)}


def _in_slots(values: Tensor, hands: MeshHands, batch: TrainingBatch) -> Tensor:
    """Put values (N,) of hands into their slots (B, M), zero elsewhere."""
    empty = torch.zeros(batch.valid.shape, device=values.device, dtype=values.dtype)
    return empty.index_put((hands.picture, hands.slot), values)
