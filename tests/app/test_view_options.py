"""Every way of showing hands, read back from OpenGL."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.palette import HAND_COLOURS
from app.skin import lit_skin
from app.state import ViewOptions
from app.theme import DARK
from app.views.camera_view import CameraView
from app.views.orbit_camera import FRONT
from app.views.projection import clip_from_camera, clip_from_picture
from app.views.scene_view import SceneView
from app.visuals.hand_batch import HandColours, make_batch
from app.visuals.mesh_topology import MeshTopology
from app.visuals.picture_marks import box_segments, hand_box, keypoint_segments
from app.visuals.segments import dashed
from app.visuals.skeleton import skeleton_segments
from app.visuals.trails import FingertipTrails
from core.topology import TIPS
from core.types import HandState, TrackedHands
from tests.app.drawing import MESH_ONLY, hue_matches, pixel_of, shown, tracked
from tests.app.pixels import pixels_of, wait_shown
from tests.factories import HEIGHT, WIDTH, intrinsics, make_frame, make_hand

NOTHING = ViewOptions(show_mesh=False, show_labels=False, opacity=1.0)
LIGHT = np.array([[0.7, 0.1, -0.2, 0.05, 0, 0, -0.08, 0, 0]] * 3, np.float32).ravel()


def skinned(**options: object) -> HandState:
    hand = make_hand(at=(0, 0, 0.5), track_id=0, skin=(0.8, 0.55, 0.4), **options)  # type: ignore[arg-type]
    return replace(hand, light=LIGHT)


def changed(picture: np.ndarray) -> np.ndarray:
    return np.abs(picture.astype(int) - 90).max(axis=2) > 12


@pytest.mark.gl
def test_own_skin_has_the_colours_of_its_numpy_twin(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    hand = skinned()
    camera_view.show_options(replace(MESH_ONLY, surface="skin"))
    picture = shown(camera_view, topology, tracked(hand))
    normals = topology.normals(hand.vertices[None], np.array([False]))[0]
    assert hand.albedo is not None
    want = 255 * lit_skin(hand.albedo, normals, LIGHT)
    # Vertices that look at the camera in the middle of the palm, which no finger hides.
    palm = np.flatnonzero(
        (np.linalg.norm(hand.vertices - hand.joints_3d[9], axis=1) < 0.025) & (normals[:, 2] < -0.8)
    )
    assert len(palm) > 8
    for vertex in palm:
        x, y = pixel_of(hand.vertices[vertex], camera_view.size_px)
        np.testing.assert_allclose(picture[y, x], want[vertex], atol=12)


@pytest.mark.gl
def test_without_predicted_light_the_view_s_own_light_falls_on_the_skin(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    hand = skinned()
    x, y = pixel_of(hand.vertices.mean(axis=0), camera_view.size_px)
    pictures = []
    for predicted in (True, False):
        options = replace(MESH_ONLY, surface="skin", predicted_light=predicted)
        camera_view.show_options(options)
        pictures.append(shown(camera_view, topology, tracked(hand)).astype(int))
    assert np.abs(pictures[0][y, x] - pictures[1][y, x]).max() > 8
    chroma = pictures[1][y, x] / pictures[1][y, x].sum()
    np.testing.assert_allclose(chroma, np.array([0.8, 0.55, 0.4]) / 1.75, atol=0.05)


@pytest.mark.gl
def test_a_hand_without_skin_keeps_its_colour(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    hand = make_hand(at=(0, 0, 0.5), track_id=0)
    camera_view.show_options(replace(MESH_ONLY, surface="skin"))
    picture = shown(camera_view, topology, tracked(hand))
    x, y = pixel_of(hand.vertices.mean(axis=0), camera_view.size_px)
    assert hue_matches(picture[y, x], 0)


@pytest.mark.gl
def test_normals_are_blue_where_the_surface_faces_the_viewer(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    hand = make_hand(at=(0, 0, 0.5), track_id=0)
    camera_view.show_options(replace(MESH_ONLY, surface="normals"))
    picture = shown(camera_view, topology, tracked(hand)).astype(int)
    x, y = pixel_of(hand.vertices.mean(axis=0), camera_view.size_px)
    red, green, blue = picture[y, x]
    assert blue > 220 and abs(red - 128) < 60 and abs(green - 128) < 60
    left = changed(picture)[y].nonzero()[0].min() + 3
    assert picture[y, left, 0] < 110  # its side faces to the left


@pytest.mark.gl
def test_wireframe_alone_shows_the_picture_between_its_edges_and_no_back(
    camera_view: CameraView, topology: MeshTopology
) -> None:
    hand = make_hand(at=(0, 0, 0.35), track_id=0)
    camera_view.show_options(replace(MESH_ONLY, show_mesh=True))
    solid = changed(shown(camera_view, topology, tracked(hand)))
    camera_view.show_options(replace(NOTHING, show_wireframe=True))
    wires = changed(shown(camera_view, topology, tracked(hand)))
    assert 0.1 < wires.sum() / solid.sum() < 0.75
    around = cv2.dilate(solid.astype(np.uint8), np.ones((3, 3))) > 0
    assert not (wires & ~around)[:350].any()
    near, far = make_hand(at=(0, 0, 0.35), track_id=0), make_hand(at=(0, 0, 0.5), track_id=1)
    both = changed(shown(camera_view, topology, tracked(near, far)))
    inside = np.zeros_like(solid)
    x, y = pixel_of(near.joints_3d[9], camera_view.size_px)
    inside[y : y + 60, x - 20 : x + 20] = True
    np.testing.assert_array_equal(both[inside], wires[inside])


@pytest.mark.gl
@pytest.mark.parametrize("mirror", [False, True])
def test_keypoints_lie_where_the_network_saw_them(
    camera_view: CameraView, topology: MeshTopology, mirror: bool
) -> None:
    hand = make_hand(at=(0.05, 0, 0.5), track_id=0, confidence=1.0)
    seen = replace(hand, keypoints_2d=hand.joints_2d + np.float32(9))
    camera_view.show_options(replace(NOTHING, show_keypoints=True, mirror=mirror))
    picture = shown(camera_view, topology, tracked(seen))
    assert seen.keypoints_2d is not None
    for u, v in seen.keypoints_2d:
        column = WIDTH - 1 - round(u) if mirror else round(u)
        assert picture[round(v), column].min() > 220
    assert not changed(shown(camera_view, topology, tracked(hand))).any()


@pytest.mark.gl
def test_a_box_is_drawn_around_the_hand(camera_view: CameraView, topology: MeshTopology) -> None:
    hand = make_hand(at=(0, 0, 0.7), track_id=0)
    camera_view.show_options(replace(NOTHING, show_boxes=True))
    rows, columns = changed(shown(camera_view, topology, tracked(hand))).nonzero()
    found = [columns.min(), rows.min(), columns.max(), rows.max()]
    np.testing.assert_allclose(found, hand_box(hand.joints_2d), atol=3)


def test_pixels_lie_where_the_points_that_they_show_do() -> None:
    for view_px, mirror in (((800, 600), False), ((500, 700), True)):
        picture_px = (WIDTH, HEIGHT)
        point = np.array([0.07, -0.04, 0.5])
        pixel = intrinsics() @ point
        of_camera = clip_from_camera(intrinsics(), picture_px, view_px, mirror) @ [*point, 1]
        of_pixel = clip_from_picture(picture_px, view_px, mirror) @ [
            *(pixel[:2] / pixel[2]), 0, 1,
        ]  # fmt: skip
        np.testing.assert_allclose(of_pixel[:2], of_camera[:2] / of_camera[3], atol=1e-5)


def test_dashes_begin_and_end_with_their_line() -> None:
    start, end = np.zeros((2, 3)), np.array([[5.0, 0, 0], [0, 10, 0]])
    first, last = dashed(start, end, 3)
    np.testing.assert_allclose(first[:3, 0], [0, 2, 4])
    np.testing.assert_allclose(last[:3, 0], [1, 3, 5])
    np.testing.assert_allclose(last[3:, 1], [2, 6, 10])


def test_a_predicted_hand_is_dashed(topology: MeshTopology) -> None:
    hand = make_hand(track_id=1)
    seen = make_batch(tracked(hand), topology, HandColours())
    ghost = make_batch(tracked(hand, predicted=frozenset({1})), topology, HandColours())
    assert len(skeleton_segments(ghost)) == len(skeleton_segments(seen)) + 2 * 20 * 2
    assert len(box_segments(ghost)) == 12 * len(box_segments(seen))
    assert len(keypoint_segments(ghost)) == 0


# Over time and in space


def scene_of(qtbot: QtBot, topology: MeshTopology, options: ViewOptions) -> SceneView:
    view = SceneView(topology, options, software=True)
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show_theme(DARK)
    wait_shown(qtbot, view)
    return view


def at_time(index: int, *hands: HandState) -> TrackedHands:
    return TrackedHands(make_frame(index), hands)


def show(view: SceneView, topology: MeshTopology, result: TrackedHands) -> None:
    view.show_hands(result, make_batch(result, topology, HandColours()))


def test_trails_follow_the_tips_and_end_after_a_while(topology: MeshTopology) -> None:
    trails = FingertipTrails()
    for index in range(10):
        hand = make_hand(at=(0.01 * index, 0, 0.5), track_id=4)
        batch = make_batch(at_time(index, hand), topology, HandColours())
        trails.add(batch, index * 33_000_000)
    segments = trails.segments()
    assert len(segments) == 9 * len(TIPS)
    np.testing.assert_allclose(segments["a_end"][-5:], hand.joints_3d[list(TIPS)], atol=1e-6)
    alpha = segments["a_colour"][:, 3].reshape(9, 5)
    assert (np.diff(alpha[:, 0]) > 0).all()
    empty = make_batch(at_time(11), topology, HandColours())
    trails.add(empty, 5_000_000_000)
    assert len(trails.segments()) == 0
    trails.add(batch, 0)  # another source, or the clip begins again
    assert len(trails.segments()) == 0


def test_no_trail_leads_from_where_a_hand_left_to_where_it_returns(topology: MeshTopology) -> None:
    trails = FingertipTrails()
    for index in (0, 1, 2, 20, 21):
        hand = make_hand(at=(0.01 * index, 0, 0.5), track_id=4)
        batch = make_batch(at_time(index, hand), topology, HandColours())
        trails.add(batch, index * 33_000_000)
    assert len(trails.segments()) == len(TIPS)


@pytest.mark.gl
def test_trails_are_drawn_where_the_hand_came_from(qtbot: QtBot, topology: MeshTopology) -> None:
    view = scene_of(qtbot, topology, replace(NOTHING, show_grid=False, show_trails=True))
    view.show_from(FRONT)
    for index in range(12):
        hand = make_hand(at=(0.012 * index - 0.07, 0, 0.5), track_id=0)
        show(view, topology, at_time(index, hand))
    with_trails = pixels_of(view.picture()).astype(int)
    view.show_options(replace(NOTHING, show_grid=False))
    without = pixels_of(view.picture()).astype(int)
    drawn = np.abs(with_trails - without).max(axis=2) > 25
    assert drawn.sum() > 150
    view.show_nothing()
    view.show_options(replace(NOTHING, show_grid=False, show_trails=True))
    np.testing.assert_array_equal(pixels_of(view.picture()).astype(int), without)


@pytest.mark.gl
def test_the_view_follows_the_hands_when_told(qtbot: QtBot, topology: MeshTopology) -> None:
    view = scene_of(qtbot, topology, replace(MESH_ONLY, follow_hands=True))
    far = make_hand(at=(0.3, 0.1, 1.2), track_id=0)
    for index in range(60):
        show(view, topology, at_time(index, far))
    np.testing.assert_allclose(view.camera.centre, (0.3, -0.1, -1.2), atol=0.01)
    view.show_options(MESH_ONLY)
    show(view, topology, at_time(61, make_hand(at=(-0.3, 0, 0.5), track_id=0)))
    np.testing.assert_allclose(view.camera.centre, (0.3, -0.1, -1.2), atol=0.01)


@pytest.mark.gl
def test_without_the_grid_an_empty_view_is_even(qtbot: QtBot, topology: MeshTopology) -> None:
    view = scene_of(qtbot, topology, MESH_ONLY)
    assert len(np.unique(pixels_of(view.picture()).reshape(-1, 3), axis=0)) > 10
    view.show_options(replace(MESH_ONLY, show_grid=False))
    assert len(np.unique(pixels_of(view.picture()).reshape(-1, 3), axis=0)) == 1


def test_hand_colours_stay_apart_for_colour_blind_people() -> None:
    """Colours seen with the commonest deficiency (deuteranopia, Machado et al. 2009) differ."""
    simulate = np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    )
    linear = (np.array(HAND_COLOURS) / 255.0) ** 2.2
    seen = np.clip(linear @ simulate.T, 0, 1) ** (1 / 2.2)
    for first in range(4):  # four hands are the most that usually show
        for second in range(first):
            assert np.linalg.norm(seen[first] - seen[second]) > 0.15
