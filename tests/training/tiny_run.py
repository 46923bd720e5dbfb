"""The trainer on the tiny network, as a program: `python -m tests.training.tiny_run [arguments]`.

Tests start it where a whole process matters: several that learn together, or one that is killed.
"""

import sys
from pathlib import Path

import torch

from core.assets import hand_model_path
from tests.networks import TINY, fresh_network
from tests.training.samples import (
    fan,
    label_of,
    random_hands,
    sample_files,
    write_data_folder,
    write_tar,
)
from training import train as trainer
from training.stages import Layout, LossWeights, StageConfig
from training.synthetic.pool import save_chunk

LAYOUTS = (Layout(64, 64), Layout(32, 32, across=2, share=0.5))
STAGES = (
    StageConfig("geometry", 0.5, (1e-3, 5e-4), layouts=LAYOUTS, jitter=0.0),
    StageConfig(
        "appearance",
        0.5,
        (5e-4, 1e-4),
        layouts=LAYOUTS,
        weights=LossWeights(albedo=1, light=0.1),
        jitter=0.0,
    ),
)


def run_arguments(folder: Path, scenes: int, **more: object) -> list[str]:
    """Write two shards, scenes and a backbone, and return the arguments of a run on them."""
    data = write_data_folder(folder / "data")
    write_tar(data / "real-train-001.tar", sample_files("more", [label_of(fan(8), "left", 3.0)]))
    (folder / "pool").mkdir()
    save_chunk(random_hands(scenes, 2, 64, 64), folder / "pool" / "pool-000000.safetensors")
    torch.save(fresh_network().backbone.state_dict(), folder / "backbone.pt")
    named = {
        "data": data, "pool": folder / "pool", "backbone": folder / "backbone.pt",
        "hand": hand_model_path(), "out": folder / "run", "profile": "tiny", "device": "cpu",
        "log-every": 1, **{name.replace("_", "-"): value for name, value in more.items()},
    }  # fmt: skip
    return [*(f"--{name}={value}" for name, value in named.items()), "--fp32"]


if __name__ == "__main__":
    trainer.PROFILES[TINY.profile] = TINY
    sys.exit(trainer.main(STAGES))
