import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.network.heads import Head, gather_patches, patch_weight, peak_scores, sample_at
from tests.networks import bilinear_twin, lively_network

HEIGHT, WIDTH = 5, 7


def features(channels: int = 6, batch: int = 2) -> Tensor:
    draw = torch.Generator().manual_seed(0)
    return torch.randn(batch, channels, HEIGHT, WIDTH, generator=draw)


def edge_and_inner_cells(batch: int = 2) -> Tensor:
    """(B, K): four corners, the middles of the borders, and random cells of each picture."""
    last_row, last_column = HEIGHT - 1, WIDTH - 1
    edges = [
        (0, 0), (0, last_column), (last_row, 0), (last_row, last_column),
        (0, 3), (last_row, 3), (2, 0), (2, last_column),
    ]  # fmt: skip
    fixed = torch.tensor([row * WIDTH + column for row, column in edges]).expand(batch, -1)
    draw = torch.Generator().manual_seed(1)
    return torch.cat([fixed, torch.randint(HEIGHT * WIDTH, (batch, 8), generator=draw)], 1)


def at_cells(dense: Tensor, cells: Tensor) -> Tensor:
    """Values (B, K, C) of a dense map (B, C, H, W)."""
    flat = dense.flatten(2).transpose(1, 2)
    return flat.gather(1, cells[..., None].expand(-1, -1, flat.shape[-1]))


def test_gathered_head_equals_the_dense_one() -> None:
    torch.manual_seed(2)
    head = Head(6, 9, 4, bias=0.3, out_std=1.0)
    x, cells = features(), edge_and_inner_cells()
    with torch.no_grad():
        gathered = head.at(gather_patches(x, cells))
        torch.testing.assert_close(gathered, at_cells(head(x), cells), atol=1e-4, rtol=0)


def test_every_gathered_head_of_the_network_equals_its_dense_twin() -> None:
    network = lively_network()
    x, cells = features(network.config.channels), edge_and_inner_cells()
    patches = gather_patches(x, cells)
    feature = network.hand_feature
    with torch.no_grad():
        for head in (network.local, network.appearance):
            dense = at_cells(head(x), cells)
            assert dense.std() > 0.01
            torch.testing.assert_close(head.at(patches), dense, atol=1e-4, rtol=0)
        gathered = F.relu(F.linear(patches, patch_weight(feature), feature.bias))
        dense = at_cells(F.relu(feature(x)), cells)
        torch.testing.assert_close(gathered, dense, atol=1e-4, rtol=0)


def test_patches_equal_a_plain_loop() -> None:
    x, cells = features(3), edge_and_inner_cells()
    found = gather_patches(x, cells)
    for b in range(2):
        for k, cell in enumerate(cells[b].tolist()):
            row, column = divmod(cell, WIDTH)
            expected = []
            for v in (row - 1, row, row + 1):
                for u in (column - 1, column, column + 1):
                    inside = 0 <= v < HEIGHT and 0 <= u < WIDTH
                    expected += x[b, :, v, u].tolist() if inside else [0.0] * 3
            assert found[b, k].tolist() == expected


def test_patches_of_no_cells_are_none() -> None:
    assert gather_patches(features(), torch.zeros(2, 0, dtype=torch.long)).shape == (2, 0, 54)


@settings(max_examples=40)
@given(
    st.sampled_from([4, 8]),
    st.lists(st.tuples(st.floats(-20, 80), st.floats(-20, 60)), min_size=6, max_size=6),
)
def test_sampling_equals_a_plain_bilinear_twin(
    stride: int, places: list[tuple[float, float]]
) -> None:
    x = features(3)
    points = torch.tensor(places, dtype=torch.float32).view(1, 2, 3, 2).expand(2, -1, -1, -1)
    found = sample_at(x, points, stride)
    assert found.shape == (2, 2, 9)
    for b in range(2):
        expected = [
            bilinear_twin(x[b].numpy(), *point.tolist(), stride) for point in points[b].view(-1, 2)
        ]
        np.testing.assert_allclose(found[b].view(-1, 3), expected, atol=1e-4)


@pytest.mark.parametrize("stride", [4, 8])
def test_middle_of_a_cell_reads_that_cell_alone(stride: int) -> None:
    x = features(3, batch=1)
    middle = (torch.tensor([[2.0, 1.0], [6.0, 4.0]]) + 0.5) * stride - 0.5
    found = sample_at(x, middle[None, None], stride)
    expected = torch.cat([x[0, :, 1, 2], x[0, :, 4, 6]])
    torch.testing.assert_close(found.flatten(), expected, atol=1e-5, rtol=0)


def test_fresh_head_says_one_percent() -> None:
    network_head = Head(6, 8, 1, bias=-math.log(99))
    with torch.no_grad():
        mean = torch.sigmoid(network_head(features())).mean().item()
    assert mean == pytest.approx(0.01, rel=0.05)


def logits_with(*peaks: tuple[int, int, float]) -> Tensor:
    logits = torch.full((1, 1, 10, 12), -6.0)
    for row, column, value in peaks:
        logits[0, 0, row, column] = value
    return logits


def test_only_the_highest_cell_within_two_remains() -> None:
    score = peak_scores(logits_with((4, 4, 2.0), (4, 6, 1.0), (4, 7, 0.5), (9, 11, 3.0)))[0, 0]
    kept = {tuple(cell) for cell in (score > 0.5).nonzero().tolist()}
    # (4, 7) is farther than two cells from the highest, but not from (4, 6).
    assert kept == {(4, 4), (9, 11)}
    assert score[4, 4].item() == pytest.approx(1 / (1 + math.exp(-2)))


def test_peaks_three_cells_apart_both_remain() -> None:
    score = peak_scores(logits_with((4, 4, 2.0), (4, 7, 1.0)))[0, 0]
    assert {tuple(cell) for cell in (score > 0.5).nonzero().tolist()} == {(4, 4), (4, 7)}
