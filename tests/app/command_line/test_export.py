"""`manyhands export` as a person meets it."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from app.__main__ import main
from app.export_command import export
from app.take_jobs import FORMATS, ExportOptions
from core.errors import OutputError
from core.mesh_io.axes import axes_of
from core.mesh_io.glb import write_glb
from core.mesh_io.motion import hand_motions
from core.session.take import HandTrack
from tests.core.hand_model.mano_files import mano_pickle
from tests.core.session.recording import record
from tests.factories import hand_model, make_take

ROOT = Path(__file__).parents[3]
FRAMES = 12


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(record(tmp_path_factory.mktemp("export") / "walk.hands", FRAMES).path)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("glb", ["walk.glb"]),
        ("bvh", ["walk-bvh"]),
        ("usd", ["walk.usd"]),
        ("npz", ["walk.npz"]),
        ("csv", ["walk.csv"]),
        ("json", ["walk.json"]),
        ("obj", ["walk-obj"]),
        ("ply", ["walk-ply"]),
        ("mp4", ["walk.mp4"]),
    ],
)
def test_each_format_has_a_result_of_the_sessions_name(
    session: Path,
    own_folder: Path,
    kind: str,
    expected: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    if kind == "usd":
        pytest.importorskip("pxr", reason="the optional package usd-core is not installed")
    assert main(["export", str(session), "--to", kind]) == 0
    assert names(own_folder) == expected
    result = own_folder / expected[0]
    assert result.stat().st_size > 0
    assert f"{result}: {FRAMES} frames, right_1, left_2" in capsys.readouterr().out
    if result.is_dir():
        assert len(names(result)) == (2 if kind == "bvh" else FRAMES)


def test_every_format_of_the_list_is_tried_here() -> None:
    assert set(FORMATS) == {
        "glb", "bvh", "usd", "npz", "csv", "json", "obj", "ply", "mp4", "mano",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("3f", "5f", [3, 4]),
        ("0.1", "0.17s", [3, 4, 5]),
        (None, "2f", [0, 1]),
        ("10f", None, [10, 11]),
    ],
)
def test_a_range_is_given_in_seconds_or_frames(
    session: Path, start: str | None, end: str | None, expected: list[int]
) -> None:
    result = export(
        ExportOptions(session, "csv", start=start, end=end, track=1), lambda done, total: None
    )
    assert len(rows(result.path)) == result.frames == len(expected)
    stamps = [int(row["timestamp_ns"]) for row in rows(result.path)]
    assert np.round(np.array(stamps) * 30e-9).astype(int).tolist() == expected


def test_a_rate_gives_even_steps(session: Path) -> None:
    result = export(ExportOptions(session, "json", rate_hz=60), lambda done, total: None)
    document = json.loads(result.path.read_text("utf-8"))
    assert np.diff(document["hands"][0]["time_s"]) == pytest.approx(1 / 60, abs=1e-5)
    assert document["frames"] == 2 * FRAMES - 1


def test_raw_values_are_others_than_smoothed_ones(session: Path) -> None:
    both = []
    for raw in (False, True):
        options = ExportOptions(session, "csv", raw=raw, overwrite=True)
        both.append(rows(export(options, lambda done, total: None).path))
    assert float(both[1][0]["transl_x_m"]) - float(both[0][0]["transl_x_m"]) > 0.004


def test_one_frame_is_a_file(session: Path, own_folder: Path) -> None:
    assert main(["export", str(session), "--to", "ply", "--start", "3f", "--end", "4f"]) == 0
    assert names(own_folder) == ["walk.ply"]
    assert (own_folder / "walk.ply").read_bytes().startswith(b"ply\n")


def test_one_hand_is_one_bvh(session: Path, own_folder: Path) -> None:
    assert main(["export", str(session), "--to", "bvh", "--track", "2"]) == 0
    assert (own_folder / "walk.bvh").read_text("ascii").startswith("HIERARCHY")


def test_the_video_shows_the_hands_on_the_pictures(session: Path, own_folder: Path) -> None:
    assert main(["export", str(session), "--to", "mp4", "--rate", "15"]) == 0
    with av.open(str(own_folder / "walk.mp4")) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == FRAMES // 2
    assert pictures[0].shape == (240, 320, 3)
    grey = np.ptp(pictures[0].astype(int), axis=2) < 25
    assert 0.02 < (~grey).mean() < 0.6  # coloured hands on a grey picture


def test_without_pictures_there_is_no_video(tmp_path: Path, one_line: Callable[[], str]) -> None:
    from core.session.status import RecordOptions

    path = record(tmp_path / "blind.hands", 4, RecordOptions(video=False)).path
    assert main(["export", str(path), "--to", "mp4"]) == 2
    assert one_line().startswith("SES-05: blind was recorded without pictures")


def test_glb_is_the_same_whatever_reads_it(session: Path, own_folder: Path) -> None:
    for name in ("blender", "unreal"):
        arguments = ["--to", "glb", "--axes", name, "--out", f"{name}.glb"]
        assert main(["export", str(session), *arguments]) == 0
    first, second = (own_folder / f"{name}.glb" for name in ("blender", "unreal"))
    assert first.read_bytes() == second.read_bytes()


def test_mano_is_fitted_and_its_residual_told(
    session: Path,
    tmp_path: Path,
    one_line: Callable[[], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Row 26: without an imported file one is told where to get it."""
    assert main(["export", str(session), "--to", "mano"]) == 2
    assert one_line().startswith("MDL-01: no MANO model was imported. Get MANO_RIGHT.pkl")
    pickle = tmp_path / "MANO_RIGHT.pkl"
    pickle.write_bytes(mano_pickle())
    assert main(["mano", "import", str(pickle)]) == 0
    assert main(["export", str(session), "--to", "mano"]) == 0
    assert "Fitted MANO is off by 0." in capsys.readouterr().out
    with np.load("walk-mano.npz", allow_pickle=False) as data:
        assert data["hand_pose"].shape == (2 * FRAMES, 45)


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (["--to", "gbl"], "USE-01: --to gbl is unknown. Did you mean glb?"),
        (["--to", "usd", "--axes", "blendr"], "USE-01: --axes blendr is unknown. Did you mean"),
        (["--to", "mp4", "--axes", "unity"], "USE-01: --axes does not go with --to mp4"),
        (["--to", "usd", "--axes", "camera"], "USE-01: in USD y or z is up"),
        (["--to", "usd", "--out", "walk.txt"], "USE-01: walk.txt is no name for USD"),
        (["--to", "bvh", "--out", "walk.bvh"], "USE-01: walk.bvh would hold 2 hands"),
        (["--to", "obj", "--out", "walk.obj"], f"USE-01: walk.obj would hold {FRAMES} frames"),
        (["--to", "csv", "--rate", "0"], "USE-03: --rate is 0. Give 0.1 to 1000"),
        (["--to", "csv", "--rate", "nan"], "USE-03: --rate is nan"),
        (["--to", "csv", "--start", "soon"], "USE-01: --start soon is no moment"),
        (["--to", "csv", "--start", "5"], "USE-03: no frame of walk lies in that range"),
        (["--to", "csv", "--start", "6f", "--end", "6f"], "USE-03: no frame"),
        (["--to", "csv", "--track", "9"], "USE-01: there is no hand 9 in that range. It has: 1, 2"),
        (["--to", "csv", "--correctives"], "USE-01: --correctives"),
        (["--to", "csv", "--mano", "x.npz"], "USE-01: --mano"),
        ([], "USE-01: "),
    ],
)
def test_bad_input_is_one_line_with_its_code(
    session: Path,
    own_folder: Path,
    one_line: Callable[[], str],
    arguments: list[str],
    start: str,
) -> None:
    assert main(["export", str(session), *arguments]) == 2
    assert one_line().startswith(start)
    assert names(own_folder) == []


