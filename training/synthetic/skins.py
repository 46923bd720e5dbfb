"""Procedural hand skins in the hand's own UV: pigment, creases, veins, nails, rings.

Colour follows the pigments of skin: reflectance = base * exp(-(melanin * a_m + blood * a_b)), so
that every change of tone, from very light to very dark, stays a colour that skin can have. All
details are added as pigment (or as dirt-dark lines) in the 3D rest pose, and so have no seams.
"""

import argparse
import hashlib
import logging
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import platformdirs
import torch
from numpy.typing import NDArray
from scipy import ndimage

from core.hand_model.file import HandModel, load_hand_model
from training.rasterise import rasterise

Array = NDArray[np.float32]

#: Raise it when the look changes, so that cached banks are made anew.
SKIN_VERSION = 1
SKIN_SIZE = 512
# Linear RGB of skin without pigment, and absorption per unit of melanin and of blood: chosen by eye
# so that melanin 0.05..2 at blood 0.4 runs through the range of measured skin tones.
_BASE = np.array([0.86, 0.72, 0.64], np.float32)
_MELANIN = np.array([0.80, 1.28, 1.75], np.float32)
_BLOOD = np.array([0.08, 0.58, 0.60], np.float32)
# The last bone of each finger (index, middle, little, ring, thumb) in the model's joints.
_DISTAL = (3, 6, 9, 12, 15)
_TIP_OF_DISTAL = {15: 0, 3: 1, 6: 2, 12: 3, 9: 4}


@dataclass(frozen=True, slots=True, eq=False)
class SkinGeometry:
    """What each texel of the UV map is on the hand; flat over the covered texels (N).

    Attributes:
        size: T, side of the square texture in px.
        covered: (T, T) bool, texels that lie on the hand.
        position: (N, 3) m, rest pose.
        dorsal: (N,) in [-1, 1]: 1 on the back of hand and fingers, -1 on the palm.
        along: (N, 16) m, distance past each joint in the direction of its bone.
        across: (N, 16) m, sideways distance from each joint's bone.
        weights: (N, 16) skinning weights.
        tip: (16,) m, where the bone of each joint ends (`along` of the fingertip or next joint).
        joints: (16, 3) m.
    """

    size: int
    covered: NDArray[np.bool_]
    position: Array
    dorsal: Array
    along: Array
    across: Array
    weights: Array
    tip: Array
    joints: Array


def bake_geometry(model: HandModel, size: int = SKIN_SIZE) -> SkinGeometry:
    """Rasterise the hand's rest geometry into its UV map."""
    if model.vt is None or model.ft is None or model.joint_axes is None:
        raise ValueError("a hand model without UVs and joint axes cannot carry procedural skins")
    uv = texel_from_uv(model.vt, size)
    flat = np.concatenate([uv, np.ones_like(uv[:, :1])], -1)
    faces = model.faces.astype(np.int64)
    flat_vertices, flat_faces = torch.from_numpy(flat), torch.from_numpy(model.ft.astype(np.int64))
    one_picture, pixels = torch.zeros(len(faces), dtype=torch.int64), torch.eye(3)[None]
    fragments = rasterise(flat_vertices, flat_faces, one_picture, pixels, size, size)
    share = fragments.barycentric(flat_vertices, flat_faces, pixels)
    template = model.v_template
    corner = template[faces]
    face_normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    normals = np.zeros_like(template)
    np.add.at(normals, faces.ravel(), np.repeat(face_normal, 3, axis=0))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-12
    joints = model.J_regressor @ template
    dorsal_axis, bone_axis = model.joint_axes[:, :, 1].copy(), model.joint_axes[:, :, 2].copy()
    bone_axis[0] = (-1, 0, 0)
    dorsal_axis[0] = (0, 1, 0)
    attributes = np.concatenate([template, normals, model.weights], -1).astype(np.float32)
    texels = fragments.interpolate(
        share, torch.from_numpy(attributes), torch.from_numpy(faces)
    ).numpy()
    position, normal, weights = texels[:, :3], texels[:, 3:6], texels[:, 6:]
    relative = position[:, None] - joints
    side_axis = np.cross(dorsal_axis, bone_axis)
    covered = np.zeros(size * size, bool)
    covered[fragments.pixel.numpy()] = True
    tip = np.zeros(16, np.float32)
    for joint in range(1, 16):
        end = (
            template[model.tip_ids[_TIP_OF_DISTAL[joint]]]
            if joint in _DISTAL
            else joints[joint + 1]
        )
        tip[joint] = (end - joints[joint]) @ bone_axis[joint]
    return SkinGeometry(
        size=size,
        covered=covered.reshape(size, size),
        position=position,
        dorsal=((weights @ dorsal_axis) * normal).sum(-1),
        along=np.einsum("njc,jc->nj", relative, bone_axis).astype(np.float32),
        across=np.einsum("njc,jc->nj", relative, side_axis).astype(np.float32),
        weights=weights,
        tip=tip,
        joints=joints.astype(np.float32),
    )


