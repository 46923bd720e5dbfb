"""Contact sheets of composed pictures and of triplets, with their labels drawn in.

python -m training.preview compose --data DATA --out sheet.png
python -m training.preview triplets --data DATA --pool runs/pool --out sheet.png
"""

import argparse
import logging
from dataclasses import replace
from pathlib import Path

import cv2
import torch
from torch import Tensor

from core.errors import TrainingError, told
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.network.weights import load_network
from training.augment import Draw
from training.batch import TrainingBatch
from training.compose import ComposeConfig, composed_batch
from training.datasets.weak_shards import load_backgrounds, load_weak_pictures
from training.open_hand.pose_prior import pose_prior
from training.self_augment import SelfAugmentConfig, predict, seeds_where, sure_and_plausible
from training.synthetic.dice import Dice
from training.synthetic.pool import load_pool
from training.synthetic.preview import contact_sheet
from training.triplets import TRIPLETS, Seeds, TripletConfig, make_renderer, triplets
from training.warp import PicturePool

log = logging.getLogger(__name__)


def compose_sheet(arguments: argparse.Namespace, backgrounds: Tensor) -> TrainingBatch:
    """Compose pictures of the shards' hands, or of a pool's where one is given."""
    draw = Draw(torch.Generator().manual_seed(arguments.seed))
    config = ComposeConfig()
    if arguments.hands is not None:
        weights = tuple(float(number == arguments.hands) for number in range(7))
        config = replace(config, hand_count_weights=weights)
    size = (arguments.count, arguments.height, arguments.width)
    composite = composed_batch(_pictures(arguments), backgrounds, *size, draw, config)
    return composite.batch


def _pictures(arguments: argparse.Namespace) -> PicturePool:
    """Read the pictures that hands are cut from."""
    if arguments.pool is not None:
        labels = load_pool(arguments.pool)
        labels = replace(labels, image=labels.image.to(torch.uint8))
        extent = torch.tensor([float(labels.image.shape[3]), float(labels.image.shape[2])])
        return PicturePool(labels, extent.expand(len(labels), 2))
    shards = sorted(arguments.data.glob("real-*.tar"))[: arguments.shards]
    if not shards:
        raise TrainingError(
            "TRN-01", f"no real-*.tar in {arguments.data}", "Give the folder by --data."
        )
    return load_weak_pictures(shards)


def triplet_sheet(
    arguments: argparse.Namespace, backgrounds: Tensor, model: HandModel
) -> TrainingBatch:
    """Render triplets of what a network predicts, or of a pool's own hands without a network."""
    pool = _pictures(arguments)
    dice = Dice(arguments.seed)
    config = SelfAugmentConfig()
    order = torch.randperm(len(pool), generator=dice.generator)[:64]
    batch = pool.labels.rows(order)
    if arguments.weights is not None:
        network = load_network(arguments.weights, HandLayer(model))
        found = predict(network, batch)
        chosen = sure_and_plausible(found, batch, pose_prior(model), config)
        log.info("%d of %d hands may be seeds", int(chosen.sum()), int(batch.valid.sum()))
        seeds = seeds_where(found, chosen)
    else:
        seeds = labelled_seeds(batch)
    wanted = -(-arguments.count // TRIPLETS)
    if len(seeds.pose) < wanted:
        raise TrainingError(
            "TRN-01", f"{len(seeds.pose)} seeds, {wanted} are needed", "Ask for a smaller --count."
        )
    size = TripletConfig(height=arguments.height, width=arguments.width)
    renderer = make_renderer(model, torch.device("cpu"))
    return triplets(seeds.rows(torch.arange(wanted)), renderer, backgrounds, dice, size)


def labelled_seeds(batch: TrainingBatch) -> Seeds:
    """Return hands as a perfect network would predict them.

    Raises:
        TrainingError: TRN-01 the pictures have no 3D labels with albedo and light.
    """
    if batch.albedo is None or batch.light is None:
        raise TrainingError(
            "TRN-01",
            "these pictures have no albedo and light",
            "Give scenes by --pool, or a network by --weights.",
        )
    chosen = batch.valid & batch.has_3d
    return Seeds(
        batch.pose[chosen],
        batch.side[chosen] == 0,
        batch.albedo[chosen].float(),
        batch.light[chosen].float(),
    )


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("compose", "triplets"))
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--shards", type=int, default=1, help="of --data, at most")
    parser.add_argument("--pool", type=Path, help="scenes rendered ahead, instead of shards")
    parser.add_argument("--weights", type=Path, help="network whose predictions are seeds")
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--hands", type=int, choices=range(7), help="in each composed picture")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--height", type=int, default=192)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--plain", action="store_true", help="draw no labels")
    parser.add_argument("--masks", action="store_true", help="colour the hand masks")
    return parser.parse_args(argv)


@told
def main(argv: list[str] | None = None) -> int:
    """Write a sheet; a fault is one line with a code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arguments = parse_arguments(argv)
    shard = arguments.data / "backgrounds-000.tar"
    backgrounds = load_backgrounds(shard, arguments.height, arguments.width)
    if arguments.what == "compose":
        batch = compose_sheet(arguments, backgrounds)
    else:
        batch = triplet_sheet(arguments, backgrounds, load_hand_model(arguments.hand))
    sheet = contact_sheet(batch, arguments.columns, not arguments.plain, arguments.masks)
    cv2.imwrite(str(arguments.out), sheet)
    log.info("%d pictures in %s", len(batch), arguments.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
