import json
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from app.run_command import RunOptions, RunResult, run
from core.capture import FrameSource
from core.config import CaptureConfig
from core.errors import EngineError, ManyHandsError, SourceError, UsageError
from core.types import HandState
from tests.app.results import always, files_in, json_of, quiet, table_of, write_clip
from tests.factories import HEIGHT, WIDTH, make_frame, make_hand
from tests.fakes import FaultyEngine, ScriptedEngine, ScriptedSource

TWO_HANDS = [
    make_hand("right", at=(0.15, 0.0, 0.6)),
    make_hand("left", at=(-0.15, 0.0, 0.7)),
]
pytestmark = pytest.mark.usefixtures("handlers_are_put_back")

FRAMES = 8


def seeing(hands: Sequence[HandState]) -> ScriptedEngine:
    return ScriptedEngine([hands])


def live(*steps: object) -> Callable[[str, CaptureConfig], FrameSource]:
    return lambda text, config: ScriptedSource(steps, is_live=True)  # type: ignore[arg-type]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", FRAMES)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for index in range(3):
        cv2.imwrite(str(folder / f"picture{index}.png"), make_frame().image)
    (folder / "picture1b.jpg").write_bytes(b"no image")
    return folder


def test_video_becomes_a_table_arrays_an_overlay_and_a_summary(video: Path, out: Path) -> None:
    engine = seeing(TWO_HANDS)
    result = run(RunOptions(str(video), out), quiet, always(engine))
    assert files_in(out) == {"hands.csv", "hands.npz", "overlay.mp4", "summary.json"}
    assert engine.calls == FRAMES
    assert engine.closed
    rows = table_of(out)
    assert {row["side"] for row in rows} == {"left", "right"}
    assert {row["source_name"] for row in rows} == {"clip.mp4"}
    assert len({row["track_id"] for row in rows}) == 2
    assert int(rows[-1]["frame"]) == FRAMES - 1
    times_ns = sorted({int(row["timestamp_ns"]) for row in rows})
    assert np.diff(times_ns) == pytest.approx(1e9 / 30, rel=1e-3)
    with av.open(str(out / "overlay.mp4")) as container:
        pictures = [image.to_ndarray(format="rgb24") for image in container.decode(video=0)]
    assert len(pictures) == FRAMES
    assert (np.abs(pictures[-1].astype(int) - 90).max(-1) > 60).sum() > 2000
    summary = json_of(out / "summary.json")
    assert summary == json.loads(json.dumps(result.summary))
    assert summary["frames"] == FRAMES
    assert summary["hands"] == len(rows)
    assert summary["rejected_hands"] == 0
    assert summary["tracks"] == 2
    assert summary["ended_by"] == "end of source"
    assert summary["fps"] > 0
    assert summary["engine"]["name"] == "scripted"
    assert summary["weights_sha256"] == "0" * 64
    assert {"resize", "network", "decode", "track", "smooth", "total"} <= set(summary["steps"])
    for step in summary["steps"].values():
        assert 0 <= step["p50_ms"] <= step["p95_ms"]


def test_arrays_and_table_agree(video: Path, out: Path) -> None:
    run(RunOptions(str(video), out, overlay=False), quiet, always(seeing(TWO_HANDS)))
    rows = table_of(out)
    with np.load(out / "hands.npz", allow_pickle=False) as arrays:
        assert [int(row["track_id"]) for row in rows] == arrays["track_id"].tolist()
        depth = [float(row["joint_9_z_m"]) for row in rows]
        np.testing.assert_array_equal(np.array(depth, np.float32), arrays["joints_3d"][:, 9, 2])
        transl = [[float(row[f"transl_{axis}_m"]) for axis in "xyz"] for row in rows]
        np.testing.assert_array_equal(np.array(transl, np.float32), arrays["transl"])
    expected = {"right": 0.15, "left": -0.15}
    for row in rows:
        assert float(row["joint_9_x_m"]) == pytest.approx(expected[row["side"]], abs=2e-3)


def test_hands_with_impossible_numbers_are_counted_and_never_written(
    video: Path, out: Path
) -> None:
    """Row 32: two hands in each of three frames."""
    engine = FaultyEngine([TWO_HANDS], "nan", fault_at=2, fault_count=3)
    result = run(RunOptions(str(video), out, overlay=False), quiet, always(engine))
    assert result.summary["rejected_hands"] == 6
    assert all("nan" not in value for row in table_of(out) for value in row.values())


