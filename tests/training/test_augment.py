from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.topology import MIDDLE_MCP, WRIST
from tests.training.samples import LEFT, RIGHT, random_hands
from training.augment import AugmentConfig, Draw, augmented_batch, occluded, photometric
from training.batch import TrainingBatch
from training.warp import PicturePool

SIZE = 96
#: Nothing but scale and place.
PLAIN = AugmentConfig(
    hand_px=(30.0, 40.0),
    zoom=(0.3, 3.0),
    beside=0,
    turn_deg=0,
    any_turn=0,
    mirror=0,
    pair=0,
    photometric=0,
    blur=0,
    occlude=0,
)
RED, BLUE = (200, 20, 10), (15, 30, 210)


def draw_of(seed: int = 0) -> Draw:
    return Draw(torch.Generator().manual_seed(seed))


def pool_of(batch: TrainingBatch) -> PicturePool:
    height, width = batch.image.shape[2:]
    return PicturePool(batch, torch.tensor([width, height]).float().expand(len(batch), 2))


def red_and_blue() -> PicturePool:
    """An even red picture with a left hand and an even blue one with a right hand."""
    batch = random_hands(2, 1, 120, 160)
    image = torch.tensor([RED, BLUE], dtype=torch.uint8)[:, :, None, None].expand(2, 3, 120, 160)
    points = torch.rand(21, 2, generator=torch.Generator().manual_seed(0)) * 30
    points = (points + torch.tensor([65.0, 45.0])).expand(2, 1, 21, 2)
    side = torch.tensor([[LEFT], [RIGHT]])
    return pool_of(replace(batch, image=image.contiguous(), keypoints_2d=points, side=side))


def make(
    pool: PicturePool, rows: Tensor, config: AugmentConfig = PLAIN, seed: int = 0
) -> TrainingBatch:
    backgrounds = torch.full((1, 3, 24, 32), 128, dtype=torch.uint8)
    return augmented_batch(pool, rows, backgrounds, SIZE, SIZE, draw_of(seed), config)


def test_the_same_seed_makes_the_same_batch() -> None:
    pool, rows = pool_of(random_hands(4, 2)), torch.tensor([0, 3, 1, 2])
    config = AugmentConfig(pair=0.5, blur=1, occlude=1)
    first, again, other = (make(pool, rows, config, seed) for seed in (5, 5, 6))
    for name in ("image", "valid", "keypoints_2d", "keypoint_confidence", "joints_3d", "K"):
        assert torch.equal(getattr(first, name), getattr(again, name)), name
    assert not torch.equal(first.image, other.image)
    assert not torch.equal(first.keypoints_2d, other.keypoints_2d)


def test_pictures_are_bytes_of_the_size_that_was_asked_for() -> None:
    batch = make(pool_of(random_hands(3, 1)), torch.arange(3), AugmentConfig())
    assert batch.image.dtype == torch.uint8
    assert batch.image.shape == (3, 3, SIZE, SIZE)


def test_colours_stay_what_they_were_with_photometric_changes_off() -> None:
    batch = make(red_and_blue(), torch.zeros(6, dtype=torch.long))
    row, column = (batch.keypoints_2d[:, 0].mean(1).round().long().clamp(0, SIZE - 1)).T.flip(0)
    seen = batch.image[torch.arange(6), :, row, column]
    assert (seen == torch.tensor(RED)).all()


def test_photometric_changes_touch_every_picture_or_none() -> None:
    image = random_hands(12, 1).image
    same = photometric(image, draw_of(), replace(PLAIN, photometric=0, blur=0))
    assert torch.equal(same, image)
    changed = photometric(image, draw_of(), replace(PLAIN, photometric=1, blur=0))
    assert (changed != image).flatten(1).any(1).all()


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_shares_of_blurred_covered_and_mirrored_pictures_are_respected(share: float) -> None:
    count = 120
    image = random_hands(1, 1, 32, 32).image.expand(count, -1, -1, -1).contiguous()
    blurred = photometric(image, draw_of(), replace(PLAIN, blur=share))
    covered = occluded(image, draw_of(), share).round().to(torch.uint8)
    pool, rows = red_and_blue(), torch.zeros(count, dtype=torch.long)
    mirrored = make(pool, rows, replace(PLAIN, mirror=share)).side[:, 0] == RIGHT
    for changed in (
        (blurred != image).flatten(1).any(1),
        (covered != image).flatten(1).any(1),
        mirrored,
    ):
        assert changed.float().mean().item() == pytest.approx(share, abs=0.13)


def test_blur_keeps_brightness_and_takes_contrast() -> None:
    image = random_hands(4, 1).image
    blurred = photometric(image, draw_of(), replace(PLAIN, blur=1)).float()
    sharp = image.float()
    torch.testing.assert_close(blurred.mean((1, 2, 3)), sharp.mean((1, 2, 3)), atol=2, rtol=0)
    assert (blurred.std((2, 3)) < sharp.std((2, 3))).all()


