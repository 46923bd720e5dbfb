import numpy as np
import pytest

from core.types import Float32
from tests.factories import make_hand
from training.hand_kinds import pose_kind, size_kind, straightness, tone_kind


def joints(curl: float, turn: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Float32:
    return np.array(make_hand(curl=curl, turn=turn).joints_3d)


def test_a_flat_hand_is_straight_and_a_fist_is_not() -> None:
    assert (straightness(joints(0.0)) > 0.95).all()
    assert (straightness(joints(1.6)) < 0.7).all()


def seen(points: Float32) -> Float32:
    """Parallel projection at 1000 px/m."""
    return 1000 * points[:, :2]


def test_poses_get_their_names() -> None:
    flat = joints(0.0)
    assert pose_kind(seen(flat), flat) == "open"
    fist = joints(1.6)
    assert pose_kind(seen(fist), fist) == "fist"
    # Palm-lines' own axes, so that the test does not depend on how the factory turns its hand.
    forward = (flat[9] - flat[0]) / np.linalg.norm(flat[9] - flat[0])
    across = flat[5] - flat[17]
    across = across - forward * (across @ forward)
    across /= np.linalg.norm(across)
    own = (flat - flat[9]) @ np.stack([across, forward, np.cross(across, forward)]).T
    at_camera = own[:, [0, 2, 1]]  # forward becomes the camera's axis
    assert pose_kind(seen(at_camera), at_camera) == "fingers along the axis"
    edge = own[:, [2, 1, 0]]  # across becomes the camera's axis
    assert pose_kind(seen(edge), edge) == "side view"


@pytest.mark.parametrize(
    ("colour", "kind"),
    [((245, 215, 195), "light"), ((200, 155, 120), "medium"), ((140, 95, 70), "brown"),
     ((60, 38, 28), "dark")],
)  # fmt: skip
def test_tones_follow_the_palms_colour(colour: tuple[int, int, int], kind: str) -> None:
    image = np.full((64, 64, 3), 255, np.uint8)
    points = np.full((21, 2), 32, np.float32)
    points[[0, 5, 9, 13, 17]] = [[32, 56], [12, 16], [24, 12], [40, 12], [52, 16]]
    image[10:58, 10:54] = colour
    assert tone_kind(image, points) == kind


def test_a_palm_outside_of_the_picture_has_the_nearest_pixels_tone() -> None:
    image = np.full((8, 8, 3), (60, 38, 28), np.uint8)
    assert tone_kind(image, np.full((21, 2), -50, np.float32)) == "dark"


@pytest.mark.parametrize(
    ("side", "kind"), [(30, "under 48 px"), (48, "48 to 96 px"), (120, "96 to 160 px"),
                       (300, "160 px and more")],
)  # fmt: skip
def test_sizes_are_those_of_the_box(side: float, kind: str) -> None:
    points = np.zeros((21, 2), np.float32)
    points[4, 0] = side
    assert size_kind(points) == kind