def test_what_is_no_session_is_one_line(own_folder: Path, one_line: Callable[[], str]) -> None:
    assert main(["export", "none.hands", "--to", "glb"]) == 2
    assert one_line().startswith("SES-01: ")


def test_nothing_is_replaced_unless_one_says_so(
    session: Path, own_folder: Path, one_line: Callable[[], str]
) -> None:
    """Row 47: an export never overwrites."""
    target = own_folder / "walk.csv"
    target.write_text("mine")
    assert main(["export", str(session), "--to", "csv"]) == 2
    assert one_line().startswith("OUT-01: walk.csv exists already")
    assert target.read_text() == "mine"
    assert main(["export", str(session), "--to", "csv", "--overwrite"]) == 0
    assert len(rows(target)) == 2 * FRAMES


def test_a_folder_with_other_files_is_never_replaced(
    session: Path, own_folder: Path, one_line: Callable[[], str]
) -> None:
    folder = own_folder / "walk-obj"
    folder.mkdir()
    (folder / "thesis.tex").write_text("mine")
    assert main(["export", str(session), "--to", "obj", "--overwrite"]) == 2
    assert one_line().startswith("OUT-01: ")
    assert names(folder) == ["thesis.tex"]


@pytest.mark.parametrize("kind", ["csv", "ply"])
def test_a_file_never_takes_a_folders_place_nor_a_folder_a_files(
    session: Path, own_folder: Path, one_line: Callable[[], str], kind: str
) -> None:
    target = own_folder / "mine"
    if kind == "csv":
        target.mkdir()
        (target / "mine.csv").write_text("mine")
    else:
        target.write_text("mine")
    assert main(["export", str(session), "--to", kind, "--out", "mine", "--overwrite"]) == 2
    assert one_line().startswith("OUT-01: mine exists already")
    assert (target / "mine.csv" if kind == "csv" else target).read_text() == "mine"


