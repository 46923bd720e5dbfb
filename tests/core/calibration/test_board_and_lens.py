import functools

import numpy as np
import pytest

from core.calibration import (
    BoardView,
    CharucoBoard,
    Checkerboard,
    LensEstimate,
    ViewCollector,
    board_pdf,
    known_camera,
    longer_side_fov,
    solve_lens,
)
from core.calibration.collect import tilt
from core.calibration.known import KNOWN_CAMERAS
from core.calibration.lens import fov_at_aspect, fov_from_focal
from core.errors import SourceError
from core.geometry import intrinsics_from_fov
from tests.core.calibration.rendered_board import (
    HEIGHT,
    WIDTH,
    charuco_picture,
    chess_picture,
    intrinsics,
    poses,
    seen,
)

BOARD = CharucoBoard()
FRAME_NS = 33_000_000


@functools.cache
def views_of(focal_px: float, cx: float = 639.5, cy: float = 359.5) -> tuple[BoardView, ...]:
    flat = charuco_picture(BOARD)
    K = intrinsics(focal_px, cx, cy)
    found = (BOARD.find(seen(flat, K, *pose)) for pose in poses(14, focal_px))  # type: ignore[arg-type]
    return tuple(view for view in found if view is not None)


@pytest.mark.parametrize("focal_px", [750.0, 1004.0, 1400.0])
def test_a_charuco_board_tells_the_focal_length_within_one_percent(focal_px: float) -> None:
    views = views_of(focal_px)
    assert len(views) >= 12
    lens = solve_lens(views)
    assert lens.focal_px == pytest.approx(focal_px, rel=0.01)
    assert lens.error_px < 0.1
    assert abs(lens.focal_px - focal_px) < 4 * lens.focal_sd_px
    assert 0 < lens.focal_sd < 0.001


def test_the_principal_point_is_found_and_goes_into_the_settings_as_shares() -> None:
    lens = solve_lens(views_of(1004.0, 665.0, 345.0))
    assert lens.principal_px == pytest.approx((665.0, 345.0), abs=8)
    x, y = lens.principal_share
    assert (x * WIDTH, y * WIDTH) == pytest.approx((25.5, -14.5), abs=8)
    K = intrinsics_from_fov(WIDTH, HEIGHT, lens.horizontal_fov_deg)
    assert K[0, 0] == pytest.approx(lens.focal_px, rel=1e-5)


def test_a_plain_chess_board_tells_the_focal_length_within_one_percent() -> None:
    board, flat, focal_px = Checkerboard(8, 5), chess_picture(8, 5), 900.0
    views = [board.find(seen(flat, intrinsics(focal_px), *pose)) for pose in poses(12, focal_px)]  # type: ignore[arg-type]
    lens = solve_lens([view for view in views if view is not None])
    assert lens.num_views >= 9
    assert lens.focal_px == pytest.approx(focal_px, rel=0.01)


def test_corners_are_found_where_they_are() -> None:
    focal_px = 1004.0
    ((rotvec, centre),) = poses(1, focal_px)
    flat = charuco_picture(BOARD)
    view = BOARD.find(seen(flat, intrinsics(focal_px), (0, 0, 0), (0.3, -0.2, centre[2])))
    assert rotvec and view is not None and len(view.ids) == 40
    middle = np.array([BOARD.columns / 2, BOARD.rows / 2])
    on_board = view.board_points[:, :2] - middle + [0.3, -0.2]
    expected = on_board * focal_px / centre[2] + [639.5, 359.5]
    assert np.abs(view.image_points - expected).max() < 0.2


def test_half_a_charuco_board_is_enough_and_half_a_chess_board_is_not() -> None:
    flat, focal_px = charuco_picture(BOARD), 1004.0
    half = (6.2, 0.0, focal_px / 75)
    view = BOARD.find(seen(flat, intrinsics(focal_px), (0, 0, 0), half))
    assert view is not None and 8 <= len(view.ids) < 40
    chess = chess_picture(8, 5)
    assert Checkerboard().find(seen(chess, intrinsics(focal_px), (0, 0, 0), half)) is None


