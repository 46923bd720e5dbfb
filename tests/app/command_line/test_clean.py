"""`manyhands clean` as a person meets it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.__main__ import main
from core.session.reader import open_session
from core.types import TrackedHands
from tests.core.session.recording import INFO, make_recorder
from tests.factories import make_frame, make_hand, make_take


def record_shaky(path: Path, frames: int) -> Path:
    """A hand that shakes as a network makes it shake."""
    take = make_take(frames, sides=("right",), noise=1)
    track = take.tracks[0]
    recorder = make_recorder()
    recorder.start(path, INFO)
    for index in range(frames):
        x, y, z = track.transl[index].tolist()
        hand = make_hand(
            "right", pose=track.pose[index], at=(x, y, z), betas=track.betas[index], track_id=4
        )
        hand = replace(hand, keypoints_2d=track.keypoints_2d[index].copy())
        recorder.add(TrackedHands(make_frame(index), (hand,), raw=(hand,)))
    recorder.stop()
    return path


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_shaky(tmp_path_factory.mktemp("clean") / "shaky.hands", 45)


def test_it_says_what_it_gained_in_numbers(
    noisy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "clean.hands"
    assert main(["clean", str(noisy), "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert f"{out}: 45 frames" in text
    found = re.search(r"right_4: jitter mm: raw ([\d.]+), live [\d.]+, clean ([\d.]+);", text)
    assert found is not None
    assert float(found[2]) < 0.2 * float(found[1])
    with open_session(out) as session:
        betas = session.take().tracks[0].betas
        assert np.ptp(betas, axis=0).max() == 0


@pytest.mark.parametrize("fill", ["-1", "6", "nan"])
def test_a_fill_out_of_range_is_one_line(
    noisy: Path, tmp_path: Path, one_line: Callable[[], str], fill: str
) -> None:
    arguments = ["clean", str(noisy), "--out", str(tmp_path / "x.hands"), "--fill", fill]
    assert main(arguments) == 2
    assert one_line().startswith("USE-03: --fill is")
    assert list(tmp_path.glob("*.hands")) == []


@pytest.mark.parametrize("steps", ["-1", "5000"])
def test_steps_out_of_range_are_one_line(
    noisy: Path, tmp_path: Path, one_line: Callable[[], str], steps: str
) -> None:
    arguments = ["clean", str(noisy), "--out", str(tmp_path / "x.hands"), "--refine", steps]
    assert main(arguments) == 2
    assert one_line().startswith("USE-03: --refine is")


def test_what_is_no_session_is_one_line(tmp_path: Path, one_line: Callable[[], str]) -> None:
    assert main(["clean", "none.hands", "--out", str(tmp_path / "x.hands")]) == 2
    assert one_line().startswith("SES-01: ")


def pixels_of(text: str) -> float:
    found = re.search(r"reprojection px: raw [\d.]+, live [\d.]+, clean ([\d.]+);", text)
    assert found is not None
    return float(found[1])


def test_refined_hands_lie_closer_to_what_was_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="refining needs torch, which is not installed")
    short = str(record_shaky(tmp_path / "short.hands", 6))
    assert main(["clean", short, "--out", str(tmp_path / "plain.hands")]) == 0
    plain = pixels_of(capsys.readouterr().out)
    arguments = ["clean", short, "--out", str(tmp_path / "fine.hands"), "--refine", "8"]
    assert main(arguments) == 0
    assert pixels_of(capsys.readouterr().out) < 0.7 * plain


def test_without_torch_it_cleans_but_does_not_refine(
    noisy: Path,
    tmp_path: Path,
    one_line: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.torch_extra.importlib.util.find_spec", lambda name: None)
    out = str(tmp_path / "x.hands")
    assert main(["clean", str(noisy), "--out", out, "--refine", "5"]) == 2
    assert one_line().startswith("ENG-01: ")
    assert main(["clean", str(noisy), "--out", out]) == 0
