"""CSV, NPZ and JSON as plain readers understand them."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.mesh_io.axes import AxesName, axes_of
from core.mesh_io.csv_file import write_csv
from core.mesh_io.hand_table import hand_rows
from core.mesh_io.json_file import write_json
from core.mesh_io.npz_file import write_npz
from core.session.take import Take
from core.topology import JOINT_NAMES, MODEL_JOINT_NAMES
from tests.factories import hand_poser, make_take


@pytest.fixture(scope="module")
def take() -> Take:
    return make_take(9, gaps={1: range(3, 6)}, noise=1, name="ein Gruß, zwei")


def rows_of(take: Take, name: AxesName = "camera") -> dict[str, np.ndarray]:
    return hand_rows(take, hand_poser(), axes_of(name), lambda done, total: None)


def joints_of(take: Take, index: int) -> np.ndarray:
    """(F, 21, 3) m in the camera frame, hand by hand."""
    track = take.tracks[index]
    right = np.array([track.side == "right"])
    return np.concatenate(
        [
            hand_poser().pose(right, track.pose[i : i + 1], track.betas[i : i + 1],
                              track.transl[i : i + 1]).joints_3d
            for i in range(len(track.pose))
        ]
    )  # fmt: skip


def test_rows_come_by_frame_and_then_by_hand(take: Take) -> None:
    rows = rows_of(take)
    pairs = list(zip(rows["frame"].tolist(), rows["track_id"].tolist(), strict=True))
    assert pairs == [(f, t) for f in range(9) for t in (0, 1) if t == 0 or f not in range(3, 6)]


def test_csv_says_what_the_take_says_and_every_finger_moves(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "walk.csv"
    write_csv(path, rows_of(take), axes_of("camera"))
    with path.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    mine = [line for line in lines if line["track_id"] == "0"]
    assert len(lines) == 15
    assert {line["source_name"] for line in lines} == {"ein Gruß, zwei"}
    expected = joints_of(take, 0)
    for joint in range(21):
        for column, axis in enumerate("xyz"):
            values = [float(line[f"joint_{joint}_{axis}_m"]) for line in mine]
            np.testing.assert_allclose(values, expected[:, joint, column], atol=1e-7)
    angles = np.array([[float(line[f"hand_pose_{i}"]) for i in range(45)] for line in mine])
    assert (np.ptp(angles, axis=0) > 0.01).all()
    turns = Rotation.from_rotvec(angles.reshape(-1, 3)).as_matrix().reshape(9, 15, 3, 3)
    np.testing.assert_allclose(turns, take.tracks[0].pose[:, 1:], atol=1e-5)


def test_npz_holds_the_same_without_pickles(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "walk.npz"
    write_npz(path, rows_of(take), axes_of("camera"))
    with np.load(path, allow_pickle=False) as data:
        second = data["track_id"] == 1
        assert set(data["side"][second]) == {"left"}
        np.testing.assert_allclose(data["joints_3d"][second], joints_of(take, 1), atol=1e-6)
        np.testing.assert_array_equal(data["timestamp_ns"][~second], take.timestamps_ns)
        assert (np.ptp(data["hand_pose"][second], axis=0) > 0.01).all()
        assert "x right, y down" in str(data["README"])


def test_json_holds_the_same_by_hand(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "walk.json"
    write_json(path, take, rows_of(take), axes_of("camera"))
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert (document["format"], document["version"]) == ("manyhands-take", 1)
    assert tuple(document["joint_names"]) == JOINT_NAMES
    assert tuple(document["pose_joint_names"]) == MODEL_JOINT_NAMES
    assert [hand["side"] for hand in document["hands"]] == ["right", "left"]
    for index, hand in enumerate(document["hands"]):
        np.testing.assert_allclose(hand["joints"], joints_of(take, index), atol=1e-5)
        turns = Rotation.from_rotvec(np.reshape(hand["pose_rotvec"], (-1, 3))).as_matrix()
        expected = take.tracks[index].pose.reshape(-1, 3, 3)
        np.testing.assert_allclose(turns, expected, atol=1e-4)
        assert (np.ptp(hand["pose_rotvec"], axis=0).max(-1) > 0.01).all()
    np.testing.assert_allclose(document["hands"][1]["time_s"][3], 6 / 30, atol=1e-6)


def test_a_preset_turns_joints_and_says_so(take: Take, tmp_path: Path) -> None:
    plain, unreal = rows_of(take), rows_of(take, "unreal")
    x, y, z = np.moveaxis(plain["joints_3d"], -1, 0)
    np.testing.assert_allclose(unreal["joints_3d"], 100 * np.stack((x, z, -y), axis=-1), atol=1e-4)
    np.testing.assert_array_equal(unreal["hand_pose"], plain["hand_pose"])
    path = tmp_path / "walk.csv"
    write_csv(path, unreal, axes_of("unreal"))
    assert "joint_0_x_cm" in path.read_text("utf-8").split("\n", 1)[0]
    write_npz(tmp_path / "walk.npz", unreal, axes_of("unreal"))
    with np.load(tmp_path / "walk.npz") as data:
        assert "unreal, right-handed, Z up" in str(data["README"])


def test_a_take_without_hands_is_a_header() -> None:
    rows = rows_of(make_take(3, sides=()))
    assert len(rows["frame"]) == 0
    assert rows["joints_3d"].shape == (0, 21, 3)
