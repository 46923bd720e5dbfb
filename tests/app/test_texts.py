"""Texts for people: all of them are translated, into every language, and the files are fresh."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QTranslator
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.settings import Settings, save_settings
from app.texts import Text, read_translations, texts_of, write_translations
from app.translation import LANGUAGES, first_known, install_language, language_of
from tests.app.program import Program

APP = Path(__file__).parents[2] / "app"
I18N = APP.parent / "resources" / "i18n"
#: Qt's kinds of numbers: one and many in English and German, one for all in Chinese.
FORMS = {"en": 2, "de": 2, "zh": 1}


def ts_file(language: str) -> Path:
    return I18N / f"manyhands_{language}.ts"


@pytest.fixture(scope="module")
def texts() -> set[Text]:
    return set(texts_of(APP))


def test_texts_are_found_in_classes_functions_and_the_table(texts: set[Text]) -> None:
    assert Text("Actions", "Mirror") in texts
    assert Text("Banner", "Retry") in texts
    assert Text("StatusStrip", "%n hand(s)", counts=True) in texts
    assert len(texts) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(texts: set[Text], language: str) -> None:
    """Run `python -m app.texts`, then translate what it marks as unfinished."""
    known = read_translations(ts_file(language))
    assert {text for text in texts if text not in known} == set()
    assert {text for text in known if text not in texts} == set()
    for text in texts:
        assert all(form.strip() for form in known[text]), text
        assert len(known[text]) == (FORMS[language] if text.counts else 1), text


def placeholders(text: str) -> list[str]:
    named = [f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name]
    return sorted([*named, *re.findall(r"%n|%\d", text)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_agree(language: str) -> None:
    for text, forms in read_translations(ts_file(language)).items():
        for form in forms:
            assert placeholders(form) == placeholders(text.source), (text, form)


@pytest.mark.parametrize("language", ["de", "zh"])
def test_dots_and_lines_agree(language: str) -> None:
    """An action that opens a dialog ends in dots in every language; lines are as many."""
    for text, forms in read_translations(ts_file(language)).items():
        for form in forms:
            assert form.endswith("...") == text.source.endswith("..."), (text, form)
            assert form.count("\n") == text.source.count("\n"), (text, form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_file_says_what_its_source_says(qapp: QApplication, language: str) -> None:
    translator = QTranslator()
    assert translator.load(str(ts_file(language).with_suffix(".qm")))
    qapp.installTranslator(translator)
    try:
        for text, forms in read_translations(ts_file(language)).items():
            count = 7 if text.counts else -1
            said = qapp.translate(text.context, text.source, text.comment or None, count)
            assert said == forms[-1].replace("%n", "7"), text
    finally:
        qapp.removeTranslator(translator)


#: Calls whose texts a person reads.
SPOKEN = {
    "QLabel", "QPushButton", "QCheckBox", "QGroupBox", "QRadioButton", "setText", "setToolTip",
    "setWindowTitle", "setAccessibleName", "setPlaceholderText", "setTitle", "addTab",
    "show_message", "Notice", "setSuffix", "setPrefix", "setLabelText", "addRow", "setStatusTip",
}  # fmt: skip


def bare_literals() -> Iterator[str]:
    """Words that a person would read in English whatever the language is."""
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            for given in node.args if name in SPOKEN else ():
                for part in [given, *getattr(given, "values", ())]:  # an f-string has parts
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        text = re.sub(r"<[^>]*>?|&\w+;|ManyHands", "", part.value)
                        if re.search(r"[A-Za-z]{2,}", text) and not is_a_name(text):
                            yield f"{path.relative_to(APP)}:{node.lineno}: {part.value}"


def is_a_name(text: str) -> bool:
    """Whether it is a state, an icon, a code or a unit rather than words."""
    return text in {"info", "warn", "error"} or bool(
        re.fullmatch(r"[A-Z]{3}-\d\d|\s*(cm|mm|ms|px|s|fps|Hz)\s*", text)
    )


def test_no_text_for_people_escapes_translation() -> None:
    assert list(bare_literals()) == []


def test_a_text_that_is_put_together_first_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text('class A:\n    def f(self): self.tr(f"{self} hands")\n')
    with pytest.raises(ValueError, match=r"one\.py:2"):
        list(texts_of(tmp_path))


def test_translations_survive_an_update(tmp_path: Path) -> None:
    path, old = tmp_path / "x_de.ts", Text("A", "Old")
    new, many = Text("A", "New & <b>"), Text("B", "%n hand(s)", counts=True)
    known = {old: ("Alt",), many: ("%n Hand", "%n H\u00e4nde")}
    assert write_translations(path, "de", {old, many}, known) == 0
    assert write_translations(path, "de", {old, many, new}, read_translations(path)) == 1
    assert read_translations(path) == known
    assert write_translations(path, "de", {many}, read_translations(path)) == 0
    assert set(read_translations(path)) == {many}


@pytest.mark.parametrize(
    ("system", "language"),
    [
        (["de-AT", "en"], "de"),
        (["zh_TW"], "zh"),
        (["fr-FR", "de"], "de"),
        (["tr-TR"], "en"),
        (["fa"], "en"),
        ([], "en"),
    ],
)
def test_the_system_says_which_language(system: list[str], language: str) -> None:
    assert first_known(system) == language


def test_a_language_of_ones_own_comes_before_the_system(qapp: QApplication) -> None:
    assert language_of("zh") == "zh"


@pytest.mark.parametrize(
    ("language", "menu", "hands"), [("de", "Ansicht", "2 H\u00e4nde"), ("zh", "\u89c6\u56fe", "2")]
)
def test_the_window_speaks_the_chosen_language(
    qtbot: QtBot, tmp_path: Path, language: str, menu: str, hands: str
) -> None:
    path = tmp_path / "window.toml"
    save_settings(Settings(language=language), path)
    program = Program(path)
    try:
        program.build(qtbot)
        bar = program.window.menuBar()
        assert bar is not None and menu in [action.text() for action in bar.actions()]
        program.window.status.show_hand_count(2, 0)
        assert hands in program.window.status.text()
        assert "drawn per second" not in program.window.status.text()
    finally:
        app = QApplication.instance()
        assert app is not None
        install_language(app, "en")


def test_another_language_is_kept_for_the_next_start(program: Program) -> None:
    program.trigger("language_de")
    assert program.controller.store.settings.language == "de"
    notice = program.window.banner.notice
    assert notice is not None and "next start" in notice.title
