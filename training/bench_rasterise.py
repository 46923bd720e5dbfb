"""Hands per second of the rasteriser: `python -m training.bench_rasterise`.

Times our rasteriser, its silhouette with gradient, and deodr where it is installed, in one run on
the same posed hands; only the ratios travel from machine to machine.
"""

import argparse
import logging
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.rotations import rotmat_from_rotvec
from training.rasterise import rasterise
from training.silhouette import MeshEdges, mesh_edges, soft_silhouette

log = logging.getLogger(__name__)


def posed_hands(layer: HandLayer, count: int, device: torch.device) -> Tensor:
    """Random hands (N, V, 3) m at 38 cm before the camera."""
    draw = torch.Generator().manual_seed(0)
    pose = rotmat_from_rotvec(0.25 * torch.randn(count, 16, 3, generator=draw)).to(device)
    vertices, _ = layer(pose, torch.zeros(count, 10, device=device))
    return vertices - vertices.mean(1, keepdim=True) + vertices.new_tensor([0, 0, 0.38])


def hands_per_second(work: Callable[[], None], hands: int, seconds: float) -> float:
    """Repeat the work for about that long after one warm-up; the best of three such times."""
    work()
    best = 0.0
    for _ in range(3):
        started, done = time.perf_counter(), 0
        while time.perf_counter() - started < seconds / 3 or not done:
            work()
            done += hands
        best = max(best, done / (time.perf_counter() - started))
    return best


def measure(
    vertices: Tensor, faces: Tensor, K: Tensor, size: int, seconds: float
) -> dict[str, float]:
    """Hands per second by name; each hand is in a picture of its own.

    Args:
        vertices: (N, V, 3) m.
        faces: (F, 3) int64.
        K: (3, 3) px.
        size: side of the pictures, px.
        seconds: to spend on each.
    """
    count, per_hand = vertices.shape[:2]
    picture = torch.arange(count, device=vertices.device).repeat_interleave(len(faces))
    all_faces = faces.repeat(count, 1) + picture[:, None] * per_hand
    flat, all_K = vertices.flatten(0, 1), K.expand(count, 3, 3)
    edges = mesh_edges(faces)

    def wait() -> None:
        if vertices.is_cuda:
            torch.cuda.synchronize()

    def draw() -> None:
        rasterise(flat, all_faces, picture, all_K, size, size, cull_back=True)
        wait()

    def learn() -> None:
        _silhouette_step(vertices, faces, edges, all_K, size)
        wait()

    figures = {
        "rasterise": hands_per_second(draw, count, seconds),
        "soft silhouette, with gradient": hands_per_second(learn, count, seconds),
    }
    render = _deodr(vertices.cpu(), faces.cpu(), K.cpu(), size)
    if render is not None:
        figures["deodr, depth"] = hands_per_second(render[0], count, seconds)
        figures["deodr, with gradient"] = hands_per_second(render[1], count, seconds)
    return figures


def _silhouette_step(
    vertices: Tensor, faces: Tensor, edges: MeshEdges, K: Tensor, size: int
) -> None:
    """One forward and backward pass."""
    own = vertices.detach().requires_grad_()
    soft_silhouette(own, faces, edges, K, size, size).sum().backward()


def _deodr(
    vertices: Tensor, faces: Tensor, K: Tensor, size: int
) -> tuple[Callable[[], None], Callable[[], None]] | None:
    """Return deodr's depth maps and its pictures with gradient; None where it is not installed."""
    try:
        import deodr
    except ImportError:
        return None
    camera = deodr.differentiable_renderer.Camera(
        np.eye(3, 4), K.double().numpy(), height=size, width=size
    )
    meshes = []
    for hand in vertices.double().numpy():
        mesh = deodr.ColoredTriMesh(faces.numpy(), hand, clockwise=False, nb_colors=1)
        mesh.set_vertices_colors(np.ones((len(hand), 1)))
        meshes.append(mesh)
    scene = deodr.Scene3D(sigma=1)
    scene.set_light(None, 1.0)
    scene.set_background_color(np.zeros(1))

    def depth() -> None:
        for mesh in meshes:
            scene.set_mesh(mesh)
            scene.render_depth(camera)

    def learn() -> None:
        for mesh in meshes:
            scene.set_mesh(mesh)
            scene.render(camera)
            scene.clear_gradients()
            scene.render_backward(np.ones((size, size, 1)))

    return depth, learn


def main() -> None:
    """Print hands per second and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--hands", type=int, default=32)
    parser.add_argument("--size", type=int, default=128, help="side of a picture, px")
    parser.add_argument("--seconds", type=float, default=6.0, help="on each")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    device = torch.device(arguments.device)
    layer = HandLayer(load_hand_model(arguments.hand)).to(device)
    size = arguments.size
    K = torch.tensor([[1.2 * size, 0, size / 2], [0, 1.2 * size, size / 2], [0, 0, 1]])
    vertices = posed_hands(layer, arguments.hands, device)
    figures = measure(vertices, layer.faces, K.to(device), size, arguments.seconds)
    first = next(iter(figures.values()))
    log.info("%d hands, %d x %d px, %s", arguments.hands, size, size, device)
    for name, rate in figures.items():
        log.info("%-32s %8.0f hands/s  %6.2f", name, rate, rate / first)


if __name__ == "__main__":
    main()
