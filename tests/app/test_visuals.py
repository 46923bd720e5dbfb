"""What is drawn: matrices and normals against plain twins, pictures read back from OpenGL."""

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from app.state import ViewOptions
from app.theme import DARK
from app.views.camera_view import CameraView
from app.views.orbit_camera import FRONT, HOME, SIDE, TOP, OrbitCamera
from app.views.projection import clip_from_camera, picture_rect
from app.views.scene_view import SceneView
from app.visuals.hand_batch import MAX_HANDS, HandColours, make_batch
from app.visuals.labels import Label, render_text
from app.visuals.mesh_topology import MeshTopology, boundary_vertices
from app.visuals.skeleton import skeleton_segments
from core.types import HandState, TrackedHands
from tests.app.drawing import MESH_ONLY, hue_matches, pixel_of, shown, tracked
from tests.app.pixels import pixels_of, wait_shown
from tests.factories import HEIGHT, WIDTH, intrinsics, make_frame, make_hand

# Numbers


def test_normals_equal_their_plain_twin(topology: MeshTopology) -> None:
    vertices = np.stack([make_hand("right").vertices, make_hand("left").vertices])
    fast = topology.normals(vertices, np.array([False, True]))
    for row, sign in ((0, 1), (1, -1)):
        plain = np.zeros_like(vertices[row])
        for a, b, c in topology.faces:
            corner = vertices[row]
            normal = sign * np.cross(corner[b] - corner[a], corner[c] - corner[a])
            for vertex in (a, b, c):
                plain[vertex] += normal
        plain /= np.linalg.norm(plain, axis=1, keepdims=True)
        np.testing.assert_allclose(fast[row], plain, atol=2e-3)


@pytest.mark.parametrize("side", ["right", "left"])
def test_normals_point_out_of_both_hands(topology: MeshTopology, side: str) -> None:
    vertices = make_hand(side).vertices[None]  # type: ignore[arg-type]
    normals = topology.normals(vertices, np.array([side == "left"]))
    grown = vertices[0] + 0.001 * normals[0]
    assert volume(grown, topology) > 1.05 * volume(vertices[0], topology)


def volume(vertices: np.ndarray, topology: MeshTopology) -> float:
    """Volume in m3, whatever way the faces wind; the open wrist changes it little."""
    a, b, c = (vertices[topology.faces[:, i]].astype(float) - vertices[0] for i in range(3))
    return abs(float(np.einsum("fi,fi->f", a, np.cross(b, c)).sum())) / 6


def test_only_the_wrist_fades(topology: MeshTopology) -> None:
    border = boundary_vertices(topology.faces)
    assert len(border) == 20
    assert topology.fade[border].max() == 0
    assert (topology.fade == 1).mean() > 0.9


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("view_px", [(800, 600), (500, 700), (1200, 300)])
def test_overlay_matrix_puts_points_where_the_picture_shows_them(
    mirror: bool, view_px: tuple[int, int]
) -> None:
    point = np.array([0.11, -0.07, 0.62])
    clip = clip_from_camera(intrinsics(), (WIDTH, HEIGHT), view_px, mirror) @ [*point, 1]
    ndc = clip[:3] / clip[3]
    x, y = pixel_of(point, view_px, mirror)
    assert (ndc[0] + 1) / 2 * view_px[0] == pytest.approx(x, abs=1.01)
    assert (1 - ndc[1]) / 2 * view_px[1] == pytest.approx(y, abs=1.01)
    assert -1 < ndc[2] < 1


def test_picture_rect_keeps_the_aspect() -> None:
    left, bottom, right, top = picture_rect((1280, 720), (800, 800))
    assert (left, right) == (-1, 1)
    assert (top - bottom) / (right - left) == pytest.approx(720 / 1280)


def test_orbit_keeps_the_centre_in_the_middle() -> None:
    for camera in (HOME, FRONT, SIDE, TOP, HOME.orbit(73, -40).zoom(0.5)):
        clip = camera.clip_from_scene(1.5) @ [*camera.centre, 1]
        np.testing.assert_allclose(clip[:2] / clip[3], 0, atol=1e-5)


def test_presets_look_from_where_they_say() -> None:
    assert FRONT.eye()[2] > FRONT.centre[2]
    assert SIDE.eye()[0] > SIDE.centre[0] + 0.5
    assert TOP.eye()[1] > TOP.centre[1] + 0.5