def test_no_overlay_is_written_where_none_is_wanted(video: Path, out: Path) -> None:
    run(RunOptions(str(video), out, overlay=False), quiet, always(seeing(TWO_HANDS)))
    assert files_in(out) == {"hands.csv", "hands.npz", "summary.json"}


def test_run_ends_after_so_many_frames(video: Path, out: Path) -> None:
    shown: list[tuple[int, int | None]] = []
    engine = seeing(TWO_HANDS)
    run(RunOptions(str(video), out, max_frames=3), lambda *at: shown.append(at), always(engine))
    assert engine.calls == 3
    assert shown == [(1, 3), (2, 3), (3, 3)]
    assert json_of(out / "summary.json")["ended_by"] == "max frames"


def test_images_stand_alone_and_unreadable_ones_are_counted(images: Path, out: Path) -> None:
    result = run(RunOptions(str(images), out), quiet, always(seeing(TWO_HANDS)))
    pngs = {f"overlay/picture{index}.png" for index in range(3)}
    assert files_in(out) == {"hands.csv", "hands.npz", "summary.json", *pngs}
    rows = table_of(out)
    # Every picture shows both hands at once: nothing waits for a second sighting.
    assert [row["source_name"] for row in rows] == [
        f"picture{index}.png" for index in (0, 0, 1, 1, 2, 2)
    ]
    assert {row["track_id"] for row in rows} == {"-1"}
    assert {row["predicted"] for row in rows} == {"0"}
    assert result.summary["skipped_images"] == 1
    assert "picture1b.jpg" in result.summary["skipped"][0]


def test_single_image_gets_one_picture(images: Path, out: Path) -> None:
    run(RunOptions(str(images / "picture0.png"), out), quiet, always(seeing(TWO_HANDS)))
    assert files_in(out) == {"hands.csv", "hands.npz", "summary.json", "overlay/picture0.png"}
    assert len(table_of(out)) == 2


def test_source_without_hands_gives_empty_but_whole_results(video: Path, out: Path) -> None:
    run(RunOptions(str(video), out), quiet, always(seeing([])))
    assert table_of(out) == []
    assert json_of(out / "summary.json")["hands"] == 0
    assert json_of(out / "summary.json")["frames"] == FRAMES


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_live_source_and_keeps_what_was_taken(
    out: Path, number: signal.Signals
) -> None:
    class Interrupted(ScriptedEngine):
        def run(self, image: np.ndarray) -> Any:
            if self.calls == 4:
                os.kill(os.getpid(), number)
            return super().run(image)

    source = ScriptedSource((make_frame(index) for index in range(1000)), is_live=True)
    result = run(
        RunOptions("0", out), quiet, always(Interrupted([TWO_HANDS])), lambda text, config: source
    )
    assert result.fault is None
    assert json_of(out / "summary.json")["frames"] == 5
    assert json_of(out / "summary.json")["ended_by"] == "stopped"
    assert source.closed
    assert files_in(out) == {"hands.csv", "hands.npz", "overlay.mp4", "summary.json"}


def test_live_source_that_is_lost_keeps_what_was_taken_and_reports(out: Path) -> None:
    lost = SourceError("CAM-04", "the camera is gone", "Plug it in.")
    frames = [make_frame(index) for index in range(5)]
    result = run(RunOptions("0", out), quiet, always(seeing(TWO_HANDS)), live(*frames, lost))
    assert result.fault is lost
    assert json_of(out / "summary.json")["ended_by"] == "CAM-04"
    assert json_of(out / "summary.json")["frames"] == 5


def failing_run(
    error: type[BaseException], *arguments: Any, out: Path, keep: set[str] | None = None
) -> BaseException:
    """Return the error of a run that must leave nothing behind."""
    with pytest.raises(error) as caught:
        run(*arguments)
    if keep is None:
        assert not out.exists()
    else:
        assert files_in(out) == keep
    return caught.value


