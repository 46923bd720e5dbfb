"""Light on skin: soft surroundings, key lights with shadows, occlusion by the hands themselves."""

import torch
from torch import Tensor

from core.topology import BONES

# Spheres along each bone; the fingertip's end is left out, the palm is filled.
_STEPS = (0.3, 0.75)
#: Spheres that stand for one hand where it throws shadows.
SPHERES = len(BONES) * len(_STEPS)
_EXACT = "donot_use_mm_for_euclid_dist"
# Skin scatters red light most: how far light wraps beyond the terminator, per colour.
_WRAP = (0.30, 0.14, 0.10)


def sh_basis(normal: Tensor) -> Tensor:
    """Nine real spherical harmonics (..., 9) of unit normals, up to order 2, unnormalised by name.

    The constants are those of the SMHR light model (components 1.8): at coefficient 1 the first
    term is 0.886. Order: 1, y, z, x, xy, yz, 3z^2-1, xz, x^2-y^2, with its signs.
    """
    x, y, z = normal.unbind(-1)
    k0, k1, k2 = 0.8862269, 1.7724539, 2.4270325
    terms = (
        torch.full_like(x, k0),
        -k1 * y,
        k1 * z,
        -k1 * x,
        k2 * x * y,
        -k2 * y * z,
        k2 * (3 * z * z - 1) / (2 * 3**0.5),
        -k2 * x * z,
        k2 * (x * x - y * y) / 2,
    )
    return torch.stack(terms, -1)


def hand_spheres(joints: Tensor) -> Tensor:
    """Spheres (B, SPHERES, 4) m (centre, radius) that fill hands with joints (B, 21, 3)."""
    parent, child = torch.tensor(BONES, device=joints.device).T
    a, b = joints[:, parent], joints[:, child]
    step = torch.tensor(_STEPS, device=joints.device)[:, None]
    centre = a[:, :, None] + (b - a)[:, :, None] * step
    # In units of the palm (wrist to middle knuckle, about 95 mm).
    palm = (joints[:, 9] - joints[:, 0]).norm(dim=-1)
    finger = (child - 1) % 4
    share = torch.where(finger == 0, 0.115, torch.where(finger == 3, 0.066, 0.078))
    radius = (palm[:, None] * share)[..., None, None].expand(*centre.shape[:3], 1)
    return torch.cat((centre, radius), -1).flatten(1, 2)


def occlusion(
    points: Tensor, normals: Tensor, spheres: Tensor, lights: Tensor
) -> tuple[Tensor, Tensor]:
    """How much of the surroundings and of each light reaches points, with spheres in the way.

    Args:
        points: (B, V, 3) m.
        normals: (B, V, 3).
        spheres: (B, S, 4) m; a radius of zero hides nothing.
        lights: (B, L, 3) unit vectors towards the lights.

    Returns:
        Ambient visibility (B, V) and light visibility (B, V, L), in [0, 1].
    """
    centre, radius = spheres[:, None, :, :3], spheres[:, None, :, 3]
    # Matrix products instead of (B, V, S, 3) differences: (c - p) . n = c.n - p.n, and so on. Not
    # for the distance: with TF32 its digits would cancel.
    squared = torch.cdist(points, spheres[..., :3], compute_mode=_EXACT).square().clamp(min=1e-8)
    facing = normals @ spheres[..., :3].mT - (normals * points).sum(-1, keepdim=True)
    cosine = facing * squared.rsqrt()
    covered = (radius.square() / squared).clamp(max=1) * (cosine - 0.05).clamp(min=0)
    ambient = torch.exp(-1.1 * covered.sum(-1))
    visible = []
    for light in lights.unbind(1):
        ahead = (centre.squeeze(1) @ light[..., None]).mT - points @ light[..., None]
        miss = (squared - ahead.square()).clamp(min=0).sqrt()
        soft = 0.25 * radius + 0.12 * ahead.clamp(min=0)
        shadow = ((radius + 0.5 * soft - miss) / soft.clamp(min=1e-5)).clamp(0, 1)
        shadow = shadow * (ahead > 0.5 * radius) * (radius > 0)
        visible.append(1 - 0.9 * shadow.amax(-1))
    return ambient, torch.stack(visible, -1)


def shade(
    albedo: Tensor,
    normal: Tensor,
    view: Tensor,
    ambient_seen: Tensor,
    light_seen: Tensor,
    light: tuple[Tensor, Tensor, Tensor],
    gloss: Tensor,
    skin: Tensor,
) -> Tensor:
    """Linear radiance (M, 3) of surface points.

    Args:
        albedo: (M, 3) linear.
        normal: (M, 3) unit.
        view: (M, 3) unit, towards the camera.
        ambient_seen: (M,) share of the surroundings that is seen.
        light_seen: (M, L) share of each light.
        light: ambient (M, 9, 3), direction (M, L, 3), colour (M, L, 3).
        gloss: (M,) strength of the Blinn highlight.
        skin: (M,) 1 for skin, which light wraps around, 0 for the rest.
    """
    ambient, direction, colour = light
    sky = (sh_basis(normal)[..., None] * ambient).sum(1).clamp(min=0.02)
    # Light that bounces between skin comes back red: dark corners are not black.
    bounce = albedo * skin[:, None]
    seen = ambient_seen[:, None]
    total = sky * (seen + (1 - seen) * 0.35 * bounce)
    wrap = skin[:, None] * albedo.new_tensor(_WRAP)
    shine = torch.zeros_like(albedo)
    for number in range(direction.shape[1]):
        towards, power = direction[:, number], colour[:, number]
        cosine = (normal * towards).sum(-1, keepdim=True)
        reach = ((cosine + wrap) / (1 + wrap).square()).clamp(min=0)
        seen = light_seen[:, number, None]
        total = total + power * reach * (seen + (1 - seen) * wrap * 0.5)
        half = torch.nn.functional.normalize(towards + view, dim=-1)
        lobe = (normal * half).sum(-1, keepdim=True).clamp(min=0) ** 24
        shine = shine + power * lobe * (cosine > 0) * seen
    edge = (1 - (normal * view).sum(-1, keepdim=True).clamp(0, 1)) ** 4
    shine = shine + 0.35 * edge * sky * ambient_seen[:, None]
    return albedo * total + gloss[:, None] * shine
