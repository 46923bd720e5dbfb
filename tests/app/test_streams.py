"""The panel Streams and its controller, with the window around them."""

import socket
import time
from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.panels.stream_panel import StreamPanel, StreamState
from app.panels.switch import Switch
from app.settings import load_settings
from app.theme import DARK, LIGHT
from tests.app.program import NOT_A_CAMERA, Program
from tests.core.streams.receivers import RawWebSocket, osc_receiver


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def panel_of(program: Program) -> StreamPanel:
    panel = program.window.docks["streams_dock"].widget()
    assert isinstance(panel, StreamPanel)
    return panel


def switch_of(panel: StreamPanel, name: str) -> Switch:
    (switch,) = [one for one in panel.findChildren(Switch) if one.accessibleName() == name]
    return switch


def within(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=5000)


def test_one_switch_sends_the_hands_on_the_screen(qtbot: QtBot, running: Program) -> None:
    panel = panel_of(running)
    with osc_receiver() as receiver:
        panel.show_address("vmc", f"127.0.0.1:{receiver.port}")
        switch_of(panel, "VMC").click()
        within(qtbot, lambda: len(receiver.of("/VMC/Ext/Bone/Pos")) >= 32)
        within(qtbot, lambda: panel.state_text("vmc").startswith("Sending"))
        switch_of(panel, "VMC").click()
        assert panel.state_text("vmc") == ""
        qtbot.wait(100)
        told = len(receiver.messages)
        qtbot.wait(200)
        assert len(receiver.messages) == told


def test_a_web_client_is_counted(qtbot: QtBot, running: Program) -> None:
    panel, port = panel_of(running), free_port()
    panel.show_address("websocket", str(port))
    switch_of(panel, "WebSocket").click()
    within(qtbot, lambda: panel.state_text("websocket").startswith("0 clients"))
    with RawWebSocket(port) as client:
        assert len(client.read_json("hands")["hands"]) == 2
        within(qtbot, lambda: panel.state_text("websocket").startswith("1 client ·"))
    within(qtbot, lambda: panel.state_text("websocket").startswith("0 clients"))


def test_a_port_that_is_taken_is_said_with_a_free_one(qtbot: QtBot, running: Program) -> None:
    """Row 68."""
    panel = panel_of(running)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        panel.show_address("websocket", f"127.0.0.1:{port}")
        switch_of(panel, "WebSocket").click()
        within(qtbot, lambda: f"Port {port} is taken" in panel.state_text("websocket"))
    assert "such as" in panel.state_text("websocket")
    assert not switch_of(panel, "WebSocket").isChecked()


def test_switched_off_and_on_again_it_listens_at_the_same_port(
    qtbot: QtBot, running: Program
) -> None:
    panel, port = panel_of(running), free_port()
    panel.show_address("websocket", str(port))
    switch = switch_of(panel, "WebSocket")
    for _ in range(3):
        switch.click()
        within(qtbot, lambda: "clients" in panel.state_text("websocket"))
        with RawWebSocket(port) as client:
            client.read_json("hello")
            started = time.perf_counter()
            switch.click()
            assert time.perf_counter() - started < 0.1, "the window waited"


def test_what_is_no_address_puts_the_switch_back(qtbot: QtBot, running: Program) -> None:
    panel = panel_of(running)
    panel.show_address("osc", "studio:noport")
    switch_of(panel, "OSC").click()
    assert '"studio:noport" is not an address' in panel.state_text("osc")
    assert not switch_of(panel, "OSC").isChecked()


def test_a_server_for_other_machines_shows_the_address_with_its_token(
    qtbot: QtBot, running: Program
) -> None:
    panel, port = panel_of(running), free_port()
    panel.show_address("websocket", f"0.0.0.0:{port}")
    switch_of(panel, "WebSocket").click()
    within(qtbot, lambda: "clients" in panel.state_text("websocket"))
    (copy,) = [b for b in panel.findChildren(QToolButton) if not b.isHidden()]
    copy.click()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    url = clipboard.text()
    assert url.startswith(f"ws://0.0.0.0:{port}/?token=")
    with RawWebSocket(port, url.removeprefix(f"ws://0.0.0.0:{port}")) as client:
        assert client.status == 101
    with RawWebSocket(port) as client:
        assert client.status == 401


def test_streams_are_off_at_the_start_and_addresses_are_remembered(
    qtbot: QtBot, program: Program
) -> None:
    panel = panel_of(program)
    assert not any(switch.isChecked() for switch in panel.findChildren(Switch))
    panel.address_edited.emit("osc", "stage:7000")
    program.controller.store.save()
    assert load_settings(program.settings_path).settings.stream_osc == "stage:7000"


@pytest.mark.parametrize("kind", ["vmc", "websocket"])
def test_closing_the_window_ends_a_stream(qtbot: QtBot, program: Program, kind: str) -> None:
    """That no thread is left is checked after every test."""
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot)
    panel = panel_of(program)
    panel.show_address("websocket", str(free_port()))
    switch_of(panel, {"vmc": "VMC", "websocket": "WebSocket"}[kind]).click()
    within(qtbot, lambda: panel.state_text(kind) not in ("", "Opening ..."))  # type: ignore[arg-type]
    program.window.close()


def test_a_row_says_what_it_is_told(qtbot: QtBot) -> None:
    panel = StreamPanel()
    qtbot.addWidget(panel)
    panel.show_state("osc", StreamState("fine", "ok"))
    assert panel.state_text("osc") == "fine"
    for theme in (LIGHT, DARK):
        panel.show_theme(theme)


def test_a_switch_is_moved_by_mouse_and_by_space(qtbot: QtBot) -> None:
    switch = Switch("Test")
    qtbot.addWidget(switch)
    switch.show()
    with qtbot.waitSignal(switch.toggled):
        qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(switch.toggled):
        qtbot.keyClick(switch, Qt.Key.Key_Space)
    with qtbot.assertNotEmitted(switch.toggled):
        switch.show_on(True)
    assert switch.isChecked()
