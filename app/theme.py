"""Colours, palette and style sheet, dark and light; icons in the text's colour."""

from dataclasses import dataclass
from string import Template
from typing import Final, Literal, Protocol, runtime_checkable

from PyQt6.QtCore import QByteArray, Qt
from PyQt6.QtGui import (
    QColor,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QImage,
    QPainter,
    QPalette,
    QPixmap,
)
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QApplication

from core.assets import resources_dir

ThemeChoice = Literal["system", "dark", "light"]
THEME_CHOICES: Final[tuple[ThemeChoice, ...]] = ("system", "dark", "light")

#: Of the application: that it has its style.
_STYLED: Final = "manyhands_styled"
_ICONS: Final = resources_dir() / "icons"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as #rrggbb.

    Attributes:
        window: behind everything.
        panel: of docks, bars and cards.
        raised: of buttons and fields.
        border: between them.
        text: main text.
        muted: text of less weight; contrast 4.5 : 1 or more on panel.
        accent: what is on, and focus.
        ok: a good state.
        warn: a state to look at.
        error: a fault.
        canvas: behind the picture.
        scene: behind the 3D scene; light enough for shadows.
        grid: lines of the 3D view's floor.
    """

    is_dark: bool
    window: str
    panel: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    ok: str
    warn: str
    error: str
    canvas: str
    scene: str
    grid: str


@runtime_checkable
class Themed(Protocol):
    """A widget that draws with the theme's colours itself."""

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""


DARK: Final = Theme(
    is_dark=True,
    window="#121419",
    panel="#1a1d24",
    raised="#262b35",
    border="#323846",
    text="#e8eaef",
    muted="#9ea6b5",
    accent="#4ea1ff",
    on_accent="#0b1420",
    ok="#3ecf8e",
    warn="#f2b53c",
    error="#ff6b6b",
    canvas="#0d0f13",
    scene="#222731",
    grid="#5b6579",
)
LIGHT: Final = Theme(
    is_dark=False,
    window="#eceff3",
    panel="#fbfcfd",
    raised="#eef1f5",
    border="#d0d6df",
    text="#1a1f29",
    muted="#596273",
    accent="#1a66d6",
    on_accent="#ffffff",
    ok="#137a4d",
    warn="#95600a",
    error="#c2272d",
    canvas="#dfe4ea",
    scene="#e6eaef",
    grid="#8d97a6",
)


def rgb(colour: str) -> tuple[float, float, float]:
    """Return "#rrggbb" as three numbers in [0, 1]."""
    return (int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255)


def resolve(choice: ThemeChoice) -> Theme:
    """Return the colours for a choice; "system" asks the desktop, which may not know: then dark."""
    if choice == "system":
        hints = QGuiApplication.styleHints()
        light = hints is not None and hints.colorScheme() == Qt.ColorScheme.Light
        return LIGHT if light else DARK
    return LIGHT if choice == "light" else DARK


def apply_theme(app: QApplication, theme: Theme, font_scale: float = 1.0) -> None:
    """Give the whole program these colours, and texts of so many times their usual size."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if font.pointSizeF() > 0:  # a font may know its pixels only
        font.setPointSizeF(font.pointSizeF() * font_scale)
    else:
        font.setPixelSize(round(font.pixelSize() * font_scale))
    if not app.property(_STYLED):  # once: every change of style restyles every widget
        app.setStyle("Fusion")
        app.setProperty(_STYLED, True)
    if font != app.font():  # even the same one lays every widget out anew
        app.setFont(font)
    app.setPalette(_palette(theme))
    style_sheet = _style_sheet(theme, font_scale)
    if style_sheet != app.styleSheet():
        app.setStyleSheet(style_sheet)


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for where, colour in (
        (role.Window, theme.window),
        (role.Base, theme.panel),
        (role.AlternateBase, theme.raised),
        (role.Button, theme.raised),
        (role.ToolTipBase, theme.raised),
        (role.Text, theme.text),
        (role.WindowText, theme.text),
        (role.ButtonText, theme.text),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.accent),
        (role.Mid, theme.border),
    ):
        palette.setColor(where, QColor(colour))
    for where in (role.Text, role.WindowText, role.ButtonText):
        faint = QColor(theme.muted)
        faint.setAlpha(120)
        palette.setColor(QPalette.ColorGroup.Disabled, where, faint)
    return palette


_STYLE_SHEET = Template(
    """
