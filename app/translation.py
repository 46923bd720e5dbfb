"""The program's language: Qt's translation files, chosen by a person or by the system."""

import logging
from collections.abc import Iterable
from typing import Final

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from core.assets import resources_dir

_LOG = logging.getLogger(__name__)
#: As each names itself; the first of them is what the sources are written in.
LANGUAGES: Final = {"en": "English", "de": "Deutsch", "zh": "\u4e2d\u6587"}
_LANGUAGE: Final = "language"  # of the application: what texts are shown in
LANGUAGE_CHOICES: Final = ("system", *LANGUAGES)
#: What Qt calls its own texts in that language.
_QT_NAMES: Final = {"de": "qtbase_de", "zh": "qtbase_zh_CN"}


def language_of(choice: str) -> str:
    """Return the language for a choice; "system" takes the first of the system's that we have."""
    return choice if choice in LANGUAGES else first_known(QLocale.system().uiLanguages())


def first_known(names: Iterable[str]) -> str:
    """Return the first of these languages that we have, English for none.

    Args:
        names: as the system writes them: "de-AT", "zh_Hans_CN".
    """
    for name in names:
        language = name.replace("_", "-").split("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"


def install_language(app: QCoreApplication, choice: str) -> str:
    """Translate every text that is made from now on; return the language.

    What another call has installed is taken away first.
    """
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    language = language_of(choice)
    folders = {f"manyhands_{language}": str(resources_dir() / "i18n")}
    if language in _QT_NAMES:
        qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        folders[_QT_NAMES[language]] = qt_folder
    for name, folder in folders.items():
        translator = QTranslator(app)
        if translator.load(name, folder):
            app.installTranslator(translator)
        else:
            _LOG.warning("%s.qm is missing in %s: those texts stay English", name, folder)
    app.setProperty(_LANGUAGE, language)
    return language


def is_english() -> bool:
    """Say whether texts are shown as the sources have them."""
    app = QCoreApplication.instance()
    return app is None or app.property(_LANGUAGE) in (None, "en")
