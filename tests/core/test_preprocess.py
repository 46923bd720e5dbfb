import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.geometry import intrinsics_from_fov, project, transform_points
from core.preprocess import choose_input_size, letterbox, letterbox_matrices, prepare
from core.types import Frame, UInt8

SIZES = ((288, 384), (224, 384), (384, 288), (384, 224))
INPUT_SIZES = st.sampled_from(SIZES)
EXTENT = st.integers(16, 1200)


def frame_of(image: UInt8) -> Frame:
    height, width = image.shape[:2]
    return Frame(0, 0, 0, image, intrinsics_from_fov(width, height))


def blank(height: int, width: int) -> UInt8:
    return np.zeros((height, width, 3), np.uint8)


def centroid(image: UInt8) -> np.ndarray:
    """Centre of mass (2,) px (u, v) of a picture's first channel."""
    weight = image[..., 0].astype(float)
    rows, columns = np.indices(weight.shape)
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


@settings(max_examples=60)
@given(EXTENT, EXTENT, INPUT_SIZES, st.floats(0.25, 0.75), st.floats(0.25, 0.75))
def test_patch_comes_back_to_where_it_was(
    height: int, width: int, size: tuple[int, int], x: float, y: float
) -> None:
    image = blank(height, width)
    radius = max(2, min(height, width) // 8)
    v, u = round(y * (height - 1)), round(x * (width - 1))
    top, left = max(v - radius, 0), max(u - radius, 0)
    image[top : v + radius + 1, left : u + radius + 1] = 255
    prepared = prepare(frame_of(image), size)
    if not prepared.image.any():  # a picture so long that the patch is thinner than a pixel
        assert min(height, width) * 10 < max(height, width)
        return
    back = transform_points(prepared.image_from_input, centroid(prepared.image))
    # Half a pixel of the coarser of both grids.
    tolerance = 0.5 * max(1.0, float(np.diag(prepared.image_from_input)[:2].max()))
    np.testing.assert_allclose(back, centroid(image), atol=tolerance)


@given(EXTENT, EXTENT, INPUT_SIZES)
def test_corners_of_the_frame_land_on_the_corners_of_what_is_shown(
    height: int, width: int, size: tuple[int, int]
) -> None:
    prepared = prepare(frame_of(np.full((height, width, 3), 255, np.uint8)), size)
    rows, columns = prepared.image[..., 0].nonzero()
    shown = np.array([[columns.min(), rows.min()], [columns.max(), rows.max()]])
    # Outer edges of the shown pixels are the outer edges of the frame.
    edges = shown + np.array([[-0.5, -0.5], [0.5, 0.5]])
    frame_edges = [[-0.5, -0.5], [width - 0.5, height - 0.5]]
    found = transform_points(prepared.image_from_input, edges)
    np.testing.assert_allclose(found, frame_edges, atol=1e-3 * max(height, width))
    margins = [shown[0], [size[1] - 1, size[0] - 1] - shown[1]]
    assert np.abs(margins[0] - margins[1]).max() <= 1  # centred
    assert margins[0].min() == 0  # as large as fits


@given(EXTENT, EXTENT, INPUT_SIZES)
def test_projection_agrees_with_the_way_through_the_frame(
    height: int, width: int, size: tuple[int, int]
) -> None:
    frame = frame_of(blank(height, width))
    prepared = prepare(frame, size)
    points = np.array([[0.1, -0.05, 0.5], [-0.2, 0.1, 0.7], [0.0, 0.0, 1.2]])
    directly = project(points, prepared.K_input)
    through = transform_points(prepared.image_from_input, directly)
    np.testing.assert_allclose(through, project(points, frame.K), atol=1e-3 * max(height, width))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("height", "width"), [(480, 640), (720, 1280), (100, 90), (640, 360)])
def test_red_stays_red(height: int, width: int, size: tuple[int, int]) -> None:
    image = blank(height, width)
    image[:, :, 0] = 200
    prepared = prepare(frame_of(image), size)
    inside = prepared.image[prepared.image.any(-1)]
    np.testing.assert_array_equal(np.unique(inside, axis=0), [[200, 0, 0]])


def test_margins_are_black_and_the_picture_is_not_mirrored() -> None:
    image = blank(100, 100)
    image[:50, :50] = [255, 0, 0]
    image[:50, 50:] = [0, 255, 0]
    image[50:] = [0, 0, 255]
    prepared = prepare(frame_of(image), (64, 96)).image
    np.testing.assert_array_equal(prepared[:, :16], 0)
    np.testing.assert_array_equal(prepared[:, 80:], 0)
    np.testing.assert_array_equal(prepared[5, [20, 70]], [[255, 0, 0], [0, 255, 0]])
    np.testing.assert_array_equal(prepared[60, 48], [0, 0, 255])


