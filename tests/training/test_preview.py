from pathlib import Path

import cv2
import numpy as np
import pytest
from safetensors.torch import save_file

from tests.training.samples import random_hands, write_data_folder
from training.preview import main


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data_folder(tmp_path / "data")


def arguments(what: str, data: Path, out: Path, *more: str) -> list[str]:
    size = ["--count", "6", "--columns", "3", "--height", "48", "--width", "64"]
    return [what, "--data", str(data), "--out", str(out), *size, *more]


@pytest.mark.parametrize("more", [(), ("--plain",), ("--masks", "--hands", "6")])
def test_a_sheet_of_composed_pictures_is_written(data: Path, more: tuple[str, ...]) -> None:
    out = data / "sheet.png"
    assert main(arguments("compose", data, out, *more)) == 0
    sheet = cv2.imread(str(out))
    assert sheet is not None
    assert sheet.shape == (96, 192, 3)
    assert np.ptp(sheet) > 50


def test_a_sheet_of_triplets_is_written_from_a_pools_own_hands(data: Path, tmp_path: Path) -> None:
    hands = random_hands(4, 1)
    named = {
        name: getattr(hands, name).contiguous()
        for name in hands.__dataclass_fields__
        if getattr(hands, name) is not None
    }
    (tmp_path / "pool").mkdir()
    save_file(named, tmp_path / "pool" / "pool-000000.safetensors")
    out = data / "sheet.png"
    assert main(arguments("triplets", data, out, "--pool", str(tmp_path / "pool"))) == 0
    assert cv2.imread(str(out)).shape == (96, 192, 3)


def test_pictures_without_albedo_and_light_cannot_be_seen_anew(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert main(arguments("triplets", data, data / "sheet.png")) == 2
    assert "TRN-01" in caplog.text
    assert "--weights" in caplog.text


def test_a_folder_without_shards_is_named(
    data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (data / "backgrounds-000.tar").rename(empty / "backgrounds-000.tar")
    assert main(arguments("compose", empty, empty / "sheet.png")) == 2
    assert "TRN-01" in caplog.text
    assert str(empty) in caplog.text


def test_the_same_seed_draws_the_same_sheet(data: Path) -> None:
    sheets = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        out = data / f"{name}.png"
        assert main(arguments("compose", data, out, "--seed", seed)) == 0
        sheets.append(out.read_bytes())
    assert sheets[0] == sheets[1]
    assert sheets[0] != sheets[2]
