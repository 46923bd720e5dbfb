"""Our rasteriser against deodr and, where it is installed, PyTorch3D: other people's code."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core.hand_model.skinning_torch import HandLayer
from tests.factories import hand_model
from training.rasterise import rasterise
from training.silhouette import mesh_edges, soft_silhouette

#: deodr 0.2.3 takes the cross product of 2D vectors, which NumPy will drop.
pytestmark = pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")

H, W = 96, 128
K = torch.tensor([[[150.0, 0, 63.2], [0, 150.0, 47.1], [0, 0, 1]]])
SEEDS = (0, 1, 2)


def closed_hand(seed: int) -> tuple[Tensor, Tensor]:
    """A hand of random pose and view before the camera, its wrist closed: (V, 3) m, (F, 3)."""
    layer = HandLayer(hand_model())
    draw = torch.Generator().manual_seed(seed)
    turns = 0.25 * torch.randn(16, 3, generator=draw)
    turns[0] = 3 * torch.rand(3, generator=draw) - 1.5
    skew = torch.zeros(16, 3, 3)
    skew[:, 0, 1], skew[:, 0, 2], skew[:, 1, 2] = -turns[:, 2], turns[:, 1], -turns[:, 0]
    pose = torch.linalg.matrix_exp(skew - skew.mT)[None]
    vertices = layer(pose, torch.zeros(1, 10))[0][0]
    vertices = vertices - vertices.mean(0) + torch.tensor([0.0, 0.0, 0.38])
    faces = torch.from_numpy(hand_model().faces.astype(np.int64))
    return capped(vertices, faces)


def capped(vertices: Tensor, faces: Tensor) -> tuple[Tensor, Tensor]:
    """Close the one hole of a mesh by a fan around the middle of its border."""
    directed = torch.cat((faces[:, (0, 1)], faces[:, (1, 2)], faces[:, (2, 0)]))
    known = {(a, b) for a, b in directed.tolist()}
    border = [(a, b) for a, b in known if (b, a) not in known]
    middle = vertices[[a for a, _ in border]].mean(0, keepdim=True)
    fan = torch.tensor([[b, a, len(vertices)] for a, b in border])
    return torch.cat((vertices, middle)), torch.cat((faces, fan))


def deodr_scene(vertices: Tensor, faces: Tensor, sigma: float) -> tuple[object, object]:
    """deodr's scene with the white mesh on black, and its camera."""
    deodr = pytest.importorskip("deodr", reason="deodr is not installed")
    mesh = deodr.ColoredTriMesh(
        faces.numpy(), vertices.double().numpy(), clockwise=False, nb_colors=1
    )
    mesh.set_vertices_colors(np.ones((len(vertices), 1)))
    scene = deodr.Scene3D(sigma=sigma)
    scene.set_mesh(mesh)
    scene.set_light(None, 1.0)
    scene.set_background_color(np.zeros(1))
    camera = deodr.differentiable_renderer.Camera(
        np.eye(3, 4), K[0].double().numpy(), height=H, width=W
    )
    return scene, camera


def own_fragments(vertices: Tensor, faces: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Mask (H, W) bool and depth (H, W) m of our rasteriser."""
    picture = torch.zeros(len(faces), dtype=torch.long)
    fragments = rasterise(vertices, faces, picture, K, H, W, cull_back=True)
    depth = fragments.dense(fragments.depth, torch.inf)[0].numpy()
    return np.isfinite(depth), depth


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_and_depths_of_a_closed_hand_are_deodrs(seed: int) -> None:
    vertices, faces = closed_hand(seed)
    scene, camera = deodr_scene(vertices, faces, sigma=0)
    image, z_buffer = scene.render(camera, return_z_buffer=True)
    mask, depth = own_fragments(vertices, faces)
    assert mask.sum() > 800
    # A ray through an edge may go either way; nothing else may.
    assert (mask != (image[..., 0] > 0.5)).sum() <= 2
    both = mask & (image[..., 0] > 0.5)
    # deodr interpolates depth over the picture; within a triangle of 3 mm that is 0.1 mm.
    assert np.quantile(np.abs(depth[both] - z_buffer[both]), 0.99) < 2e-4


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_of_a_closed_hand_are_pytorch3ds(seed: int) -> None:
    pytorch3d = pytest.importorskip(
        "pytorch3d.renderer.mesh.rasterize_meshes", reason="PyTorch3D is not installed"
    )
    structures = pytest.importorskip("pytorch3d.structures")
    vertices, faces = closed_hand(seed)
    focal, centre = K[0, (0, 1), (0, 1)], K[0, :2, 2]
    pixel = vertices[:, :2] / vertices[:, 2:] * focal + centre
    # NDC: x to the left, y up, the shorter side from -1 to 1, pixel centres at half numbers.
    ndc = torch.tensor([W, H]) / H - (pixel + 0.5) * (2 / H)
    mesh = structures.Meshes([torch.cat((ndc, vertices[:, 2:]), 1)], [faces])
    face = pytorch3d.rasterize_meshes(mesh, (H, W), blur_radius=0.0, faces_per_pixel=1)[0]
    mask, _ = own_fragments(vertices, faces)
    assert (mask != (face[0, ..., 0] >= 0).numpy()).sum() <= 2


@pytest.mark.parametrize("seed", SEEDS)
def test_silhouette_gradients_agree_with_deodrs(seed: int) -> None:
    """For a smooth weight w, d/dv of sum(w * mask) is a line integral: no kernel's width counts."""
    vertices, faces = closed_hand(seed)
    y, x = np.mgrid[:H, :W]
    weight = np.sin(x / 17.0) + np.cos(y / 13.0 + x / 29.0)

    scene, camera = deodr_scene(vertices, faces, sigma=1)
    scene.render(camera)
    scene.clear_gradients()
    scene.render_backward(weight[..., None].copy())  # deodr works in what it is given
    theirs = scene.mesh._vertices_b

    own = vertices.clone().requires_grad_()
    mask = soft_silhouette(own[None], faces, mesh_edges(faces), K, H, W)[0]
    (mask * torch.from_numpy(weight).float()).sum().backward()
    assert own.grad is not None
    ours = own.grad.double().numpy()

    # Which of two neighbouring vertices of a jagged outline gets it is a matter of the kernel; how
    # each part of the hand is pushed is not.
    a, b = _by_part(theirs).ravel(), _by_part(ours).ravel()
    assert a @ b / (np.linalg.norm(a) * np.linalg.norm(b)) > 0.97
    assert np.linalg.norm(b) / np.linalg.norm(a) == pytest.approx(1, abs=0.2)


def _by_part(gradient: np.ndarray) -> np.ndarray:
    """Sum gradients (V, 3) over the 16 parts that move with a joint: (16, 2)."""
    part = hand_model().weights.argmax(1)
    sums = np.zeros((16, 2))
    np.add.at(sums, part, gradient[: len(part), :2])
    return sums