def test_a_folder_of_an_earlier_export_is_replaced_as_a_whole(
    session: Path, own_folder: Path
) -> None:
    assert main(["export", str(session), "--to", "ply"]) == 0
    assert main(["export", str(session), "--to", "ply", "--end", "3f", "--overwrite"]) == 0
    assert names(own_folder / "walk-ply") == [f"frame_00000{i}.ply" for i in range(3)]


def test_ten_minutes_of_two_hands_are_a_glb_in_less_than_twenty_seconds(tmp_path: Path) -> None:
    short = make_take(100)
    stamps = np.arange(18_000, dtype=np.int64) * 33_333_333

    def repeated(track: HandTrack) -> HandTrack:
        rows = np.arange(18_000) % 100
        return replace(track, timestamps_ns=stamps, pose=track.pose[rows], betas=track.betas[rows],
                       transl=track.transl[rows], score=track.score[rows],
                       joint_confidence=track.joint_confidence[rows],
                       keypoints_2d=track.keypoints_2d[rows], seen=track.seen[rows])  # fmt: skip

    take = replace(short, timestamps_ns=stamps, tracks=tuple(map(repeated, short.tracks)))
    start = time.perf_counter()
    hands = hand_motions(take, hand_model(), axes_of("scene"))
    write_glb(tmp_path / "long.glb", hands, stamps / 1e9)
    assert time.perf_counter() - start < 20


class Halfway(Exception):
    pass


@pytest.mark.parametrize("kind", ["usd", "csv", "ply", "mp4", "bvh"])
@pytest.mark.parametrize("is_there", [False, True])
def test_an_export_that_fails_half_way_leaves_what_was_there(
    session: Path, own_folder: Path, kind: str, is_there: bool
) -> None:
    """Row 54: nothing half written under the final name, nothing left beside it."""
    if kind == "usd":
        pytest.importorskip("pxr", reason="the optional package usd-core is not installed")
    out = own_folder / (f"walk-{kind}" if kind in ("ply", "bvh") else f"walk.{kind}")
    if is_there and kind in ("ply", "bvh"):
        out.mkdir()
        (out / f"earlier.{kind}").write_text("earlier")
    elif is_there:
        out.write_text("earlier")

    def stop(done: int, total: int | None) -> None:
        if total is not None and done >= total / 2:
            raise Halfway

    options = ExportOptions(session, kind, out=out, overwrite=is_there)
    with pytest.raises(Halfway):
        export(options, stop)
    assert names(own_folder) == ([out.name] if is_there else [])
    assert not is_there or (
        names(out) == [f"earlier.{kind}"] if out.is_dir() else out.read_text() == "earlier"
    )


def test_a_full_disk_is_a_clear_word_and_leaves_nothing(
    session: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 54: the disk fills while the file is written."""

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.export_formats.write_glb", full)
    with pytest.raises(OutputError) as caught:
        export(ExportOptions(session, "glb"), lambda done, total: None)
    assert caught.value.code == "OUT-02"
    assert names(own_folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ on Windows")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_nothing_behind(
    tmp_path: Path, own_folder: Path, number: signal.Signals
) -> None:
    """Row 54: cancelled."""
    path = record(tmp_path / "long.hands", 150).path
    code = "import sys; from app.__main__ import main; sys.exit(main(sys.argv[1:]))"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    command = [sys.executable, "-c", code, "export", str(path), "--to", "obj"]
    process = subprocess.Popen(
        command, cwd=own_folder, env=environment, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not list(own_folder.glob(".*/*/frame_000002.obj")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors == "Interrupted.\n"
    assert names(own_folder) == []
