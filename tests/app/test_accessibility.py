"""Every control has a name for a screen reader and can be reached by the keyboard."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.app.program import Program

_CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit)


def spoken_name(widget: QWidget) -> str:
    """What a screen reader says of a control."""
    if widget.accessibleName():
        return widget.accessibleName()
    if isinstance(widget, QAbstractButton):
        return widget.text() or widget.toolTip()
    labels = widget.window().findChildren(QLabel)
    return next((label.text() for label in labels if label.buddy() is widget), "")


def parents(widget: QWidget) -> list[QWidget]:
    above = widget.parentWidget()
    return [] if above is None else [above, *parents(above)]


def nameless(root: QWidget) -> list[str]:
    return [
        f"{type(widget).__name__} in {[type(one).__name__ for one in parents(widget)]}"
        for widget in root.findChildren(QWidget)
        if isinstance(widget, _CONTROLS)
        and not widget.objectName().startswith("qt_")  # Qt's own, inside others
        and not widget.isHidden()  # a notice's button has its text when it is shown
        and not isinstance(widget, QScrollBar)
        and not any(isinstance(one, QMenu) for one in parents(widget))  # pyqtgraph's, never shown
        and not isinstance(widget.parent(), QAbstractSpinBox | QComboBox | QLineEdit)
        and not spoken_name(widget)
    ]


def test_every_control_of_the_window_has_a_name(program: Program) -> None:
    for dock in program.window.docks.values():
        dock.show()
    found = nameless(program.window)
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("name", ["help", "shortcuts", "welcome", "palette", "about"])
def test_every_control_of_a_dialog_has_a_name(program: Program, name: str) -> None:
    program.trigger(name)
    dialogs = program.window.findChildren(QDialog)
    assert dialogs
    assert [line for dialog in dialogs for line in nameless(dialog)] == []


def test_tab_goes_from_the_bar_through_the_window_and_round(program: Program, qtbot: QtBot) -> None:
    """Every visible control that takes the keyboard is met once, the bar's before the panels'."""
    window = program.window
    with qtbot.waitActive(window, timeout=5000):
        window.activateWindow()
    first = window.picker.findChild(QComboBox)
    assert first is not None
    first.setFocus()
    met: list[QWidget] = []
    while len(met) < 300:
        widget = window.focusWidget()
        if widget is None or widget in met:
            break
        met.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    wanted = {
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, _CONTROLS)
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.visibleRegion().isEmpty()
        and not isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
    }
    assert {type(widget).__name__ for widget in wanted - set(met)} == set()
