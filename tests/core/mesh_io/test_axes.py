import numpy as np
import pytest

from core.mesh_io.axes import AXES_NAMES, AxesName, axes_of

#: One metre to the right, up, and away from the camera, in its frame.
RIGHT_UP_AWAY = np.array([[1.0, 0, 0], [0, -1, 0], [0, 0, 1]], np.float32)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("camera", [[1, 0, 0], [0, -1, 0], [0, 0, 1]]),
        ("scene", [[1, 0, 0], [0, 1, 0], [0, 0, -1]]),
        ("unity", [[1, 0, 0], [0, 1, 0], [0, 0, -1]]),
        ("blender", [[1, 0, 0], [0, 0, 1], [0, 1, 0]]),
        ("maya", [[100, 0, 0], [0, 100, 0], [0, 0, -100]]),
        ("unreal", [[100, 0, 0], [0, 0, 100], [0, 100, 0]]),
    ],
)
def test_presets_say_where_up_is_and_how_long_a_metre_is(
    name: AxesName, expected: list[list[float]]
) -> None:
    np.testing.assert_allclose(axes_of(name).points(RIGHT_UP_AWAY), expected)


@pytest.mark.parametrize("name", AXES_NAMES)
def test_no_preset_mirrors_a_hand(name: AxesName) -> None:
    assert np.linalg.det(axes_of(name).file_from_camera) == pytest.approx(1)


def test_where_readers_take_y_as_up_blenders_preset_leaves_the_turning_to_blender() -> None:
    axes = axes_of("blender", reader_wants_y_up=True)
    assert (axes.up, axes.metres_per_unit) == ("Y", 1)
