"""Which predicted hands are seen anew, and when."""

import functools
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.factories import hand_model
from tests.networks import hand_layer, lively_network
from tests.training.samples import random_hands
from training import self_augment
from training.appearance import start_light
from training.augment import AugmentConfig, Draw, augmented_batch
from training.batch import TrainingBatch
from training.compose import ComposeConfig, composed_batch
from training.open_hand.pose_prior import (
    PosePrior,
    pose_from_angles,
    pose_prior,
    sample_pose,
)
from training.self_augment import (
    Predictions,
    SelfAugmentConfig,
    TripletBank,
    predict,
    seeds_where,
    sure_and_plausible,
)
from training.triplets import TripletConfig

CONFIG = SelfAugmentConfig(
    warm_up=0.25,
    full_at=0.75,
    capacity=12,
    every=1,
    seeds=2,
    triplets=TripletConfig(height=48, width=48),
)


@functools.cache
def prior() -> PosePrior:
    return pose_prior(hand_model())


def labels(count: int = 2, slots: int = 2) -> TrainingBatch:
    """Hands in poses that people take."""
    batch = random_hands(count, slots, 96, 128)
    fingers = sample_pose(count * slots, torch.Generator().manual_seed(0), prior())
    fingers = fingers.view(count, slots, 15, 3, 3)
    return replace(batch, pose=torch.cat([batch.pose[:, :, :1], fingers], 2))


def perfect(batch: TrainingBatch) -> Predictions:
    """What a network would say that is always right and sure."""
    shape = batch.valid.shape
    return Predictions(
        pose=batch.pose,
        side=batch.side,
        keypoints_2d=batch.keypoints_2d,
        projected=batch.keypoints_2d,
        confidence=torch.full((*shape, 21), 0.9),
        albedo=torch.full((*shape, hand_layer().num_vertices, 3), 0.5),
        light=start_light().expand(*shape, 27),
    )


def judged(found: Predictions, batch: TrainingBatch) -> Tensor:
    return sure_and_plausible(found, batch, prior(), CONFIG)


def test_right_and_sure_predictions_of_labelled_hands_are_seeds() -> None:
    batch = labels()
    assert judged(perfect(batch), batch).all()
    unlabelled = replace(batch, valid=torch.tensor([[True, False], [False, True]]))
    assert torch.equal(judged(perfect(batch), unlabelled), unlabelled.valid)


@pytest.mark.parametrize(
    "fault",
    [
        "unsure",
        "label",
        "side",
        "label apart",
        "own 2D apart",
        "limit",
        "collision",
        "dark",
        "unlit",
    ],
)  # fmt: skip
def test_an_unsure_or_implausible_hand_is_no_seed_and_its_neighbours_are(fault: str) -> None:
    batch = labels()
    found = perfect(batch)
    changed = {
        name: getattr(found, name).clone()
        for name in ("pose", "side", "keypoints_2d", "projected", "confidence", "albedo", "light")
    }
    at = (0, 1)
    box = (batch.keypoints_2d[at].amax(0) - batch.keypoints_2d[at].amin(0)).amax()
    if fault == "unsure":
        changed["confidence"][at] = 0.2
    elif fault == "label":
        confidence = batch.keypoint_confidence.clone()
        confidence[at] = 0.4
        batch = replace(batch, keypoint_confidence=confidence)
    elif fault == "side":
        changed["side"][at] = 1 - changed["side"][at]
    elif fault == "label apart":
        changed["projected"][at] += 0.1 * box
        changed["keypoints_2d"][at] += 0.1 * box
    elif fault == "own 2D apart":
        changed["keypoints_2d"][at] += 0.1 * box
    elif fault == "limit":  # the index finger bends backwards by 60 degrees
        changed["pose"][at][1] = bent(1, -60)
    elif fault == "collision":  # index and middle finger change places
        changed["pose"][at][1], changed["pose"][at][4] = bent(1, 0, -25), bent(4, 0, 25)
    elif fault == "dark":
        changed["albedo"][at] = 0.01
    else:
        changed["light"][at] = 0.0
    expected = torch.ones(2, 2, dtype=torch.bool)
    expected[at] = False
    assert torch.equal(judged(Predictions(**changed), batch), expected)


def bent(joint: int, flexion: float, abduction: float = 0.0) -> Tensor:
    angles = torch.zeros(15, 3)
    angles[joint - 1] = torch.deg2rad(torch.tensor([flexion, abduction, 0.0]))
    return pose_from_angles(angles, prior().axes)[joint - 1]


