"""The pictures of the documentation, taken by processes of their own."""

import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtGui import QColor, QImage

from app import screenshot, screenshot_all
from app.actions import ACTIONS
from app.screenshot_all import SHOTS, Shot, shrink, take_all
from app.settings import Settings
from tests.app.pixels import pixels_of


class Runs:
    """Stands for the processes: each writes a picture, but for the one that fails."""

    def __init__(self, fails: str = "") -> None:
        self.commands: list[list[str]] = []
        self.fails = fails

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        out = Path(command[command.index("--out") + 1])
        if out.stem == self.fails:
            return subprocess.CompletedProcess(command, 2, "", "scripted: no window")
        picture = QImage(64, 48, QImage.Format.Format_RGB32)
        picture.fill(QColor("#204060"))
        picture.save(str(out))
        return subprocess.CompletedProcess(command, 0, "2 hands\n", "")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs()
    monkeypatch.setattr(screenshot_all.subprocess, "run", made)
    monkeypatch.setattr(screenshot_all, "_dark_clip", lambda: b"a dark clip")
    return made


def test_every_main_state_becomes_a_picture(runs: Runs, tmp_path: Path) -> None:
    shots = list(take_all(tmp_path / "new", "640x480"))
    assert shots == [Shot(name, "2 hands", True) for name, _ in SHOTS]
    assert {path.stem for path in (tmp_path / "new").iterdir()} == {name for name, _ in SHOTS}
    names = {name for name, _ in SHOTS}
    assert {"first-run", "live-dark", "live-light", "close-up", "health", "calibration"} <= names


def test_every_shot_is_asked_for_in_words_that_the_command_knows(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(take_all(tmp_path, "640x480"))
    taken = []
    monkeypatch.setattr(screenshot, "take", lambda arguments: taken.append(arguments) or "")
    for command in runs.commands:
        assert command[:3] == [sys.executable, "-m", "app.screenshot"]
        monkeypatch.setattr(sys, "argv", command[2:])
        assert screenshot.main() == 0
    actions = {name for arguments in taken for name in arguments.actions}
    assert actions <= {spec.id for spec in ACTIONS}
    assert {arguments.theme for arguments in taken} == {"dark", "light"}
    assert all(arguments.size == (640, 480) for arguments in taken)
    assert [arguments.out.stem for arguments in taken if arguments.first_run] == ["first-run"]
    assert not Settings().welcomed


def test_a_picture_that_fails_is_told_and_the_others_are_taken(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs.fails = "health"
    monkeypatch.setattr(sys, "argv", ["app.screenshot", "--all", "--out", str(tmp_path)])
    assert screenshot.main() == 2
    said = capsys.readouterr().out
    assert "health: scripted: no window" in said
    assert len(list(tmp_path.iterdir())) == len(SHOTS) - 1


def test_the_poor_camera_is_served_while_pictures_are_taken(runs: Runs, tmp_path: Path) -> None:
    shots = take_all(tmp_path, "640x480")
    next(shots)
    with screenshot_all._dark_stream() as address, urllib.request.urlopen(address) as answer:
        assert answer.read() == b"a dark clip"
    assert len(list(shots)) == len(SHOTS) - 1
    (source,) = {
        command[command.index("--source") + 1] for command in runs.commands if "--source" in command
    }
    assert source.startswith("http://127.0.0.1:")


def test_a_shrunk_picture_looks_the_same_in_fewer_bytes(tmp_path: Path) -> None:
    y, x = np.mgrid[:240, :320]
    colours = np.stack([x * 255 // 320, y * 255 // 240, (x + y) % 256, 0 * x], -1)
    noise = np.random.default_rng(0).integers(-6, 7, colours.shape)
    colours = np.clip(colours + noise, 0, 255).astype(np.uint8)
    image = QImage(colours.tobytes(), 320, 240, 1280, QImage.Format.Format_RGB32)
    path = tmp_path / "p.png"
    image.save(str(path))
    before, size = pixels_of(image).astype(int), path.stat().st_size
    shrink(path)
    after = pixels_of(QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)).astype(int)
    assert path.stat().st_size < size
    assert np.abs(after - before).mean() < 12
