"""Every number that says how the program is doing, in one place."""

from dataclasses import dataclass, field

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.machine import MachineLoad
from app.panels.styled import set_styled
from app.state import Rates


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the panel shows.

    Attributes:
        rates: counts and rates.
        latency_ms: (median, 95th percentile) from reading a picture to drawing it with its hands;
            None before the first.
        engine: what runs the network; empty before it is open.
        precision: of its numbers.
        machine: None before it was measured.
    """

    rates: Rates = field(default_factory=Rates)
    latency_ms: tuple[float, float] | None = None
    engine: str = ""
    precision: str = ""
    machine: MachineLoad | None = None


class NumbersPanel(QScrollArea):
    """Rates, delay, drops, engine and machine; a line each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with dashes."""
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        held = QWidget()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(held)
        column.setContentsMargins(14, 10, 14, 10)
        column.addLayout(self._grid)
        column.addStretch(1)
        self._values: dict[str, QLabel] = {}
        for key, title, tip in self._lines():
            self._add_line(key, title, tip)
        self.setWidget(held)
        self.show_numbers(Numbers())

    def _lines(self) -> tuple[tuple[str, str, str], ...]:
        """Return key, title and explanation of each line, for a person."""
        return (
            ("captured", self.tr("Captured"), self.tr("Pictures that the source gives")),
            ("processed", self.tr("Processed"), self.tr("Pictures that go through the network")),
            ("drawn", self.tr("Drawn"), self.tr("Pictures that reach the screen")),
            ("delay", self.tr("Delay"),
             self.tr("From reading a picture to drawing it with its hands")),
            ("drops", self.tr("Dropped"),
             self.tr("Pictures that a newer one replaced before the network was free")),
            ("rejected", self.tr("Rejected hands"),
             self.tr("Hands that were left out, for their numbers were impossible")),
            ("engine", self.tr("Engine"), self.tr("What runs the network")),
            ("precision", self.tr("Precision"), self.tr("Of the network's numbers")),
            ("cpu", self.tr("Processor"),
             self.tr("Share of all cores: this program, and everything that runs")),
            ("memory", self.tr("Memory"), self.tr("That this program holds")),
            ("gpu", self.tr("Graphics card"), self.tr("How busy it is, and its memory")),
        )  # fmt: skip

    def _add_line(self, key: str, title: str, tip: str) -> None:
        row = self._grid.rowCount()
        name, value = QLabel(title), QLabel()
        name.setProperty("muted", True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setWordWrap(True)
        value.setAccessibleName(title)
        for label in (name, value):
            label.setToolTip(tip)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)
        self._values[key] = value

    def text_of(self, key: str) -> str:
        """Return what a line says, for tests and reports."""
        return self._values[key].text()

    def show_numbers(self, numbers: Numbers) -> None:
        """Show what holds now."""
        rates, per_second = numbers.rates, self.tr("{rate:.1f} per second")
        self._show("captured", per_second.format(rate=rates.captured_fps))
        self._show("processed", per_second.format(rate=rates.processed_fps))
        self._show("drawn", per_second.format(rate=rates.drawn_fps))
        delay = "\u2013"
        if numbers.latency_ms is not None:
            delay = self.tr("{p50:.0f} ms median, {p95:.0f} ms at the 95th percentile").format(
                p50=numbers.latency_ms[0], p95=numbers.latency_ms[1]
            )
        self._show("delay", delay)
        share = 100 * rates.dropped / max(1, rates.captured)
        drops = self.tr("{dropped} of {captured} ({share:.1f} %)").format(
            dropped=rates.dropped, captured=rates.captured, share=share
        )
        self._show("drops", drops, rates.drop_state if rates.captured else "")
        rejected = rates.rejected_hands
        self._show("rejected", str(rejected), "warn" if rejected else "")
        self._show("engine", numbers.engine or "\u2013")
        self._show("precision", numbers.precision or "\u2013")
        self._show_machine(numbers.machine)

    def _show_machine(self, load: MachineLoad | None) -> None:
        if load is None:
            for key in ("cpu", "memory", "gpu"):
                self._show(key, "\u2013")
            return
        cpu = self.tr("{own:.0f} % of {cores} cores, {all:.0f} % with everything else")
        cpu = cpu.format(own=load.own_percent, cores=load.cores, all=load.all_percent)
        self._show("cpu", cpu, "warn" if load.all_percent > 95 else "")
        self._show("memory", self.tr("{mib:.0f} MiB").format(mib=load.own_mib))
        if load.gpu is None:
            self._show("gpu", self.tr("no GPU"))
            return
        gpu = self.tr("{name}, {percent:.0f} %, {used:.0f} of {total:.0f} MiB").format(
            name=load.gpu.name,
            percent=load.gpu.percent,
            used=load.gpu.used_mib,
            total=load.gpu.total_mib,
        )
        self._show("gpu", gpu)

    def _show(self, key: str, text: str, state: str = "") -> None:
        """Set a line."""
        value = self._values[key]
        value.setText(text)
        set_styled(value, "state", state)