QMainWindow::separator { background: $window; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px 6px; }
QMenuBar { background: $panel; border-bottom: 1px solid $border; padding: 2px 6px; }
QMenuBar::item { padding: 5px 10px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $panel; border: 1px solid $border; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 26px; border-radius: 5px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::item:disabled { color: $muted; }
QMenu::icon { padding-left: 6px; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }
QToolBar { background: $panel; border: none; border-bottom: 1px solid $border; spacing: 4px;
    padding: 6px 10px; }
QToolBar::separator { width: 1px; background: $border; margin: 5px 7px; }
QToolButton { color: $text; border: 1px solid transparent; border-radius: 6px; padding: 5px 8px; }
QToolButton[framed="true"] { background: $raised; border-color: $border; }
QAbstractSpinBox { min-height: 26px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px;
    background: $raised; }
QCheckBox::indicator:hover, QCheckBox:focus::indicator { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$tick"); }
QCheckBox::indicator:disabled { border-color: $border; background: $panel; }
QCheckBox:disabled { color: $muted; }
QToolButton:hover { background: $raised; }
QToolButton:pressed { background: $border; }
QToolButton:checked { background: $raised; border-color: $accent; color: $accent; }
QToolButton:focus, QPushButton:focus { border-color: $accent; }
QToolButton:disabled { color: $muted; }
QToolButton::menu-indicator { image: none; }
QPushButton { background: $raised; border: 1px solid $border; border-radius: 6px;
    padding: 5px 14px; }
QPushButton:hover { border-color: $accent; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent;
    font-weight: 600; }
QComboBox { background: $raised; border: 1px solid $border; border-radius: 6px;
    padding: 4px 10px; min-height: 20px; }
QComboBox:hover, QComboBox:focus { border-color: $accent; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$chevron"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $border; outline: none;
    padding: 4px; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit { background: $raised; border: 1px solid $border; border-radius: 6px; padding: 5px 8px;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus { border-color: $accent; }
QLineEdit:disabled { color: $muted; background: $panel; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $border; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
    background: $text; }
QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal:disabled { background: $muted; }
QSlider::handle:horizontal:hover { background: $accent; }
QDockWidget { color: $muted; font-weight: 600; }
QStatusBar { background: $panel; border-top: 1px solid $border; }
QStatusBar::item { border: none; }
QLabel[muted="true"] { color: $muted; }
QLabel[state="ok"] { color: $ok; }
QLabel[state="warn"] { color: $warn; }
QLabel[state="error"] { color: $error; }
QLabel[heading="true"] { font-weight: 600; }
QLabel[title="true"] { font-size: $title_pt; font-weight: 600; }
QFrame#card, QFrame#dockTitle { background: $panel; }
QFrame#handCard { background: $panel; border: 1px solid $border; border-radius: 8px; }
QFrame#handCard:focus, QFrame#handCard[chosen="true"] { border-color: $accent; }
QScrollArea > QWidget > QWidget { background: $panel; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $border; border-radius: 4px; min-height: 24px;
    margin: 1px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }
QFrame#dockTitle { border-bottom: 1px solid $border; }
QFrame#banner { background: $raised; border: 1px solid $border; border-left: 4px solid $warn;
    border-radius: 6px; }
QFrame#banner[state="info"] { border-left-color: $accent; }
QFrame#banner[state="error"] { border-left-color: $error; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QFrame#finding { background: $raised; border: 1px solid $border; border-radius: 6px; }
QLabel#dropHint { background: $panel; color: $text; border: 2px dashed $accent;
    border-radius: 12px; font-size: $note_pt; }
QProgressBar { background: $border; border: none; border-radius: 4px; }
QProgressBar[labelled="true"] { background: $raised; border: 1px solid $border;
    min-height: 20px; }
QProgressBar[labelled="true"]::chunk { background: $border; border-radius: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 4px; }
QLabel#placeholder, QLabel#note { color: $muted; font-size: $note_pt; }
QLabel#note, QWidget#plot { background: $panel; }
QLabel#placeholder { background: transparent; }
QLabel#recordTime { font-size: 20pt; font-weight: 600; }
QScrollArea { background: $panel; border: none; }
QTabWidget::pane { border: 1px solid $border; border-radius: 6px; top: -1px; }
QTabBar::tab { padding: 7px 16px; color: $muted; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { background: $raised; }
QListWidget, QTableWidget { background: $panel; border: 1px solid $border; border-radius: 6px;
    outline: none; }
QListWidget::item { border-radius: 5px; }
QListWidget::item:selected { background: $raised; border: 1px solid $accent; }
QTableWidget::item { padding: 4px 8px; }
QTableWidget::item:selected { background: $raised; color: $text; }
QTableWidget:focus, QListWidget:focus { border-color: $accent; }
QHeaderView::section { background: $raised; color: $muted; border: none; padding: 6px 8px; }
QDialog#palette { background: $panel; border: 1px solid $border; }
QPushButton:disabled, QPushButton[primary="true"]:disabled { background: $raised; color: $muted;
    border-color: $border; }
"""
)


def _style_sheet(theme: Theme, font_scale: float) -> str:
    chevron = _tinted_file("chevron-dark" if theme.is_dark else "chevron-light")
    return _STYLE_SHEET.substitute(
        chevron=chevron,
        tick=_tinted_file("tick-dark" if theme.is_dark else "tick-light"),
        note_pt=f"{13 * font_scale:.1f}pt",
        title_pt=f"{16 * font_scale:.1f}pt",
        **{name: getattr(theme, name) for name in Theme.__slots__ if name != "is_dark"},
    )


def _tinted_file(name: str) -> str:
    return (_ICONS / f"{name}.svg").as_posix()


def icon(name: str, theme: Theme) -> QIcon:
    """Return resources/icons/NAME.svg, drawn in the theme's text colour; accent where it is on."""
    result = QIcon()
    for state, colour in ((QIcon.State.Off, theme.text), (QIcon.State.On, theme.accent)):
        result.addPixmap(_pixmap(name, colour, 48), QIcon.Mode.Normal, state)
    result.addPixmap(_pixmap(name, theme.border, 48), QIcon.Mode.Disabled)
    return result


def program_icon() -> QIcon:
    """Return the program's own icon."""
    return QIcon(_pixmap("manyhands", "", 256))


def icon_pixmap(name: str, colour: str, size_px: int, ratio: float = 1.0) -> QPixmap:
    """Return resources/icons/NAME.svg in one colour, size_px on each side."""
    pixmap = _pixmap(name, colour, round(size_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _pixmap(name: str, colour: str, size_px: int) -> QPixmap:
    source = (_ICONS / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    image = QImage(size_px, size_px, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    return QPixmap.fromImage(image)
