"""Building the fast engine from the window, by a builder that is a script."""

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import actions
from app.control.engines import EnginesController
from app.engine_builder import EngineBuilder
from app.main_window import MainWindow
from app.panels.banner import Notice
from core.engines.build_lines import done_line, progress_line
from core.engines.recovery import Level, RecoveringEngine
from tests.app.program import HANDS, NOT_A_CAMERA, Program
from tests.fakes import FaultyEngine, ScriptedEngine

#: Says how far it is, like the real one, and waits for a file before it ends.
BUILDS = f"""
    import sys, time
    from pathlib import Path
    here = Path(__file__).parent
    (here / "arguments").write_text(" ".join(sys.argv[1:]))
    print("[TRT] a library says something", flush=True)
    print({progress_line(0.3, "tracing the network")!r}, flush=True)
    while not (here / "go").exists():
        time.sleep(0.01)
    print({progress_line(0.9, "building")!r}, flush=True)
    print({done_line(Path("x.engine"))!r}, flush=True)
"""
FAILS = """
    import sys
    sys.stderr.write("a trace\\nENG-06: the engine is too far from FP32. Use the torch engine.\\n")
    sys.exit(2)
"""
HANGS = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("manyhands-build 40% building", flush=True)
    time.sleep(60)
"""
#: As the real one answers to a signal.
CANCELS = """
    import signal, sys, time
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(130))
    print("manyhands-build 40% building", flush=True)
    time.sleep(60)
"""

Make = Callable[[str], EngineBuilder]


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Make:
    made: list[EngineBuilder] = []

    def builder(script: str) -> EngineBuilder:
        path = tmp_path / "builder.py"
        path.write_text(textwrap.dedent(script))
        made.append(EngineBuilder(command=(sys.executable, str(path)), find_reason=lambda: ""))
        return made[-1]

    yield builder  # type: ignore[misc]
    for one in made:
        one.close()


def test_build_tells_how_far_it_is_and_ends(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    builder = make(BUILDS)
    told: list[tuple[int, str]] = []
    builder.progressed.connect(lambda percent, text: told.append((percent, text)))
    builder.start(720, 1280)
    assert builder.is_running
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    with qtbot.waitSignal(builder.built, timeout=10_000):
        (tmp_path / "go").touch()
    assert told == [(30, "tracing the network"), (90, "building")]
    assert not builder.is_running
    assert (tmp_path / "arguments").read_text() == "--aspect 16x9"


def test_build_that_fails_says_its_last_line(make: Make, qtbot: QtBot) -> None:
    """Row 21."""
    builder = make(FAILS)
    with qtbot.waitSignal(builder.failed, timeout=10_000) as caught:
        builder.start(480, 640)
    assert caught.args == ["ENG-06: the engine is too far from FP32. Use the torch engine."]


def test_builder_that_cannot_be_started_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    """Row 21."""
    builder = EngineBuilder(command=(str(tmp_path / "absent"),), find_reason=lambda: "")
    with qtbot.waitSignal(builder.failed, timeout=10_000):
        builder.start(480, 640)
    assert not builder.is_running


def test_cancelled_build_ends_in_order(make: Make, qtbot: QtBot) -> None:
    """Row 21."""
    builder = make(CANCELS)
    with qtbot.waitSignal(builder.progressed, timeout=10_000):
        builder.start(480, 640)
    with qtbot.waitSignal(builder.cancelled, timeout=3_000):
        builder.cancel()


def test_build_that_does_not_listen_is_killed(
    make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 21: the child is killed during the build."""
    builder = make(HANGS)
    builder._grace.setInterval(100)
    with qtbot.waitSignal(builder.progressed, timeout=10_000):
        builder.start(480, 640)
    with qtbot.waitSignal(builder.cancelled, timeout=5_000):
        builder.cancel()
    assert not builder.is_running


