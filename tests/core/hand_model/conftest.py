from pathlib import Path

import pytest

from core.hand_model.file import OPEN_HAND_FILE, HandModel, load_hand_model, mirrored

RESOURCES = Path(__file__).parents[3] / "resources"


@pytest.fixture(scope="session")
def hand_path() -> Path:
    return RESOURCES / OPEN_HAND_FILE


@pytest.fixture(scope="session")
def right(hand_path: Path) -> HandModel:
    return load_hand_model(hand_path)


@pytest.fixture(scope="session")
def left(right: HandModel) -> HandModel:
    return mirrored(right)
