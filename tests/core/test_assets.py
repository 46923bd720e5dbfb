import hashlib
import json
import os
import stat
import tempfile
from pathlib import Path

import platformdirs
import pytest

from core import assets
from core.errors import ModelFileError

KINDS = ("data", "config", "cache", "log")


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A resources folder with whole weights of the profile "tiny"."""
    monkeypatch.setattr(assets, "resources_dir", lambda: tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/tiny.onnx").write_bytes(b"graph")
    digest = hashlib.sha256(b"graph").hexdigest()
    (tmp_path / "weights/tiny.json").write_text(json.dumps({"onnx_sha256": digest}))
    return tmp_path


def redirect(monkeypatch: pytest.MonkeyPatch, base: Path) -> None:
    for kind in KINDS:
        monkeypatch.setattr(
            platformdirs, f"user_{kind}_path", lambda *_, kind=kind, **__: base / kind
        )


def code_of(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(ModelFileError) as caught:
        call(*arguments)
    return caught.value.code


def test_resources_hold_the_open_hand() -> None:
    assert assets.hand_model_path().is_file()
    assert assets.hand_model_path().is_relative_to(assets.resources_dir())


def test_whole_weights_are_accepted_with_their_hash(resources: Path) -> None:
    path, sha256 = assets.checked_weights("tiny", "onnx")
    assert path == resources / "weights/tiny.onnx"
    assert sha256 == hashlib.sha256(b"graph").hexdigest()


def test_one_flipped_bit_is_refused(resources: Path) -> None:
    (resources / "weights/tiny.onnx").write_bytes(b"graqh")
    assert code_of(assets.checked_weights, "tiny", "onnx") == "MDL-02"


@pytest.mark.parametrize("name", ["tiny.onnx", "tiny.json"])
def test_missing_weights_or_description_are_reported(resources: Path, name: str) -> None:
    (resources / "weights" / name).unlink()
    assert code_of(assets.checked_weights, "tiny", "onnx") == "MDL-01"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"text"', "{}", '{"onnx_sha256": 5}', "[" * 99_999],
)
def test_description_without_a_hash_is_refused(resources: Path, text: str) -> None:
    (resources / "weights/tiny.json").write_text(text)
    assert code_of(assets.checked_weights, "tiny", "onnx") == "MDL-03"


def test_description_that_is_not_text_is_refused(resources: Path) -> None:
    (resources / "weights/tiny.json").write_bytes(b"\xff\xfe\x00")
    assert code_of(assets.load_weights_description, "tiny") == "MDL-03"


def test_folder_in_place_of_weights_is_reported(resources: Path) -> None:
    (resources / "weights/tiny.onnx").unlink()
    (resources / "weights/tiny.onnx").mkdir()
    assert code_of(assets.checked_weights, "tiny", "onnx") == "MDL-03"


def test_user_folders_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    redirect(monkeypatch, tmp_path / "home")
    folders = assets.user_folders()
    assert [getattr(folders, kind) for kind in KINDS] == [tmp_path / "home" / k for k in KINDS]
    assert all(getattr(folders, kind).is_dir() for kind in KINDS)
    assert folders.notices == ()


def test_unwritable_home_is_replaced_by_a_private_folder_with_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")
    redirect(monkeypatch, tmp_path / "home")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folders = assets.user_folders()
    assert len(folders.notices) == len(KINDS)
    for kind in KINDS:
        folder = getattr(folders, kind)
        assert folder.is_dir()
        assert str(folder) in " ".join(folders.notices)
        if os.name == "posix":
            assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


def test_folder_of_another_user_in_the_temporary_folder_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(os, "getuid"):
        pytest.skip("this system has no numeric owners")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"manyhands-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "home").write_text("")
    redirect(monkeypatch, tmp_path / "home")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folders = assets.user_folders()
    assert folders.cache.is_dir()
    assert not any((tmp_path / "elsewhere").iterdir())


def test_writability_probe_leaves_nothing_behind(tmp_path: Path) -> None:
    assert assets.unwritable_reason(tmp_path / "new") is None
    assert list((tmp_path / "new").iterdir()) == []


def test_a_machine_without_git_does_not_know_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert assets.source_commit() == "unknown"
