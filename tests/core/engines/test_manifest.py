"""Engines that were built for something else, or are not whole, are refused."""

import dataclasses
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from core.engines import manifest as module
from core.engines.manifest import (
    EngineKey,
    EngineManifest,
    engine_folder,
    engine_path,
    manifest_path,
    read_engine,
    remove_engine,
    write_engine,
)
from core.errors import EngineError
from tests.built_engines import KEY, manifest_of

DATA = b"the library's own bytes " * 20


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    path = engine_path(engine_folder(tmp_path), "lite", "4x3")
    write_engine(DATA, manifest_of(DATA), path)
    return path


def refusal(path: Path, key: EngineKey = KEY) -> str:
    with pytest.raises(EngineError) as caught:
        read_engine(path, key)
    assert caught.value.code == "ENG-05"
    assert "export.build_trt" in caught.value.remedy
    return caught.value.cause


def edit(path: Path, section: str | None, name: str, value: Any) -> None:
    plain = json.loads(manifest_path(path).read_text())
    (plain if section is None else plain[section])[name] = value
    manifest_path(path).write_text(json.dumps(plain))


def other(value: Any) -> Any:
    """A value of the same kind that is not the same."""
    if isinstance(value, bool) or value is None:
        return 7.5
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, tuple | list):
        return [*value[:-1], 9] if value and isinstance(value[0], int) else ["REFIT"]
    return f"{value}0"


def test_whole_engine_for_this_machine_is_taken(engine: Path) -> None:
    data, manifest = read_engine(engine, KEY)
    assert data == DATA
    assert manifest == manifest_of(DATA)


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(EngineKey)])
def test_engine_built_for_something_else_is_refused_naming_the_key(engine: Path, name: str) -> None:
    """Row 19: every key of the manifest in turn; the engine stays, for it may fit again."""
    edit(engine, "key", name, other(getattr(KEY, name)))
    cause = refusal(engine)
    assert f"{name} was" in cause
    assert engine.read_bytes() == DATA


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(EngineKey)])
def test_engine_is_refused_when_the_machine_has_changed(engine: Path, name: str) -> None:
    """Row 19: a new driver, GPU, library or network."""
    value = other(getattr(KEY, name))
    value = tuple(value) if isinstance(value, list) else value
    assert f"{name} was" in refusal(engine, dataclasses.replace(KEY, **{name: value}))


@pytest.mark.parametrize(
    "name", [f.name for f in dataclasses.fields(EngineManifest) if f.name != "key"]
)
def test_manifest_that_was_changed_is_refused(engine: Path, name: str) -> None:
    """Row 19: what decides nothing may not be changed either."""
    edit(engine, None, name, other(getattr(manifest_of(DATA), name)))
    assert "was changed" in refusal(engine)


@pytest.mark.parametrize("length", [0, 1, len(DATA) - 1])
def test_truncated_engine_is_refused_and_removed(engine: Path, length: int) -> None:
    """Row 20."""
    engine.write_bytes(DATA[:length])
    assert f"{length} bytes, not {len(DATA)}" in refusal(engine)
    assert not engine.exists()
    assert not manifest_path(engine).exists()


@pytest.mark.parametrize("at", [0, 100, len(DATA) - 1])
def test_engine_with_a_flipped_bit_is_refused_and_removed(engine: Path, at: int) -> None:
    """Row 20."""
    damaged = bytearray(DATA)
    damaged[at] ^= 1
    engine.write_bytes(damaged)
    assert "SHA-256" in refusal(engine)
    assert not engine.exists()


def test_engine_without_a_manifest_is_nothing(engine: Path) -> None:
    manifest_path(engine).unlink()
    assert "missing" in refusal(engine)


@pytest.mark.parametrize("text", ["", "[]", "{}", '"text"', "[" * 99_999, '{"key": {}}', "\x00"])
def test_manifest_that_is_none_is_refused(engine: Path, text: str) -> None:
    manifest_path(engine).write_text(text)
    assert "not a manifest" in refusal(engine)


def test_manifest_with_a_key_too_many_or_too_few_is_refused(engine: Path) -> None:
    edit(engine, "key", "more", 1)
    assert "more" in refusal(engine)
    write_engine(DATA, manifest_of(DATA), engine)
    plain = json.loads(manifest_path(engine).read_text())
    del plain["key"]["driver"]
    manifest_path(engine).write_text(json.dumps(plain))
    assert "driver" in refusal(engine)


def test_manifest_larger_than_any_is_not_read(engine: Path) -> None:
    manifest_path(engine).write_text(" " * (1 << 20) + "{}")
    assert "larger" in refusal(engine)


def test_engine_larger_than_any_is_not_read(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_ENGINE_BYTES", 10)
    refusal(engine)


def test_removing_what_is_not_there_is_no_fault(tmp_path: Path) -> None:
    remove_engine(tmp_path / "none.engine")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_folder_of_engines_is_for_this_user_alone(tmp_path: Path) -> None:
    folder = engine_folder(tmp_path)
    folder.chmod(0o755)
    assert stat.S_IMODE(engine_folder(tmp_path).stat().st_mode) == 0o700


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "engines").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EngineError) as caught:
        engine_folder(tmp_path)
    assert caught.value.code == "ENG-05"