def test_interrupted_video_leaves_nothing_behind(video: Path, out: Path) -> None:
    class Interrupted(ScriptedEngine):
        def run(self, image: np.ndarray) -> Any:
            if self.calls == 4:
                os.kill(os.getpid(), signal.SIGINT)
            return super().run(image)

    engine = Interrupted([TWO_HANDS])
    failing_run(KeyboardInterrupt, RunOptions(str(video), out), quiet, always(engine), out=out)
    assert engine.closed


def test_second_interrupt_ends_a_live_source_at_once(out: Path) -> None:
    class Impatient(ScriptedEngine):
        def run(self, image: np.ndarray) -> Any:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            return super().run(image)

    steps = live(make_frame())
    failing_run(
        KeyboardInterrupt, RunOptions("0", out), quiet, always(Impatient([[]])), steps, out=out
    )


def test_live_source_lost_before_its_first_picture_is_an_error(out: Path) -> None:
    lost = SourceError("CAM-04", "the camera is gone", "Plug it in.")
    engine = always(seeing([]))
    assert (
        failing_run(SourceError, RunOptions("0", out), quiet, engine, live(lost), out=out) is lost
    )


def test_engine_that_fails_midway_leaves_nothing_behind(video: Path, out: Path) -> None:
    engine = FaultyEngine([TWO_HANDS], "error", fault_at=3)
    failing_run(EngineError, RunOptions(str(video), out), quiet, always(engine), out=out)
    assert engine.closed


def test_failure_keeps_the_results_of_an_earlier_run(video: Path, out: Path) -> None:
    run(RunOptions(str(video), out), quiet, always(seeing(TWO_HANDS)))
    before = {name: (out / name).read_bytes() for name in files_in(out)}
    engine = FaultyEngine([TWO_HANDS], "error", fault_at=3)
    options = RunOptions(str(video), out, overwrite=True)
    failing_run(EngineError, options, quiet, always(engine), out=out, keep=set(before))
    assert {name: (out / name).read_bytes() for name in files_in(out)} == before


def test_earlier_results_are_replaced_when_asked(video: Path, images: Path, out: Path) -> None:
    run(RunOptions(str(video), out), quiet, always(seeing(TWO_HANDS)))
    run(RunOptions(str(images), out, overwrite=True), quiet, always(seeing([])))
    pngs = {f"overlay/picture{index}.png" for index in range(3)}
    assert files_in(out) == {"hands.csv", "hands.npz", "summary.json", *pngs}
    assert table_of(out) == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"engine": "warp"}, "USE-01"),
        ({"max_frames": 0}, "USE-03"),
        ({"max_frames": -1}, "USE-03"),
        ({"style": "mesh,glitter"}, "USE-01"),
    ],
)
def test_bad_options_are_refused_before_anything_is_opened(
    video: Path, out: Path, options: dict[str, Any], code: str
) -> None:
    error = failing_run(UsageError, RunOptions(str(video), out, **options), quiet, out=out)
    assert isinstance(error, ManyHandsError)
    assert error.code == code


def test_run_works_outside_of_the_main_thread(video: Path, out: Path) -> None:
    results: list[RunResult] = []

    def work() -> None:
        results.append(run(RunOptions(str(video), out), quiet, always(seeing(TWO_HANDS))))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert results[0].summary["frames"] == FRAMES


def test_interrupt_while_results_get_their_names_loses_none(
    video: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_replace = Path.replace

    def interrupted_replace(self: Path, target: Path) -> Path:
        os.kill(os.getpid(), signal.SIGINT)
        return plain_replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted_replace)
    run(RunOptions(str(video), out), quiet, always(seeing(TWO_HANDS)))
    assert files_in(out) == {"hands.csv", "hands.npz", "overlay.mp4", "summary.json"}


def test_folder_of_mixed_shapes_gets_an_engine_for_each(images: Path, out: Path) -> None:
    portrait = make_frame(width=HEIGHT, height=WIDTH)
    cv2.imwrite(str(images / "picture9.png"), portrait.image)
    opened: list[ScriptedEngine] = []

    def make(choice: str, height: int, width: int) -> ScriptedEngine:
        size = (288, 384) if width > height else (384, 288)
        opened.append(ScriptedEngine([[]], input_size=size))
        return opened[-1]

    run(RunOptions(str(images), out), quiet, make)
    assert [engine.input_size for engine in opened] == [(288, 384), (384, 288)]
    assert all(engine.closed for engine in opened)
    assert (out / "overlay/picture9.png").is_file()
