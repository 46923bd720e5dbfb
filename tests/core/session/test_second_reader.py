"""A reader that knows nothing but `schema.md`: it imports nothing of the program."""

import ast
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
from mcap.reader import make_reader
from scipy.spatial.transform import Rotation

from tests.core.session.recording import record, tracked_hands


def read_session(folder: Path) -> dict[str, Any]:
    described = json.loads((folder / "session.json").read_text("utf-8"))
    assert described["format"] == "manyhands session"
    assert described["version"][0] == 1
    frames, events, skins = [], [], {}
    with (folder / "hands.mcap").open("rb") as stream:
        for schema, channel, message in make_reader(stream).iter_messages():
            if channel.topic == "/hands":
                frames.append((message.log_time, *frame_of(message.data, json.loads(schema.data))))
            elif channel.topic == "/events":
                events.append(json.loads(message.data))
            elif channel.topic == "/albedo":
                track_id, count = np.frombuffer(message.data[:8], "<i4")
                skins[int(track_id)] = np.frombuffer(message.data[8:], "u1").reshape(count, 3)
    return {"frames": frames, "events": events, "skins": skins, **described}


def frame_of(data: bytes, schema: dict[str, Any]) -> tuple[np.void, list[dict[str, Any]]]:
    frame_type = np.dtype([tuple(field) for field in schema["frame"]])
    hand_type = np.dtype(
        [(name, kind, *map(tuple, shape)) for name, kind, *shape in schema["hand"]]
    )
    frame = np.frombuffer(data, frame_type, 1)[0]
    rows = np.frombuffer(data, hand_type, frame["hand_count"], frame_type.itemsize)
    return frame, [hand_of(row, schema["steps"]) for row in rows]


def hand_of(row: np.void, steps: dict[str, float]) -> dict[str, Any]:
    hand = {name: row[name] for name in ("track_id", "flags")}
    for name, step in steps.items():
        if name in row.dtype.names:
            hand[name] = row[name] * step
            continue
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        bits, signed = (16, np.int32) if name.endswith("transl") else (8, np.int16)
        unsigned = np.uint32 if bits == 16 else np.uint16
        whole = low.astype(unsigned) | high.astype(unsigned) << bits
        hand[name] = whole.view(signed) * step
    return hand


def pictures_of(folder: Path, segment: int) -> dict[int, np.ndarray]:
    name = "video.mp4" if segment == 1 else f"video-{segment}.mp4"
    with av.open(folder / name) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        return {
            round(frame.pts * stream.time_base * 90_000): frame.to_ndarray(format="rgb24")
            for frame in container.decode(stream)
            if frame.pts is not None
        }


def test_a_reader_by_the_schema_alone_finds_hands_and_pictures(tmp_path: Path) -> None:
    record(tmp_path / "take.hands", 25)
    session = read_session(tmp_path / "take.hands")
    assert session["ended"]["frames"] == len(session["frames"]) == 25
    (camera,) = [event for event in session["events"] if event["kind"] == "camera"]
    pictures = pictures_of(tmp_path / "take.hands", 1)
    first_ns = session["frames"][0][0]
    for index, (time_ns, frame, hands) in enumerate(session["frames"]):
        wanted = tracked_hands(index)
        assert frame["camera"] == camera["camera"]
        assert np.allclose(camera["K"], wanted.frame.K)
        picture = pictures[round((time_ns - first_ns) * 90_000 / 1e9)]
        assert picture.shape == wanted.frame.image.shape
        assert abs(float(picture.mean()) - float(wanted.frame.image.mean())) < 1.5
        for hand, smooth, raw in zip(hands, wanted.hands, wanted.raw, strict=True):
            assert hand["track_id"] == smooth.track_id
            assert bool(hand["flags"] & 1) == (smooth.side == "right")
            assert bool(hand["flags"] & 2) == (smooth.track_id not in wanted.predicted)
            assert np.abs(hand["smooth_transl"] - smooth.transl).max() < 1e-5
            turned = Rotation.from_rotvec(hand["smooth_rotation"]).as_matrix()
            assert np.abs(turned - smooth.pose).max() < 2**-12
            turned = Rotation.from_rotvec(hand["raw_rotation"]).as_matrix()
            assert np.abs(turned - raw.pose).max() < 2**-10
            assert np.abs(hand["joint_confidence"] - smooth.joint_confidence).max() < 0.003
        assert bool(hands[0]["flags"] & 4)
    assert np.abs(session["skins"][2] / 255 - (0.6, 0.4, 0.3)).max() < 0.003


def test_that_reader_imports_nothing_of_the_program() -> None:
    tree = ast.parse(Path(__file__).read_text("utf-8"))
    functions = {"read_session", "frame_of", "hand_of", "pictures_of"}
    used = {
        node.id
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and function.name in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Name)
    }
    ours = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(("core", "tests"))
        for alias in node.names
    }
    assert ours
    assert not used & ours


def test_the_files_are_good_to_other_programs(tmp_path: Path) -> None:
    """MCAP's own reader finds summary and index; MP4 has its ordinary index."""
    record(tmp_path / "take.hands", 25)
    with (tmp_path / "take.hands" / "hands.mcap").open("rb") as stream:
        summary = make_reader(stream, validate_crcs=True).get_summary()
    assert summary is not None
    assert summary.statistics is not None
    topics = {channel.topic: number for number, channel in summary.channels.items()}
    assert set(topics) == {"/hands", "/pictures", "/events", "/albedo"}
    assert summary.statistics.channel_message_counts[topics["/hands"]] == 25
    assert summary.chunk_indexes
    assert all(chunk.uncompressed_size <= 1 << 16 for chunk in summary.chunk_indexes)
    with av.open(tmp_path / "take.hands" / "video.mp4") as container:
        assert container.streams.video[0].frames == 25
