import hashlib
import json
from pathlib import Path

import pytest

from core import assets
from core.engines import select
from core.engines.candidate import Candidate
from core.errors import EngineError, ModelFileError, UsageError


def broken_driver() -> str:
    raise OSError("libcuda.so.1: cannot open shared object file")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A weights folder of the profile "tiny" whose network is no network."""
    monkeypatch.setattr(assets, "resources_dir", lambda: tmp_path)
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "tiny.onnx").write_bytes(b"not a network")
    describe(folder, input_sizes=[[288, 384], [224, 384]])
    return folder


def describe(folder: Path, **description: object) -> None:
    digest = hashlib.sha256((folder / "tiny.onnx").read_bytes()).hexdigest()
    (folder / "tiny.json").write_text(json.dumps({"onnx_sha256": digest, "network": description}))


def test_report_names_every_engine_of_the_design_fastest_first() -> None:
    report = select.engine_report()
    gpu, on_cpu = report[:2], report[2:]
    assert [status.name for status in gpu] == ["tensorrt", "torch"]
    assert {s.name for s in on_cpu} == {"openvino-int8", "openvino-bf16", "openvino", "onnx"}
    assert all(status.reason for status in report)


def test_what_can_be_chosen_is_auto_and_what_can_be_opened() -> None:
    choices = select.engine_choices()
    assert choices[0] == "auto"
    assert {s.name for s in select.engine_report() if s.available} <= set(choices)


def test_onnx_runtime_is_available_wherever_the_package_is_installed() -> None:
    onnx = next(status for status in select.engine_report() if status.name == "onnx")
    assert onnx.available
    assert "CPU" in onnx.reason


@pytest.mark.parametrize("choice", ["fastest", "", "ONNX", "tensorflow"])
def test_unknown_engine_is_refused_naming_the_choices(choice: str) -> None:
    with pytest.raises(UsageError) as caught:
        select.open_engine(choice, "lite", 480, 640)
    assert caught.value.code == "USE-01"
    assert "auto, " in caught.value.remedy
    assert "openvino, onnx" in caught.value.remedy


def test_probe_that_throws_anything_is_a_reason_not_a_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Row 16."""

    def never(profile: str, size: tuple[int, int]) -> select.Engine:
        raise AssertionError("an engine that cannot run was opened")

    broken = Candidate("tensorrt", broken_driver, never)
    monkeypatch.setattr(select, "_CANDIDATES", (broken,))
    assert "libcuda.so.1" in select.engine_report()[0].reason
    with pytest.raises(EngineError) as caught:
        select.open_engine("auto", "lite", 480, 640)
    assert caught.value.code == "ENG-01"
    assert "libcuda.so.1" in caught.value.cause


@pytest.mark.parametrize(
    ("frame", "expected"), [((480, 640), (288, 384)), ((720, 1280), (224, 384))]
)
def test_input_size_follows_the_shape_of_the_picture(
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    frame: tuple[int, int],
    expected: tuple[int, int],
) -> None:
    opened = []

    def note_size(profile: str, size: tuple[int, int]) -> select.Engine:
        opened.append(size)
        raise EngineError("ENG-02", "enough is known", "")

    candidate = Candidate("onnx", lambda: "here", note_size)
    monkeypatch.setattr(select, "_CANDIDATES", (candidate,))
    with pytest.raises(EngineError):
        select.open_engine("onnx", "tiny", *frame)
    assert opened == [expected]


def test_missing_weights_are_reported(weights: Path) -> None:
    """Row 23."""
    (weights / "tiny.onnx").unlink()
    with pytest.raises(ModelFileError) as caught:
        select.open_engine("onnx", "tiny", 480, 640)
    assert caught.value.code == "MDL-01"


def test_damaged_weights_never_reach_the_engine(weights: Path) -> None:
    """Row 24."""
    (weights / "tiny.onnx").write_bytes(b"not a netwerk")
    with pytest.raises(ModelFileError) as caught:
        select.open_engine("onnx", "tiny", 480, 640)
    assert caught.value.code == "MDL-02"


def test_weights_that_are_no_network_are_refused(weights: Path) -> None:
    with pytest.raises(ModelFileError) as caught:
        select.open_engine("onnx", "tiny", 480, 640)
    assert caught.value.code == "MDL-03"


@pytest.mark.parametrize("sizes", [None, [], 5, [[288]], [["a", "b"]], [[0, 384]]])
def test_description_without_input_sizes_is_refused(weights: Path, sizes: object) -> None:
    describe(weights, input_sizes=sizes)
    with pytest.raises(ModelFileError) as caught:
        select.open_engine("onnx", "tiny", 480, 640)
    assert caught.value.code == "MDL-03"
