"""`python -m app.texts`: brings resources/i18n up to date with the texts of the program.

It reads every text that is translated out of the sources, adds what is new to each .ts file
(marked unfinished), takes away what has gone, and compiles what is there into .qm files with Qt's
`lrelease` (Debian: qt6-l10n-tools; PyPI: PySide6-Essentials, as pyside6-lrelease).
"""

import argparse
import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from app.translation import LANGUAGES
from core.assets import resources_dir
from core.atomic import write_atomically

_LRELEASE: Final = ("lrelease", "lrelease6", "lrelease-qt6", "pyside6-lrelease")
#: Of ActionSpec: text, tip and menu.
_ACTION_TEXTS: Final = (1, 3, 5)
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text that is translated.

    Attributes:
        context: the class that says it, or a word for its kind.
        source: in English.
        comment: tells two meanings apart; empty for none.
        counts: whether it has a form for each kind of number (%n).
    """

    context: str
    source: str
    comment: str = ""
    counts: bool = False


class _Reader(ast.NodeVisitor):
    """Collects the texts of one file, and the places where a text is no plain literal."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.not_plain: list[int] = []
        self._classes: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._classes.append(node.name)
        self.generic_visit(node)
        self._classes.pop()

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name == "ActionSpec":
            texts = [_literal(node.args[index]) for index in _ACTION_TEXTS]
            self.texts += [Text("Actions", text) for text in texts if text]
        elif name == "tr" and self._classes:
            self._add(self._classes[-1], node, node.args)
        elif name in ("translate", "_translate") and node.args:
            context = _literal(node.args[0])
            if context is not None:
                self._add(context, node, node.args[1:])

    def _add(self, context: str, node: ast.Call, given: list[ast.expr]) -> None:
        source = _literal(given[0]) if given else None
        if source is not None:
            comment = _literal(given[1]) if len(given) > 1 else ""
            self.texts.append(Text(context, source, comment or "", len(given) > 2))
        elif not given or isinstance(given[0], ast.JoinedStr | ast.BinOp | ast.Call):
            self.not_plain.append(node.lineno)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts_of(folder: Path) -> Iterator[Text]:
    """Return every text of the Python files below a folder.

    Raises:
        ValueError: a text is put together before it is translated.
    """
    for path in sorted(folder.rglob("*.py")):
        reader = _Reader()
        reader.visit(ast.parse(path.read_text(encoding="utf-8")))
        if reader.not_plain:
            raise ValueError(f"{path}:{reader.not_plain[0]}: translate a plain text, then .format")
        yield from reader.texts


def read_translations(path: Path) -> dict[Text, tuple[str, ...]]:
    """Return the finished translations of a .ts file: one form, or one for each kind of number."""
    found: dict[Text, tuple[str, ...]] = {}
    if not path.exists():
        return found
    for context in ElementTree.parse(path).getroot().iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            counts = message.get("numerus") == "yes"
            text = Text(
                name, message.findtext("source", ""), message.findtext("comment", ""), counts
            )
            translation = message.find("translation")
            if translation is None or translation.get("type") == "unfinished":
                continue
            forms = [form.text or "" for form in translation.iter("numerusform")]
            found[text] = tuple(forms) if counts else (translation.text or "",)
    return found


def write_translations(
    path: Path, language: str, texts: set[Text], known: dict[Text, tuple[str, ...]]
) -> int:
    """Write a .ts file of these texts; return how many have no translation yet.

    English needs none, but for the forms of numbers.
    """
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    missing = 0
    for name in sorted({text.context for text in texts}):
        context = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(context, "name").text = name
        for text in sorted(text for text in texts if text.context == name):
            forms = known.get(text)
            if forms is None and language == "en" and not text.counts:
                forms = (text.source,)
            missing += forms is None
            _add_message(context, text, forms)
    ElementTree.indent(root, "    ")
    body = ElementTree.tostring(root, encoding="unicode")
    write_atomically((_HEAD + body + "\n").encode("utf-8"), path)
    return missing


def _add_message(context: ElementTree.Element, text: Text, forms: tuple[str, ...] | None) -> None:
    message = ElementTree.SubElement(context, "message")
    ElementTree.SubElement(message, "source").text = text.source
    if text.comment:
        ElementTree.SubElement(message, "comment").text = text.comment
    translation = ElementTree.SubElement(message, "translation")
    if forms is None:
        translation.set("type", "unfinished")
    if text.counts:
        message.set("numerus", "yes")
        for form in forms or ("",):
            ElementTree.SubElement(translation, "numerusform").text = form
    elif forms is not None:
        translation.text = forms[0]


def main() -> int:
    """Update and compile; exit 1 where a text is not translated or nothing can compile."""
    parser = argparse.ArgumentParser(prog="python -m app.texts", description=__doc__)
    parser.add_argument("--lrelease", help="Qt's compiler of translations, where it has no name")
    arguments = parser.parse_args()
    texts = set(texts_of(Path(__file__).parent))
    missing = 0
    for language in LANGUAGES:
        path = resources_dir() / "i18n" / f"manyhands_{language}.ts"
        lacking = write_translations(path, language, texts, read_translations(path))
        sys.stdout.write(f"{path.name}: {len(texts)} texts, {lacking} without a translation\n")
        missing += lacking
    tool = arguments.lrelease or next(filter(None, map(shutil.which, _LRELEASE)), None)
    if tool is None:
        sys.stdout.write("lrelease was not found: the .qm files are those of before\n")
        return 1
    for path in sorted((resources_dir() / "i18n").glob("*.ts")):
        compiled = str(path.with_suffix(".qm"))
        subprocess.run([tool, "-silent", str(path), "-qm", compiled], check=True)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
