"""Skin under predicted light: numpy, shader matrices and training agree."""

import numpy as np
import pytest

from app.skin import light_matrices, lit_skin, sh_basis


def normals_of(count: int) -> np.ndarray:
    drawn = np.random.default_rng(3).normal(size=(count, 3))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def some_light() -> np.ndarray:
    light = np.random.default_rng(5).normal(0, 0.1, (3, 9))
    light[:, 0] = 0.7
    return light.astype(np.float32).ravel()


def test_skin_is_shaded_as_in_training() -> None:
    torch = pytest.importorskip("torch", reason="training's formula needs torch")
    from training.appearance import shade_vertices  # brings torch

    normals, light = normals_of(50), some_light()
    albedo = np.random.default_rng(6).uniform(0.2, 0.8, (50, 3)).astype(np.float32)
    taught = shade_vertices(*(torch.from_numpy(a)[None] for a in (albedo, normals, light)))[0]
    np.testing.assert_allclose(
        lit_skin(albedo, normals, light), np.clip(taught.numpy(), 0, 1), atol=1e-5
    )


def test_the_shader_s_matrices_say_the_same_as_the_harmonics() -> None:
    normals, light = normals_of(50), some_light()
    with_one = np.concatenate([normals, np.ones((50, 1), np.float32)], axis=1)
    by_matrix = np.einsum("vi,cij,vj->vc", with_one, light_matrices(light), with_one)
    np.testing.assert_allclose(by_matrix, sh_basis(normals) @ light.reshape(3, 9).T, atol=1e-5)


def test_light_from_everywhere_leaves_the_albedo_s_colour() -> None:
    light = np.zeros((3, 9), np.float32)
    light[:, 0] = 1 / 0.8862269
    albedo = np.array([[0.8, 0.5, 0.3]], np.float32)
    np.testing.assert_allclose(lit_skin(albedo, normals_of(1), light.ravel()), albedo, atol=1e-6)


def test_too_much_light_is_white_and_too_little_black() -> None:
    albedo, normals = np.full((4, 3), 0.5, np.float32), normals_of(4)
    assert (lit_skin(albedo, normals, np.full(27, 50, np.float32)) <= 1).all()
    assert (lit_skin(albedo, normals, np.full(27, -50, np.float32)) >= 0).all()
