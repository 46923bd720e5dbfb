"""What the tests of `run` and `refine` give to a command, and how they read what it leaves."""

import csv
import json
from pathlib import Path
from typing import Any

from app.run_command import EngineFactory
from app.writers import VideoOverlay
from tests.factories import HEIGHT, WIDTH, make_frame
from tests.fakes import ScriptedEngine


def quiet(done: int, total: int | None) -> None:
    """Show no progress."""


def always(engine: ScriptedEngine) -> EngineFactory:
    return lambda choice, height, width: engine


def write_clip(path: Path, frames: int) -> Path:
    writer = VideoOverlay(path, HEIGHT, WIDTH, fps=30)
    for index in range(frames):
        frame = make_frame(index)
        writer.add(frame, frame.image)
    writer.finish()
    return path


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def table_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "hands.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def json_of(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text("utf-8"))
    assert isinstance(content, dict)
    return content