def texel_from_uv(vt: Array, size: int) -> Array:
    """Texel coordinates (N, 2) (column, row; centres at integers) of UVs (N, 2), v upwards."""
    return np.stack([vt[:, 0] * size - 0.5, (1 - vt[:, 1]) * size - 0.5], -1).astype(np.float32)


def _noise(position: Array, cell_m: Array | float, rng: np.random.Generator) -> Array:
    """Smooth 3D noise (N,) of unit variance with the given cell size in metres (scalar or xyz)."""
    cells = (position - position.min(0)) / np.asarray(cell_m, np.float32) + 2
    shape = np.ceil(cells.max(0)).astype(int) + 4
    lattice = rng.standard_normal(shape).astype(np.float32)
    values = ndimage.map_coordinates(lattice, cells.T, order=3, mode="nearest", prefilter=False)
    return ((values - values.mean()) / (values.std() + 1e-6)).astype(np.float32)


def _bump(distance: Array, width: float) -> Array:
    return np.exp(-0.5 * (distance / width) ** 2)


def _smooth(x: Array, low: float, high: float) -> Array:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _finger_creases(geometry: SkinGeometry, rng: np.random.Generator) -> tuple[Array, Array]:
    """Lines (N,) across the fingers at their joints, on the palm side and on the back."""
    palm_lines = np.zeros(len(geometry.position), np.float32)
    back_lines = np.zeros_like(palm_lines)
    wobble = 0.0006 * _noise(geometry.position, 0.006, rng)
    for joint in range(1, 16):
        if joint == 13:
            continue
        # Between two segments both have weight: the band around the joint, on this finger alone.
        near = geometry.weights[:, joint] + geometry.weights[:, max(joint - 1, 0)]
        if joint % 3 == 1:  # the knuckle's own crease lies at the web, not at the joint
            near = geometry.weights[:, joint]
        near = _smooth(near, 0.3, 0.8)
        offset = 0.45 * geometry.tip[joint] if joint % 3 == 1 else 0.0
        at = geometry.along[:, joint] - offset + wobble
        for shift in rng.normal(0, 0.0012, 1 + int(rng.random() < 0.6)):
            palm_lines += near * _bump(at - shift, rng.uniform(0.0003, 0.0006))
        if joint % 3 != 1:
            spread = 0.004 if joint % 3 == 2 else 0.0025
            for shift in rng.normal(0, spread, rng.integers(4, 8)):
                curve = 8.0 * geometry.across[:, joint] ** 2 * np.sign(shift)
                back_lines += 0.5 * near * _bump(at - shift - curve, rng.uniform(0.0003, 0.0005))
    return palm_lines, back_lines