def test_pan_moves_the_scene_with_the_hand() -> None:
    moved = FRONT.pan(0.25, 0.0)
    clip = moved.clip_from_scene(2.0) @ [*FRONT.centre, 1]
    assert clip[0] / clip[3] == pytest.approx(0.25)  # a quarter of the height, at twice the width


def test_orbit_never_turns_over() -> None:
    assert OrbitCamera().orbit(0, 500).pitch_deg == 89
    assert OrbitCamera().zoom(1e-9).distance_m > 0.1


def test_hands_of_a_picture_never_share_a_colour() -> None:
    colours = HandColours()
    first = tuple(make_hand(track_id=i) for i in (1, 9, 17))
    indices = colours.indices(first)
    assert len(set(indices)) == 3
    assert colours.indices(first[1:]) == indices[1:]


def test_batch_leaves_out_what_cannot_be_drawn(topology: MeshTopology) -> None:
    good = make_hand(track_id=1)
    behind = make_hand(at=(0, 0, -0.6), track_id=2)
    broken = make_hand(track_id=3)
    vertices = broken.vertices.copy()
    vertices[5] = np.nan
    broken = HandState(
        3, "right", 0.9, broken.pose, broken.betas, broken.transl, vertices,
        broken.joints_3d, broken.joints_2d, broken.joint_confidence,
    )  # fmt: skip
    other_mesh = HandState(
        4, "right", 0.9, good.pose, good.betas, good.transl, good.vertices[:778],
        good.joints_3d, good.joints_2d, good.joint_confidence,
    )  # fmt: skip
    batch = make_batch(tracked(good, behind, broken, other_mesh), topology, HandColours())
    assert batch.labels == ("Right 1",)


def test_batch_puts_predicted_hands_last(topology: MeshTopology) -> None:
    hands = tuple(make_hand(track_id=i) for i in (1, 2, 3))
    batch = make_batch(tracked(*hands, predicted=frozenset({1})), topology, HandColours())
    assert batch.labels == ("Right 2", "Right 3", "Right 1")
    assert batch.seen_count == 2


def test_skeleton_draws_far_hands_first(topology: MeshTopology) -> None:
    near, far = make_hand(at=(0, 0, 0.4), track_id=1), make_hand(at=(0, 0, 0.9), track_id=2)
    segments = skeleton_segments(make_batch(tracked(near, far), topology, HandColours()))
    assert len(segments) == 2 * 2 * 41
    assert segments["a_start"][:82, 2].min() > segments["a_start"][82:, 2].max()


def test_text_keeps_its_pixels_when_memory_is_used_again(qapp: QApplication) -> None:
    label = Label("Left 1", (0, 0, 0), chip=(86, 180, 233))
    first = render_text(label, 9.0, 1.0)
    clutter = [np.full(first.size, 77, np.uint8) for _ in range(50)]
    np.testing.assert_array_equal(render_text(label, 9.0, 1.0), first)
    assert first[0, 0, 3] == 0 and len(clutter) == 50


# Pictures


@pytest.mark.gl
def test_hand_is_drawn_where_it_projects(camera_view: CameraView, topology: MeshTopology) -> None:
    hand = make_hand(at=(0.08, -0.03, 0.5), track_id=0)
    picture = shown(camera_view, topology, tracked(hand))
    x, y = pixel_of(hand.vertices.mean(axis=0), camera_view.size_px)
    assert hue_matches(picture[y, x], 0)
    assert picture[10, 10].tolist() == [90, 90, 90]
    drawn = (np.abs(picture.astype(int) - 90).max(axis=2) > 12).nonzero()
    low, high = hand.joints_2d.min(axis=0), hand.joints_2d.max(axis=0)
    assert abs(drawn[1].min() - low[0]) < 25 and abs(drawn[1].max() - high[0]) < 25
    assert abs(drawn[0].min() - low[1]) < 25


@pytest.mark.gl
@pytest.mark.parametrize("near_first", [True, False])
def test_near_hand_hides_far_hand(
    camera_view: CameraView, topology: MeshTopology, near_first: bool
) -> None:
    near, far = make_hand(at=(0, 0, 0.5), track_id=0), make_hand(at=(0, 0, 0.62), track_id=1)
    hands = (near, far) if near_first else (far, near)
    picture = shown(camera_view, topology, tracked(*hands))
    x, y = pixel_of(near.vertices.mean(axis=0), camera_view.size_px)
    assert hue_matches(picture[y, x], 0)


