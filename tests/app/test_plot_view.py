"""The latency plot: what it says, and that old frames leave it."""

import pytest
from pytestqt.qtbot import QtBot

import app.views.plot_view
from app.state import DROPS_AMBER, RateMeter, Rates
from app.theme import DARK
from app.views.plot_view import PlotView
from tests.app.pixels import wait_shown


@pytest.fixture
def plot(qtbot: QtBot) -> PlotView:
    view = PlotView()
    qtbot.addWidget(view)
    view.resize(500, 320)
    view.show_theme(DARK)
    wait_shown(qtbot, view)
    return view


def test_numbers_are_median_and_95th_percentile_of_the_sum(plot: PlotView) -> None:
    for network in range(1, 101):
        plot.show_steps({"network": float(network), "resize": 2.0})
    plot.redraw()
    assert plot._total.text() == "52.5 ms"
    assert "97.0 ms" in plot._tail.text()
    assert "network 50.5" in plot._legend_labels["network"].text()


def test_steps_are_stacked_in_the_order_of_the_way(plot: PlotView) -> None:
    plot.show_steps({"smooth": 1.0, "resize": 2.0, "something": 4.0, "network": 8.0})
    plot.redraw()
    heights = {name: float(curve.getData()[1][-1]) for name, curve in plot._curves.items()}
    assert heights == {"resize": 2, "network": 10, "smooth": 11, "something": 15}


def test_old_frames_and_old_steps_go(plot: PlotView, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0]
    monkeypatch.setattr(app.views.plot_view, "now_ns", lambda: now[0])
    plot.show_steps({"resize": 1.0, "gone": 1.0})
    now[0] = 20_000_000_000
    plot.show_steps({"resize": 3.0})
    plot.redraw()
    assert set(plot._curves) == {"resize"} and set(plot._legend_labels) == {"resize"}
    assert plot._total.text() == "3.0 ms"


def test_memory_is_bounded(plot: PlotView) -> None:
    for _ in range(5000):
        plot.show_steps({"resize": 1.0})
    assert len(plot._frames) <= 1200


def test_no_frames_are_said_so(plot: PlotView) -> None:
    plot.show_steps({"resize": 1.0})
    plot.show_nothing()
    assert plot._tail.text() == "no frames yet" and not plot._curves


def test_drop_states_change_at_their_limits() -> None:
    assert Rates(captured=1000, dropped=round(1000 * DROPS_AMBER) - 1).drop_state == "ok"
    assert Rates(captured=1000, dropped=10).drop_state == "warn"
    assert Rates(captured=1000, dropped=50).drop_state == "error"
    assert Rates().drop_state == "ok"


def test_rate_follows_the_last_seconds_and_restarts() -> None:
    meter = RateMeter(window_s=2.0)
    rates = [meter.rate(30 * s, s * 1_000_000_000) for s in range(10)]
    assert rates[0] == 0 and rates[-1] == pytest.approx(30)
    slower = [meter.rate(270 + 10 * s, (9 + s) * 1_000_000_000) for s in range(1, 5)]
    assert slower[-1] == pytest.approx(10)
    assert meter.rate(0, 14_000_000_000) == 0
    assert meter.rate(7, 15_000_000_000) == pytest.approx(7)