def test_hands_get_the_size_that_was_asked_for() -> None:
    batch = make(red_and_blue(), torch.tensor([0, 1] * 20))
    extent = (batch.keypoints_2d.amax(2) - batch.keypoints_2d.amin(2)).amax(-1)
    assert extent.min() >= 30 - 1e-3
    assert extent.max() <= 40 + 1e-3
    assert extent.std() > 1
    bound = make(red_and_blue(), torch.tensor([0, 1]), replace(PLAIN, zoom=(1.0, 1.0)))
    source = red_and_blue().labels.keypoints_2d
    widths = bound.keypoints_2d.amax(2) - bound.keypoints_2d.amin(2)
    torch.testing.assert_close(widths, source.amax(2) - source.amin(2), atol=1e-3, rtol=0)


def test_a_hand_may_keep_its_place_in_the_frame() -> None:
    config = replace(PLAIN, keep_place=1.0)
    batch = make(red_and_blue(), torch.tensor([0, 1] * 5), config)
    points, source = batch.keypoints_2d, red_and_blue().labels.keypoints_2d[0, 0]
    centre = (points.amin(2) + points.amax(2)) / 2
    as_taken = (source.amin(0) + source.amax(0)) / 2 / torch.tensor([160.0, 120.0])
    torch.testing.assert_close(centre, (as_taken * SIZE).expand_as(centre), atol=0.01, rtol=0)


def test_beside_a_hand_there_is_no_hand_but_what_it_is_on() -> None:
    config = replace(PLAIN, beside=1.0, any_turn=1.0)
    rows = torch.tensor([0, 1] * 50)
    batch = make(red_and_blue(), rows, config)
    assert not batch.valid.any()
    points = batch.keypoints_2d[:, 0]
    assert not ((points >= 0) & (points <= SIZE - 1)).all(-1).any()
    # It points out of the frame: its wrist is nearer to the middle than its knuckle.
    away = (points - SIZE / 2).norm(dim=-1)
    assert (away[:, WRIST] < away[:, MIDDLE_MCP]).float().mean() > 0.95
    # The picture that the hand is in still fills a part of the frame.
    colour = torch.tensor([RED, BLUE], dtype=torch.uint8)[rows][:, :, None, None]
    shown = (batch.image.int() - colour.int()).abs().amax(1) <= 1
    assert shown.float().mean() > 0.2
    assert (shown.flatten(1).sum(1) > 0).float().mean() > 0.9


def test_as_many_pictures_are_beside_their_hand_as_asked() -> None:
    batch = make(red_and_blue(), torch.tensor([0, 1] * 200), replace(PLAIN, beside=0.3))
    assert batch.valid.any(1).float().mean() == pytest.approx(0.7, abs=0.07)


def test_a_pair_shows_both_pictures_and_only_hands_that_are_seen() -> None:
    config = replace(PLAIN, pair=1.0, hand_px=(18.0, 26.0), zoom=(0.3, 3.0))
    batch = make(red_and_blue(), torch.tensor([0] * 40), config)
    assert batch.num_hands == 2
    pixels = batch.image.permute(0, 2, 3, 1)
    is_red = (pixels == torch.tensor(RED)).all(-1)
    is_blue = (pixels == torch.tensor(BLUE)).all(-1)
    both = is_red.any((1, 2)) & is_blue.any((1, 2))
    assert both.sum() >= 10  # a partner is a red picture as often as a blue one
    hidden = shown = 0
    for picture in both.nonzero().flatten().tolist():
        for slot in range(2):
            own = is_red[picture] if batch.side[picture, slot] == LEFT else is_blue[picture]
            column, row = batch.keypoints_2d[picture, slot].round().long().T
            within = (column >= 0) & (column < SIZE) & (row >= 0) & (row < SIZE)
            seen = own[row.clamp(0, SIZE - 1), column.clamp(0, SIZE - 1)] & within
            share = seen.float().mean().item()
            assert bool(batch.valid[picture, slot]) == (share >= 0.5)
            confidence = batch.keypoint_confidence[picture, slot]
            assert (confidence[seen] == 1).all()
            assert (confidence[~seen] <= 0.3).all()
            shown += share >= 0.5
            hidden += share < 0.5
            if 0 < share < 0.5:
                box = batch.keypoints_2d[picture, slot]
                box = torch.cat([box.amin(0), box.amax(0)])
                assert (batch.ignore_xyxy[picture] - box).abs().amax(-1).min() < 1e-3
    assert shown > 5
    assert hidden > 5


def test_as_many_pictures_are_paired_as_asked() -> None:
    pool, rows = red_and_blue(), torch.zeros(8, dtype=torch.long)
    assert make(pool, rows).num_hands == 1
    some = make(pool, rows, replace(PLAIN, pair=0.25))
    assert some.num_hands == 2
    pixels = some.image.permute(0, 2, 3, 1)
    assert not (pixels[2:] == torch.tensor(BLUE)).all(-1).any()
    assert (some.K[2:, 1] == some.K[2:, 0]).all()  # empty slots


def test_a_picture_without_hands_is_warped_too() -> None:
    pool = red_and_blue()
    empty = replace(pool.labels, valid=torch.zeros(2, 1, dtype=torch.bool))
    batch = make(pool_of(empty), torch.tensor([0, 1]), AugmentConfig())
    assert not batch.valid.any()
    assert torch.isfinite(batch.keypoints_2d).all()