def test_one_build_at_a_time(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    builder = make(BUILDS)
    builder.start(480, 640)
    first = builder._process
    builder.start(720, 1280)
    assert builder._process is first


def with_builder(program: Program, make: Make, script: str, reason: str = "") -> EngineBuilder:
    """Put another builder behind the window's action."""
    action = program.window.actions_by_id["build_engine"]
    for old in program.controller.findChildren(EnginesController):
        action.toggled.disconnect(old._switch)
        old.setParent(None)
        old.deleteLater()
    action.setProperty(actions._CONNECTED, None)
    builder = make(script)
    builder._find_reason = lambda: reason
    EnginesController(program.window, program.session, program.controller, builder)
    return builder


def said(window: MainWindow) -> str:
    return window.banner.notice.title if window.banner.notice is not None else ""


def test_action_waits_for_a_gpu(program: Program, make: Make, qtbot: QtBot) -> None:
    """Row 16: its tip says why it cannot be used."""
    action = program.window.actions_by_id["build_engine"]
    with_builder(program, make, BUILDS, "there is no NVIDIA driver")
    qtbot.waitUntil(lambda: "no NVIDIA driver" in action.toolTip(), timeout=5_000)
    assert not action.isEnabled()


def test_window_goes_on_while_it_builds_and_then_changes_over(
    running: Program, make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    """Row 19: on another engine meanwhile."""
    builder = with_builder(running, make, BUILDS)
    action, window = running.window.actions_by_id["build_engine"], running.window
    qtbot.waitUntil(action.isEnabled, timeout=5_000)
    with qtbot.waitSignal(builder.progressed, timeout=10_000):
        action.trigger()
    assert "30 %" in window.status._build.label.text()
    running.wait_drawn(qtbot)
    assert len(running.sources) == 1
    first = running.session._pipeline
    engines: list[ScriptedEngine] = []

    def better() -> ScriptedEngine:
        engines.append(ScriptedEngine([[]]))
        return engines[-1]

    running.make_engine = better
    with qtbot.waitSignal(builder.built, timeout=10_000):
        (tmp_path / "go").touch()
    qtbot.waitUntil(lambda: bool(engines) and engines[0].calls > 2, timeout=10_000)
    assert running.session._pipeline is first
    assert len(running.sources) == 1
    assert not window.status._build.isVisible()
    assert not action.isChecked()
    assert "takes over" in said(window)


def test_failed_build_is_a_notice_and_nothing_changes(
    running: Program, make: Make, qtbot: QtBot
) -> None:
    """Row 21."""
    with_builder(running, make, FAILS)
    action = running.window.actions_by_id["build_engine"]
    qtbot.waitUntil(action.isEnabled, timeout=5_000)
    action.trigger()
    qtbot.waitUntil(lambda: "could not be built" in said(running.window), timeout=10_000)
    assert not action.isChecked()
    running.wait_drawn(qtbot)


def test_unchecking_cancels(running: Program, make: Make, qtbot: QtBot) -> None:
    builder = with_builder(running, make, CANCELS)
    action = running.window.actions_by_id["build_engine"]
    qtbot.waitUntil(action.isEnabled, timeout=5_000)
    with qtbot.waitSignal(builder.progressed, timeout=10_000):
        action.trigger()
    with qtbot.waitSignal(builder.cancelled, timeout=5_000):
        action.trigger()
    assert not running.window.status._build.isVisible()


def test_without_a_source_the_window_asks_for_one(
    program: Program, make: Make, qtbot: QtBot
) -> None:
    builder = with_builder(program, make, BUILDS)
    action = program.window.actions_by_id["build_engine"]
    qtbot.waitUntil(action.isEnabled, timeout=5_000)
    action.trigger()
    assert not builder.is_running
    assert not action.isChecked()
    assert "Open a source first" in said(program.window)


def test_closing_the_window_ends_a_build(running: Program, make: Make, qtbot: QtBot) -> None:
    builder = with_builder(running, make, CANCELS)
    action = running.window.actions_by_id["build_engine"]
    qtbot.waitUntil(action.isEnabled, timeout=5_000)
    with qtbot.waitSignal(builder.progressed, timeout=10_000):
        action.trigger()
    running.window.close()
    assert not builder.is_running


def test_an_engine_that_fails_is_told_once_and_the_hands_go_on(
    program: Program, qtbot: QtBot
) -> None:
    """Rows 17 and 18: full memory hands over to the next engine, with one notice."""
    levels = [
        Level("tensorrt", lambda: FaultyEngine([HANDS], "memory", fault_at=20)),
        Level("processor", lambda: ScriptedEngine([HANDS])),
    ]
    program.make_engine = lambda: RecoveringEngine(levels)
    shown: list[str] = []
    show, banner = program.window.banner.show_notice, program.window.banner

    def note(notice: Notice) -> None:
        shown.append(notice.title)
        show(notice)

    banner.show_notice = note  # type: ignore[method-assign]
    program.controller.open_source(NOT_A_CAMERA)
    qtbot.waitUntil(lambda: any("tensorrt failed" in title for title in shown), timeout=10_000)
    program.wait_drawn(qtbot, 10)
    assert sum("tensorrt failed: scripted: out of memory" in title for title in shown) == 1
    status = program.session.status()
    assert status is not None and status.engine is not None
    assert "tensorrt failed" in status.engine.detail
