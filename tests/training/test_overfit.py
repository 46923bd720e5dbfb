"""The losses, the network and the optimiser together learn."""

import pytest
import torch

from core.network.network import HandNetwork
from tests.factories import hand_model
from tests.networks import fresh_network
from tests.training.samples import random_hands
from training.augment import Draw
from training.objective import Objective, total_loss
from training.stages import StageConfig
from training.train import build_optimizer

STAGE = StageConfig("geometry", 1.0, (3e-3, 3e-3), jitter=0.0)


@pytest.mark.slow
def test_a_few_pictures_are_learnt_in_thirty_steps() -> None:
    network: HandNetwork = fresh_network()
    objective = Objective(network, hand_model()).train()
    optimizer = build_optimizer(network)
    for group in optimizer.param_groups:
        group["lr"] = 3e-3
    batch = random_hands(4, 1, 64, 64, seed=2)
    draw = Draw(torch.Generator().manual_seed(0))
    history = []
    for _ in range(40):
        terms = objective(batch, STAGE, draw)
        loss = total_loss(terms, STAGE.weights)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        history.append({"total": loss.item()} | {n: v.item() for n, v in terms.items()})
    first, last = history[0], history[-1]
    assert last["total"] < 0.5 * first["total"]
    for name in ("centre", "local", "reprojection", "joints_3d", "rotation"):
        assert last[name] < 0.75 * first[name], name
