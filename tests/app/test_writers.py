import csv
import dataclasses
import errno
import io
import json
import locale
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from app.writers import (
    HandTable,
    PictureOverlay,
    ResultFolder,
    VideoOverlay,
    csv_columns,
    write_summary,
)
from core.errors import OutputError
from core.rotations_np import rotmat_from_rotvec
from core.types import Frame, TrackedHands
from tests.app.posed import K, frame, hand, tracked


def written_table(folder: Path, *frames: TrackedHands) -> tuple[list[dict[str, str]], Path]:
    table = HandTable(folder / "hands.csv")
    for each in frames:
        table.add(each)
    table.finish(folder / "hands.npz")
    text = (folder / "hands.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text))), folder / "hands.npz"


def picture_frame(height: int, width: int, index: int = 0, name: str = "test") -> Frame:
    image = np.full((height, width, 3), (200, 40, 40), np.uint8)
    return Frame(index, 0, index * 100_000_000, image, K, name)


def test_columns_come_in_the_promised_order() -> None:
    columns = csv_columns()
    assert columns[:9] == (
        *("frame", "source_name", "timestamp_ns", "track_id", "side", "score", "predicted"),
        *("joint_0_u_px", "joint_0_v_px"),
    )
    assert columns[9:12] == ("joint_0_x_m", "joint_0_y_m", "joint_0_z_m")
    assert columns[7 + 5 * 20 : 7 + 5 * 21] == tuple(
        f"joint_20_{part}" for part in ("u_px", "v_px", "x_m", "y_m", "z_m")
    )
    rest = columns[7 + 5 * 21 :]
    groups = ("transl_", "global_orient_", "hand_pose_", "betas_")
    counts = [sum(name.startswith(group) for name in rest) for group in groups]
    assert counts == [3, 3, 45, 10]
    assert len(set(columns)) == len(columns) == 7 + 105 + 61


def test_csv_keeps_every_bit_of_what_was_found(tmp_path: Path) -> None:
    one, other = hand(track_id=3), hand("left", (0.1, 0.02, 0.6), track_id=7)
    rows, _ = written_table(tmp_path, tracked(one, other, predicted=frozenset({7})), tracked())
    assert [row["side"] for row in rows] == ["right", "left"]
    assert [row["track_id"] for row in rows] == ["3", "7"]
    assert [row["predicted"] for row in rows] == ["0", "1"]
    for row, each in zip(rows, (one, other), strict=True):
        joints = [[row[f"joint_{j}_{axis}_m"] for axis in "xyz"] for j in range(21)]
        assert (np.array(joints, np.float32) == each.joints_3d).all()
        pixels = [[row[f"joint_{j}_{axis}_px"] for axis in "uv"] for j in range(21)]
        assert (np.array(pixels, np.float32) == each.joints_2d).all()
        rotvec = [float(row[f"hand_pose_{i}"]) for i in range(45)]
        turned = rotmat_from_rotvec(np.reshape(rotvec, (15, 3)))
        np.testing.assert_allclose(turned, each.pose[1:], atol=1e-5)
        orient = [float(row[f"global_orient_{axis}"]) for axis in "xyz"]
        np.testing.assert_allclose(rotmat_from_rotvec(orient), each.pose[0], atol=1e-5)


def test_npz_holds_the_same_rows_and_states_its_shapes(tmp_path: Path) -> None:
    rows, path = written_table(tmp_path, tracked(hand(), hand("left", track_id=1)), tracked(hand()))
    with np.load(path, allow_pickle=False) as arrays:
        readme = str(arrays["README"])
        for name in arrays.files:
            assert name == "README" or name in readme
        assert arrays["joints_3d"].shape == (3, 21, 3)
        assert arrays["hand_pose"].shape == (3, 45)
        assert arrays["hand_pose"].dtype == np.float32
        assert arrays["predicted"].dtype == np.bool_
        assert [str(side) for side in arrays["side"]] == [row["side"] for row in rows]
        betas = [[float(row[f"betas_{i}"]) for i in range(10)] for row in rows]
        assert (np.array(betas, np.float32) == arrays["betas"]).all()


def test_run_without_hands_still_states_empty_shapes(tmp_path: Path) -> None:
    rows, path = written_table(tmp_path, tracked())
    assert rows == []
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["joints_2d"].shape == (0, 21, 2)
        assert arrays["frame"].shape == (0,)


def test_numbers_have_points_where_the_locale_has_commas(tmp_path: Path) -> None:
    before = locale.setlocale(locale.LC_NUMERIC)
    names = [name for name in ("de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8") if _settable(name)]
    if not names:
        pytest.skip("no locale with decimal commas is installed")
    try:
        locale.setlocale(locale.LC_NUMERIC, names[0])
        rows, _ = written_table(tmp_path, tracked(hand()))
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)
    assert float(rows[0]["joint_0_z_m"]) == pytest.approx(0.5)


def _settable(name: str) -> bool:
    before = locale.setlocale(locale.LC_NUMERIC)
    try:
        locale.setlocale(locale.LC_NUMERIC, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)
    return True


def test_source_name_with_commas_quotes_and_accents_survives(tmp_path: Path) -> None:
    name = 'Hände, "zwei"\n.mp4'
    named = TrackedHands(frame(name=name), (hand(),))
    _, path = written_table(tmp_path, named)
    with np.load(path, allow_pickle=False) as arrays:
        assert str(arrays["source_name"][0]) == name
    with (tmp_path / "hands.csv").open(encoding="utf-8", newline="") as stream:
        assert next(csv.DictReader(stream))["source_name"] == name


