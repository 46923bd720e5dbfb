"""The trainer on the tiny network, as a program: `python -m tests.training.tiny_run [arguments]`.

Tests start it where a whole process matters: several that learn together, or one that is killed.
"""

import sys

from tests.networks import TINY
from training import train as trainer
from training.stages import Layout, LossWeights, StageConfig

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

if __name__ == "__main__":
    trainer.PROFILES[TINY.profile] = TINY
    sys.exit(trainer.main(STAGES))
