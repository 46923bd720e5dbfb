"""Scenes rendered ahead of time: `python -m training.synthetic.pool --count 3000 --out runs/pool`.

On a GPU the trainer draws fresh scenes at every step. Two CPU cores draw a few scenes a second and
learn from fifty, so there a pool is drawn once and warped anew each time it is used.
"""

import argparse
import logging
from dataclasses import fields
from pathlib import Path

import torch
from rich.progress import track
from safetensors.torch import load_file
from safetensors.torch import save as save_safetensors
from torch import Tensor

from core.atomic import write_atomically
from core.errors import TrainingError
from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.topology import NUM_JOINTS
from training.batch import TrainingBatch, concatenate
from training.datasets.weak_shards import load_backgrounds
from training.synthetic.generator import SyntheticGenerator
from training.synthetic.skins import photographic_skins, procedural_skins

log = logging.getLogger(__name__)
CHUNK = 128
_BATCH = 16


def save_chunk(batch: TrainingBatch, path: Path) -> None:
    """Write a batch as safetensors under its final name only when complete."""
    tensors = {
        field.name: _stored(value)
        for field in fields(TrainingBatch)
        if field.name != "hand_index" and (value := getattr(batch, field.name)) is not None
    }
    write_atomically(save_safetensors(tensors), path)


def _stored(value: Tensor) -> Tensor:
    """Albedo and light need no more than FP16; they are most of the bytes after the pictures."""
    many_vertices = value.ndim == 4 and value.shape[2] > NUM_JOINTS and value.is_floating_point()
    return (value.half() if many_vertices else value).contiguous()


def load_pool(folder: Path) -> TrainingBatch:
    """Read every chunk of a pool into one batch on the CPU.

    Raises:
        TrainingError: TRN-01 the folder has no chunks.
    """
    paths = sorted(folder.glob("pool-*.safetensors"))
    if not paths:
        raise TrainingError(
            "TRN-01",
            f"no pool-*.safetensors in {folder}",
            "Render some with `python -m training.synthetic.pool`.",
        )
    return concatenate(*(TrainingBatch(**load_file(path)) for path in paths))


def main() -> None:
    """Render the chunks that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--skins", type=Path, help="folder of photographic skins to add")
    parser.add_argument("--cache", type=Path, help="folder of painted skins")
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--seed", type=int, default=7_000_000)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    model = load_hand_model(arguments.hand)
    skins = procedural_skins(model, cache=arguments.cache)
    if arguments.skins is not None:
        skins = torch.cat([skins, photographic_skins(arguments.skins, skins.shape[-1])])
    height, width = arguments.height, arguments.width
    backgrounds = load_backgrounds(arguments.data / "backgrounds-000.tar", height, width)
    generator = SyntheticGenerator(HandLayer(model), model, skins, backgrounds, arguments.device)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for chunk in track(range(0, arguments.count, CHUNK), "rendering"):
        path = arguments.out / f"pool-{chunk:06d}.safetensors"
        if path.exists():
            continue
        parts = [
            generator.batch(arguments.seed + chunk + start, _BATCH, height, width)
            for start in range(0, CHUNK, _BATCH)
        ]
        save_chunk(concatenate(*parts).to(torch.device("cpu")), path)


if __name__ == "__main__":
    main()
