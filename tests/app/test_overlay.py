import dataclasses

import cv2
import numpy as np
import pytest

from app import overlay
from app.overlay import MeshPainter
from app.overlay_marks import hand_box
from app.overlay_style import OverlayStyle, style_from_words, track_colour
from app.skin import lit_skin
from app.visuals.mesh_topology import MeshTopology
from core.errors import UsageError
from core.geometry import project
from core.types import TrackedHands
from tests.app.posed import HEIGHT, RIGHT, WIDTH, K, frame, hand, tracked

PLAIN = OverlayStyle(labels=False, alpha=1.0)


@pytest.fixture(scope="module")
def painter() -> MeshPainter:
    return MeshPainter(RIGHT)


def changed(picture: np.ndarray) -> np.ndarray:
    return (picture != 90).any(-1)


def nearest_depth(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Plain twin: a z-buffer that asks of every pixel centre which triangles contain it."""
    pixels = project(vertices, K)
    depth = np.full((HEIGHT, WIDTH), np.inf)
    for corner, z in zip(pixels[faces], vertices[faces][..., 2], strict=True):
        low = np.maximum(np.ceil(corner.min(0)).astype(int), 0)
        high = np.minimum(np.floor(corner.max(0)).astype(int), [WIDTH - 1, HEIGHT - 1])
        x, y = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
        (ax, ay), (bx, by) = corner[1] - corner[0], corner[2] - corner[0]
        area = ax * by - ay * bx
        if abs(area) < 1e-9 or not x.size:
            continue
        px, py = x - corner[0, 0], y - corner[0, 1]
        v, w = (px * by - py * bx) / area, (ax * py - ay * px) / area
        inside = (v >= 0) & (w >= 0) & (v + w <= 1)
        here = depth[y, x]
        value = z[0] + v * (z[1] - z[0]) + w * (z[2] - z[0])
        depth[y, x] = np.where(inside & (value < here), value, here)
    return depth


def test_picture_without_hands_stays_as_it_is(painter: MeshPainter) -> None:
    empty = tracked()
    picture = painter.paint(empty)
    assert (picture == empty.frame.image).all()
    assert picture is not empty.frame.image


def test_mesh_covers_what_a_plain_z_buffer_covers(painter: MeshPainter) -> None:
    one = hand()
    drawn = changed(painter.paint(tracked(one), PLAIN))
    covered = np.isfinite(nearest_depth(one.vertices, RIGHT.faces))
    # The wrist fades and the border is antialiased: compare above the wrist.
    above = slice(0, int(one.joints_2d[0, 1]) - 15)
    assert covered[above].sum() > 2000
    assert not (covered & ~drawn)[above].any()
    around = cv2.dilate(covered.astype(np.uint8), np.ones((3, 3))) > 0  # antialiased border
    assert not (drawn & ~around)[above].any()


def test_nearer_hand_hides_the_farther_one_like_a_plain_z_buffer(painter: MeshPainter) -> None:
    near, far = hand(transl=(0, 0.08, 0.5)), hand("left", (0.03, 0.08, 0.56), track_id=1)
    for hands in ((near, far), (far, near)):
        picture = painter.paint(tracked(*hands), PLAIN).astype(int)
        near_depth = nearest_depth(near.vertices, RIGHT.faces)
        far_depth = nearest_depth(far.vertices, RIGHT.faces[:, ::-1])
        overlap = np.isfinite(near_depth) & np.isfinite(far_depth)
        overlap[int(near.joints_2d[0, 1]) - 20 :] = False
        assert overlap.sum() > 500
        near_is_front = near_depth[overlap] < far_depth[overlap]
        colours = np.array([track_colour(0, near), track_colour(1, far)])
        hue = picture[overlap] / picture[overlap].sum(1, keepdims=True)
        shown = np.abs(hue[:, None] - colours / colours.sum(1, keepdims=True)).sum(-1).argmin(1)
        assert ((shown == 0) == near_is_front).mean() > 0.93


def test_shade_is_interpolated_linearly_within_a_face() -> None:
    corners = np.array([[[2.0, 1.0], [12.0, 3.0], [5.0, 11.0]]], np.float32)
    values = np.array([[0.2, 0.9, 0.5]], np.float32)
    weights = np.random.default_rng(0).dirichlet(np.ones(3), 50).astype(np.float32)
    x, y = (weights @ corners[0]).T
    got = overlay._interpolated(values, corners, np.zeros(50, np.int32), x, y)
    np.testing.assert_allclose(got, weights @ values[0], atol=1e-5)


def test_shade_outside_of_a_face_stays_between_its_corners() -> None:
    corners = np.array([[[0.0, 0.0], [4.0, 0.0], [4.0, 0.0001]]], np.float32)  # edge-on
    values = np.array([[0.2, 0.9, 0.5]], np.float32)
    far = np.array([-100.0, 100.0], np.float32)
    got = overlay._interpolated(values, corners, np.zeros(2, np.int32), far, far)
    assert ((got >= 0.2) & (got <= 0.9)).all()


def test_left_hand_is_the_mirror_image_of_a_right_hand(painter: MeshPainter) -> None:
    style = dataclasses.replace(PLAIN, surface="skin")
    overlays = [
        changed(painter.paint(tracked(one), style))
        for one in (hand("right", (0.02, 0.08, 0.5)), hand("left", (-0.02, 0.08, 0.5)))
    ]
    different = overlays[0] ^ overlays[1][:, ::-1]
    assert different.sum() < 0.02 * overlays[0].sum()


def test_predicted_hand_lets_more_of_the_picture_through(painter: MeshPainter) -> None:
    one = hand()
    seen = painter.paint(tracked(one), OverlayStyle(labels=False)).astype(int)
    guess = painter.paint(tracked(one, predicted=frozenset({0})), OverlayStyle(labels=False))
    x, y = one.joints_2d[9].astype(int)
    colour_shift = np.abs(seen[y, x] - 90).sum(), np.abs(guess[y, x].astype(int) - 90).sum()
    assert 0 < colour_shift[1] < 0.6 * colour_shift[0]
    # Its outline has the full colour of the track, and gaps.
    opaque = changed(painter.paint(tracked(one), OverlayStyle(labels=False)))
    x, y = border_of(opaque)[:, 0].T
    full = (guess[y, x] == track_colour(0, one)).all(-1)
    assert 0.3 < full.mean() < 0.85


def test_mesh_fades_out_at_the_open_wrist(painter: MeshPainter) -> None:
    fade = painter._fade
    assert fade.min() == 0
    assert (fade == 1).mean() > 0.8
    assert fade[RIGHT.tip_ids].min() == 1


@pytest.mark.parametrize("depth_m", [-0.5, 0.0, 0.03, 0.08, 1e6])
def test_hand_at_any_depth_is_drawn_or_left_out_without_fault(
    painter: MeshPainter, depth_m: float
) -> None:
    picture = painter.paint(tracked(hand(transl=(0, 0.05, depth_m))))
    assert picture.shape == (HEIGHT, WIDTH, 3)


def test_hand_behind_the_camera_draws_no_mesh(painter: MeshPainter) -> None:
    picture = painter.paint(tracked(hand(transl=(0, 0, -0.5))), PLAIN)
    assert not changed(picture).any()


def test_hand_that_is_not_finite_is_left_out(painter: MeshPainter) -> None:
    good = hand()
    bad = dataclasses.replace(
        good,
        vertices=np.full_like(good.vertices, np.nan),
        joints_2d=np.full_like(good.joints_2d, np.nan),
    )
    assert not changed(painter.paint(tracked(bad))).any()


def test_hand_beside_the_picture_changes_nothing(painter: MeshPainter) -> None:
    assert not changed(painter.paint(tracked(hand(transl=(3.0, 0, 0.5))), PLAIN)).any()


def test_own_skin_colour_is_used_where_asked_and_given(painter: MeshPainter) -> None:
    one = hand()
    red = np.zeros_like(one.vertices)
    red[:, 0] = 0.8
    skinned = dataclasses.replace(one, albedo=red)
    picture = painter.paint(tracked(skinned), dataclasses.replace(PLAIN, surface="skin"))
    x, y = one.joints_2d[9].astype(int)
    assert picture[y, x, 0] > 50
    assert picture[y, x, 1] == 0


def test_labels_of_hands_in_one_place_do_not_cover_each_other(painter: MeshPainter) -> None:
    one, other = hand(track_id=0), hand("left", (0, 0.08, 0.52), track_id=1)
    labels = OverlayStyle(alpha=0.0, labels=True)
    together = changed(painter.paint(tracked(one, other), labels)).sum()
    alone = [changed(painter.paint(tracked(each), labels)).sum() for each in (one, other)]
    assert together > 0.9 * sum(alone)


def test_joints_are_drawn_where_they_project(painter: MeshPainter) -> None:
    one = hand()
    picture = painter.paint(tracked(one), OverlayStyle(labels=False, joints=True))
    for x, y in np.round(one.joints_2d).astype(int):
        assert (picture[y, x] == 255).all()


def test_frame_is_never_written_to(painter: MeshPainter) -> None:
    before = frame()
    painter.paint(TrackedHands(before, (hand(),)))
    assert (before.image == 90).all()


def test_many_hands_apart_and_touching_are_grouped_by_their_boxes(painter: MeshPainter) -> None:
    # Three hands where the third touches only the second: grouping must drop the right group.
    hands = tuple(
        dataclasses.replace(hand("right", (x, 0.0, 0.6)), track_id=index)
        for index, x in enumerate((-0.2, 0.12, 0.16))
    )
    picture = painter.paint(tracked(*hands), PLAIN)
    alone = [changed(painter.paint(tracked(one), PLAIN)) for one in hands]
    assert (changed(picture) == np.logical_or.reduce(alone)).all()


def border_of(mask: np.ndarray) -> np.ndarray:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(contours, key=len)


def test_skin_under_predicted_light_has_the_colours_of_the_formula(painter: MeshPainter) -> None:
    one = hand()
    light = np.array([[0.7, 0.1, -0.2, 0.05, 0, 0, -0.08, 0, 0]] * 3, np.float32).ravel()
    albedo = np.tile(np.array([0.8, 0.55, 0.4], np.float32), (len(one.vertices), 1))
    skinned = dataclasses.replace(one, albedo=albedo, light=light)
    picture = painter.paint(tracked(skinned), dataclasses.replace(PLAIN, surface="skin"))
    normals = MeshTopology(RIGHT.v_template, RIGHT.faces).normals(
        one.vertices[None], np.array([False])
    )[0]
    want = 255 * lit_skin(albedo, normals, light)
    palm = np.flatnonzero(
        (np.linalg.norm(one.vertices - one.joints_3d[9], axis=1) < 0.025) & (normals[:, 2] < -0.8)
    )
    for vertex, (x, y) in zip(
        palm, project(one.vertices[palm], K).round().astype(int), strict=True
    ):
        np.testing.assert_allclose(picture[y, x], want[vertex], atol=14)
    studio = dataclasses.replace(PLAIN, surface="skin", predicted_light=False)
    assert (painter.paint(tracked(skinned), studio) != picture).any()


def test_normals_are_blue_towards_the_camera(painter: MeshPainter) -> None:
    one = hand()
    picture = painter.paint(tracked(one), dataclasses.replace(PLAIN, surface="normals"))
    x, y = one.joints_2d[9].astype(int)
    assert picture[y, x, 2] > 220


def test_wireframe_alone_lies_on_the_surface_and_lets_the_picture_through(
    painter: MeshPainter,
) -> None:
    one = hand()
    surface = changed(painter.paint(tracked(one), PLAIN))
    wires = dataclasses.replace(PLAIN, mesh=False, wireframe=True)
    drawn = changed(painter.paint(tracked(one), wires))
    around = cv2.dilate(surface.astype(np.uint8), np.ones((5, 5))) > 0
    assert drawn.sum() > 500 and not (drawn & ~around).any()
    big = hand(transl=(0.0, 0.03, 0.2))
    assert (
        changed(painter.paint(tracked(big), wires)).sum()
        < 0.95 * changed(painter.paint(tracked(big), PLAIN)).sum()
    )


def test_keypoints_and_boxes_are_drawn_where_they_are(painter: MeshPainter) -> None:
    one = dataclasses.replace(hand(), keypoints_2d=hand().joints_2d + np.float32(6))
    keypoints = dataclasses.replace(PLAIN, mesh=False, keypoints=True)
    picture = painter.paint(tracked(one), keypoints)
    assert one.keypoints_2d is not None
    for x, y in np.round(one.keypoints_2d).astype(int):
        assert (picture[y, x] > 200).all()
    rows, columns = changed(
        painter.paint(tracked(one), dataclasses.replace(PLAIN, mesh=False, boxes=True))
    ).nonzero()
    found = [columns.min(), rows.min(), columns.max(), rows.max()]
    np.testing.assert_allclose(found, hand_box(one.joints_2d), atol=4)


def test_predicted_hand_has_dashed_bones_and_box(painter: MeshPainter) -> None:
    one = hand()
    for style in (
        dataclasses.replace(PLAIN, mesh=False, joints=True),
        dataclasses.replace(PLAIN, mesh=False, boxes=True),
    ):
        seen = changed(painter.paint(tracked(one), style)).sum()
        guess = changed(painter.paint(tracked(one, predicted=frozenset({0})), style)).sum()
        assert 0.3 * seen < guess < 0.92 * seen


def test_words_say_the_style() -> None:
    assert style_from_words("mesh, names") == OverlayStyle()
    assert style_from_words("Skeleton,boxes") == OverlayStyle(
        mesh=False, joints=True, boxes=True, labels=False
    )
    skin = style_from_words("skin,studio,keypoints,wireframe")
    assert (skin.mesh, skin.surface, skin.predicted_light) == (True, "skin", False)
    assert skin.keypoints and skin.wireframe
    for wrong in ("mesh,glitter", "skin,normals"):
        with pytest.raises(UsageError, match="USE-01"):
            style_from_words(wrong)
