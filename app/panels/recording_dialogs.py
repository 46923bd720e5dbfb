"""What is asked about recordings: at the end of the program, and at its start."""

from collections.abc import Callable
from typing import Literal

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QMessageBox, QWidget

CloseAnswer = Literal["save", "keep", "discard"]
_translate = QCoreApplication.translate


def ask_about_recording(
    parent: QWidget, name: str, answered: Callable[[CloseAnswer], None]
) -> QMessageBox:
    """Ask what shall become of a recording that goes on; Return saves, Escape goes on."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("ManyHands")
    text = _translate("RecordingDialogs", "{name} is being recorded.").format(name=name)
    box.setText(text)
    box.setInformativeText(_translate("RecordingDialogs", "Stop it and close the window?"))
    role = QMessageBox.ButtonRole
    save = box.addButton(_translate("RecordingDialogs", "Stop && save"), role.AcceptRole)
    keep = box.addButton(_translate("RecordingDialogs", "Keep recording"), role.RejectRole)
    discard = box.addButton(_translate("RecordingDialogs", "Discard"), role.DestructiveRole)
    box.setDefaultButton(save)
    box.setEscapeButton(keep)
    answers: dict[object, CloseAnswer] = {save: "save", keep: "keep", discard: "discard"}
    box.buttonClicked.connect(lambda button: answered(answers[button]))
    box.open()
    return box


def ask_about_left_behind(parent: QWidget, lines: str, recover: Callable[[], None]) -> QMessageBox:
    """Offer what was left behind when the program ended without a word."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Information)
    box.setWindowTitle("ManyHands")
    box.setText(
        _translate("RecordingDialogs", "A recording was cut off when the program ended last.")
    )
    box.setInformativeText(lines)
    role = QMessageBox.ButtonRole
    accept = box.addButton(_translate("RecordingDialogs", "Recover"), role.AcceptRole)
    later = box.addButton(_translate("RecordingDialogs", "Later"), role.RejectRole)
    box.setDefaultButton(accept)
    box.setEscapeButton(later)
    box.buttonClicked.connect(lambda button: recover() if button is accept else None)
    box.open()
    return box
