"""Views under resize storms, on fine screens, without OpenGL and with a context that is lost."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PyQt6.QtCore import QPoint
from PyQt6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.overlay import MeshPainter
from app.state import ViewOptions
from app.theme import DARK
from app.views.camera_view import CameraView
from app.views.picture_view import PictureView
from app.views.scene_view import SceneView
from app.visuals.hand_batch import HandColours, make_batch
from app.visuals.mesh_topology import MeshTopology
from tests.app.drawing import MESH_ONLY, hue_matches, pixel_of, shown, tracked
from tests.app.pixels import pixels_of, wait_shown
from tests.app.program import NO_OPENGL, NOT_A_CAMERA, Program, picture_pixels
from tests.factories import hand_model, make_hand

ROOT = Path(__file__).parents[2]


@pytest.mark.gl
@pytest.mark.slow
def test_a_storm_of_resizes_leaves_the_overlay_where_it_belongs(
    qtbot: QtBot, camera_view: CameraView, topology: MeshTopology
) -> None:
    """B4 55: 500 sizes from 1 x 1 to 4K."""
    rng = random.Random(3)
    hand = make_hand(at=(0.05, 0, 0.5), track_id=0)
    shown(camera_view, topology, tracked(hand))
    camera_view.setMinimumSize(1, 1)
    told: list[str] = []
    camera_view.failed.connect(told.append)
    for index in range(500):
        if index % 100 == 99:
            camera_view.resize(3840, 2160)
        else:
            camera_view.resize(rng.choice((1, 2, 40, 300)), rng.choice((1, 3, 50, 200)))
        if index % 10 == 0:
            qtbot.wait(1)
    camera_view.resize(700, 500)
    qtbot.waitUntil(lambda: camera_view.size_px == (700, 500), timeout=5000)
    picture = pixels_of(camera_view.picture())
    x, y = pixel_of(hand.vertices.mean(axis=0), (700, 500))
    assert picture.shape == (500, 700, 3) and hue_matches(picture[y, x], 0)
    assert not told


_SCALED = """
import json, sys
import numpy as np
from PyQt6.QtWidgets import QApplication
app = QApplication([])
from app.theme import DARK
from app.views.camera_view import CameraView
from app.visuals.mesh_topology import MeshTopology
from tests.app.drawing import MESH_ONLY, hue_matches, pixel_of, shown, tracked
from tests.factories import hand_model, make_hand
model = hand_model()
topology = MeshTopology(model.v_template, model.faces)
answers = []
for software in (True, False):
    view = CameraView(topology, MESH_ONLY, software=software)
    view.resize(480, 360)
    view.show_theme(DARK)
    view.show()
    for _ in range(20):
        app.processEvents()
    hand = make_hand(at=(0.06, -0.02, 0.5), track_id=0)
    picture = shown(view, topology, tracked(hand))
    hits = [
        hue_matches(picture[y, x], 0)
        for x, y in (pixel_of(joint, view.size_px) for joint in hand.joints_3d[[5, 9, 13, 17]])
    ]
    drawn = (np.abs(picture.astype(int) - 90).max(axis=2) > 12).nonzero()
    answers.append({"shape": picture.shape, "hits": sum(hits),
                    "width": int(drawn[1].max() - drawn[1].min())})
print(json.dumps(answers))
"""


@pytest.mark.gl
@pytest.mark.slow
@pytest.mark.parametrize("scale", ["1.25", "1.5", "2.0"])
def test_the_overlay_is_right_on_fine_screens(
    scale: str, topology: MeshTopology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B4 56: device pixels are drawn, and hands lie where they project, at every scale."""
    monkeypatch.setenv("QT_SCALE_FACTOR", scale)
    monkeypatch.setenv("QT_SCALE_FACTOR_ROUNDING_POLICY", "PassThrough")
    done = subprocess.run(
        [sys.executable, "-c", _SCALED],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
        cwd=ROOT,
    )
    answers = json.loads(done.stdout.strip().splitlines()[-1])
    hand = make_hand(at=(0.06, -0.02, 0.5))
    want = float(np.ptp(hand.vertices[:, 0]) / 0.5) * 502 * 0.75 * float(scale)
    for answer in answers:
        assert answer["shape"] == [round(360 * float(scale)), round(480 * float(scale)), 3]
        assert answer["hits"] == 4
        assert answer["width"] == pytest.approx(want, rel=0.12)


def test_a_window_whose_monitor_has_gone_comes_back(program: Program, qtbot: QtBot) -> None:
    """B4 56: the remembered place is on no screen any more."""
    window = program.window
    window.move(QPoint(60_000, 60_000))
    window._bring_onto_screen()
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    qtbot.waitUntil(
        lambda: any(screen.intersects(window.frameGeometry()) for screen in screens), timeout=3000
    )


# Without OpenGL