def _palm_lines(geometry: SkinGeometry, rng: np.random.Generator) -> Array:
    """Heart, head and life line and a few small ones, (N,), as curves in the palm's plane."""
    joint = geometry.joints[:, (0, 2)]
    index, middle, little, thumb = joint[1], joint[4], joint[7], joint[13]
    across = (little - index) / np.linalg.norm(little - index)
    back = -middle / np.linalg.norm(middle)  # towards the wrist
    heart = (little + 0.010 * across + 0.014 * back, middle + 0.010 * back, 0.5 * (index + middle))
    head = (index + 0.020 * back - 0.014 * across, middle * 0.72, little * 0.66 + 0.004 * across)
    life = (
        index + 0.020 * back - 0.014 * across,
        0.45 * (index + thumb),
        0.18 * middle + 0.006 * across,
    )
    plane = geometry.position[:, (0, 2)] + 0.0007 * np.stack(
        [_noise(geometry.position, 0.012, rng), _noise(geometry.position, 0.012, rng)], -1
    )
    lines = np.zeros(len(plane), np.float32)
    curves = [(heart, 1.0), (head, 1.0), (life, 1.0)]
    for _ in range(rng.integers(3, 9)):
        start = middle * rng.uniform(0.15, 0.9) + across * rng.uniform(-0.03, 0.03)
        end = start + rng.normal(0, 0.012, 2)
        curves.append(
            ((start, 0.5 * (start + end) + rng.normal(0, 0.003, 2), end), rng.uniform(0.2, 0.6))
        )
    t = np.linspace(0, 1, 80)[:, None]
    for (a, b, c), strength in curves:
        a, b, c = (p + rng.normal(0, 0.002, 2) for p in (a, b, c))
        control = 2 * b - 0.5 * (a + c)
        points = (1 - t) ** 2 * a + 2 * t * (1 - t) * control + t**2 * c
        distance = np.sqrt(((plane[:, None] - points) ** 2).sum(-1).min(1))
        lines += strength * _bump(distance, rng.uniform(0.0004, 0.0008))
    root = _smooth(geometry.weights[:, 0] + geometry.weights[:, 13], 0.2, 0.7)
    return lines * root


def _nails(geometry: SkinGeometry) -> tuple[Array, Array, Array]:
    """Nail masks (N,), how far towards the free edge (N,) in [0, 1], and which finger (N,)."""
    mask = np.zeros(len(geometry.position), np.float32)
    edge = np.zeros_like(mask)
    finger = np.zeros(len(mask), np.int64)
    for number, joint in enumerate(_DISTAL):
        width = 0.0062 if joint == 15 else 0.0050
        length = 0.0125 if joint == 15 else 0.0105
        from_tip = geometry.tip[joint] - geometry.along[:, joint]
        forward = 1 - (from_tip - 0.0005) / length
        side = geometry.across[:, joint] / width
        own = _smooth(geometry.weights[:, joint], 0.5, 0.9) * _smooth(geometry.dorsal, 0.35, 0.6)
        # A rounded rectangle: flat at the sides, round at the root.
        shape = np.abs(side) ** 3 + np.abs(np.clip(2 * forward - 1.1, -2, 0.9)) ** 4
        here = own * _smooth(-shape, -1.15, -0.85) * _smooth(from_tip, -0.002, 0.0005)
        finger[here > mask] = number
        edge = np.where(here > mask, forward, edge)
        mask = np.maximum(mask, here)
    return mask, np.clip(edge, 0, 1), finger


