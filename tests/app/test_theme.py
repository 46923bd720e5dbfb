"""Colours that can be read, and texts of any size."""

from dataclasses import fields

import pytest
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.settings import load_settings
from app.theme import DARK, LIGHT, Theme, rgb
from tests.app.program import Program

#: What is written (first) on what (second); every pair that the style sheet brings together.
PAIRS = [
    *((text, ground) for text in ("text", "muted") for ground in ("window", "panel", "raised")),
    *((state, ground) for state in ("ok", "warn", "error") for ground in ("panel", "raised")),
    ("accent", "raised"),
    ("accent", "panel"),
    ("on_accent", "accent"),
    ("text", "canvas"),
    ("muted", "canvas"),
]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_can_be_read(theme: Theme, text: str, ground: str) -> None:
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_every_colour_is_one(theme: Theme) -> None:
    for item in fields(Theme):
        if item.name != "is_dark":
            assert all(0 <= part <= 1 for part in rgb(getattr(theme, item.name)))


def test_texts_grow_shrink_and_return(program: Program, qtbot: QtBot) -> None:
    label = program.window.status.findChildren(QLabel)[1]
    first = label.fontInfo().pointSizeF()
    for _ in range(3):
        program.trigger("font_larger")
    assert label.fontInfo().pointSizeF() == pytest.approx(1.3 * first, rel=0.06)
    program.window.close()
    assert load_settings(program.settings_path).settings.font_scale == 1.3
    again = Program(program.settings_path)
    again.build(qtbot)
    label = again.window.status.findChildren(QLabel)[1]
    assert label.fontInfo().pointSizeF() == pytest.approx(1.3 * first, rel=0.06)
    for _ in range(20):
        again.trigger("font_smaller")
    assert again.controller.store.settings.font_scale == 0.7
    again.trigger("font_normal")
    assert label.fontInfo().pointSizeF() == pytest.approx(first, rel=0.02)
