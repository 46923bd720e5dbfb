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


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hand that shakes as a network makes it shake."""
    path = tmp_path_factory.mktemp("clean") / "shaky.hands"
    take = make_take(45, sides=("right",), noise=1)
    track = take.tracks[0]
    recorder = make_recorder()
    recorder.start(path, INFO)
    for index in range(45):
        x, y, z = track.transl[index].tolist()
        hand = make_hand(
            "right", pose=track.pose[index], at=(x, y, z), betas=track.betas[index], track_id=4
        )
        hand = replace(hand, keypoints_2d=track.keypoints_2d[index].copy())
        recorder.add(TrackedHands(make_frame(index), (hand,), raw=(hand,)))
    recorder.stop()
    return path


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


def test_what_is_no_session_is_one_line(tmp_path: Path, one_line: Callable[[], str]) -> None:
    assert main(["clean", "none.hands", "--out", str(tmp_path / "x.hands")]) == 2
    assert one_line().startswith("SES-01: ")
