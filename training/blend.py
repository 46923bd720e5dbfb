"""Average the weights of two runs: `python -m training.blend runs/a runs/b --out runs/c`.

Two ends of one path of learning, the later run having resumed the earlier one, are often both worse
than the point between them (Wortsman et al., "Model soups", 2022). Judge it like any run before it
is published: nothing says that it must be so.
"""

import argparse
import json
import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.assets import hand_model_path
from core.errors import TrainingError, told
from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.network.network import HandNetwork
from core.network.weights import load_network
from training.checkpoints import publish_weights, published_weights

log = logging.getLogger(__name__)


def blended(first: HandNetwork, second: HandNetwork, share: float) -> dict[str, Tensor]:
    """Return the state between two networks of one architecture.

    Args:
        first: network.
        second: network.
        share: of the second one, in [0, 1]; counters are the second one's.
    """
    own = first.state_dict()
    return {
        name: torch.lerp(own[name].float(), value.float(), share)
        if value.is_floating_point()
        else value
        for name, value in second.state_dict().items()
    }


def blend(first: Path, second: Path, share: float, out: Path) -> Path:
    """Write the weights between those of two run folders into another, and return their path.

    Raises:
        TrainingError: TRN-01 a run has no weights, TRN-03 they are of different profiles.
        ModelFileError: weights are damaged; see `load_network`.
    """
    layer = HandLayer(load_hand_model(hand_model_path()))
    paths = [published_weights(run) for run in (first, second)]
    networks = [load_network(path, layer) for path in paths]
    if networks[0].config != networks[1].config:
        raise TrainingError(
            "TRN-03", f"{first} and {second} are of different networks", "Blend runs of one path."
        )
    facts: dict[str, Any] = json.loads(paths[1].with_suffix(".json").read_text(encoding="utf-8"))
    facts["blend"] = {
        "share": share,
        "with_steps": json.loads(paths[0].with_suffix(".json").read_text("utf-8")).get("steps"),
    }
    for name in ("profile", "network", "safetensors_sha256"):
        facts.pop(name)  # what is written anew
    target = out / paths[1].name
    out.mkdir(parents=True, exist_ok=True)
    publish_weights(target, networks[1], blended(*networks, share), facts)
    return target


@told
def main() -> int:
    """Blend; a fault is one line with a code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path, help="run folder")
    parser.add_argument("second", type=Path, help="run folder that resumed it")
    parser.add_argument("--share", type=float, default=0.5, help="of the second")
    parser.add_argument("--out", type=Path, required=True, help="run folder to write")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if not 0 <= arguments.share <= 1:
        parser.error("--share is between 0 and 1")
    log.info("%s", blend(arguments.first, arguments.second, arguments.share, arguments.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
