import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.network import weights
from core.network.heads import PRIOR_BIAS
from core.network.heatmap_prior import (
    PRIOR_STRIDE,
    RELATIONS,
    heat_of,
    heat_peaks,
    relation_matrix,
    window_soft_argmax,
)
from core.network.network import HandNetwork
from core.network.weights import config_as_json, deployable, load_network
from tests.factories import hand_model
from tests.networks import (
    TINY,
    as_input,
    fresh_network,
    hand_layer,
    lively_network,
    noise_picture,
    publish,
)
from tests.training.samples import random_hands
from training.augment import Draw
from training.losses import focal_loss
from training.objective import Objective
from training.stages import StageConfig
from training.targets import dense_targets

WITH_PRIOR = replace(TINY, heatmap_prior=True)
PICTURE = as_input(noise_picture(64, 96))


def outputs(network: HandNetwork) -> list[np.ndarray]:
    with torch.no_grad():
        return [value.numpy() for value in network(PICTURE)]


def same_weights_with_prior(plain: HandNetwork) -> HandNetwork:
    """The plain network's weights, and a prior as it starts."""
    network = fresh_network(WITH_PRIOR)
    own = {n: v for n, v in network.state_dict().items() if n.startswith("prior.")}
    network.load_state_dict({**plain.state_dict(), **own})
    return network


def logits_with_peaks(places: list[tuple[int, int]], height: int = 16, width: int = 24) -> Tensor:
    """(1, 21, height, width): in every channel a peak at each (row, column), the first highest."""
    logits = torch.full((1, 21, height, width), PRIOR_BIAS)
    for rank, (row, column) in enumerate(places):
        logits[..., row, column] = 4.0 - rank
        logits[..., row, max(column - 1, 0)] = 2.0 - rank
    return logits


def middle_of(row: int, column: int) -> list[float]:
    return [column * PRIOR_STRIDE + 1.5, row * PRIOR_STRIDE + 1.5]


def test_without_the_flag_no_weight_has_another_name_shape_or_start() -> None:
    plain, prior = fresh_network(TINY).state_dict(), fresh_network(WITH_PRIOR).state_dict()
    added = prior.keys() - plain.keys()
    assert plain.keys() < prior.keys()
    assert added
    assert all(name.startswith("prior.") for name in added)
    for name, value in plain.items():
        torch.testing.assert_close(prior[name], value, rtol=0, atol=0)


def test_a_prior_that_has_learnt_nothing_changes_nothing() -> None:
    plain = lively_network(TINY)
    for own, with_prior in zip(
        outputs(plain), outputs(same_weights_with_prior(plain)), strict=True
    ):
        np.testing.assert_array_equal(own, with_prior)


def test_a_prior_that_has_learnt_changes_what_the_trunk_sees() -> None:
    plain = lively_network(TINY)
    network = same_weights_with_prior(plain)
    assert network.prior is not None
    nn.init.ones_(network.prior.add.bn.weight)
    with torch.no_grad():
        stem = plain.backbone.stem((PICTURE.float() - 127) / 128)
        fused = network.prior(stem).stem
        assert (fused - stem).abs().mean() > 0.02 * stem.abs().mean()
        own, other = plain.backbone.stages(stem), network.backbone.stages(fused)
    assert not any(torch.equal(a, b) for a, b in zip(own, other, strict=True))


def test_maps_have_a_quarter_of_the_size_and_start_at_the_prior() -> None:
    network = fresh_network(WITH_PRIOR)
    with torch.no_grad():
        features = network.features(PICTURE)
    assert features.prior_heatmap is not None
    assert features.prior_heatmap.shape == (1, 21, 16, 24)
    assert heat_of(features.prior_heatmap).mean().item() == pytest.approx(0.01, abs=2e-3)
    with torch.no_grad():
        assert fresh_network(TINY).features(PICTURE).prior_heatmap is None


def test_heat_is_held_away_from_zero_and_one() -> None:
    heat = heat_of(torch.tensor([-100.0, 0.0, 100.0]))
    np.testing.assert_allclose(heat, [1e-4, 0.5, 1 - 1e-4], rtol=1e-5)


def test_relations_are_ten_pairs_of_tips_and_five_fingers() -> None:
    pairs, fingers = RELATIONS[:10], RELATIONS[10:]
    assert len(set(pairs)) == 10
    assert {joint for pair in pairs for joint in pair} == {4, 8, 12, 16, 20}
    assert all(len(pair) == 2 for pair in pairs)
    assert fingers == tuple(tuple(range(first, first + 4)) for first in (1, 5, 9, 13, 17))
    maps = torch.rand(21, 5)
    for row, keypoints in enumerate(RELATIONS):
        expected = sum(maps[joint] for joint in keypoints)
        torch.testing.assert_close((relation_matrix() @ maps)[row], expected)


def test_every_hand_has_its_peak_in_the_same_channels() -> None:
    peaks = heat_peaks(logits_with_peaks([(3, 5), (10, 20)]), count=3)
    assert (peaks.score[..., :2] > 0.9).all()
    assert (peaks.score[..., 2] < 0.02).all()
    for joint in range(21):
        assert peaks.points[0, joint, :2].tolist() == [middle_of(3, 5), middle_of(10, 20)]


