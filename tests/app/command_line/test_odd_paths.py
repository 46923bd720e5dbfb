"""Row 63: recordings whose paths are odd are recorded, opened again, cleaned and exported."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest
from pygltflib import GLTF2

from app.__main__ import main
from core.session.naming import is_session
from core.session.reader import open_session
from tests.core.session.recording import record

ROOT = Path(__file__).parents[3]
FRAMES = 6
NAMES = (
    "with space",
    "h\u00e4nde",
    "h\u0061\u0308nde",  # the same word, with its dots apart
    "\u624b\u90e8",
    "\u064a\u062f",  # from right to left
    "\U0001f91a\U0001f3fd" * 7,
    "o'brien",
    "#100% [a]{b} $HOME ~ &",
    "-dash",
    "name.with.dots",
    "x" * 120,
)
on_linux = pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses such names")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_recorded_opened_cleaned_and_exported(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.chdir(folder)
    path = record(folder / f"{name}.hands", FRAMES).path
    assert path is not None and path == folder / f"{name}.hands" and is_session(str(path))
    with open_session(path) as session:
        assert session.name == name and session.frame_count == FRAMES
    relative = f"./{name}.hands"
    for kind in ("csv", "glb", "mp4", "obj"):
        assert main(["export", relative, "--to", kind]) == 0
    assert len(rows(folder / f"{name}.csv")) == 2 * FRAMES
    assert len(GLTF2().load_binary(str(folder / f"{name}.glb")).skins) == 2
    with av.open(str(folder / f"{name}.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == FRAMES
    assert len(list((folder / f"{name}-obj").iterdir())) == FRAMES
    assert main(["clean", relative, "--out", str(folder / f"{name}-clean.hands")]) == 0
    with open_session(folder / f"{name}-clean.hands") as session:
        assert len(session.take().tracks) == 2


@on_linux
def test_a_path_of_a_thousand_characters_bears_a_recording(tmp_path: Path) -> None:
    folder = tmp_path
    while len(str(folder)) < 1000:
        folder = folder / ("d" * 100)
    path = record(folder / "walk.hands", FRAMES).path
    assert path is not None
    out = folder / "walk.glb"
    assert main(["export", str(path), "--to", "glb", "--out", str(out)]) == 0
    assert len(GLTF2().load_binary(str(out)).skins) == 2


@on_linux
@pytest.mark.parametrize("letter", ["x", "\u624b", "\U0001f91a"])
@pytest.mark.parametrize("kind", ["csv", "ply"])
def test_the_longest_name_that_a_disk_takes_is_a_name_for_an_export(
    tmp_path: Path, letter: str, kind: str
) -> None:
    """255 bytes: nothing that is written meanwhile may have a longer one."""
    path = record(tmp_path / "walk.hands", FRAMES).path
    ending = ".csv" if kind == "csv" else ""
    out = tmp_path / (letter * ((255 - len(ending)) // len(letter.encode())) + ending)
    arguments = ["export", str(path), "--to", kind, "--out", str(out), "--overwrite"]
    for _ in range(2):  # the second one replaces the first
        assert main(arguments) == 0
    assert len(rows(out) if kind == "csv" else list(out.iterdir())) > 0
    assert sorted(one.name for one in tmp_path.iterdir() if one.name[0] == ".") == []


@pytest.mark.slow
@on_linux
def test_the_language_of_the_system_does_not_matter(tmp_path: Path) -> None:
    """A process in the C locale, with pipes that know ASCII alone."""
    path = record(tmp_path / "\u624b h\u00e4nde.hands", FRAMES).path
    code = "import sys; from app.__main__ import main; sys.exit(main(sys.argv[1:]))"
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "LC_ALL": "C", "LANG": "C",
        "PYTHONIOENCODING": "ascii:backslashreplace",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, "export", str(path), "--to", "csv"],
        cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(rows(tmp_path / "\u624b h\u00e4nde.csv")) == 2 * FRAMES
