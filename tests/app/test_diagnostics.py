"""Row 71: the bundle for a bug report tells what is needed and nothing private."""

import json
import zipfile
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.diagnostics import bundle, private_names, redact, write_bundle
from app.doctor import Check, Report
from app.settings import Settings
from core.errors import OutputError
from tests.app.program import Program

HOME = "/home" + "/maja"
NAMES = {HOME: "~", "maja": "<user>", "study-pc": "<computer>"}
PRIVATE = ("maja", "wedding", "secret", "study-pc", "/mnt", "rtsp", "192.168", "Users")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"{HOME}/clips/wedding.mp4 is missing", "<path> is missing"),
        ("/mnt/disk/wedding clip.mp4: gone", "<path>: gone"),
        ("C:" + r"\Users\maja\wedding.mp4", "<path>"),
        ("rtsp://maja:secret@192.168.0.7/live failed", "<address> failed"),
        (f'File "{HOME}/app/session.py", line 9', 'File "<path>/session.py", line 9'),
        ("user Maja on STUDY-PC", "user <user> on <computer>"),
        ("640x480 at 30/1 fps, 1/2 hands, and/or", "640x480 at 30/1 fps, 1/2 hands, and/or"),
    ],
)
def test_private_things_are_taken_out(text: str, clean: str) -> None:
    """Row 71."""
    assert redact(text, NAMES) == clean


def test_the_bundle_holds_what_helps_and_nothing_private(tmp_path: Path) -> None:
    """Row 71: the texts of a whole bundle, file by file."""
    log = tmp_path / "manyhands.log"
    noise = "\n".join(f"2026-01-01 line {number}" for number in range(1000))
    log.write_text(f"{noise}\nCAM-06: {HOME}/wedding.mp4 does not exist on study-pc\n")
    checks = (
        Check("folders", True, False, f"{HOME}/.config/manyhands"),
        Check("engine", True, True, "auto takes onnx"),
    )
    settings = Settings(
        source=f"{HOME}/wedding.mp4", last_folder="/mnt/secret", stream_osc="192.168.0.7:9000",
        opacity=0.5, theme="light", shortcuts=("mesh=X",), geometry="AAAA",
    )  # fmt: skip
    report = Report(True, checks, {"python": "3.11"})
    texts = bundle(report, settings, log, NAMES)
    assert set(texts) == {
        "README.txt", "versions.json", "doctor.json", "settings.json", "log.txt",
    }  # fmt: skip
    whole = "\n".join(texts.values()).casefold()
    assert [word for word in PRIVATE if word.casefold() in whole] == []
    kept = json.loads(texts["settings.json"])
    assert (kept["opacity"], kept["theme"]) == (0.5, "light")
    assert json.loads(texts["doctor.json"])["checks"][1]["found"] == "auto takes onnx"
    assert "CAM-06: <path> does not exist on <computer>" in texts["log.txt"]
    assert len(texts["log.txt"].splitlines()) == 400


def test_a_missing_log_is_told(tmp_path: Path) -> None:
    texts = bundle(Report(True, (), {}), Settings(), tmp_path / "none", {})
    assert texts["log.txt"].startswith("no log")


def test_this_machines_own_names_are_known() -> None:
    names = private_names()
    assert names[str(Path.home())] == "~"
    assert all(len(name) >= 3 for name in names)


def test_a_folder_that_cannot_be_written_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="OUT-01"):
        write_bundle(tmp_path / "file" / "x.zip", {"a.txt": "b"})


def test_the_window_writes_the_bundle_and_says_where(
    program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    program.trigger("diagnostics")
    dialog = program.window.findChild(QFileDialog)
    assert dialog is not None
    wanted = tmp_path / "b\u00fcndel.zip"
    dialog.fileSelected.emit(str(wanted))
    dialog.close()
    qtbot.waitUntil(wanted.exists, timeout=5000)
    with zipfile.ZipFile(wanted) as archive:
        assert archive.testzip() is None and len(archive.namelist()) == 5
    banner = program.window.banner
    qtbot.waitUntil(
        lambda: banner.notice is not None and str(wanted) in banner.notice.title, timeout=5000
    )
