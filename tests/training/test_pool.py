from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from core.errors import TrainingError
from tests.training.samples import random_hands
from training.batch import TrainingBatch
from training.synthetic.pool import load_pool, save_chunk


def test_a_pool_is_read_back_chunk_after_chunk(tmp_path: Path) -> None:
    first, second = random_hands(2, 2, 32, 32), random_hands(3, 2, 32, 32, seed=1)
    save_chunk(second, tmp_path / "pool-000128.safetensors")
    save_chunk(first, tmp_path / "pool-000000.safetensors")
    pool = load_pool(tmp_path)
    assert len(pool) == 5
    for entry in fields(TrainingBatch):
        parts = [getattr(batch, entry.name) for batch in (first, second)]
        if parts[0] is None:
            assert getattr(pool, entry.name) is None
            continue
        value, expected = getattr(pool, entry.name), torch.cat(parts)
        if entry.name == "albedo":
            assert value.dtype == torch.float16
            torch.testing.assert_close(value.float(), expected, atol=5e-4, rtol=0)
        else:
            assert torch.equal(value, expected), entry.name
            assert value.dtype == expected.dtype


def test_masks_are_not_kept_for_they_do_not_survive_a_warp(tmp_path: Path) -> None:
    masked = replace(random_hands(1, 1, 32, 32), hand_index=torch.zeros(1, 32, 32).to(torch.int8))
    save_chunk(masked, tmp_path / "pool-000000.safetensors")
    assert load_pool(tmp_path).hand_index is None


def test_an_unfinished_chunk_is_not_read(tmp_path: Path) -> None:
    save_chunk(random_hands(1, 1, 32, 32), tmp_path / "pool-000000.safetensors")
    (tmp_path / ".pool-000128.safetensors.part").write_bytes(b"half")
    assert len(load_pool(tmp_path)) == 1


def test_a_folder_without_scenes_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(TrainingError) as caught:
        load_pool(tmp_path)
    assert caught.value.code == "TRN-01"
    assert "training.synthetic.pool" in caught.value.remedy
