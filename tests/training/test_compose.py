"""Composed pictures are what their labels say."""

from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor

from core.errors import TrainingError
from core.hand_model.skinning_torch import mirror_x
from tests.networks import hand_layer
from tests.training.samples import LEFT, random_hands, root_relative
from tests.training.test_warp import found_near
from training.arrange import ArrangeConfig
from training.augment import AugmentConfig, Draw
from training.batch import TrainingBatch
from training.compose import (
    ComposeConfig,
    Composite,
    composed_batch,
    photographed,
)
from training.cutout import CutConfig, cut_out, whole_hands
from training.warp import PicturePool

SOURCE = 160
HEIGHT, WIDTH = 192, 256
AS_TAKEN = AugmentConfig(photometric=0, blur=0)
ANYTHING = CutConfig(min_px=8, min_in_frame=0, max_foreign=1, min_on_mask=0)
#: Colours stay, and every hand is taken.
PLAIN = ComposeConfig(transfer=0, cut=ANYTHING, augment=AS_TAKEN)
ROOM = (40, 90, 40)


def draw_of(seed: int = 0) -> Draw:
    return Draw(torch.Generator().manual_seed(seed))


def pool_of(batch: TrainingBatch) -> PicturePool:
    height, width = batch.image.shape[2:]
    return PicturePool(batch, torch.tensor([width, height]).float().expand(len(batch), 2))


