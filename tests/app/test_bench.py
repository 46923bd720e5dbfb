import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.bench import check_report_path, measure, write_report
from app.bench_scenes import compose
from app.writers import VideoOverlay
from core.engines.base import RawHands
from core.errors import OutputError, UsageError
from core.preprocess import prepare
from core.types import UInt8
from tests.factories import intrinsics, make_frame, make_hand, make_raw_hands
from tests.fakes import FaultyEngine, ScriptedEngine

WIDTH, HEIGHT = 640, 360
RED = (220, 20, 20)


class BlobEngine(ScriptedEngine):
    """Sees a hand wherever the picture is red."""

    def __init__(self) -> None:
        self.frame = make_frame(width=WIDTH, height=HEIGHT)
        super().__init__([[]], frame=self.frame, input_size=(216, 384))

    def run(self, image: UInt8) -> RawHands:
        red = (image[..., 0].astype(int) - image[..., 1] > 100).astype(np.uint8)
        count, _, stats, centres = cv2.connectedComponentsWithStats(red)
        network_input = prepare(self.frame, self.input_size)
        hands = []
        for label in range(1, count):
            if stats[label, cv2.CC_STAT_AREA] > 60:
                u, v = centres[label]
                depth = 1.2
                ray = np.linalg.inv(network_input.K_input) @ [u, v, 1]
                hands.append(
                    make_hand(at=ray * depth, score=0.9, K=intrinsics(WIDTH, HEIGHT), curl=0.8)
                )
        return make_raw_hands(hands[:8], network_input)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red square that wanders over grey."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    writer = VideoOverlay(path, HEIGHT, WIDTH, fps=30)
    for index in range(16):
        image = make_frame(index, width=WIDTH, height=HEIGHT).image.copy()
        x = 100 + 30 * index
        image[150:200, x : x + 50] = RED
        writer.add(make_frame(index, width=WIDTH, height=HEIGHT), image)
    writer.finish()
    return path


@pytest.fixture(scope="module")
def report(clip: Path) -> dict[str, Any]:
    engine = BlobEngine()
    shown: list[tuple[int, int | None]] = []
    made = measure(
        3, "auto", lambda *at: shown.append(at), lambda choice, height, width: engine, clip
    )
    assert engine.closed
    assert shown[-1][0] == shown[-1][1]
    return made


def test_pictures_show_as_many_hands_as_they_claim(report: dict[str, Any]) -> None:
    assert [entry["asked"] for entry in report["hands"]] == [0, 1, 2, 4, 8]
    assert [entry["found"] for entry in report["hands"]] == [0, 1, 2, 4, 8]
    assert [entry["rejected"] for entry in report["hands"]] == [0] * 5


def test_report_has_p50_and_p95_of_every_step(report: dict[str, Any]) -> None:
    for entry in report["hands"]:
        steps = entry["steps"]
        assert set(steps) == {"resize", "network", "decode", "track", "smooth", "total"}
        assert all(0 <= step["p50_ms"] <= step["p95_ms"] for step in steps.values())
        parts = sum(step["p50_ms"] for name, step in steps.items() if name != "total")
        assert steps["total"]["p50_ms"] > 0.5 * parts
    assert json.loads(json.dumps(report)) == report
    assert report["engine"]["name"] == "scripted"
    assert report["picture"] == [720, 1280]


def test_ratio_is_that_of_the_medians(report: dict[str, Any]) -> None:
    total = {entry["asked"]: entry["steps"]["total"]["p50_ms"] for entry in report["hands"]}
    assert report["ratio_8_to_1"] == pytest.approx(total[8] / total[1])


def test_network_that_finds_nothing_is_said_to_have_found_nothing(clip: Path) -> None:
    engine = ScriptedEngine([[]], input_size=(216, 384))
    made = measure(1, "auto", lambda *at: None, lambda choice, height, width: engine, clip)
    assert [entry["found"] for entry in made["hands"]] == [0, 0, 0, 0, 0]


def test_rejected_hands_are_counted_over_the_timed_frames(clip: Path) -> None:
    """Row 32."""
    engine = FaultyEngine([[make_hand()]], "nan", input_size=(216, 384))
    made = measure(3, "auto", lambda *at: None, lambda choice, height, width: engine, clip)
    assert [entry["rejected"] for entry in made["hands"]] == [3] * 5


def test_no_frames_cannot_be_timed() -> None:
    with pytest.raises(UsageError):
        measure(0, "auto", lambda *at: None)


def test_copies_lie_in_cells_of_their_own() -> None:
    background = np.full((720, 1280, 3), 90, np.uint8)
    patch = np.full((64, 64, 3), RED, np.uint8)
    for count in (0, 1, 2, 4, 8):
        picture = compose(background, patch, count)
        red = (picture[..., 0] > 210).astype(np.uint8)
        assert cv2.connectedComponents(red)[0] - 1 == count
    assert (background == 90).all()


def test_report_replaces_the_earlier_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.json"
    check_report_path(path)
    write_report(path, {"first": 1})
    write_report(path, {"second": 2})
    assert json.loads(path.read_text()) == {"second": 2}
    assert [entry.name for entry in path.parent.iterdir()] == ["report.json"]


def test_report_cannot_take_the_place_of_a_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        check_report_path(tmp_path)
    with pytest.raises(OutputError):
        write_report(tmp_path, {})
    assert list(tmp_path.iterdir()) == []