def test_a_picture_without_a_board_has_no_view() -> None:
    empty = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    assert BOARD.find(empty) is None and Checkerboard().find(empty) is None


def test_a_view_that_does_not_fit_the_rest_is_left_out() -> None:
    views = list(views_of(1004.0))
    bad = views[3]
    noise = np.random.default_rng(2).normal(0, 12, bad.image_points.shape).astype(np.float32)
    views[3] = BoardView(
        bad.ids.copy(), bad.board_points.copy(), bad.image_points + noise, bad.width, bad.height
    )
    lens = solve_lens(views)
    assert lens.num_views == len(views) - 1
    assert lens.focal_px == pytest.approx(1004.0, rel=0.01)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_views_are_refused(count: int) -> None:
    with pytest.raises(SourceError, match="CAM-11"):
        solve_lens(views_of(1004.0)[:count])


def test_views_that_contradict_each_other_are_refused() -> None:
    rng = np.random.default_rng(4)
    view = views_of(1004.0)[0]
    wild = [
        BoardView(
            view.ids.copy(),
            view.board_points.copy(),
            rng.uniform(0, 700, view.image_points.shape).astype(np.float32),
            WIDTH,
            HEIGHT,
        )
        for _ in range(5)
    ]
    with pytest.raises(SourceError, match="CAM-11"):
        solve_lens(wild)


# Collecting


def offer_still(collector: ViewCollector, view: BoardView, start_ns: int) -> str:
    collector.offer(view, start_ns)
    return collector.offer(view, start_ns + FRAME_NS)


def test_a_view_is_kept_when_held_still_and_new() -> None:
    collector = ViewCollector()
    one, other = views_of(1004.0)[1], views_of(1004.0)[5]
    assert collector.offer(one, 0) == "moving"
    assert collector.offer(one, FRAME_NS) == "taken"
    assert collector.offer(one, 2 * FRAME_NS) == "similar"
    assert collector.offer(other, 3 * FRAME_NS) == "moving"
    assert collector.offer(other, 4 * FRAME_NS) == "taken"
    assert len(collector.views) == 2


def test_a_view_after_a_pause_counts_as_moving() -> None:
    collector = ViewCollector()
    view = views_of(1004.0)[1]
    collector.offer(view, 0)
    assert collector.offer(view, 600_000_000) == "moving"
    assert collector.offer(view, 300_000_000) == "moving"  # a clock that runs back


def test_face_on_views_alone_are_not_enough() -> None:
    flat, collector = charuco_picture(BOARD), ViewCollector()
    focal_px, start_ns = 1004.0, 0
    for x in (-3, -1, 1, 3):
        for y in (-1.5, 0, 1.5):
            view = BOARD.find(seen(flat, intrinsics(focal_px), (0, 0, 0), (x, y, focal_px / 70)))
            assert view is not None
            start_ns += 10**9
            assert offer_still(collector, view, start_ns) == "taken"
    assert len(collector.views) == 12 and collector.covered.all()
    assert collector.tilted_count == 0 and not collector.is_enough


def test_views_all_over_and_tilted_are_enough() -> None:
    collector = ViewCollector()
    for index, view in enumerate(views_of(1004.0)):
        offer_still(collector, view, index * 10**9)
    assert collector.is_enough and not collector.is_complete
    assert collector.covered.sum() >= 10
    assert solve_lens(collector.views).focal_px == pytest.approx(1004.0, rel=0.01)


def test_another_picture_size_begins_anew() -> None:
    collector = ViewCollector()
    view = views_of(1004.0)[1]
    offer_still(collector, view, 0)
    small = BoardView(
        view.ids.copy(), view.board_points.copy(), view.image_points / 2, WIDTH // 2, HEIGHT // 2
    )
    collector.offer(small, 10**9)
    assert collector.offer(small, 10**9 + FRAME_NS) == "taken"
    assert len(collector.views) == 1 and collector.views[0].width == WIDTH // 2


