import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from core.engines import threads
from core.engines.base import RawHands
from core.engines.interface import SLOT_SHAPES
from core.engines.onnx import OnnxEngine
from tests.core.engines.networks import SIZE, write_network
from tests.factories import hand_model
from tests.networks import TINY, exported_network, noise_picture


def engine_of(path: Path, size: tuple[int, int] = SIZE) -> OnnxEngine:
    return OnnxEngine(path, size, "abc", threads=1)


def test_onnx_runtime_gives_this_machine_no_id_and_keeps_no_record_of_it(tmp_path: Path) -> None:
    """Row 71: nothing leaves the machine; the library's own telemetry is off."""
    path = write_network(tmp_path / "n.onnx")
    home = tmp_path / "home"
    home.mkdir()
    program = (
        "from pathlib import Path\n"
        "from core.engines.onnx import OnnxEngine\n"
        f"OnnxEngine(Path({str(path)!r}), {SIZE}, '', threads=1)\n"
    )
    places = {name: str(home) for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "TMPDIR")}
    told = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-B", "-c", program], env=told | places, check=True, timeout=60)
    assert list(home.rglob("*")) == []


def test_every_field_of_raw_hands_is_checked() -> None:
    assert tuple(SLOT_SHAPES) == tuple(item.name for item in fields(RawHands))


def test_description_names_library_device_and_weights(tmp_path: Path) -> None:
    engine = engine_of(write_network(tmp_path / "n.onnx"))
    description = engine.describe()
    assert (description.name, description.precision) == ("onnx", "fp32")
    assert description.detail.startswith("ONNX Runtime 1.")
    assert description.weights_sha256 == "abc"
    assert engine.input_size == SIZE


def test_threads_are_the_cores_that_are_not_to_spare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for usable, spare, expected in ((1, 1, 1), (2, 1, 1), (2, 0, 2), (4, 1, 3), (64, 1, 4)):
        monkeypatch.setattr(threads, "usable_cores", lambda n=usable: n)
        assert threads.inference_threads(spare) == expected
    monkeypatch.setattr(threads, "usable_cores", lambda: 3)
    engine = OnnxEngine(write_network(tmp_path / "n.onnx"), SIZE, "")
    assert engine._session.get_session_options().intra_op_num_threads == 3


def test_a_thread_that_waits_for_work_lets_the_core_go(tmp_path: Path) -> None:
    options = engine_of(write_network(tmp_path / "n.onnx"))._session.get_session_options()
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_usable_cores_are_those_this_process_is_bound_to(monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system binds no processes to cores")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 5})
    assert threads.usable_cores() == 3


@pytest.mark.slow
@pytest.mark.parametrize("size", TINY.input_sizes)
def test_exported_network_runs_at_every_input_size(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(exported_network().data)
    engine = engine_of(path, size)
    picture = noise_picture(*size)
    picture.setflags(write=False)
    raw = engine.run(picture)
    assert raw.vertices.shape == (TINY.slots, hand_model().num_vertices, 3)
    assert raw.pose.shape == (TINY.slots, 16, 3, 3)
    assert all(np.isfinite(getattr(raw, item.name)).all() for item in fields(RawHands))
    again = engine.run(picture)
    np.testing.assert_array_equal(again.vertices, raw.vertices)
    engine.close()
