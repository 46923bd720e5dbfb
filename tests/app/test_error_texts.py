"""Errors in the window's language: every code has its text, and the exact words are kept."""

import re

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import core.errors
from app.error_texts import error_notice, error_sentence, error_texts
from app.translation import install_language
from core.errors import OutputError, SourceError
from tests.app.program import Program

BUSY = SourceError("CAM-02", "camera 2 is in use", "Close the other program.")


def codes() -> set[str]:
    return set(re.findall(r"\b[A-Z]{3}-\d\d\b", core.errors.__doc__ or ""))


def test_every_code_that_a_window_can_meet_has_its_text() -> None:
    assert len(codes()) > 40
    assert set(error_texts()) == {code for code in codes() if not code.startswith("TRN-")}
    for title, remedy in error_texts().values():
        assert title.endswith(".") and remedy.endswith(".")


@pytest.mark.parametrize("language", ["de", "zh"])
def test_no_text_stays_english(qapp: QApplication, language: str) -> None:
    english = error_texts()
    install_language(qapp, language)
    try:
        for code, (title, remedy) in error_texts().items():
            assert title != english[code][0] and remedy != english[code][1], code
    finally:
        install_language(qapp, "en")


def test_english_says_the_exact_words(qapp: QApplication) -> None:
    install_language(qapp, "en")
    notice = error_notice("error", BUSY)
    assert (notice.code, notice.title, notice.remedy, notice.details) == (
        "CAM-02", "camera 2 is in use", "Close the other program.", "",
    )  # fmt: skip
    assert error_sentence(BUSY) == "Camera 2 is in use. Close the other program."


def test_another_language_has_its_own_words_and_the_exact_ones_as_details(german: None) -> None:
    notice = error_notice("error", BUSY)
    assert notice.title == "Ein anderes Programm benutzt die Kamera."
    assert "in use" not in notice.remedy
    assert notice.details == "CAM-02: camera 2 is in use. Close the other program."
    assert error_sentence(BUSY).startswith("Ein anderes Programm benutzt die Kamera. Schlie")


def test_a_window_speaks_of_no_option_of_the_command_line(qapp: QApplication) -> None:
    install_language(qapp, "en")
    error = OutputError("OUT-01", "the file walk.glb exists", "Choose another name with --out.")
    assert "--" not in error_notice("error", error).remedy
    assert "The file walk.glb exists" in error_sentence(error)


def test_a_code_without_a_text_is_said_as_it_is(german: None) -> None:
    notice = error_notice("warn", SourceError("CAM-99", "it is odd", "Look at it."))
    assert (notice.title, notice.remedy, notice.details) == ("it is odd", "Look at it.", "")


def test_a_fault_of_a_source_is_said_in_german(
    qtbot: QtBot, program: Program, german: None
) -> None:
    program.steps = lambda: iter([BUSY])
    program.controller.open_source("clip.mp4")
    banner = program.window.banner
    qtbot.waitUntil(lambda: banner.notice is not None, timeout=5000)
    notice = banner.notice
    assert notice is not None and notice.title == "Ein anderes Programm benutzt die Kamera."
    assert "camera 2 is in use" in notice.details
    assert notice.can_retry
