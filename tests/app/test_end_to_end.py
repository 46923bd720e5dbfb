"""The whole program on the demo clip with the weights that ship."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from core import assets
from core.engines.select import engine_choices

ROOT = Path(__file__).parents[2]
FRAMES = 30

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not assets.weights_path("lite", "onnx").is_file(), reason="no weights are here"
    ),
    pytest.mark.skipif(not assets.demo_clip_path().is_file(), reason="no demo clip is here"),
]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of `manyhands run demo`."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, "-m", "app", "run", "demo", "--out", str(folder)]
    done = subprocess.run(
        [*command, "--max-frames", str(FRAMES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert str(folder) in done.stdout
    return folder


@pytest.fixture(scope="module")
def arrays(out: Path) -> dict[str, Any]:
    with np.load(out / "hands.npz", allow_pickle=False) as archive:
        return dict(archive)


def test_run_leaves_its_four_results_and_nothing_else(out: Path) -> None:
    names = {path.name for path in out.iterdir()}
    assert names == {"hands.csv", "hands.npz", "overlay.mp4", "summary.json"}


def test_hands_are_found_in_nearly_every_frame(out: Path) -> None:
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["frames"] == FRAMES
    assert summary["frames_with_hands"] >= 0.9 * FRAMES
    assert summary["engine"]["name"] in engine_choices()[1:]  # the fastest here
    assert summary["weights_sha256"] == assets.checked_weights("lite", "onnx")[1]


def test_every_number_is_finite_and_hands_stand_before_the_camera(arrays: dict[str, Any]) -> None:
    for name, array in arrays.items():
        if array.dtype.kind == "f":
            assert np.isfinite(array).all(), name
    assert (arrays["joints_3d"][..., 2] > 0.05).all()
    assert (arrays["joints_3d"][:, 0] == arrays["transl"]).all()


def test_table_has_a_row_for_every_hand(out: Path, arrays: dict[str, Any]) -> None:
    with (out / "hands.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["frame"]) for row in rows] == arrays["frame"].tolist()
    assert set(arrays["side"].tolist()) <= {"left", "right"}


def test_overlay_differs_from_the_clip_where_hands_are(out: Path, arrays: dict[str, Any]) -> None:
    with av.open(str(assets.demo_clip_path())) as clip, av.open(str(out / "overlay.mp4")) as video:
        frames = list(video.decode(video=0))
        originals = [frame for frame, _ in zip(clip.decode(video=0), frames, strict=False)]
    assert len(frames) == FRAMES
    last = FRAMES - 1
    drawn, before = (f[last].to_ndarray(format="rgb24").astype(int) for f in (frames, originals))
    different = np.abs(drawn - before).max(-1) > 40
    height, width = different.shape
    for joints in arrays["joints_2d"][arrays["frame"] == last]:
        u, v = np.round(joints[9]).astype(int)  # the middle knuckle lies inside of its mesh
        if 0 <= u < width and 0 <= v < height:
            assert different[max(v - 3, 0) : v + 4, max(u - 3, 0) : u + 4].any()