def test_without_opengl_the_picture_shows_what_the_options_ask_for(qtbot: QtBot) -> None:
    """B4 57: surface, wireframe, skeleton, keypoints, boxes and names, in software."""
    view = PictureView(MeshPainter(hand_model()), MESH_ONLY)
    qtbot.addWidget(view)
    view.resize(640, 480)
    view.show_theme(DARK)
    wait_shown(qtbot, view)
    hand = make_hand(at=(0, 0, 0.5), track_id=0, skin=(0.8, 0.2, 0.2))
    result = tracked(replace(hand, keypoints_2d=hand.joints_2d + np.float32(20)))
    nothing = ViewOptions(show_mesh=False, show_labels=False)
    pictures = {}
    for name, options in {
        "nothing": nothing,
        "mesh": replace(nothing, show_mesh=True),
        "skin": replace(nothing, show_mesh=True, surface="skin"),
        "wireframe": replace(nothing, show_wireframe=True),
        "skeleton": replace(nothing, show_skeleton=True),
        "keypoints": replace(nothing, show_keypoints=True),
        "boxes": replace(nothing, show_boxes=True),
        "names": replace(nothing, show_labels=True),
    }.items():
        view.show_options(options)
        view.show_hands(result, None)  # type: ignore[arg-type] - it takes them from the result
        pictures[name] = pixels_of(view.picture())
    assert len(np.unique(pictures["nothing"].reshape(-1, 3), axis=0)) == 1
    seen = {name: picture.tobytes() for name, picture in pictures.items()}
    assert len(set(seen.values())) == len(seen)


def test_without_opengl_the_3d_view_is_a_note_and_its_rows_are_off(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B4 57."""
    monkeypatch.setattr("app.program.probe_opengl", lambda: NO_OPENGL)
    program = Program(tmp_path / "window.toml")
    program.build(qtbot)
    assert isinstance(program.window.picture, PictureView) and program.window.scene is None
    for name in ("view_home", "trails", "follow", "grid", "screenshot_3d"):
        assert not program.window.actions_by_id[name].isEnabled()
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot)
    notice = program.window.banner.notice
    assert notice is None or notice.code == "GUI-02"


# A context that is lost


@pytest.mark.gl
@pytest.mark.slow
@pytest.mark.parametrize("kind", [CameraView, SceneView])
def test_a_surface_made_anew_fifty_times_leaks_nothing(
    qtbot: QtBot, topology: MeshTopology, kind: type
) -> None:
    """B4 58: every surface has a context of its own, and takes it along."""
    view = kind(topology, MESH_ONLY, software=True)
    qtbot.addWidget(view)
    view.resize(320, 240)
    view.show_theme(DARK)
    wait_shown(qtbot, view)
    result = tracked(make_hand(at=(0, 0, 0.5), track_id=0))
    view.show_hands(result, make_batch(result, topology, HandColours()))
    first = pixels_of(view.picture()).astype(int)
    process, sizes = psutil.Process(), []
    for index in range(50):
        view.renew()
        qtbot.wait(1)
        again = pixels_of(view.picture()).astype(int)
        assert np.abs(again - first).mean() < 0.5
        if index in (19, 49):
            sizes.append(process.memory_info().rss)
    assert (sizes[1] - sizes[0]) / 2**20 < 40


@pytest.mark.gl
def test_one_failure_is_survived_and_a_second_one_soon_after_is_told(
    qtbot: QtBot, camera_view: CameraView, topology: MeshTopology, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """B4 58."""
    hand = make_hand(at=(0, 0, 0.5), track_id=0)
    before = shown(camera_view, topology, tracked(hand)).astype(int)
    told: list[str] = []
    camera_view.failed.connect(told.append)
    camera_view.fail(RuntimeError("scripted: context lost"))
    qtbot.waitUntil(lambda: not camera_view._is_renewing, timeout=3000)
    after = pixels_of(camera_view.picture()).astype(int)
    assert np.abs(after - before).mean() < 0.5 and not told
    camera_view.fail(RuntimeError("scripted: context lost again"))
    assert told == ["RuntimeError: scripted: context lost again"]


@pytest.mark.gl
def test_the_window_goes_on_in_2d_where_opengl_fails_twice(
    running: Program, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    """B4 58: the hands stay on the picture, and the 3D view becomes a note."""
    view = running.window.picture
    assert isinstance(view, CameraView)
    for _ in range(2):
        view.fail(RuntimeError("scripted driver fault"))
        qtbot.waitUntil(lambda: not view._is_renewing, timeout=3000)
    qtbot.waitUntil(lambda: running.window.scene is None, timeout=3000)
    notice = running.window.banner.notice
    assert notice is not None and notice.code == "GUI-02"
    running.wait_drawn(qtbot)
    pixels = picture_pixels(running.window).reshape(-1, 3).astype(int)
    coloured = np.abs(pixels - pixels.mean(axis=1, keepdims=True)).max(axis=1) > 20
    assert coloured.sum() > 2000
    running.trigger("theme_light")
    running.trigger("skeleton")
    assert not running.window.actions_by_id["view_top"].isEnabled()
