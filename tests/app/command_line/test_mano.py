"""`manyhands mano import` as a person meets it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.__main__ import main
from app.settings import load_settings
from core.hand_model.file import load_hand_model
from tests.core.hand_model.mano_files import made_up_hand, mano_pickle


@pytest.fixture
def mano(tmp_path: Path) -> Path:
    path = tmp_path / "MANO_RIGHT.pkl"
    path.write_bytes(mano_pickle())
    return path


def test_the_hand_lies_in_the_users_folder_and_its_hash_in_the_settings(
    mano: Path, private_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mano", "import", str(mano)]) == 0
    path = private_folders / "data" / "mano_right.npz"
    text = capsys.readouterr()
    assert f"{path}: 778 vertices" in text.out
    assert "SHA-256" in text.out
    assert text.err == ""
    assert load_hand_model(path).num_vertices == 778
    remembered = load_settings(private_folders / "config" / "window.toml").settings.mano_sha256
    assert len(remembered) == 64
    assert remembered[:12] in text.out


def test_another_file_than_before_is_warned_of(
    mano: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Row 29: another version of MANO is told by its hash."""
    assert main(["mano", "import", str(mano)]) == 0
    assert main(["mano", "import", str(mano)]) == 0
    assert capsys.readouterr().err == ""
    other = made_up_hand()
    other["hands_mean"] = np.zeros(45)
    mano.write_bytes(mano_pickle(2, other))
    assert main(["mano", "import", str(mano)]) == 0
    assert "another file than the one imported before" in capsys.readouterr().err


def test_a_left_hand_is_warned_of(mano: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Row 29."""
    mano.write_bytes(mano_pickle(2, made_up_hand(left=True)))
    assert main(["mano", "import", str(mano)]) == 0
    assert "MANO_RIGHT.pkl is the left hand" in capsys.readouterr().err


def test_a_hostile_file_is_one_line_and_leaves_nothing(
    mano: Path, private_folders: Path, one_line: Callable[[], str]
) -> None:
    """Row 28."""
    mano.write_bytes(b"cos\nsystem\n(S'touch canary'\ntR.")
    assert main(["mano", "import", str(mano)]) == 2
    assert one_line().startswith("MDL-06: ")
    assert not (private_folders / "data" / "mano_right.npz").exists()
    log = (private_folders / "log" / "manyhands.log").read_text("utf-8")
    assert "refused the hand model" in log


def test_a_file_that_is_not_there_is_one_line(one_line: Callable[[], str]) -> None:
    """Row 26."""
    assert main(["mano", "import", "MANO_RIGHT.pkl"]) == 2
    line = one_line()
    assert line.startswith("MDL-01: ")
    assert "mano.is.tue.mpg.de" in line
