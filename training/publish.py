"""Publish a run's weights: `python -m training.publish runs/lite --data ... --figures ...`.

Copies the averaged weights into resources/weights and says in the json beside them what they were
learnt from, under which licences, and how good they are. `python -m export.to_onnx` comes next.
"""

import argparse
import json
import logging
from collections import Counter
from pathlib import Path
from typing import Any

from core.atomic import write_atomically
from core.errors import TrainingError, told
from training.checkpoints import published_weights
from training.datasets.weak_shards import iterate_samples

log = logging.getLogger(__name__)


def data_sources(shards: list[Path]) -> list[dict[str, Any]]:
    """List the real pictures' sources with licence and count, most pictures first."""
    counts = Counter(
        (label["source"], label["repo"], label["licence"])
        for _, _, label in iterate_samples(shards)
    )
    return [
        {"source": source, "repository": repository, "licence": licence, "pictures": count}
        for (source, repository, licence), count in counts.most_common()
    ]


def publish(run: Path, data: Path, figures: Path, out: Path) -> None:
    """Copy weights and write their json.

    Raises:
        TrainingError: TRN-01 something to read is missing.
    """
    weights = published_weights(run)
    shards = sorted(data.glob("real-train-*.tar"))
    if not shards:
        raise TrainingError("TRN-01", f"there are no shards in {data}", "Check the folder.")
    card = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    card["metrics"] = json.loads(figures.read_text(encoding="utf-8"))
    card["data"] = {
        "labels": "2D keypoints by a teacher (MediaPipe Hands 0.10.21); no 3D truth",
        "real": data_sources(shards),
        "backgrounds": data_sources(sorted(data.glob("backgrounds-*.tar"))),
        "synthetic": "scenes of training/synthetic with the open hand; skins painted and CC0",
    }
    target = out / weights.name
    write_atomically(weights.read_bytes(), target)
    write_atomically((json.dumps(card, indent=2) + "\n").encode(), target.with_suffix(".json"))
    log.info("%s, %.1f MB", target, target.stat().st_size / 1e6)


@told
def main() -> int:
    """Publish; a fault is one line with a code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training shards")
    parser.add_argument("--figures", type=Path, required=True, help="json of training.evaluate")
    parser.add_argument("--out", type=Path, default=Path("resources/weights"))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    publish(arguments.run, arguments.data, arguments.figures, arguments.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
