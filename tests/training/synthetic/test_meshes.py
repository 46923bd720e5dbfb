"""Shapes are closed the right way round, and normals equal a plain loop."""

import numpy as np
import torch

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer, pose_forearm
from training.synthetic.meshes import (
    TUBE_RINGS,
    TUBE_SEGMENTS,
    Shape,
    make_body,
    make_shape,
    pose_tube,
    superellipsoid,
    superellipsoid_shape,
    vertex_normals,
)


def volume(vertices: torch.Tensor, shape: Shape) -> float:
    corner = (vertices - vertices.mean(0))[shape.faces]
    return float((corner[:, 0] * torch.linalg.cross(corner[:, 1], corner[:, 2])).sum() / 6)


def test_every_shape_looks_outwards(hand: HandModel) -> None:
    body, layer = make_body(hand), HandLayer(hand)
    pose, betas = torch.eye(3).expand(1, 16, 3, 3), torch.zeros(1, 10)
    vertices, _ = layer(pose, betas)
    forearm = pose_forearm(layer, pose, betas, torch.eye(3)[None])
    tube = pose_tube(
        forearm, body.tube_table, torch.tensor([0.2]), torch.tensor([0.005]), torch.zeros(1, 4),
        torch.tensor([[1.0, 0, 0]]),
    )  # fmt: skip
    assert body.arm is not None and body.tube is not None
    whole = torch.cat((vertices, forearm), 1)
    assert 2.5e-4 < volume(vertices[0], body.hand) < 6e-4  # a hand of 0.25 to 0.6 litres
    assert volume(whole[0], body.whole) > volume(vertices[0], body.hand)
    assert volume(whole[0, body.arm_rows], body.arm) > 0
    assert volume(tube[0], body.tube) > 0


def test_the_sleeve_goes_around_the_arm_at_its_distance(hand: HandModel) -> None:
    body, layer = make_body(hand), HandLayer(hand)
    pose, betas = torch.eye(3).expand(1, 16, 3, 3), torch.zeros(1, 10)
    forearm = pose_forearm(layer, pose, betas, torch.eye(3)[None])
    bare, sleeve = (
        pose_tube(
            forearm,
            body.tube_table,
            torch.tensor([0.1]),
            torch.tensor([offset]),
            torch.zeros(1, 4),
            torch.tensor([[1.0, 0, 0]]),
        )[0, : TUBE_RINGS * TUBE_SEGMENTS]
        for offset in (0.0, 0.010)
    )
    assert (
        torch.cdist(bare, forearm[0]).amin(-1).max() < 0.020
    )  # about as far as vertices are apart
    apart = (sleeve - bare).norm(dim=-1)
    assert 0.008 < float(apart.mean()) < 0.012
    assert apart.min() > 0.004
    centre = bare.view(TUBE_RINGS, TUBE_SEGMENTS, 3).mean(1).repeat_interleave(TUBE_SEGMENTS, 0)
    assert ((sleeve - centre).norm(dim=-1) > (bare - centre).norm(dim=-1)).all()


def test_superellipsoid_is_an_ellipsoid_at_exponent_one_and_boxy_below() -> None:
    shape = superellipsoid_shape()
    radius = torch.tensor([[0.05, 0.10, 0.03]])
    ball = superellipsoid(radius, torch.ones(1, 2))[0]
    box = superellipsoid(radius, torch.full((1, 2), 0.1))[0]
    torch.testing.assert_close(
        (ball / radius).norm(dim=-1), torch.ones(len(ball)), atol=1e-3, rtol=0
    )
    exact = 4 / 3 * np.pi * 0.05 * 0.10 * 0.03
    assert 0.85 * exact < volume(ball, shape) < exact
    assert volume(box, shape) > 1.4 * exact
    torch.testing.assert_close(box.amax(0), radius[0], atol=1e-4, rtol=0)


def test_vertex_normals_equal_a_plain_loop() -> None:
    rng = np.random.default_rng(0)
    faces = rng.integers(0, 9, (20, 3))
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2])]
    vertices = rng.standard_normal((9, 3))
    expected = np.zeros((9, 3))
    for a, b, c in faces:
        normal = np.cross(vertices[b] - vertices[a], vertices[c] - vertices[a])
        for vertex in (a, b, c):
            expected[vertex] += normal
    expected /= np.maximum(np.linalg.norm(expected, axis=-1, keepdims=True), 1e-12)
    shape = make_shape(faces, np.zeros((len(faces), 3, 2)), 9)
    found = vertex_normals(torch.from_numpy(vertices)[None], shape)[0]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-6)