def test_seeds_are_the_chosen_hands() -> None:
    batch = labels()
    chosen = torch.tensor([[False, True], [True, False]])
    seeds = seeds_where(perfect(batch), chosen)
    assert torch.equal(seeds.pose, torch.stack([batch.pose[0, 1], batch.pose[1, 0]]))
    assert torch.equal(seeds.is_left, torch.stack([batch.side[0, 1], batch.side[1, 0]]) == 0)


def test_a_network_is_read_without_being_changed() -> None:
    network = lively_network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    batch = labels()
    found = predict(network, batch)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert found.pose.shape == (2, 2, 16, 3, 3)
    assert found.albedo.shape == (2, 2, hand_layer().num_vertices, 3)
    assert found.light.shape == (2, 2, 27)
    assert not found.projected.requires_grad
    apart = found.pose @ found.pose.mT - torch.eye(3)
    assert apart.abs().max() < 1e-5


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> TripletBank:
    """A bank that visits a network which is always right."""
    monkeypatch.setattr(self_augment, "predict", lambda _, batch: perfect(batch))
    return new_bank()


def new_bank(config: SelfAugmentConfig = CONFIG) -> TripletBank:
    rooms = torch.full((2, 3, 24, 32), 60, dtype=torch.uint8)
    return TripletBank(hand_model(), rooms, torch.device("cpu"), config)


def visit(bank: TripletBank, step: int, total: int = 100, seed: int = 1) -> int:
    return bank.visit(lively_network(), labels(), seed, step, total)


def test_there_are_none_before_the_warm_up_and_then_three_per_seed(bank: TripletBank) -> None:
    for step in (0, 10, 24):
        assert visit(bank, step) == 0
    assert len(bank) == 0
    assert bank.pool() is None
    assert visit(bank, 45) == 3  # there is room for five by then: one seed
    assert len(bank) == 3


def test_the_bank_grows_gradually_and_is_bounded(bank: TripletBank) -> None:
    sizes = []
    for step in range(20, 100, 5):
        visit(bank, step)
        sizes.append(len(bank))
        assert len(bank) <= bank.room(step / 100)
    assert sizes[0] == 0
    assert sizes == sorted(sizes)
    assert len(set(sizes)) >= 4
    assert sizes[-1] == 12
    pool = bank.pool()
    assert pool is not None
    oldest = pool.labels.image[0].clone()
    assert visit(bank, 99) == 6  # full: the oldest make way
    assert len(bank) == 12
    again = bank.pool()
    assert again is not None
    assert not any(torch.equal(oldest, image) for image in again.labels.image)


def test_the_default_starts_at_a_third_of_the_run() -> None:
    bank = new_bank(SelfAugmentConfig())
    assert bank.room(0.333) == 0
    assert bank.room(0.34) > 0
    assert bank.room(1.0) == 768


def test_seed_and_step_decide_what_is_added(bank: TripletBank) -> None:
    def after(seed: int, step: int) -> Tensor:
        other = new_bank()
        visit(other, step, seed=seed)
        pool = other.pool()
        assert pool is not None
        return pool.labels.image

    first = after(1, 60)
    assert torch.equal(first, after(1, 60))
    assert not torch.equal(first, after(2, 60))
    assert not torch.equal(first, after(1, 61))


def test_a_bank_goes_on_from_its_checkpoint(bank: TripletBank) -> None:
    visit(bank, 50)
    resumed = new_bank()
    resumed.load_state_dict(bank.state_dict())
    assert len(resumed) == len(bank) > 0
    for either in (bank, resumed):
        visit(either, 70)
    pools = bank.pool(), resumed.pool()
    assert pools[0] is not None and pools[1] is not None
    assert torch.equal(pools[0].labels.image, pools[1].labels.image)
    empty = new_bank()
    empty.load_state_dict(new_bank().state_dict())
    assert len(empty) == 0


def test_triplets_can_be_warped_and_composed_like_any_picture(bank: TripletBank) -> None:
    visit(bank, 70)
    pool = bank.pool()
    assert pool is not None
    rooms = torch.full((2, 3, 24, 32), 60, dtype=torch.uint8)
    draw = Draw(torch.Generator().manual_seed(0))
    warped = augmented_batch(pool, torch.tensor([0, 1, 2]), rooms, 64, 64, draw, AugmentConfig())
    assert warped.has_3d.any()
    config = ComposeConfig(hand_count_weights=(0, 0, 1))
    config = replace(config, cut=replace(config.cut, min_in_frame=0.3, min_px=8))
    composite = composed_batch(pool, rooms, 2, 96, 128, draw, config)
    assert composite.batch.has_3d.sum() == 4
