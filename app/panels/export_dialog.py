"""What shall be written of a recording for another program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QCoreApplication, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.panels.destination import Destination
from app.panels.form import form_of
from app.panels.job_bar import JobBar, JobState
from app.visuals.hand_batch import hand_name
from core.session.take import RecordedHand

_WIDTH: Final = 520
_MOST_RATE_HZ: Final = 240.0
_translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class FormatChoices:
    """What can be chosen for a format.

    Attributes:
        own_axes: the preset that it has unless another is chosen.
        axes: the presets; none where its axes are fixed.
    """

    own_axes: str
    axes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What a person has chosen.

    Attributes:
        format: such as "glb".
        marked: the part between the marks alone.
        rate_hz: None for the recorded one.
        axes: None for the format's own.
        track: this hand alone; None for all.
        raw: as measured.
        correctives: with pose correctives, where the format has them.
        stem: the result's path without its ending.
        overwrite: replace what is there.
    """

    format: str
    marked: bool
    rate_hz: float | None
    axes: str | None
    track: int | None
    raw: bool
    correctives: bool
    stem: Path
    overwrite: bool


class ExportDialog(QDialog):
    """Asks, and shows how it goes; stays open, so that another format can follow."""

    asked = pyqtSignal(object)  # ExportChoice

    def __init__(self, parent: QWidget, formats: Mapping[str, FormatChoices]) -> None:
        """Offer these formats."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Export recording"))
        self.setMinimumWidth(_WIDTH)
        self._formats = formats
        self._heading = QLabel()
        self._heading.setProperty("heading", True)
        self._about = QLabel()
        self._about.setProperty("muted", True)
        self._about.setWordWrap(True)
        self.format = _combo(self.tr("Format"))
        for name in formats:
            self.format.addItem(format_title(name), name)
        self.range = _combo(self.tr("Part"))
        self.rate = QDoubleSpinBox()
        self.rate.setRange(0.0, _MOST_RATE_HZ)
        self.rate.setDecimals(2)
        self.rate.setSpecialValueText(self.tr("As recorded"))
        self.rate.setSuffix(self.tr(" per second"))
        self.rate.setAccessibleName(self.tr("Frames per second"))
        self.axes = _combo(self.tr("Axes"))
        self.hands = _combo(self.tr("Hands"))
        self.values = _combo(self.tr("Values"))
        self.values.addItems([self.tr("As shown, smoothed"), self.tr("As measured, unsmoothed")])
        self.correctives = QCheckBox(self.tr("Exact surface (morph targets; a larger file)"))
        self.overwrite = QCheckBox(self.tr("Replace what has this name"))
        self.destination = Destination()
        self.job = JobBar(self.tr("Export"), self.tr("Open folder"))
        self._arrange()
        self.format.currentIndexChanged.connect(self._follow_format)
        self.destination.textChanged.connect(self._check)
        self.job.begin_asked.connect(lambda: self.asked.emit(self.choice()))
        self.job.close_asked.connect(self.close)
        self._follow_format()

    def _arrange(self) -> None:
        folder, name = self.destination.rows()
        rows = (
            (self.tr("Format"), self.format),
            ("", self._about),
            (self.tr("Part"), self.range),
            (self.tr("Frames per second"), self.rate),
            (self.tr("Axes"), self.axes),
            (self.tr("Hands"), self.hands),
            (self.tr("Values"), self.values),
            ("", self.correctives),
            folder,
            name,
            ("", self.overwrite),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(12)
        column.addWidget(self._heading)
        column.addLayout(form_of(rows))
        column.addStretch(1)
        column.addWidget(self.job)

    def show_recording(self, name: str, whole: str, marked: str) -> None:
        """Name the recording and its parts; `marked` is empty where nothing is marked."""
        self._heading.setText(name)
        self.range.clear()
        self.range.addItem(self.tr("Everything ({time})").format(time=whole))
        if marked:
            self.range.addItem(self.tr("Between the marks ({time})").format(time=marked))
            self.range.setCurrentIndex(1)

    def show_hands(self, hands: Sequence[RecordedHand]) -> None:
        """Offer the hands of the recording, each alone or all of them."""
        self.hands.clear()
        self.hands.addItem(self.tr("All ({count})").format(count=len(hands)), None)
        for hand in hands:
            text = self.tr("{hand} alone ({frames} frames)")
            name = hand_name(hand.side, hand.track_id)
            self.hands.addItem(text.format(hand=name, frames=hand.frames), hand.track_id)

    def choice(self) -> ExportChoice:
        """Return what is chosen."""
        rate = self.rate.value()
        return ExportChoice(
            format=self._kind,
            marked=self.range.currentIndex() == 1,
            rate_hz=rate or None,
            axes=self.axes.currentData(),
            track=self.hands.currentData(),
            raw=self.values.currentIndex() == 1,
            correctives=self.correctives.isEnabled() and self.correctives.isChecked(),
            stem=self.destination.path,
            overwrite=self.overwrite.isChecked(),
        )

    def show_job(self) -> None:
        """Let choices be changed unless the job runs."""
        is_running = self.job.state is JobState.RUNNING
        changed = (self.format, self.range, self.rate, self.hands, self.values, self.overwrite)
        for widget in changed:
            widget.setEnabled(not is_running)
        self.destination.show_enabled(not is_running)
        self._follow_format()

    @property
    def _kind(self) -> str:
        return str(self.format.currentData())

    def _follow_format(self) -> None:
        """Offer what goes with the format, and keep the axes where it has them, too."""
        kind, chosen = self._kind, self.axes.currentData()
        choices = self._formats[kind]
        self._about.setText(format_use(kind))
        self.axes.clear()
        own = self.tr("{axes} (usual)").format(axes=axes_title(choices.own_axes))
        self.axes.addItem(own, None)
        for name in choices.axes:
            if name != choices.own_axes:
                self.axes.addItem(axes_title(name), name)
        self.axes.setCurrentIndex(max(0, self.axes.findData(chosen)))
        is_free = self.job.state is not JobState.RUNNING
        self.axes.setEnabled(is_free and bool(choices.axes))
        self.correctives.setEnabled(is_free and kind == "glb")
        self.destination.show_ending("-mano.npz" if kind == "mano" else f".{kind}")
        self._check()

    def _check(self) -> None:
        is_free = self.job.state is not JobState.RUNNING
        self.job.begin.setEnabled(is_free and self.destination.is_whole)


def _combo(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    return box


def format_title(kind: str) -> str:
    """Return what a format is called."""
    titles = {
        "glb": _translate("ExportDialog", "glTF (.glb): animated mesh"),
        "bvh": _translate("ExportDialog", "BVH: skeleton motion"),
        "usd": _translate("ExportDialog", "USD: animated mesh"),
        "npz": _translate("ExportDialog", "NumPy (.npz): arrays"),
        "csv": _translate("ExportDialog", "CSV: table"),
        "json": _translate("ExportDialog", "JSON: numbers with names"),
        "obj": _translate("ExportDialog", "OBJ: a mesh for each frame"),
        "ply": _translate("ExportDialog", "PLY: a coloured mesh for each frame"),
        "mp4": _translate("ExportDialog", "Video (.mp4) with the hands drawn"),
        "mano": _translate("ExportDialog", "MANO parameters (.npz)"),
    }
    return titles[kind]


def format_use(kind: str) -> str:
    """Return what a format is good for, one line."""
    uses = {
        "glb": _translate("ExportDialog", "Blender, Unity, Unreal, Godot, web pages."),
        "bvh": _translate("ExportDialog", "Maya, MotionBuilder, Blender; one file for each hand."),
        "usd": _translate("ExportDialog", "Omniverse, Houdini, Maya."),
        "npz": _translate("ExportDialog", "Python: poses, shapes, joints and confidences."),
        "csv": _translate("ExportDialog", "Spreadsheets, R, MATLAB: a row for each hand."),
        "json": _translate("ExportDialog", "Scripts and web pages."),
        "obj": _translate("ExportDialog", "Any 3D program; a folder, or a file for one frame."),
        "ply": _translate("ExportDialog", "MeshLab; a folder, or a file for one frame."),
        "mp4": _translate("ExportDialog", "To look at; needs a recording with pictures."),
        "mano": _translate("ExportDialog", "Needs the model: `manyhands mano import FILE`."),
    }  # fmt: skip
    return uses[kind]


def axes_title(name: str) -> str:
    """Return what a preset is called."""
    titles = {
        "camera": _translate("ExportDialog", "Camera: x right, y down, z forward, m"),
        "scene": _translate("ExportDialog", "Scene: y up, z to the viewer, m"),
        "blender": _translate("ExportDialog", "Blender: z up, m"),
        "unity": _translate("ExportDialog", "Unity: y up, m"),
        "unreal": _translate("ExportDialog", "Unreal: z up, cm"),
        "maya": _translate("ExportDialog", "Maya: y up, cm"),
    }
    return titles[name]
