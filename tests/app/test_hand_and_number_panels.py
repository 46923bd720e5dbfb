"""The panels Hands and Numbers: what they say, alone and in the real window."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.control.live import hand_rows
from app.machine import GpuLoad, MachineLoad
from app.panels.flexion import FlexionPlot
from app.panels.hands import HandCard, HandRow, HandsPanel
from app.panels.numbers import Numbers, NumbersPanel
from app.state import Rates
from app.theme import DARK, LIGHT
from app.visuals.hand_batch import HandColours, make_batch
from app.visuals.mesh_topology import MeshTopology
from core.calibration import CameraRecord
from core.topology import MIDDLE_MCP
from core.types import TrackedHands
from tests.app.pixels import pixels_of, wait_shown
from tests.app.program import Program
from tests.factories import make_frame, make_hand


def row(track_id: int = 0, bent: float = 45.0, **changes: object) -> HandRow:
    flexion = np.full(14, bent, np.float32)
    one = HandRow(track_id, f"Right {track_id}", (230, 159, 0), True, 0.87, 51.4, 3.2, 0.4, flexion)
    return replace(one, **changes)  # type: ignore[arg-type]


def texts(card: HandCard) -> str:
    return " | ".join(label.text() for label in (card._chip, card._distance, card._score,
                                                 card._shape))  # fmt: skip


@pytest.fixture  # which holds it: qtbot does not, and Qt draws once more when a test has ended
def panel(qtbot: QtBot) -> HandsPanel:
    panel = HandsPanel()
    qtbot.addWidget(panel)
    panel.resize(460, 380)
    panel.show_theme(DARK)
    wait_shown(qtbot, panel)
    return panel


def test_a_card_says_what_is_known(qtbot: QtBot) -> None:
    card = HandCard()
    qtbot.addWidget(card)
    card.show_hand(row(3))
    assert texts(card) == "Right 3 | 51 \u00b1 3 cm | 87 % sure | shape learning 40 %"
    card.show_hand(row(3, learned=1.0, uncertainty_cm=None))
    assert texts(card) == "Right 3 | 51 cm | 87 % sure | shape locked"
    card.show_hand(row(3, is_seen=False, learned=None))
    assert texts(card) == "Right 3 | 51 \u00b1 3 cm | predicted | "
    assert "index_pip 45\u00b0" in card.bars.accessibleDescription()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_bars_are_as_high_as_fingers_are_bent(qtbot: QtBot, theme: object) -> None:
    card = HandCard()
    qtbot.addWidget(card)
    card.resize(400, 100)
    card.bars.show_theme(theme)  # type: ignore[arg-type]
    wait_shown(qtbot, card)
    heights = []
    for bent in (10.0, 55.0, 110.0):
        card.show_hand(row(bent=bent))
        picture = pixels_of(card.bars.grab().toImage()).astype(int)
        heights.append((np.abs(picture - (230, 159, 0)).max(axis=2) < 12).sum())
    assert heights[1] == pytest.approx(heights[2] / 2, rel=0.15)
    assert heights[0] < 0.15 * heights[2]


def test_as_many_cards_as_hands_are_shown(panel: HandsPanel) -> None:
    """B2 34: nobody is a state like any other."""
    for count in (2, 0, 8, 1, 0):
        panel.show_hands([row(index) for index in range(count)], 1_000_000 * count)
        assert sum(card.isVisibleTo(panel) for card in panel._cards) == count
        assert panel._nobody.isVisibleTo(panel) == (count == 0)


def test_the_plot_is_that_of_the_chosen_hand(qtbot: QtBot, panel: HandsPanel) -> None:
    for index in range(5):
        rows = [row(1, bent=10.0), row(2, bent=80.0)]
        panel.show_hands(rows, index * 100_000_000)
    middle = panel.plot._curves[2]
    assert middle.getData()[1].tolist() == [10.0] * 5
    qtbot.mouseClick(panel._cards[1], Qt.MouseButton.LeftButton)
    assert middle.getData()[1].tolist() == [80.0] * 5
    panel._cards[0].setFocus()
    qtbot.keyClick(panel._cards[0], Qt.Key.Key_Return)
    assert middle.getData()[1].tolist() == [10.0] * 5
    panel.show_hands([row(2, bent=80.0)], 500_000_000)  # the chosen one has gone
    assert middle.getData()[1].tolist() == [80.0] * 6


def test_the_past_ends_after_ten_seconds(qtbot: QtBot) -> None:
    plot = FlexionPlot()
    qtbot.addWidget(plot)
    fingers = np.full(5, 30, np.float32)
    for second in range(15):
        plot.add({1: fingers}, second * 1_000_000_000)
    plot.show_hand(1)
    assert plot._curves[0].getData()[0].tolist() == [float(s) for s in range(-10, 1)]
    plot.add({2: fingers}, 40_000_000_000)
    assert set(plot._past) == {2}


def test_rows_tell_side_distance_learning_and_angles(topology: MeshTopology) -> None:
    left = make_hand("left", at=(0.1, 0, 0.7), track_id=1, curl=0.9)
    right = make_hand("right", at=(-0.1, 0, 0.5), track_id=4, curl=0.0)
    tracked = TrackedHands(
        make_frame(), (left, right), frozenset({1}), shape_learned={1: 1.0, 4: 0.25}
    )
    rows = hand_rows(tracked, make_batch(tracked, topology, HandColours()), CameraRecord())
    assert [one.title for one in rows] == ["Left 1", "Right 4"]
    assert [one.is_seen for one in rows] == [False, True]
    assert [one.learned for one in rows] == [1.0, 0.25]
    straight_cm = 100 * float(np.linalg.norm(left.joints_3d[MIDDLE_MCP]))
    assert rows[0].distance_cm == pytest.approx(straight_cm)
    assert rows[0].uncertainty_cm == pytest.approx(0.206 * straight_cm, rel=0.01)
    assert rows[0].flexion_deg[2:].min() > 35 and np.abs(rows[1].flexion_deg).max() < 15


def test_numbers_are_said_with_their_state(qtbot: QtBot) -> None:
    panel = NumbersPanel()
    qtbot.addWidget(panel)
    assert panel.text_of("delay") == "\u2013"
    machine = MachineLoad(31.0, 60.0, 8, 412.0, GpuLoad("Scripted", 12.0, 900.0, 8192.0))
    numbers = Numbers(Rates(30.0, 24.5, 24.0, 1000, 20), (41.0, 63.0), "ONNX", "fp32", machine)
    panel.show_numbers(numbers)
    assert panel.text_of("captured") == "30.0 per second"
    assert panel.text_of("delay") == "41 ms median, 63 ms at the 95th percentile"
    assert panel.text_of("drops") == "20 of 1000 (2.0 %)"
    assert panel._values["drops"].property("state") == "warn"
    assert panel.text_of("rejected") == "0" and not panel._values["rejected"].property("state")
    assert panel.text_of("cpu") == "31 % of 8 cores, 60 % with everything else"
    assert panel.text_of("memory") == "412 MiB"
    assert panel.text_of("gpu") == "Scripted, 12 %, 900 of 8192 MiB"
    panel.show_numbers(replace(numbers, machine=replace(machine, gpu=None)))
    assert panel.text_of("gpu") == "no GPU"
    panel.show_numbers(replace(numbers, rates=Rates(captured=100, dropped=5, rejected_hands=3)))
    assert panel._values["drops"].property("state") == "error"
    assert panel.text_of("rejected") == "3"
    assert panel._values["rejected"].property("state") == "warn"


def test_the_window_fills_both_panels(running: Program, qtbot: QtBot) -> None:
    window = running.window
    hands, numbers = (window.docks[name] for name in ("hands_dock", "numbers_dock"))
    hands.raise_()
    panel = hands.widget()
    assert isinstance(panel, HandsPanel)
    qtbot.waitUntil(lambda: len(panel._rows) == 2, timeout=5000)
    assert {one.title.split()[0] for one in panel._rows} == {"Left", "Right"}
    numbers.raise_()
    shown = numbers.widget()
    assert isinstance(shown, NumbersPanel)
    qtbot.waitUntil(lambda: "median" in shown.text_of("delay"), timeout=5000)
    assert shown.text_of("engine") == "test double" and shown.text_of("precision") == "fp32"
    qtbot.waitUntil(lambda: "MiB" in shown.text_of("memory"), timeout=5000)


def test_nothing_is_computed_for_views_that_nobody_sees(running: Program, qtbot: QtBot) -> None:
    """B4 55: while the window is minimised the pictures are taken and none is drawn."""
    running.window.showMinimized()
    qtbot.wait(100)
    drawn = running.window.picture.drawn_count
    status = running.session.status()
    assert status is not None
    qtbot.waitUntil(
        lambda: (running.session.status() or status).processed > status.processed + 5, timeout=5000
    )
    assert running.window.picture.drawn_count == drawn
    running.window.showNormal()
    running.wait_drawn(qtbot)
