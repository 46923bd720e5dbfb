"""The panel Lens and the dialog that measures it, in the real window."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.control.calibration import unturned
from app.panels.calibration import CalibrationDialog
from app.panels.lens import LensPanel
from core.calibration import CharucoBoard
from core.capture import CameraSource, FrameSource
from core.config import CaptureConfig
from core.geometry import turned_intrinsics
from tests.app.program import Program
from tests.app.test_camera_panels import DESK, NOISY, paced, panel
from tests.core.calibration.rendered_board import charuco_picture, intrinsics, poses, seen
from tests.fakes import FakeVideoDevice, ScriptedEngine, ScriptedSource


@pytest.fixture
def camera(program: Program, qtbot: QtBot) -> Program:
    program.cameras = (DESK,)
    program.is_live = True
    program.steps = lambda: paced(itertools.cycle(NOISY))
    program.controller.begin(DESK.source, "auto")
    program.wait_drawn(qtbot)
    return program


def test_the_angle_of_a_known_webcam_is_taken_from_the_table(
    program: Program, qtbot: QtBot
) -> None:
    program.cameras = (DESK,)

    def source(text: str, config: CaptureConfig) -> FrameSource:
        program.opened.append(text)
        return ScriptedSource(
            paced(itertools.cycle(NOISY)), name="HD Pro Webcam C920", period_s=0.01
        )

    program.session._make_source = source
    program.controller.open_source(DESK.source)
    book = program.controller.book
    qtbot.waitUntil(lambda: book.record.lens.source == "known", timeout=8000)
    assert book.record.capture.horizontal_fov_deg == pytest.approx(70.4, abs=0.1)
    program.controller.open_source("other.mp4")
    program.wait_drawn(qtbot)
    assert book.record.lens.source == "default"


def test_typed_angles_and_hands_are_kept_and_narrow_the_distance(
    camera: Program, qtbot: QtBot
) -> None:
    lens = panel(camera, LensPanel, "lens_dock")
    assert isinstance(lens, LensPanel)
    book = camera.controller.book
    lens.typed.emit(78.0, "diagonal")
    assert book.record.capture.horizontal_fov_deg == pytest.approx(70.4, abs=0.1)
    assert "70.4" in lens.text() and "typed" in lens.text()
    lens._hand.setValue(20.5)
    assert book.record.hand_length_m == pytest.approx(0.205)
    assert camera.session.config.smoothing.hand_length_m == pytest.approx(0.205)
    qtbot.waitUntil(lambda: "\u00b1" in lens._distance.text(), timeout=8000)
    lens._hand.setValue(lens._hand.minimum())
    assert book.record.hand_length_m == 0
    lens.forget_asked.emit()
    assert book.record.lens.source == "default"
    assert book.record.capture.horizontal_fov_deg == 65


@pytest.mark.slow
@pytest.mark.parametrize("rotation_deg", [0, 90])
def test_a_board_before_the_camera_measures_its_lens(
    qtbot: QtBot, tmp_path: Path, rotation_deg: int
) -> None:
    """The whole way: dialog, views, result, and the angle that is kept with the camera."""
    focal_px, flat = 1004.0, charuco_picture(CharucoBoard())
    pictures = [
        seen(flat, intrinsics(focal_px, 655.0), *pose)  # type: ignore[arg-type]
        for pose in poses(16, focal_px)
    ]
    program = Program(tmp_path / "window.toml")
    program.make_engine = lambda: ScriptedEngine([()])
    program.engine = lambda choice, height, width: program.make_engine()  # type: ignore[method-assign]

    def source(text: str, config: CaptureConfig) -> FrameSource:
        shown = itertools.cycle(picture for picture in pictures for _ in range(8))
        device = FakeVideoDevice([(True, pictures[0])], mode=(1280, 720, 30.0))
        device.read = lambda: (True, next(shown))  # type: ignore[method-assign]
        return CameraSource(0, config, name="Desk", device=lambda index: device)

    program.source = source  # type: ignore[method-assign]
    program.build(qtbot)
    book = program.controller.book
    program.controller.open_source(DESK.source)
    record = book.record
    book.keep(replace(record, capture=replace(record.capture, rotation_deg=rotation_deg)))
    program.trigger("calibrate")
    (dialog,) = program.window.findChildren(CalibrationDialog)
    qtbot.waitUntil(dialog._measure.isEnabled, timeout=60_000)
    dialog._measure.click()
    qtbot.waitUntil(lambda: dialog._pages.currentIndex() == 1, timeout=30_000)
    assert "The corners fit." in dialog.text()
    dialog._accept.click()
    assert book.record.lens.source == "board"
    fov_deg = 2 * np.degrees(np.arctan(640 / focal_px))
    assert book.record.capture.horizontal_fov_deg == pytest.approx(fov_deg, abs=0.3)
    assert book.record.capture.principal_x == pytest.approx(15.5 / 1280, abs=0.004)
    assert not program.window.findChildren(CalibrationDialog) or not dialog.isVisible()


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_measured_axis_is_stored_as_the_camera_sees_it(degrees: int) -> None:
    K = np.array([[900.0, 0, 639.5 + 30], [0, 900, 359.5 - 12], [0, 0, 1]])
    turned = turned_intrinsics(K, 1280, 720, degrees)
    width, height = (1280, 720) if degrees % 180 == 0 else (720, 1280)
    offset = (turned[0, 2] - (width - 1) / 2, turned[1, 2] - (height - 1) / 2)
    assert unturned(offset, degrees) == pytest.approx((30, -12), abs=1e-3)


def test_closing_the_window_ends_a_calibration(camera: Program, qtbot: QtBot) -> None:
    camera.trigger("calibrate")
    camera.wait_drawn(qtbot)
    camera.trigger("calibrate")
    assert len(camera.window.findChildren(CalibrationDialog)) == 1
    camera.window.close()


def test_another_board_can_be_chosen_and_printed(
    camera: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    camera.trigger("calibrate")
    (dialog,) = camera.window.findChildren(CalibrationDialog)
    told: list[tuple[int, int]] = []
    dialog.board_chosen.connect(lambda columns, rows: told.append((columns, rows)))
    dialog._kind.setCurrentIndex(1)
    dialog._kind.activated.emit(1)
    dialog._columns.setValue(9)
    assert told == [(8, 5), (9, 5)] and dialog._save.isHidden()
    dialog.close()
    path = tmp_path / "board \u00e4.pdf"
    (controller,) = [
        child for child in camera.controller.children() if hasattr(child, "_save_board")
    ]
    controller._save_board(str(path))
    assert path.read_bytes().startswith(b"%PDF")
    controller._save_board(str(tmp_path / "file" / "board.pdf"))
    (tmp_path / "plain").write_text("")
    controller._save_board(str(tmp_path / "plain" / "board.pdf"))
    notice = camera.window.banner.notice
    assert notice is not None and notice.code == "OUT-01"