@pytest.mark.parametrize("place", [(3, 5), (10, 20)])
def test_soft_argmax_sees_only_the_peak_in_its_window(place: tuple[int, int]) -> None:
    logits = logits_with_peaks([(3, 5), (10, 20)])
    expected = middle_of(*place)
    centre = torch.tensor([[expected]]) + 3.0
    found = window_soft_argmax(logits, centre, torch.tensor([[32.0]]))
    assert found.shape == (1, 1, 21, 2)
    assert (found - torch.tensor(expected)).norm(dim=-1).max() < 1.0


def test_soft_argmax_is_the_mean_of_the_heat_in_the_window() -> None:
    logits = torch.randn(1, 21, 8, 10, generator=torch.Generator().manual_seed(0))
    found = window_soft_argmax(logits, torch.tensor([[[18.0, 14.0]]]), torch.tensor([[20.0]]))
    heat = heat_of(logits)[0, 7].numpy().astype(float)
    weight, mean = 0.0, np.zeros(2)
    for row in range(8):
        for column in range(10):
            x, y = middle_of(row, column)
            if abs(x - 18) <= 10 and abs(y - 14) <= 10:
                share = np.exp(heat[row, column] * 10)
                weight, mean = weight + share, mean + share * np.array([x, y])
    np.testing.assert_allclose(found[0, 0, 7], mean / weight, atol=1e-3)


def test_window_outside_of_the_picture_stays_finite() -> None:
    logits = logits_with_peaks([(3, 5)]).requires_grad_()
    centre = torch.tensor([[[-500.0, 40.0], [1e5, 1e5]]])
    found = window_soft_argmax(logits, centre, torch.tensor([[0.0, 30.0]]))
    found.sum().backward()
    assert found.isfinite().all()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_weights_with_a_prior_come_back_from_their_file(tmp_path: Path) -> None:
    network = lively_network(WITH_PRIOR)
    with patch.object(weights, "LITE", TINY):
        path = publish(tmp_path, network.state_dict())
        card = json.loads(path.with_suffix(".json").read_text())
        card["network"] = config_as_json(WITH_PRIOR)
        path.with_suffix(".json").write_text(json.dumps(card))
        again = load_network(path, hand_layer())
    assert again.config.heatmap_prior
    for own, other in zip(outputs(network), outputs(again), strict=True):
        np.testing.assert_array_equal(own, other)


def test_folding_norms_leaves_the_prior_as_it_was() -> None:
    network = lively_network(WITH_PRIOR)
    folded = deployable(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    with torch.no_grad():
        own, other = network.features(PICTURE), folded.features(PICTURE)
    assert own.prior_heatmap is not None
    assert other.prior_heatmap is not None
    assert (own.prior_heatmap - other.prior_heatmap).abs().max() < 0.02


def overfitted_prior(steps: int) -> tuple[Tensor, Tensor, Tensor]:
    """Logits, labels and which are in the picture: the prior has seen only these two pictures."""
    batch = random_hands(count=2, slots=2, height=64, width=96)
    # One hand in each half: peaks of one keypoint must not touch.
    places = batch.keypoints_2d * 0.5 + torch.tensor([[[0.0, 16.0]], [[48.0, 16.0]]])
    batch = replace(batch, keypoints_2d=places)
    targets = dense_targets(batch, PRIOR_STRIDE)
    network = fresh_network(WITH_PRIOR)
    prior = network.prior
    assert prior is not None
    with torch.no_grad():
        stem = network.backbone.stem((batch.image.float() - 127) / 128)
    prior.train()
    learn = torch.optim.Adam(prior.parameters(), lr=1e-2)
    for _ in range(steps):
        learn.zero_grad()
        focal_loss(prior(stem).logits, targets.heatmap, targets.weight).mean().backward()
        learn.step()
    with torch.no_grad():
        logits = prior(stem).logits
    limit = torch.tensor([95.0, 63.0])
    labels = batch.keypoints_2d
    inside = ((labels >= 0) & (labels <= limit)).all(-1)
    return logits, labels, inside


@pytest.mark.slow
def test_overfitted_peaks_lie_within_four_pixels_of_every_hands_labels() -> None:
    logits, labels, inside = overfitted_prior(250)
    assert inside.sum() > 50
    peaks = heat_peaks(logits, count=12)
    distance = (labels[:, :, :, None] - peaks.points[:, None]).norm(dim=-1)
    distance = distance.masked_fill(peaks.score[:, None] < 0.3, 1e3).amin(-1)
    assert (distance[inside] < 4).float().mean() > 0.98


def test_heatmap_term_teaches_the_prior_as_well() -> None:
    stage = StageConfig("test", 1.0, (1e-3, 1e-3))
    batch = random_hands(count=2, slots=2, height=64, width=96)

    def term(network: HandNetwork) -> Tensor:
        objective = Objective(network, hand_model())
        return objective(batch, stage, Draw(torch.Generator().manual_seed(0)))["heatmap"]

    network = fresh_network(WITH_PRIOR)
    both = term(network)
    targets = dense_targets(batch, PRIOR_STRIDE)
    logits = network.features(batch.image).prior_heatmap
    own = focal_loss(logits, targets.heatmap, targets.weight).mean()
    torch.testing.assert_close(both, term(fresh_network(TINY)) + own)
    both.backward()
    assert network.prior is not None
    assert network.prior.heat.out.weight.grad.abs().max() > 0