def paint_skin(seed: int, geometry: SkinGeometry) -> NDArray[np.uint8]:
    """Paint one skin (3, T, T) uint8 sRGB; the tone runs evenly over the seeds.

    Consecutive seeds step through the tones by the golden ratio, so that any bank of them covers
    light and dark alike.
    """
    rng = np.random.default_rng(seed)
    tone = (seed * 0.6180339887 + 0.15) % 1
    melanin = 0.10 + 1.65 * tone**1.4
    position = geometry.position
    palm = _smooth(-geometry.dorsal + 0.15 * _noise(position, 0.012, rng), -0.35, 0.45)
    fine = sum(
        weight * _noise(position, cell, rng)
        for cell, weight in ((0.018, 0.5), (0.006, 0.35), (0.002, 0.35), (0.0009, 0.4))
    )
    blotch = _noise(position, 0.010, rng)
    palm_lines, back_lines = _finger_creases(geometry, rng)
    palm_lines = (palm_lines + _palm_lines(geometry, rng)) * _smooth(-geometry.dorsal, 0.0, 0.5)
    back_lines = back_lines * _smooth(geometry.dorsal, 0.1, 0.6)
    tips = sum(
        _smooth(geometry.along[:, j], 0.4 * geometry.tip[j], geometry.tip[j])
        * geometry.weights[:, j]
        for j in _DISTAL
    )
    knuckles = sum(
        _bump(geometry.along[:, j], 0.006) * _smooth(geometry.weights[:, j], 0.05, 0.4)
        for j in range(1, 16) if j != 13
    ) * _smooth(geometry.dorsal, 0, 0.6)  # fmt: skip

    pigment = melanin * (1 - palm * np.float32(rng.uniform(0.45, 0.8) * (0.35 + 0.65 * tone)))
    pigment = pigment * (1 + rng.uniform(0.03, 0.10) * fine + rng.uniform(0.0, 0.08) * blotch)
    pigment += rng.uniform(0, 0.25) * (0.15 + tone) * knuckles
    blood = rng.uniform(0.08, 0.36) + rng.uniform(0.02, 0.09) * blotch + 0.03 * fine
    blood += palm * rng.uniform(0.0, 0.22) + tips * rng.uniform(0.0, 0.3)
    blood += knuckles * rng.uniform(0.0, 0.25)
    dirt = palm_lines * rng.uniform(0.12, 0.4) * (1 + 1.2 * tone) + back_lines * rng.uniform(
        0.1, 0.35
    )

    ridges = _bump(_noise(position, (0.045, 0.02, 0.014), rng), 0.10)
    veins = ridges * _smooth(geometry.dorsal, 0.3, 0.8) * _smooth(geometry.weights[:, 0], 0.4, 0.9)
    veins *= max(0.0, rng.normal(0, 0.10)) * (1 - 0.7 * tone)
    dots = _noise(position, 0.0016, rng) + 0.6 * _noise(position, 0.03, rng)
    freckles = _smooth(dots, rng.uniform(2.2, 4.0), 4.2) * _smooth(geometry.dorsal, -0.1, 0.4)
    pigment += freckles * rng.uniform(0.1, 0.5)

    absorb = pigment[:, None] * _MELANIN + np.maximum(blood, 0)[:, None] * _BLOOD
    absorb += dirt[:, None] * np.array([0.8, 1.0, 1.0], np.float32)
    absorb += veins[:, None] * np.array([1.0, 0.45, 0.15], np.float32)
    colour = _BASE * np.exp(-absorb) * (1 + rng.normal(0, 0.02, 3).astype(np.float32))
    colour = _paint_nails(colour, geometry, tone, rng)
    if rng.random() < 0.15:
        colour = _paint_ring(colour, geometry, rng)
    return _texture(colour, geometry)


def _paint_nails(
    colour: Array, geometry: SkinGeometry, tone: float, rng: np.random.Generator
) -> Array:
    """Lay nails, plain or polished, over linear colours (N, 3)."""
    mask, edge, _ = _nails(geometry)
    if rng.random() < 0.22:
        hue = rng.random()
        polish = np.array(
            [[0.5, 0.01, 0.03], [0.02, 0.02, 0.03], [0.7, 0.25, 0.3], [0.05, 0.1, 0.4],
             [0.75, 0.7, 0.66], [0.03, 0.25, 0.22]], np.float32,
        )[int(hue * 6)]  # fmt: skip
        nail = np.broadcast_to(polish * rng.uniform(0.7, 1.3), colour.shape)
    else:
        bed = np.array([0.72, 0.42, 0.36], np.float32) * np.exp(-0.9 * tone)
        white = np.array([0.75, 0.70, 0.62], np.float32) * np.exp(-0.4 * tone)
        tip = _smooth(edge, 0.80, 0.92) * rng.uniform(0.2, 1.0)
        moon = _smooth(-edge, -0.28, -0.16) * rng.uniform(0.0, 0.5)
        share = np.clip(tip + moon, 0, 1)[:, None]
        nail = bed * (1 - share) + white * share
    rim = np.exp(-0.5 * ((mask - 0.5) / 0.18) ** 2)[:, None] * rng.uniform(0.1, 0.35)
    return (colour * (1 - mask[:, None]) + nail * mask[:, None]) * (1 - rim)


