"""One small generator for all tests: the open hand, flat skins, grey rooms, two poses."""

from pathlib import Path

import pytest
import torch

from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.skinning_torch import HandLayer
from training.synthetic.camera_effects import CameraConfig
from training.synthetic.generator import SyntheticGenerator
from training.synthetic.scene import SceneConfig

HEIGHT, WIDTH = 72, 96
STILL = CameraConfig(
    motion_share=0, defocus_share=0, low_light_share=0, max_noise=0, codec_share=0, soft_share=0
)
HANDS_ALONE = SceneConfig(person_share=0, held_share=0, thing_share=0, hand_count_weights=(0, 1, 1))


@pytest.fixture(scope="session")
def hand() -> HandModel:
    return load_hand_model(Path(__file__).parents[3] / "resources/hand/open_hand_right.npz")


def make_generator(
    model: HandModel, config: SceneConfig | None = None, camera: CameraConfig | None = None
) -> SyntheticGenerator:
    skins = torch.full((2, 3, 32, 32), 180, dtype=torch.uint8)
    skins[1] //= 3
    rooms = torch.full((2, 3, 24, 32), 120, dtype=torch.uint8)
    poses = torch.eye(3).expand(2, 15, 3, 3)
    return SyntheticGenerator(
        HandLayer(model), model, skins, rooms, "cpu", config, camera, poses=poses
    )