@pytest.mark.gl
def test_translucent_hand_shows_the_picture_and_not_its_own_back(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    hand = make_hand(at=(0, 0, 0.5), track_id=0)
    x, y = pixel_of(hand.vertices.mean(axis=0), camera_view.size_px)
    solid = shown(camera_view, topology, tracked(hand))[y, x].astype(float)
    camera_view.show_options(ViewOptions(opacity=0.5, show_labels=False))
    half = shown(camera_view, topology, tracked(hand))[y, x]
    np.testing.assert_allclose(half, 0.5 * solid + 0.5 * 90, atol=3)


@pytest.mark.gl
def test_predicted_hand_is_fainter_and_hides_no_seen_hand(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    seen, ghost = make_hand(at=(0, 0, 0.62), track_id=0), make_hand(at=(0, 0, 0.5), track_id=1)
    x, y = pixel_of(seen.vertices.mean(axis=0), camera_view.size_px)
    alone = shown(camera_view, topology, tracked(ghost))[y, x].astype(float)
    as_ghost = shown(camera_view, topology, tracked(ghost, predicted=frozenset({1})))[y, x]
    assert np.abs(as_ghost - 90.0).max() < 0.6 * np.abs(alone - 90).max()
    only_seen = shown(camera_view, topology, tracked(seen))[y, x].astype(float)
    both = shown(camera_view, topology, tracked(seen, ghost, predicted=frozenset({1})))[y, x]
    np.testing.assert_allclose(both, 0.55 * only_seen + 0.45 * alone, atol=4)


@pytest.mark.gl
def test_mirrored_overlay_lies_at_the_mirrored_place(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    hand = make_hand(at=(0.1, 0, 0.5), track_id=0)
    camera_view.show_options(ViewOptions(mirror=True, opacity=1.0, show_labels=False))
    picture = shown(camera_view, topology, tracked(hand))
    middle = hand.vertices.mean(axis=0)
    x, y = pixel_of(middle, camera_view.size_px, mirror=True)
    assert hue_matches(picture[y, x], 0)
    x, y = pixel_of(middle, camera_view.size_px)
    assert picture[y, x].tolist() == [90, 90, 90]


@pytest.mark.gl
def test_mirror_turns_the_picture_and_not_the_names(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    frame = make_frame()
    image = frame.image.copy()
    image[:, :100] = (200, 30, 30)
    hand = make_hand(at=(0, -0.02, 0.5), track_id=7)
    result = TrackedHands(type(frame)(0, 0, 0, image, frame.K), (hand,))
    names_only = ViewOptions(show_mesh=False)
    camera_view.show_options(names_only)
    plain = shown(camera_view, topology, result)
    camera_view.show_options(ViewOptions(show_mesh=False, mirror=True))
    mirrored = shown(camera_view, topology, result)
    assert plain[240, 20].tolist() == [200, 30, 30]
    assert mirrored[240, -20].tolist() == [200, 30, 30]
    chip_plain, chip_mirrored = chip_of(plain), chip_of(mirrored)
    assert chip_plain.shape == chip_mirrored.shape
    # Same letters, not mirrored ones; the chip itself may sit one pixel to the side.
    assert np.abs(chip_plain.astype(int) - chip_mirrored).mean() < 4
    assert np.abs(chip_plain.astype(int) - chip_mirrored[:, ::-1]).mean() > 4


def chip_of(picture: np.ndarray) -> np.ndarray:
    rows, columns = (np.abs(picture[:, 110:-110].astype(int) - 90).max(axis=2) > 20).nonzero()
    assert len(rows)
    return picture[:, 110:-110][rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


@pytest.mark.gl
def test_names_of_hands_in_one_place_do_not_cover_each_other(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    camera_view.show_options(ViewOptions(show_mesh=False))
    one, other = make_hand(at=(0, 0, 0.5), track_id=0), make_hand(at=(0.01, 0.002, 0.5), track_id=1)

    def chip_pixels(*hands: HandState) -> int:
        picture = shown(camera_view, topology, tracked(*hands)).astype(int)
        return int((np.abs(picture - 90).max(axis=2) > 20).sum())

    alone = chip_pixels(one) + chip_pixels(other)
    assert chip_pixels(one, other) == pytest.approx(alone, rel=0.02)
    away = make_hand(at=(0.2, 0, 0.5), track_id=1)
    assert chip_pixels(one, away) == chip_pixels(one) + chip_pixels(away)


@pytest.mark.gl
def test_skeleton_covers_the_joints(camera_view: CameraView, topology: MeshTopology) -> None:
    hand = make_hand(at=(0, 0, 0.5), track_id=0)
    camera_view.show_options(ViewOptions(show_mesh=False, show_skeleton=True, show_labels=False))
    picture = shown(camera_view, topology, tracked(hand))
    for joint in hand.joints_3d:
        x, y = pixel_of(joint, camera_view.size_px)
        assert np.abs(picture[y, x].astype(int) - 90).max() > 40


@pytest.mark.gl
def test_every_number_of_hands_can_follow_every_other(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    for count in (0, MAX_HANDS, 1, 0, 2, MAX_HANDS + 2):
        hands = tuple(
            make_hand(at=(0.09 * (i % 4) - 0.13, 0.1 * (i // 4) - 0.06, 0.7), track_id=i)
            for i in range(count)
        )
        picture = shown(camera_view, topology, tracked(*hands))
        changed = np.abs(picture.astype(int) - 90).max(axis=2) > 12
        assert changed.any() == (count > 0)


@pytest.mark.gl
def test_stale_picture_is_grey_and_without_hands(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    hand = make_hand(at=(0, 0, 0.5), track_id=0)
    shown(camera_view, topology, tracked(hand))
    camera_view.show_stale(True)
    picture = pixels_of(camera_view.picture())
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) == 1
    assert picture[0, 0].max() < 60


@pytest.mark.gl
def test_picture_of_another_size_replaces_the_old_one(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    shown(camera_view, topology, tracked())
    small = TrackedHands(make_frame(grey=200, width=320, height=120), ())
    picture = shown(camera_view, topology, small)
    assert picture[240, 320].tolist() == [200, 200, 200]
    assert picture[20, 320].max() < 40


@pytest.mark.gl
def test_view_moved_to_another_window_draws_the_same_picture(
    qtbot: QtBot, camera_view: CameraView, topology: MeshTopology
) -> None:
    before = shown(camera_view, topology, tracked(make_hand(at=(0, 0, 0.5), track_id=0)))
    other = QMainWindow()
    qtbot.addWidget(other)
    other.setCentralWidget(camera_view)
    other.resize(640, 480)
    wait_shown(qtbot, other)
    assert camera_view.size_px == (640, 480)
    moved = pixels_of(camera_view.picture()).astype(int)
    assert np.abs(moved - before).mean() < 0.5  # a new context may smooth edges otherwise
    other.takeCentralWidget()


@pytest.mark.gl
def test_drawing_failure_is_told_once_and_ends_nothing(
    qtbot: QtBot, camera_view: CameraView, topology: MeshTopology, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def fail() -> None:
        raise RuntimeError("scripted driver fault")

    monkeypatch.setattr(camera_view, "draw_visuals", fail)
    told: list[str] = []
    camera_view.failed.connect(told.append)
    camera_view.picture()
    assert not told
    qtbot.waitUntil(lambda: not camera_view._is_renewing, timeout=3000)
    for _ in range(3):
        camera_view.picture()
    assert told == ["RuntimeError: scripted driver fault"]


@pytest.mark.gl
def test_scene_view_shows_hands_from_every_preset(qtbot: QtBot, topology: MeshTopology) -> None:
    view = SceneView(topology, MESH_ONLY, software=True)
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show_theme(DARK)
    wait_shown(qtbot, view)
    result = tracked(make_hand(at=(0, 0, 0.5), track_id=0))
    for preset in (HOME, FRONT, SIDE, TOP):
        view.show_from(preset)
        view.show_nothing()
        empty = pixels_of(view.picture()).astype(int)
        view.show_hands(result, make_batch(result, topology, HandColours()))
        with_hand = pixels_of(view.picture()).astype(int)
        assert (np.abs(with_hand - empty).max(axis=2) > 30).sum() > 400