def grid_keypoints(count: int, low: float = 56, step: float = 12) -> Tensor:
    """(count, 1, 21, 2) px: 21 points on a 5 x 5 grid."""
    number = torch.arange(21)
    points = low + step * torch.stack([number % 5, number // 5], -1).float()
    return points.expand(count, 1, 21, 2)


def coloured_squares(count: int = 5) -> PicturePool:
    """Hands that are evenly coloured squares with masks, on white."""
    batch = random_hands(count, 1, SOURCE, SOURCE)
    image = torch.full((count, 3, SOURCE, SOURCE), 255, dtype=torch.uint8)
    index = torch.full((count, SOURCE, SOURCE), -1, dtype=torch.int8)
    index[:, 48:112, 48:112] = 0
    for row, colour in enumerate(square_colours(count)):
        image[row, :, 48:112, 48:112] = colour[:, None, None]
    return pool_of(
        replace(batch, image=image, keypoints_2d=grid_keypoints(count), hand_index=index)
    )


def square_colours(count: int = 5) -> Tensor:
    level = torch.linspace(100, 250, count).to(torch.uint8)
    return torch.stack([level, 30 + 0 * level, level.flip(0)], -1)


def rooms() -> Tensor:
    return torch.tensor(ROOM, dtype=torch.uint8)[None, :, None, None].repeat(2, 1, 24, 32)


def compose(
    pool: PicturePool, count: int, config: ComposeConfig = PLAIN, seed: int = 0
) -> Composite:
    return composed_batch(pool, rooms(), count, HEIGHT, WIDTH, draw_of(seed), config)


def exactly(hands: int, config: ComposeConfig = PLAIN) -> ComposeConfig:
    return replace(config, hand_count_weights=tuple(float(n == hands) for n in range(7)))


@pytest.mark.parametrize("hands", range(7))
def test_pictures_hold_as_many_hands_as_asked_for(hands: int) -> None:
    composite = compose(coloured_squares(), 6, exactly(hands))
    batch = composite.batch
    assert batch.image.shape == (6, 3, HEIGHT, WIDTH)
    assert batch.image.dtype == torch.uint8
    assert (batch.valid.sum(1) == hands).all()
    assert batch.hand_index is not None
    for picture in batch.hand_index:
        assert set(picture.unique().tolist()) == set(range(-1, hands))
    assert torch.equal(composite.source[..., 0] >= 0, batch.valid)


def test_counts_follow_their_weights() -> None:
    config = replace(PLAIN, hand_count_weights=(0.5, 0.25, 0.25))
    small = composed_batch(coloured_squares(), rooms(), 120, 48, 64, draw_of(), config)
    counts = small.batch.valid.sum(1)
    share = torch.bincount(counts, minlength=3) / 120
    assert (share - torch.tensor([0.5, 0.25, 0.25])).abs().max() < 0.15


def test_the_same_seed_composes_the_same_pictures() -> None:
    pool, config = coloured_squares(), ComposeConfig(cut=ANYTHING)
    first, again, other = (compose(pool, 4, config, seed) for seed in (3, 3, 4))
    for entry in fields(TrainingBatch):
        value = getattr(first.batch, entry.name)
        assert value is None or torch.equal(value, getattr(again.batch, entry.name)), entry.name
    for name in ("source", "out_from_source", "visibility", "shown"):
        assert torch.equal(getattr(first, name), getattr(again, name)), name
    assert not torch.equal(first.batch.image, other.batch.image)


def test_keypoints_lie_on_what_they_mark() -> None:
    """A dot under each of three keypoints; the dots are found again within half a pixel."""
    pool = coloured_squares(1)
    image = torch.full((1, 3, SOURCE, SOURCE), 0, dtype=torch.uint8)
    marked = (0, 12, 20)
    points = grid_keypoints(1)[0, 0, list(marked)]
    y, x = torch.meshgrid(torch.arange(SOURCE), torch.arange(SOURCE), indexing="ij")
    for channel, (px, py) in enumerate(points.tolist()):
        image[0, channel] = (255 * torch.exp(-((x - px) ** 2 + (y - py) ** 2) / 18)).round()
    pool = pool_of(replace(pool.labels, image=image))
    hands = ArrangeConfig(hand_px=(40, 110), any_turn=1, min_in_frame=1)
    batch = compose(pool, 12, exactly(1, replace(PLAIN, arrange=hands))).batch
    worst = 0.0
    for picture in range(12):
        for channel, joint in enumerate(marked):
            at = batch.keypoints_2d[picture, 0, joint]
            mask = batch.hand_index[picture] == 0  # type: ignore[index]
            brightness = batch.image[picture, channel] * mask
            worst = max(worst, float((found_near(brightness, at, 5) - at).norm()))
    assert worst < 0.5


def test_masks_do_not_erase_each_other() -> None:
    """Every pixel of a mask has the colour of its own hand, and together they are all hands."""
    pool = coloured_squares()
    composite = compose(pool, 12, exactly(4))
    index = composite.batch.hand_index
    assert index is not None
    pixels = composite.batch.image.permute(0, 2, 3, 1).float()
    colours = square_colours().float()
    for picture in range(12):
        for slot in range(4):
            mask = index[picture] == slot
            own = colours[composite.source[picture, slot, 0]]
            near = (pixels[picture][mask] - own).abs().amax(-1) < 60
            assert mask.sum() > 20
            assert near.float().mean() > 0.9
    # What is left over is the room, but for soft edges.
    red = pixels[..., 0] - pixels[..., 1]
    assert (red[index < 0] > 0).float().mean() < 0.12


def test_nearer_hands_are_larger() -> None:
    keypoints = compose(coloured_squares(), 8, exactly(5)).batch.keypoints_2d[:, :5]
    size = (keypoints.amax(2) - keypoints.amin(2)).amax(-1)
    assert (size.diff(dim=1) <= 1e-3).all()


@pytest.mark.parametrize("most", [0.1, 0.5])
def test_no_hand_is_covered_more_than_the_limit(most: float) -> None:
    """Measured twice: by the alphas, and by the area that is left of squares of known size."""
    arranged = ArrangeConfig(overlap=1, max_cover=most, min_in_frame=1, hand_px=(40, 120))
    config = exactly(4, replace(PLAIN, arrange=arranged))
    composite = compose(coloured_squares(), 16, config)
    assert composite.shown[:, :4].min() >= 1 - most - 0.01
    if most == 0.5:
        assert composite.shown[:, :4].min() < 0.8  # overlaps do occur
    scale = composite.out_from_source[:, :4, :2, :2].det().abs()
    square = 64 * 64 * scale
    index = composite.batch.hand_index
    assert index is not None
    seen = torch.stack([(index == slot).sum((1, 2)) for slot in range(4)], 1)
    keypoints = composite.batch.keypoints_2d[:, :4]
    inside = (keypoints.amin((2, 3)) > 12) & (keypoints.amax(2) < torch.tensor([244, 180])).all(-1)
    assert inside.sum() > 20
    assert (seen / square)[inside].min() > 1 - most - 0.1


def test_hands_that_may_not_overlap_lie_apart() -> None:
    config = exactly(6, replace(PLAIN, arrange=ArrangeConfig(overlap=0)))
    assert compose(coloured_squares(), 12, config).shown.min() > 0.95


def test_covered_joints_count_less_and_are_marked() -> None:
    arranged = ArrangeConfig(overlap=1, max_cover=0.6, hand_px=(60, 120), min_in_frame=1)
    config = exactly(3, replace(PLAIN, arrange=arranged))
    composite = compose(coloured_squares(), 12, config)
    batch = composite.batch
    assert batch.hand_index is not None
    seen, count = 0, 0
    for picture, slot in batch.valid.nonzero().tolist():
        points = batch.keypoints_2d[picture, slot].round().long()
        there = batch.hand_index[picture][points[:, 1], points[:, 0]]
        nearer = (there >= 0) & (there < slot)
        visibility = composite.visibility[picture, slot]
        seen += int((visibility[nearer] < 0.6).sum()) + int((visibility[~nearer] > 0.4).sum())
        count += 21
        confidence = batch.keypoint_confidence[picture, slot]
        torch.testing.assert_close(confidence, 1 - 0.7 * (1 - visibility))
    assert seen / count > 0.98
    assert (composite.visibility[batch.valid] < 0.1).any()


def test_labels_in_3d_are_exact_and_mirrored_hands_are_the_other_one() -> None:
    pool = pool_of(random_hands(6, 1, SOURCE, SOURCE, seed=3))
    config = exactly(3, replace(PLAIN, arrange=ArrangeConfig(min_in_frame=0.5)))
    composite = compose(pool, 8, config)
    batch = composite.batch
    picture, slot = batch.valid.nonzero().unbind(1)
    joints = batch.joints_3d[picture, slot]
    image = joints @ batch.K[picture, slot].mT
    projected = image[..., :2] / image[..., 2:]
    assert (projected - batch.keypoints_2d[picture, slot]).norm(dim=-1).max() < 0.02
    side = batch.side[picture, slot]
    _, canonical = hand_layer()(batch.pose[picture, slot], batch.betas[picture, slot])
    posed = mirror_x(canonical, side == LEFT)
    assert (root_relative(joints) - root_relative(posed)).norm(dim=-1).max() < 1e-5
    row, source_slot = composite.source[picture, slot].unbind(1)
    mirrored = composite.out_from_source[picture, slot, :2, :2].det() < 0
    assert mirrored.any() and not mirrored.all()
    assert torch.equal(side != pool.labels.side[row, source_slot], mirrored)


def test_each_hand_knows_where_it_is_from_and_how_it_was_moved() -> None:
    pool = pool_of(random_hands(6, 2, SOURCE, SOURCE, seed=3))
    composite = compose(pool, 6, exactly(2))
    row, slot = composite.source[:, :2].unbind(-1)
    before = pool.labels.keypoints_2d[row, slot]
    matrix = composite.out_from_source[:, :2]
    moved = before @ matrix[..., :2, :2].mT + matrix[..., None, :2, 2]
    torch.testing.assert_close(moved, composite.batch.keypoints_2d[:, :2], atol=0.02, rtol=1e-4)


def test_sizes_are_within_their_range() -> None:
    config = exactly(3, replace(PLAIN, arrange=ArrangeConfig(hand_px=(24, 320), max_zoom=10)))
    keypoints = compose(coloured_squares(), 20, config).batch.keypoints_2d[:, :3]
    size = (keypoints.amax(2) - keypoints.amin(2)).amax(-1)
    assert size.min() > 23.9
    assert size.max() < 0.9 * HEIGHT + 0.1
    assert size.min() < 35
    assert size.max() > 130


def test_colours_move_towards_the_background() -> None:
    pool = coloured_squares()
    moved = replace(PLAIN, transfer=1.0)
    before, after = (compose(pool, 24, exactly(1, config)) for config in (PLAIN, moved))
    assert before.batch.hand_index is not None
    assert torch.equal(before.batch.hand_index, after.batch.hand_index)  # type: ignore[arg-type]
    closer = 0
    for picture in range(24):
        mask = before.batch.hand_index[picture] == 0
        room = before.batch.image[picture][:, before.batch.hand_index[picture] < 0].float().mean(1)
        old, new = (c.batch.image[picture][:, mask].float().mean(1) for c in (before, after))
        closer += int((new - room).abs().sum() < 0.95 * (old - room).abs().sum())
    assert closer > 18


def test_backgrounds_are_seeded_crops_of_the_photos() -> None:
    ramp = torch.linspace(0, 255, 64).to(torch.uint8).expand(3, 48, 64)
    photo = torch.stack([ramp, ramp.flip(2)])
    first, again, other = (photographed(photo, 8, 40, 60, draw_of(seed)) for seed in (1, 1, 2))
    assert first.shape == (8, 3, 40, 60)
    assert 0 <= first.min() and first.max() <= 255
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    left = first[:, 0, :, 0].mean(1)
    assert left.std() > 5  # crops begin at different places


def test_light_takes_the_change_of_colour_and_albedo_stays() -> None:
    pool = coloured_squares()
    before, after = (
        compose(pool, 6, exactly(1, config)) for config in (PLAIN, replace(PLAIN, transfer=0.8))
    )
    assert before.batch.light is not None and after.batch.light is not None
    assert before.batch.albedo is not None and after.batch.albedo is not None
    torch.testing.assert_close(before.batch.albedo, after.batch.albedo)
    change = (after.batch.light / before.batch.light)[:, 0].view(6, 3, 9)
    torch.testing.assert_close(change, change[..., :1].expand_as(change), atol=1e-3, rtol=1e-3)
    for picture in range(6):
        mask = before.batch.hand_index[picture] == 0  # type: ignore[index]
        old, new = (c.batch.image[picture][:, mask].float().mean(1) for c in (before, after))
        torch.testing.assert_close(change[picture, :, 0], new / old, atol=0.05, rtol=0.1)


def test_without_masks_the_keypoints_cut_the_hand_out() -> None:
    """A white hand of capsules on black comes out whole, without its surroundings."""
    labels = replace(random_hands(8, 1, SOURCE, SOURCE, seed=1), hand_index=None)
    image = torch.zeros(8, 3, SOURCE, SOURCE)
    y, x = torch.meshgrid(torch.arange(SOURCE), torch.arange(SOURCE), indexing="ij")
    for row, points in enumerate(labels.keypoints_2d[:, 0]):
        square = (x - points[:, 0, None, None]) ** 2 + (y - points[:, 1, None, None]) ** 2
        image[row] = 220 * (square.amin(0) < 9)
    pool = pool_of(replace(labels, image=image.to(torch.uint8)))
    usable = whole_hands(pool, replace(CutConfig(), min_in_frame=0.9, min_px=10))
    cut = cut_out(pool, usable, CutConfig())
    points = cut.pictures.labels.keypoints_2d[:, 0].round().long().clamp(0, 127)
    hand = torch.arange(len(usable))[:, None]
    assert cut.alpha[hand, points[..., 1], points[..., 0]].min() > 0.9
    border = torch.ones(128, 128, dtype=torch.bool)
    border[3:-3, 3:-3] = False
    assert cut.alpha[:, border].max() < 0.05


def test_colour_draws_the_outline_where_it_tells_hand_from_room() -> None:
    labels = random_hands(6, 1, SOURCE, SOURCE, seed=1)
    image = torch.full((6, 3, SOURCE, SOURCE), 30.0)
    y, x = torch.meshgrid(torch.arange(SOURCE), torch.arange(SOURCE), indexing="ij")
    for row, points in enumerate(labels.keypoints_2d[:, 0]):
        square = (x - points[:, 0, None, None]) ** 2 + (y - points[:, 1, None, None]) ** 2
        image[row, 0] += 190 * (square.amin(0) < 4)
    pool = pool_of(replace(labels, image=image.to(torch.uint8)))
    everything = torch.stack([torch.arange(6), torch.zeros(6, dtype=torch.int64)], 1)
    loose, tight = (
        cut_out(pool, everything, replace(CutConfig(), tighten=tighten)) for tighten in (0.0, 1.0)
    )
    room = loose.pictures.labels.image[:, 0] < 60
    assert (tight.alpha * room).sum() < 0.9 * (loose.alpha * room).sum()
    assert (tight.alpha <= loose.alpha + 1e-5).all()


def test_hands_that_are_cut_off_unsure_or_not_alone_are_not_taken() -> None:
    batch = random_hands(5, 2, SOURCE, SOURCE)
    keypoints = grid_keypoints(5).repeat(1, 2, 1, 1).clone()
    keypoints[:, 1] += 200
    valid = torch.tensor([[True, False]] * 5)
    confidence = torch.ones(5, 2, 21)
    region = torch.zeros(5, 2, 4)
    keypoints[1, 0] -= 70  # cut off
    confidence[2] = 0.2  # unsure
    region[3, 0] = torch.tensor([60.0, 60.0, 90.0, 90.0])  # something unlabelled in front of it
    keypoints[4, 1], valid[4, 1] = keypoints[4, 0] + 20, True  # two hands in one another
    pool = pool_of(
        replace(
            batch,
            keypoints_2d=keypoints,
            valid=valid,
            keypoint_confidence=confidence,
            ignore_xyxy=region,
        )
    )
    assert whole_hands(pool, CutConfig()).tolist() == [[0, 0]]


def test_a_pool_without_a_whole_hand_is_an_error_that_says_so() -> None:
    batch = random_hands(2, 1, SOURCE, SOURCE)
    pool = pool_of(replace(batch, valid=torch.zeros(2, 1, dtype=torch.bool)))
    with pytest.raises(TrainingError, match="TRN-01"):
        compose(pool, 2)
