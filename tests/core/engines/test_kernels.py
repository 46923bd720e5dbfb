"""What TensorRT-RTX has compiled, kept beside its engine: used by that engine alone, and whole."""

import dataclasses
import errno
from dataclasses import replace
from pathlib import Path

import pytest

from core.engines import kernels
from core.engines.kernels import keep_kernels, read_kernels
from core.engines.manifest import EngineKey, kernels_path, remove_engine, write_engine
from core.engines.tensorrt import TensorRtEngine
from tests.built_engines import KEY, install, manifest_of
from tests.core.engines.test_tensorrt_engine import DATA, SIZE, brightness, opened, picture_of
from tests.fake_cuda import COMPILED, FakeCache, FakeConfig, FakeDriver, FakeTensorRtRtx

MANIFEST = manifest_of(DATA)


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """An engine with its kernels."""
    path = install(tmp_path, DATA)
    keep_kernels(path, MANIFEST, COMPILED)
    return path


def test_what_was_kept_is_read(engine: Path) -> None:
    assert read_kernels(engine, MANIFEST) == COMPILED


def test_nothing_is_read_where_nothing_was_kept(tmp_path: Path) -> None:
    assert read_kernels(install(tmp_path, DATA), MANIFEST) is None


@pytest.mark.parametrize("name", [item.name for item in dataclasses.fields(EngineKey)])
def test_kernels_of_an_engine_for_something_else_are_removed(engine: Path, name: str) -> None:
    """Row 19: every key of the manifest in turn."""
    value = getattr(KEY, name)
    other = {str: "other", int: 99, tuple: (1, 2)}[type(value)]
    assert read_kernels(engine, manifest_of(DATA, replace(KEY, **{name: other}))) is None
    assert not kernels_path(engine).exists()


def test_kernels_of_another_build_of_the_same_engine_are_removed(engine: Path) -> None:
    assert read_kernels(engine, manifest_of(DATA + b"!")) is None
    assert not kernels_path(engine).exists()


def test_damaged_kernels_never_reach_the_library(engine: Path) -> None:
    """Row 20: any byte flipped, any length cut."""
    path = kernels_path(engine)
    whole = path.read_bytes()
    damaged = [whole[:at] for at in range(len(whole))] + [
        whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))
    ]
    for data in (*damaged, whole + b"more"):
        path.write_bytes(data)
        assert read_kernels(engine, MANIFEST) is None
        assert not path.exists()


def test_kernels_larger_than_any_can_be_are_not_read(
    engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "_MOST_BYTES", 10)
    assert read_kernels(engine, MANIFEST) is None
    keep_kernels(engine, MANIFEST, COMPILED)
    assert not kernels_path(engine).exists()


def test_a_full_disk_costs_the_kernels_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 21."""

    def full(data: bytes, path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = install(tmp_path, DATA)
    monkeypatch.setattr(kernels, "write_atomically", full)
    keep_kernels(path, MANIFEST, COMPILED)
    assert path.exists() and not kernels_path(path).exists()


def test_they_are_written_again_only_when_there_is_more(engine: Path) -> None:
    kernels_path(engine).unlink()
    keep_kernels(engine, MANIFEST, COMPILED, known=COMPILED)
    assert not kernels_path(engine).exists()
    keep_kernels(engine, MANIFEST, COMPILED + b", and one more", known=COMPILED)
    assert read_kernels(engine, MANIFEST) == COMPILED + b", and one more"


@pytest.mark.parametrize("how", ["removed", "built anew"])
def test_they_go_with_their_engine(engine: Path, how: str) -> None:
    if how == "removed":
        remove_engine(engine)
    else:
        write_engine(DATA, MANIFEST, engine)
    assert not kernels_path(engine).exists()


def rtx(driver: FakeDriver) -> FakeTensorRtRtx:
    return FakeTensorRtRtx(driver, brightness, SIZE)


def test_engine_gives_what_was_compiled_and_takes_it_again() -> None:
    driver = FakeDriver()
    library = rtx(driver)
    first = opened(driver, library)
    assert (first.kernels(), library.compiled) == (COMPILED, 1)
    again = opened(driver, library, first.kernels())
    assert again.run(picture_of(40)).score[0] == 40
    assert library.compiled == 1
    again.close()


def test_kernels_that_the_library_refuses_are_compiled_anew() -> None:
    driver = FakeDriver()
    library = rtx(driver)
    assert opened(driver, library, b"of another driver").kernels() == COMPILED
    assert library.compiled == 1


def test_library_that_keeps_nothing_runs_all_the_same() -> None:
    assert opened(FakeDriver()).kernels() is None


@pytest.mark.parametrize("broken", ["deserialize", "serialize"])
def test_engine_runs_though_its_kernels_make_the_library_fail(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fails(*given: object) -> object:
        raise RuntimeError("scripted: no")

    monkeypatch.setattr(FakeCache, broken, fails)
    driver = FakeDriver()
    engine: TensorRtEngine = opened(driver, rtx(driver), COMPILED)
    assert engine.run(picture_of(7)).score[0] == 7
    assert engine.kernels() is None


def test_the_real_library_has_what_is_asked_of_it() -> None:
    library = pytest.importorskip("tensorrt_rtx", reason="TensorRT-RTX is not installed")
    assert hasattr(library.ICudaEngine, "create_runtime_config")
    for ours, theirs in ((FakeConfig, library.IRuntimeConfig), (FakeCache, library.IRuntimeCache)):
        asked = {name for name in vars(ours) if not name.startswith("__")} - {"cache", "kernels"}
        assert asked <= set(dir(theirs))
    assert "IRuntimeConfig" in library.ICudaEngine.create_execution_context.__doc__