def test_file_name_that_is_not_text_stops_nothing(tmp_path: Path) -> None:
    rows, _ = written_table(tmp_path, TrackedHands(frame(name="clip\udcff.mp4"), (hand(),)))
    assert rows[0]["source_name"] == "clip\\udcff.mp4"
    write_summary(tmp_path / "summary.json", {"source": "clip\udcff.mp4"})
    assert "clip" in (tmp_path / "summary.json").read_text("utf-8")


def test_results_get_their_names_only_when_published(tmp_path: Path) -> None:
    with ResultFolder(tmp_path / "out", overwrite=False) as folder:
        write_summary(folder.path("summary.json"), {"frames": 1})
        assert not (tmp_path / "out/summary.json").exists()
        assert folder.publish() == (tmp_path / "out/summary.json",)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["summary.json"]
    assert json.loads((tmp_path / "out/summary.json").read_text()) == {"frames": 1}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_after_an_error(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), ResultFolder(tmp_path / "a/out", overwrite=False) as folder:
        folder.path("hands.csv").write_text("half")
        raise error
    assert not (tmp_path / "a/out").exists()


def test_folder_that_was_there_stays_after_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RuntimeError), ResultFolder(tmp_path, overwrite=False):
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["hands.csv", "hands.npz", "overlay.mp4", "summary.json"])
def test_earlier_results_are_not_overwritten_unasked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("earlier")
    with pytest.raises(OutputError) as caught:
        ResultFolder(tmp_path, overwrite=False)
    assert caught.value.code == "OUT-01"
    assert name in caught.value.cause
    assert (tmp_path / name).read_text() == "earlier"


def test_overwriting_replaces_and_removes_all_earlier_results(tmp_path: Path) -> None:
    (tmp_path / "overlay").mkdir()
    (tmp_path / "overlay/old.png").write_text("earlier")
    for name in ("hands.csv", "overlay.mp4", "summary.json", "notes.txt"):
        (tmp_path / name).write_text("earlier")
    with ResultFolder(tmp_path, overwrite=True) as folder:
        folder.path("hands.csv").write_text("new")
        folder.path("overlay").mkdir()
        (folder.path("overlay") / "new.png").write_text("new")
        folder.publish()
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert found == {"hands.csv", "overlay", "overlay/new.png", "notes.txt"}
    assert (tmp_path / "hands.csv").read_text() == "new"


def test_failed_overwriting_keeps_the_earlier_results(tmp_path: Path) -> None:
    (tmp_path / "hands.csv").write_text("earlier")
    with pytest.raises(RuntimeError), ResultFolder(tmp_path, overwrite=True) as folder:
        folder.path("hands.csv").write_text("half")
        raise RuntimeError
    assert (tmp_path / "hands.csv").read_text() == "earlier"


def test_target_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError) as caught:
            ResultFolder(target, overwrite=False)
        assert caught.value.code == "OUT-01"


def test_full_disk_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    table = HandTable(tmp_path / "hands.csv")
    with pytest.raises(OutputError) as caught:
        table.finish(tmp_path / "hands.npz")
    assert caught.value.code == "OUT-02"


@pytest.mark.parametrize(("height", "width"), [(240, 320), (241, 319), (1, 1), (33, 50)])
def test_video_shows_the_pictures_at_the_times_of_the_source(
    tmp_path: Path, height: int, width: int
) -> None:
    video = VideoOverlay(tmp_path / "overlay.mp4", height, width, fps=10)
    times_ns = [5_000_000_000, 5_100_000_000, 5_100_000_000, 5_400_000_000]
    for index, time_ns in enumerate(times_ns):
        each = dataclasses.replace(picture_frame(height, width, index), timestamp_ns=time_ns)
        video.add(each, each.image)
    video.finish()
    with av.open(str(tmp_path / "overlay.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        images = list(container.decode(stream))
    assert images[0].height == height + height % 2
    assert images[0].width == width + width % 2
    assert [image.time for image in images] == pytest.approx([0, 0.1, 0.1, 0.4], abs=1e-3)
    colour = images[0].to_ndarray(format="rgb24").mean((0, 1))
    np.testing.assert_allclose(colour, [200, 40, 40], atol=6)


def test_video_takes_pictures_of_another_size(tmp_path: Path) -> None:
    video = VideoOverlay(tmp_path / "overlay.mp4", 240, 320, fps=None)
    for index, (height, width) in enumerate([(240, 320), (720, 1280), (100, 60), (480, 640)]):
        each = picture_frame(height, width, index)
        video.add(each, each.image)
    video.finish()
    with av.open(str(tmp_path / "overlay.mp4")) as container:
        shapes = {(image.height, image.width) for image in container.decode(video=0)}
    assert shapes == {(240, 320)}


def test_pictures_are_named_after_their_sources(tmp_path: Path) -> None:
    pictures = PictureOverlay(tmp_path / "overlay")
    for index, name in enumerate(["a.jpg", "A.png", "Hände.jpg", ""]):
        each = picture_frame(20, 30, index, name)
        pictures.add(each, each.image)
    pictures.finish()
    names = sorted(path.name for path in (tmp_path / "overlay").iterdir())
    assert names == ["000003.png", "A-000001.png", "Hände.png", "a.png"]
    decoded = cv2.imread(str(tmp_path / "overlay/a.png"))
    assert (decoded == (40, 40, 200)).all()