def test_picture_of_the_input_size_is_not_touched() -> None:
    image = np.random.default_rng(0).integers(0, 256, (288, 384, 3), np.uint8)
    prepared = prepare(frame_of(image), (288, 384))
    np.testing.assert_array_equal(prepared.image, image)
    np.testing.assert_array_equal(prepared.image_from_input, np.eye(3))


def test_fine_pattern_becomes_grey_when_it_shrinks() -> None:
    """Averaging over the area: a checkerboard of single pixels must not alias."""
    image = blank(576, 768)
    image[::2, ::2] = image[1::2, 1::2] = 255
    prepared = prepare(frame_of(image), (192, 256)).image.astype(int)
    assert np.abs(prepared - 127).max() <= 15


def test_frame_is_left_as_it_was() -> None:
    image = np.full((50, 60, 3), 7, np.uint8)
    prepared = prepare(frame_of(image), (64, 96))
    prepared.image[...] = 0
    assert (image == 7).all()


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ((480, 640), (288, 384)),
        ((720, 1280), (224, 384)),
        ((1080, 1920), (224, 384)),
        ((640, 480), (384, 288)),
        ((1280, 720), (384, 224)),
        ((1000, 3000), (224, 384)),
        ((3000, 1000), (384, 224)),
    ],
)
def test_input_size_follows_the_aspect(frame: tuple[int, int], expected: tuple[int, int]) -> None:
    assert choose_input_size(*frame, SIZES) == expected


def test_square_picture_gets_the_larger_side_of_either_orientation() -> None:
    assert choose_input_size(500, 500, SIZES) in {(288, 384), (384, 288)}


@given(EXTENT, EXTENT)
def test_no_other_input_size_shows_the_picture_larger(height: int, width: int) -> None:
    def shown(size: tuple[int, int]) -> float:
        return min(size[0] / height, size[1] / width)

    chosen = choose_input_size(height, width, SIZES)
    assert shown(chosen) == max(map(shown, SIZES))


@pytest.mark.parametrize(
    ("picture", "size"),
    [((480, 640), (192, 256)), ((720, 1280), (160, 288)), ((64, 48), (192, 256)),
     ((100, 300), (160, 288)), ((192, 256), (192, 256)), ((50, 288), (160, 288))],
)  # fmt: skip
def test_matrices_letterbox_as_prepare_does(
    picture: tuple[int, int], size: tuple[int, int]
) -> None:
    coarse = np.random.default_rng(0).integers(0, 256, (*picture, 3), np.uint8)
    rows, columns = letterbox_matrices(picture, size)
    scaled = np.einsum("yh,hwc,xw->yxc", rows, coarse, columns, optimize=True)
    # OpenCV works in whole numbers and rounds: a grey level at most, when it enlarges.
    np.testing.assert_allclose(scaled, prepare(frame_of(coarse), size).image, atol=1.01)
    if size[0] < min(picture) < 4 * size[0]:
        np.testing.assert_allclose(scaled, prepare(frame_of(coarse), size).image, atol=0.51)


@pytest.mark.parametrize(
    ("picture", "size"),
    [((720, 1280), (160, 288)), ((1080, 1920), (160, 288)), ((2160, 3840), (160, 288)),
     ((960, 1280), (192, 256)), ((1200, 1600), (192, 256))],
)  # fmt: skip
def test_large_pictures_are_averaged_as_evenly_as_in_one_step(
    picture: tuple[int, int], size: tuple[int, int]
) -> None:
    """Halving first rounds once more, and gives a pixel on a border half and half.

    Of two neighbours with a difference of g, at most half a pixel goes to the wrong side of each of
    four borders that lie at least four pixels apart: g / 8 each.
    """
    noise = np.random.default_rng(0).integers(0, 256, (*picture, 3), np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 6)
    smooth = np.asarray(cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX), np.uint8)
    steepest = max(int(np.abs(np.diff(smooth.astype(int), axis=axis)).max()) for axis in (0, 1))
    box = letterbox(picture, size)
    rows = slice(box.top, box.top + box.inner_height)
    columns = slice(box.left, box.left + box.inner_width)
    target = (box.inner_width, box.inner_height)
    exact = cv2.resize(smooth.astype(np.float32), target, interpolation=cv2.INTER_AREA)
    apart = np.abs(prepare(frame_of(smooth), size).image[rows, columns] - exact)
    assert apart.max() < 1 + steepest / 2
    assert apart.mean() < 1


def test_margins_of_the_matrices_are_black() -> None:
    rows, columns = letterbox_matrices((720, 1280), (160, 288))
    assert not columns[:2].any()
    assert not columns[-2:].any()
    assert rows.any(1).all()


def test_frame_of_the_very_size_is_passed_on_untouched() -> None:
    frame = frame_of(blank(48, 64))
    prepared = prepare(frame, (48, 64))
    assert prepared.image is frame.image
    np.testing.assert_array_equal(prepared.image_from_input, np.eye(3))
    np.testing.assert_array_equal(prepared.K_input, frame.K)
