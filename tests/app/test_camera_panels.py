"""The panels Camera, Health, Tracking and Lens in the real window, and what they bring about."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from app.camera_book import CameraBook
from app.control.health import shorter_exposure_ms, smaller_size
from app.panels.camera_settings import SIZES, CameraReadings, CameraSettings
from app.panels.health import HealthPanel, HealthReadings
from app.panels.tracking import TrackingChoice, TrackingPanel
from app.settings import load_settings
from core.camera_health import FINDING_IDS, CameraCoach, Finding, PictureFacts
from core.capture import CameraInfo, CameraSource, FrameSource
from core.capture.modes import CameraModes
from core.config import CaptureConfig, DetectionConfig
from core.types import Frame
from tests.app.program import Program
from tests.factories import HEIGHT, WIDTH, make_frame
from tests.fakes import FakeVideoDevice, SourceStep

DESK = CameraInfo(0, "HD Pro Webcam C920", "/dev/video0", "usb-C920_1")
LID = CameraInfo(1, "Lid", "/dev/video1", "usb-Lid_2")
RNG = np.random.default_rng(0)
NOISY = [np.clip(RNG.normal(120, 20, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8) for _ in "123"]


def paced(pictures: Iterator[np.ndarray]) -> Iterator[SourceStep]:
    """Frames 33 ms apart by their stamps, whatever the test takes."""
    K = make_frame().K
    for index, picture in enumerate(pictures):
        yield Frame(index, 0, (index + 1) * 33_000_000, picture.copy(), K.copy(), "camera")


@pytest.fixture
def camera(program: Program, qtbot: QtBot) -> Program:
    program.cameras = (DESK, LID)
    program.is_live = True
    program.steps = lambda: paced(itertools.cycle(NOISY))
    program.controller.begin(DESK.source, "auto")
    program.wait_drawn(qtbot)
    return program


def panel(program: Program, kind: type, dock: str) -> object:
    program.window.docks[dock].show()
    program.window.docks[dock].raise_()
    (found,) = program.window.findChildren(kind)
    return found


# Camera


def test_another_mode_is_asked_of_the_camera_and_kept_with_it(
    camera: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    """B1 11."""
    asked: list[CaptureConfig] = []
    make = camera.session._make_source

    def source(text: str, config: CaptureConfig) -> FrameSource:
        asked.append(config)
        return make(text, config)

    camera.session._make_source = source
    settings = panel(camera, CameraSettings, "camera_dock")
    assert isinstance(settings, CameraSettings)
    settings._size.setCurrentIndex(SIZES.index((640, 480)))
    settings._size.activated.emit(settings._size.currentIndex())
    qtbot.waitUntil(lambda: len(camera.opened) == 2, timeout=5000)
    camera.controller.open_source(LID.source)
    camera.wait_drawn(qtbot)
    assert camera.controller.book.record.capture == CaptureConfig()
    camera.controller.open_source(DESK.source)
    camera.wait_drawn(qtbot)
    camera.window.close()
    assert [(config.width, config.height) for config in asked] == [
        (640, 480),
        (1280, 720),
        (640, 480),
    ]
    again = CameraBook(camera.settings_path.with_name("cameras.json"))
    assert again.turn_to(DESK.source).capture.width == 640


def items(box: QComboBox) -> list[object]:
    return [box.itemData(row) for row in range(box.count())]


def test_the_modes_of_the_camera_are_offered_and_the_usual_ones_where_it_tells_none(
    camera: Program, qtbot: QtBot
) -> None:
    """B1 11."""
    settings = panel(camera, CameraSettings, "camera_dock")
    assert isinstance(settings, CameraSettings)
    assert items(settings._size) == list(SIZES) and 120 in items(settings._rate)
    modes = CameraModes({(1280, 720): (10, 30), (640, 480): (15, 30, 60)})
    camera.cameras = tuple(replace(one, modes=modes) for one in camera.cameras)
    camera.session.find_cameras()
    qtbot.waitUntil(lambda: settings._size.count() == 2, timeout=5000)
    assert items(settings._size) == [(640, 480), (1280, 720)]
    assert items(settings._rate) == [10, 30]
    settings._rate.setCurrentIndex(0)
    settings._size.setCurrentIndex(0)
    settings._size.activated.emit(0)
    chosen = camera.controller.book.record.capture
    assert (chosen.width, chosen.height, chosen.fps) == (640, 480, 15.0)
    assert items(settings._rate) == [15, 30, 60]
    camera.wait_drawn(qtbot)


def test_turning_the_picture_turns_it_at_the_source(camera: Program, qtbot: QtBot) -> None:
    camera.trigger("turn")
    qtbot.waitUntil(lambda: len(camera.opened) == 2, timeout=5000)
    assert camera.session.config.capture.rotation_deg == 90
    for _ in range(3):
        camera.trigger("turn")
    assert camera.session.config.capture.rotation_deg == 0


def test_the_panel_says_what_the_driver_really_does(qtbot: QtBot) -> None:
    """B1 9, 11: 1280 x 720 at 30 were asked for."""
    settings = CameraSettings()
    qtbot.addWidget(settings)
    device = FakeVideoDevice([(True, NOISY[0])], mode=(640, 480, 15.0))
    source = CameraSource(0, CaptureConfig(), device=lambda index: device)
    settings.show_readings(CameraReadings(True, str(source.mode), 14.9, exposure_refused=True))
    text = settings.readings_text()
    assert "640 \u00d7 480 at 15 per second, MJPG" in text and "14.9 per second" in text
    assert "another size" in text and "does not let" in text
    settings.show_readings(CameraReadings(False, "", 0.0))
    assert not settings._size.isEnabled()


def test_exposure_is_told_when_the_slider_is_let_go(qtbot: QtBot) -> None:
    settings = CameraSettings()
    qtbot.addWidget(settings)
    settings.show_readings(CameraReadings(True, "", 0.0))
    told: list[CaptureConfig] = []
    settings.changed.connect(told.append)
    settings._automatic.setChecked(False)
    settings._exposure.setSliderDown(True)
    for value in (3, 6, 9):
        settings._exposure.setSliderPosition(value)
    assert [capture.exposure_ms for capture in told] == [10.0]
    settings._exposure.setSliderDown(False)
    assert [capture.exposure_ms for capture in told] == [10.0, 4.0]
    settings._automatic.setChecked(True)
    assert told[-1].exposure_ms == 0


def test_a_record_that_cannot_be_written_is_told_and_holds(
    camera: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "plain").write_text("")
    camera.controller.book._store._path = tmp_path / "plain" / "cameras.json"
    camera.trigger("turn")
    banner = camera.window.banner
    qtbot.waitUntil(lambda: banner.notice is not None, timeout=8000)
    assert banner.notice is not None and banner.notice.code == "OUT-01"
    assert camera.controller.book.record.capture.rotation_deg == 90


# Health


def test_a_black_picture_is_told_over_the_picture_and_in_the_panel(
    program: Program, qtbot: QtBot
) -> None:
    """B1 6."""
    black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    program.is_live = True
    program.steps = lambda: paced(itertools.repeat(black))
    health = panel(program, HealthPanel, "health_dock")
    assert isinstance(health, HealthPanel)
    program.controller.open_source("0")
    qtbot.waitUntil(lambda: "black" in health.text(), timeout=20_000)
    assert "cannot be tracked" in health.text()
    notice = program.window.banner.notice
    assert notice is not None and "black" in notice.title


def test_reopen_on_the_banner_opens_a_frozen_camera_again(program: Program, qtbot: QtBot) -> None:
    """B1 12."""
    scripts = [paced(itertools.repeat(NOISY[0])), paced(itertools.cycle(NOISY))]
    program.is_live = True
    program.steps = lambda: scripts.pop(0)
    program.controller.open_source("0")
    banner = program.window.banner
    qtbot.waitUntil(lambda: banner.notice is not None, timeout=20_000)
    assert banner.notice is not None and banner.notice.action_text == "Reopen camera"
    banner._action.click()
    qtbot.waitUntil(lambda: len(program.opened) == 2, timeout=5000)
    program.wait_drawn(qtbot)
    assert banner.notice is None


@pytest.mark.parametrize(
    ("remedy", "changed"),
    [("shorten_exposure", {"exposure_ms": 16.6}), ("lower_resolution", {"width": 960})],
)
def test_remedies_change_what_is_asked_of_the_camera(
    camera: Program, qtbot: QtBot, remedy: str, changed: dict[str, float]
) -> None:
    """B1 9."""
    health = panel(camera, HealthPanel, "health_dock")
    assert isinstance(health, HealthPanel)
    health.remedy_asked.emit(remedy)
    qtbot.waitUntil(lambda: len(camera.opened) == 2, timeout=5000)
    for name, value in changed.items():
        assert getattr(camera.controller.book.record.capture, name) == value


def test_remedies_go_step_by_step() -> None:
    capture = CaptureConfig(fps=30.0)
    steps = []
    for _ in range(3):
        capture = replace(capture, exposure_ms=shorter_exposure_ms(capture))
        steps.append(capture.exposure_ms)
    assert steps == [16.6, 8, 4]
    assert smaller_size(CaptureConfig(width=1920, height=1080)) == (1280, 720)
    assert smaller_size(CaptureConfig(width=640, height=480)) == (640, 360)
    assert smaller_size(CaptureConfig(width=640, height=360)) == (640, 360)


def test_every_finding_has_words_and_a_card_that_stays(qtbot: QtBot) -> None:
    health = HealthPanel()
    qtbot.addWidget(health)
    picture = PictureFacts(100.0, 20.0, 0.5)
    findings = [Finding(name, "warn", "reopen", 0.4, 1.0) for name in FINDING_IDS]
    health.show_readings(HealthReadings(findings, CameraCoach().counts, picture, 15.0, 30.0))
    assert len(health.text().splitlines()) == 1 + len(FINDING_IDS)
    first = health._cards["black"]
    health.show_readings(HealthReadings(findings[:1], {"black": 2}, picture, 15.0, 30.0))
    assert health._cards == {"black": first}
    assert "black 2\u00d7" in health._counts.text()
    told: list[str] = []
    health.remedy_asked.connect(told.append)
    first.button.click()
    assert told == ["reopen"]
    health.show_readings(HealthReadings((), {}, picture, 30.0, 30.0))
    assert health.text() == "The camera is fine"


def test_a_stream_has_a_rate_and_none_that_was_asked_for(qtbot: QtBot) -> None:
    health = HealthPanel()
    qtbot.addWidget(health)
    picture = PictureFacts(100.0, 20.0, None)
    health.show_readings(HealthReadings((), {}, picture, 28.3, 0.0))
    assert health._rate.value.text() == "28 fps"
    assert health._rate.bar.isHidden()
    health.show_readings(HealthReadings((), {}, picture, 15.0, 30.0))
    assert health._rate.value.text() == "15 of 30 fps"
    assert not health._rate.bar.isHidden() and health._rate.bar.value() == 50


# Tracking


def test_sliders_reach_the_pipeline_live_and_are_kept(camera: Program, qtbot: QtBot) -> None:
    tracking = panel(camera, TrackingPanel, "tracking_dock")
    assert isinstance(tracking, TrackingPanel)
    before = tracking.lag_text()
    tracking._hands.setValue(1)
    tracking._score.setValue(55)
    tracking._quick.setValue(100)
    config = camera.session.config
    assert (config.detection.max_hands, config.detection.score_threshold) == (1, 0.55)
    assert config.smoothing.xy_min_hz == pytest.approx(2.4)
    assert "53 ms" in before and tracking.lag_text() != before
    qtbot.waitUntil(lambda: "1 hand" in camera.window.status.text(), timeout=5000)
    assert camera.opened == [DESK.source]
    camera.window.close()
    kept = load_settings(camera.settings_path).settings
    assert (kept.max_hands, kept.score_threshold, kept.quickness) == (1, 0.55, 1.0)


def test_defaults_put_the_sliders_back(camera: Program) -> None:
    tracking = panel(camera, TrackingPanel, "tracking_dock")
    assert isinstance(tracking, TrackingPanel)
    tracking.show_choice(TrackingChoice(2, 0.9, 0.0))
    tracking._tell()
    tracking.defaults_asked.emit()
    assert camera.session.config.detection.max_hands == 8
    score = round(100 * DetectionConfig().score_threshold)
    shown = (tracking._hands.value(), tracking._score.value(), tracking._quick.value())
    assert shown == (8, score, 50)


def test_frozen_nothing_moves_until_it_is_let_go(camera: Program, qtbot: QtBot) -> None:
    camera.trigger("freeze")
    qtbot.wait(60)
    count = camera.window.picture.drawn_count
    qtbot.wait(150)
    assert camera.window.picture.drawn_count <= count + 1
    camera.trigger("freeze")
    camera.wait_drawn(qtbot)


def test_another_source_thaws(camera: Program, qtbot: QtBot) -> None:
    camera.trigger("freeze")
    camera.controller.open_source(LID.source)
    camera.wait_drawn(qtbot)
    assert not camera.window.actions_by_id["freeze"].isChecked()


def test_forgotten_hands_get_new_numbers(camera: Program, qtbot: QtBot) -> None:
    ids: list[set[int]] = []
    camera.session.add_viewer(lambda t: ids.append({hand.track_id for hand in t.hands}))
    qtbot.waitUntil(lambda: bool(ids) and len(ids[-1]) == 2, timeout=5000)
    before = ids[-1]
    camera.trigger("forget_hands")
    qtbot.waitUntil(lambda: len(ids[-1]) == 2 and ids[-1].isdisjoint(before), timeout=5000)