def _paint_ring(colour: Array, geometry: SkinGeometry, rng: np.random.Generator) -> Array:
    """Put a ring of metal around one finger; linear colours (N, 3)."""
    joint = int(rng.choice([1, 4, 7, 10, 10, 10, 14]))
    place = geometry.tip[joint] * rng.uniform(0.55, 0.7)
    half = rng.uniform(0.0012, 0.003)
    band = _smooth(half - np.abs(geometry.along[:, joint] - place), -0.0004, 0.0004)
    band *= _smooth(geometry.weights[:, joint], 0.4, 0.6)
    metal = np.array([[0.72, 0.52, 0.22], [0.6, 0.6, 0.62], [0.05, 0.05, 0.05]], np.float32)
    tint = (
        metal[rng.integers(3)]
        * (0.8 + 0.4 * np.abs(np.sin(900 * geometry.across[:, joint])))[:, None]
    )
    return colour * (1 - band[:, None]) + tint * band[:, None]


def _texture(colour: Array, geometry: SkinGeometry) -> NDArray[np.uint8]:
    """Spread linear texel colours (N, 3) into an sRGB texture (3, T, T) with padded borders."""
    image = np.zeros((geometry.size, geometry.size, 3), np.float32)
    image[geometry.covered] = colour
    nearest = ndimage.distance_transform_edt(
        ~geometry.covered, return_distances=False, return_indices=True
    )
    image = np.clip(image[nearest[0], nearest[1]], 0, 1)
    encoded = np.where(image <= 0.0031308, 12.92 * image, 1.055 * image ** (1 / 2.4) - 0.055)
    return (encoded.transpose(2, 0, 1) * 255 + 0.5).astype(np.uint8)


def procedural_skins(
    model: HandModel,
    count: int = 56,
    size: int = SKIN_SIZE,
    cache: Path | None = None,
    workers: int | None = None,
) -> torch.Tensor:
    """A bank of skins (count, 3, size, size) uint8 sRGB, painted once and kept in a cache folder.

    Args:
        model: with UVs and joint axes.
        count: skins.
        size: px.
        cache: folder; the user's cache folder if None.
        workers: processes; one per core if None.
    """
    folder = cache or Path(platformdirs.user_cache_dir("manyhands"))
    assert model.vt is not None
    digest = hashlib.sha256(model.v_template.tobytes() + model.vt.tobytes()).hexdigest()[:12]
    path = folder / f"skins-{SKIN_VERSION}-{digest}-{size}-{count}.npy"
    if not path.is_file():
        logging.getLogger(__name__).info("Painting %d skins into %s", count, path)
        paint = partial(paint_skin, geometry=bake_geometry(model, size))
        context = multiprocessing.get_context("spawn")
        workers = workers or min(os.cpu_count() or 1, count)
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            # The geometry travels once per chunk.
            bank = np.stack(list(pool.map(paint, range(count), chunksize=-(-count // workers))))
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npy")
        np.save(part, bank)
        part.replace(path)
    return torch.from_numpy(np.load(path))


def photographic_skins(folder: Path, size: int = SKIN_SIZE) -> torch.Tensor:
    """Skins (S, 3, size, size) uint8 sRGB from the pictures of a folder in the same UV."""
    skins = []
    for path in sorted(folder.glob("*.jpg")) + sorted(folder.glob("*.png")):
        image = cv2.imread(str(path))
        if image is None:
            raise ValueError(f"{path} is not a picture")
        image = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
        skins.append(image[..., ::-1].transpose(2, 0, 1).copy())
    if not skins:
        raise ValueError(f"{folder} holds no .jpg or .png skins")
    return torch.from_numpy(np.stack(skins))


def main() -> None:
    """Paint the bank ahead of time and save a contact sheet of it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--count", type=int, default=56)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    skins = procedural_skins(
        load_hand_model(arguments.model), arguments.count, cache=arguments.cache
    )
    if arguments.sheet:
        small = torch.nn.functional.interpolate(skins[:24].float(), scale_factor=0.5)
        sheet = torch.cat([torch.cat(list(row), 2) for row in small.split(6) if len(row) == 6], 1)
        cv2.imwrite(str(arguments.sheet), sheet.byte().numpy().transpose(1, 2, 0)[..., ::-1])


if __name__ == "__main__":
    main()
