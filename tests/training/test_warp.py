import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.hand_model.skinning_torch import mirror_x
from tests.networks import hand_layer
from tests.training.samples import LEFT, random_hands, root_relative
from training.batch import TrainingBatch
from training.synthetic.shading import sh_basis
from training.warp import PicturePool, warp_image, warp_labels

HEIGHT, WIDTH = 96, 128


def similarity(
    scale: float, turn_deg: float, mirror: bool, shift: tuple[float, float] = (0, 0)
) -> Tensor:
    """out_from_source (1, 3, 3) about the picture's middle."""
    angle = math.radians(turn_deg)
    linear = scale * torch.tensor(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    if mirror:
        linear = linear @ torch.diag(torch.tensor([-1.0, 1.0]))
    middle = torch.tensor([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    matrix = torch.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = middle + torch.tensor(shift) - linear @ middle
    return matrix[None]


CASES = {
    "turned": similarity(1.0, 33, False, (4.3, -2.6)),
    "grown": similarity(1.45, -14, False),
    "mirrored": similarity(0.9, 50, True, (3, 2)),
    "shrunk": similarity(0.45, 10, False),
    "far smaller": similarity(0.3, 100, True),
}


def dots(points: Tensor, height: int, width: int, radius: float) -> Tensor:
    """(3, height, width) uint8: a soft white dot at each of (N, 2) px on black."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    square = (x - points[:, 0, None, None]) ** 2 + (y - points[:, 1, None, None]) ** 2
    return (
        (255 * torch.exp(-square / (2 * radius**2))).amax(0).round().to(torch.uint8).repeat(3, 1, 1)
    )


def found_near(image: Tensor, point: Tensor, reach: float) -> Tensor:
    """Centre of brightness (2,) px within `reach` px of a point of (H, W)."""
    y, x = torch.meshgrid(torch.arange(image.shape[0]), torch.arange(image.shape[1]), indexing="ij")
    near = image * (((x - point[0]) ** 2 + (y - point[1]) ** 2) < reach**2)
    return torch.stack([(near * x).sum(), (near * y).sum()]) / near.sum()


@pytest.mark.parametrize("name", CASES)
def test_keypoints_are_warped_as_their_picture_is(name: str) -> None:
    matrix = CASES[name]
    scale = matrix[0, :2, :2].det().abs().sqrt().item()
    points = torch.tensor([[64.2, 47.7], [40.5, 30.0], [88.0, 36.3], [44.0, 70.0], [82.6, 66.1]])
    source = random_hands(1, 1, HEIGHT, WIDTH)
    keypoints = points.repeat(5, 1)[:21][None, None]
    image = torch.zeros(1, 3, 140, 140, dtype=torch.uint8)
    image[0, :, :HEIGHT, :WIDTH] = dots(points, HEIGHT, WIDTH, 2.5)
    source = replace(source, image=image, keypoints_2d=keypoints)
    size = torch.tensor([[float(WIDTH), float(HEIGHT)]])
    pool = PicturePool(source, size)
    warped, inside = warp_image(pool, torch.tensor([0]), matrix, HEIGHT, WIDTH)
    moved = warp_labels(source, matrix, HEIGHT, WIDTH).keypoints_2d[0, 0]
    brightness = warped[0, 0] * inside[0]
    for point in moved[:5]:
        found = found_near(brightness, point, max(8 * scale, 3.5))
        assert (found - point).norm() < 0.5


def test_a_picture_covers_what_its_corners_span() -> None:
    image = torch.full((1, 3, 64, 64), 200, dtype=torch.uint8)
    size = torch.tensor([[40.0, 30.0]])
    shift = torch.eye(3)[None].clone()
    shift[0, :2, 2] = torch.tensor([5.0, 7.0])
    pool = PicturePool(replace(random_hands(1, 1, 64, 64), image=image), size)
    pixels, inside = warp_image(pool, torch.tensor([0]), shift, 50, 60)
    expected = torch.zeros(50, 60, dtype=torch.bool)
    expected[7:37, 5:45] = True
    assert torch.equal(inside[0], expected)
    torch.testing.assert_close(pixels[0, :, expected], torch.full((3, 1200), 200.0))


def test_warping_leaves_its_source_as_it_was() -> None:
    pool = PicturePool(random_hands(1, 1, 64, 64), torch.tensor([[64.0, 64.0]]))
    before = pool.labels.image.clone(), pool.half.clone()
    warp_image(pool, torch.tensor([0]), similarity(0.4, 0, False), 32, 32)
    assert torch.equal(pool.labels.image, before[0])
    assert torch.equal(pool.half, before[1])


@pytest.mark.parametrize("scale", [0.6, 0.4])
def test_a_shrunk_picture_is_the_mean_of_what_it_covers(scale: float) -> None:
    """Single pixels of a checkerboard would alias to black or white without a low pass."""
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    checks = (255 * ((x + y) % 2)).to(torch.uint8).expand(1, 3, 64, 64)
    labels = replace(random_hands(1, 1, 64, 64), image=checks.contiguous())
    pool = PicturePool(labels, torch.tensor([[64.0, 64.0]]))
    matrix = torch.diag(torch.tensor([scale, scale, 1.0]))[None]
    warped, inside = warp_image(pool, torch.tensor([0]), matrix, 24, 24)
    seen = warped[0, 0, 2:22, 2:22]
    assert inside[0, 2:22, 2:22].all()
    assert (seen - 127.5).abs().max() < 5


@pytest.mark.parametrize("name", CASES)
def test_labels_in_3d_stay_exact_under_a_similarity(name: str) -> None:
    source = random_hands(1, 3, HEIGHT, WIDTH, seed=7)
    warped = warp_labels(source, CASES[name], HEIGHT, WIDTH)
    projected = warped.joints_3d @ warped.K.mT
    projected = projected[..., :2] / projected[..., 2:]
    assert (projected - warped.keypoints_2d).norm(dim=-1).max() < 0.01
    _, joints = hand_layer()(warped.pose.flatten(0, 1), warped.betas.flatten(0, 1))
    joints = mirror_x(joints, warped.side.flatten() == LEFT).view(1, 3, 21, 3)
    difference = root_relative(joints) - root_relative(warped.joints_3d)
    assert difference.norm(dim=-1).max() < 1e-5
    determinants = torch.linalg.det(warped.pose.flatten(0, 2))
    torch.testing.assert_close(determinants, torch.ones_like(determinants))


@pytest.mark.parametrize("name", CASES)
def test_light_is_turned_with_the_camera(name: str) -> None:
    source = random_hands(1, 2, HEIGHT, WIDTH)
    matrix = CASES[name]
    warped = warp_labels(source, matrix, HEIGHT, WIDTH)
    turn = torch.eye(3)
    turn[:2, :2] = matrix[0, :2, :2] / matrix[0, :2, :2].det().abs().sqrt()
    normals = torch.nn.functional.normalize(torch.randn(50, 3), dim=-1)
    assert source.light is not None
    assert warped.light is not None
    before = sh_basis(normals @ turn) @ source.light.view(2, 3, 9).mT  # at Q^T n
    after = sh_basis(normals) @ warped.light.view(2, 3, 9).mT
    torch.testing.assert_close(after, before, atol=1e-3, rtol=1e-3)


def test_mirroring_swaps_sides_and_turning_does_not() -> None:
    source = random_hands(1, 4, HEIGHT, WIDTH, seed=2)
    mirrored = warp_labels(source, similarity(1, 20, True), HEIGHT, WIDTH)
    assert torch.equal(mirrored.side, 1 - source.side)
    turned = warp_labels(source, similarity(1, 20, False), HEIGHT, WIDTH)
    assert torch.equal(turned.side, source.side)


def test_mirroring_twice_is_no_change() -> None:
    source = random_hands(1, 2, HEIGHT, WIDTH)
    flip = similarity(1, 0, True)
    twice = warp_labels(warp_labels(source, flip, HEIGHT, WIDTH), flip, HEIGHT, WIDTH)
    for name in ("side", "keypoints_2d", "joints_3d", "pose", "K", "light"):
        torch.testing.assert_close(
            getattr(twice, name), getattr(source, name), atol=1e-3, rtol=1e-4, msg=name
        )


def test_boxes_are_warped_to_the_boxes_around_them_and_empty_ones_stay_empty() -> None:
    region = torch.tensor([[[10.0, 20.0, 30.0, 26.0], [0.0, 0.0, 0.0, 0.0]]])
    source = replace(random_hands(1, 1, HEIGHT, WIDTH), ignore_xyxy=region)
    matrix = similarity(2.0, 30, True, (1, 5))
    warped = warp_labels(source, matrix, HEIGHT, WIDTH).ignore_xyxy[0]
    corners = torch.tensor([[10.0, 20], [30, 20], [10, 26], [30, 26]])
    moved = corners @ matrix[0, :2, :2].T + matrix[0, :2, 2]
    torch.testing.assert_close(warped[0], torch.cat([moved.amin(0), moved.amax(0)]))
    assert (warped[1] == 0).all()


def placed(batch: TrainingBatch, x: float) -> TrainingBatch:
    """One hand 40 px wide whose left edge is at x px."""
    step = torch.arange(21.0)
    points = torch.stack([x + 2 * step, 40 + step], -1)[None, None]
    return replace(batch, keypoints_2d=points)


def test_a_hand_mostly_outside_becomes_a_region_without_loss() -> None:
    source = random_hands(1, 1, HEIGHT, WIDTH)
    stay = torch.eye(3)[None]
    kept = warp_labels(placed(source, WIDTH - 30), stay, HEIGHT, WIDTH)
    assert kept.valid.all()
    assert (kept.ignore_xyxy[0, 2:] == 0).all()
    cut = warp_labels(placed(source, WIDTH - 10), stay, HEIGHT, WIDTH)
    assert not cut.valid.any()
    expected = torch.tensor([WIDTH - 10.0, 40.0, WIDTH + 30.0, 60.0])
    torch.testing.assert_close(cut.ignore_xyxy[0, 2], expected)


def test_keypoints_outside_count_less() -> None:
    source = placed(random_hands(1, 1, HEIGHT, WIDTH), WIDTH - 30)
    confidence = warp_labels(source, torch.eye(3)[None], HEIGHT, WIDTH).keypoint_confidence[0, 0]
    outside = source.keypoints_2d[0, 0, :, 0] > WIDTH - 1
    assert outside.any()
    assert (confidence[~outside] == 1).all()
    torch.testing.assert_close(confidence[outside], torch.full_like(confidence[outside], 0.3))
