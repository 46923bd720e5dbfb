import numpy as np
import pytest

from core.capture import rgb_from_camera
from core.errors import SourceError
from tests.core.capture.media import code_of


def test_every_known_pixel_format_becomes_rgb() -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[..., 2] = 255  # red in BGR
    grey = np.full((4, 6), 128, np.uint8)
    alpha = np.dstack([picture, np.full((4, 6), 7, np.uint8)])
    for image in (picture, alpha, (picture.astype(np.uint16) << 8)):
        assert (rgb_from_camera(image) == [255, 0, 0]).all()
    for image in (grey, grey[..., None], grey.astype(np.uint16) << 8):
        assert (rgb_from_camera(image) == 128).all()


def test_packed_yuyv_becomes_rgb() -> None:
    packed = np.empty((4, 6, 2), np.uint8)
    packed[..., 0], packed[..., 1] = 235, 128  # video white, no chroma
    assert (rgb_from_camera(packed) >= 254).all()


@pytest.mark.parametrize("image", [None, np.zeros((0, 4, 3), np.uint8), np.zeros(5, np.uint8), 3])
def test_an_empty_picture_is_none(image: object) -> None:
    assert rgb_from_camera(image) is None


@pytest.mark.parametrize(
    ("image", "named"),
    [
        (np.zeros((4, 6, 3), np.float32), "3 channels of float32"),
        (np.zeros((4, 6, 5), np.uint8), "5 channels of uint8"),
    ],
)
def test_an_unknown_pixel_format_is_refused_by_name(image: np.ndarray, named: str) -> None:
    with pytest.raises(SourceError, match=named) as caught:
        rgb_from_camera(image)
    assert code_of(caught) == "CAM-10"