def test_tilt_is_the_change_of_scale_across_the_board() -> None:
    flat, focal_px = charuco_picture(BOARD), 1004.0
    tilts = []
    for angle in (0.0, 0.3, 0.6):
        picture = seen(flat, intrinsics(focal_px), (0, angle, 0), (0, 0, focal_px / 70))
        view = BOARD.find(picture)
        assert view is not None
        tilts.append(tilt(view))
    # Corners span 7 squares at a depth of 14.3: 7 sin(angle) / 14.3.
    assert tilts == pytest.approx([0, 7 * np.sin(0.3) / 14.34, 7 * np.sin(0.6) / 14.34], abs=0.005)


# Angles


def test_the_angles_of_a_picture_belong_together() -> None:
    assert longer_side_fov(78, "diagonal", 1920, 1080) == pytest.approx(70.42, abs=0.05)
    assert longer_side_fov(43.3, "vertical", 1920, 1080) == pytest.approx(70.42, abs=0.2)
    assert longer_side_fov(70.42, "horizontal", 1920, 1080) == pytest.approx(70.42)
    assert longer_side_fov(43.3, "horizontal", 1080, 1920) == pytest.approx(70.42, abs=0.2)


def test_a_narrower_picture_of_the_same_camera_has_a_narrower_angle() -> None:
    wide = fov_from_focal(1360.0, 1920)
    assert fov_at_aspect(wide, 16 / 9, 4 / 3) == pytest.approx(fov_from_focal(1360.0, 1440))
    assert fov_at_aspect(wide, 16 / 9, 16 / 9) == pytest.approx(wide)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("HD Pro Webcam C920", "Logitech C920"),
        ("Logitech Webcam C930e: Logitech Webc", "Logitech C930e"),
        ("Microsoft\u00ae LifeCam HD-3000: Mi", "Microsoft LifeCam HD-3000"),
        ("Integrated Camera: Integrated C", None),
        ("C9201 clone", "Logitech C920"),
    ],
)
def test_known_cameras_are_found_by_what_they_call_themselves(name: str, model: str | None) -> None:
    found = known_camera(name)
    assert (found.model if found is not None else None) == model


def test_every_known_camera_names_its_source_and_has_a_possible_angle() -> None:
    for camera in KNOWN_CAMERAS:
        assert camera.source
        assert 45 < camera.longer_side_fov_deg < camera.diagonal_fov_deg < 100


# The page


def test_the_printed_page_shows_the_board_at_its_true_size(qapp: object) -> None:
    from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QSize
    from PyQt6.QtPdf import QPdfDocument

    data = board_pdf(BOARD)
    assert data.startswith(b"%PDF-1.4") and data.endswith(b"%%EOF\n") and len(data) < 200_000
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument(None)
    document.load(buffer)
    assert document.pageCount() == 1
    points = document.pagePointSize(0)
    assert (points.width(), points.height()) == pytest.approx(
        (297 * 72 / 25.4, 210 * 72 / 25.4), abs=0.1
    )
    image = document.render(0, QSize(1485, 1050)).convertToFormat(image_format())  # 5 px a mm
    document.close()
    pixels = np.frombuffer(image.constBits().asarray(image.sizeInBytes()), np.uint8)
    pixels = pixels.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    view = BOARD.find(np.ascontiguousarray(pixels.reshape(image.height(), -1, 3)))
    assert view is not None and len(view.ids) == 40
    span = np.ptp(view.image_points, axis=0) / 5
    assert span == pytest.approx((7 * 28, 4 * 28), abs=0.3)


def image_format() -> object:
    from PyQt6.QtGui import QImage

    return QImage.Format.Format_RGB888


def test_an_estimate_says_its_angle_of_view() -> None:
    lens = LensEstimate(1280, 720, 1004.0, 5.0, (639.5, 359.5), (0.0, 0.0), 0.2, 12)
    assert lens.horizontal_fov_deg == pytest.approx(65.04, abs=0.05)
    assert lens.principal_share == (0.0, 0.0)
    assert lens.focal_sd == pytest.approx(0.005, abs=1e-4)
