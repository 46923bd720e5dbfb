"""A saved picture is the picture alone, whatever shape the view has."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.overlay import MeshPainter
from app.theme import DARK
from app.views.camera_view import CameraView
from app.views.picture_view import PictureView
from app.visuals.hand_batch import HandColours, make_batch
from app.visuals.mesh_topology import MeshTopology
from tests.app.drawing import MESH_ONLY, tracked
from tests.app.pixels import pixels_of
from tests.factories import HEIGHT, WIDTH, hand_model


def check_picture_alone(view: CameraView | PictureView) -> None:
    for width, height in ((640, 300), (300, 480)):
        view.resize(width, height)
        whole, alone = pixels_of(view.picture()), pixels_of(view.picture_alone())
        assert whole.shape[:2] == (height, width)
        assert alone.shape[1] / alone.shape[0] == pytest.approx(WIDTH / HEIGHT, rel=0.02)
        assert max(alone.shape[0] / height, alone.shape[1] / width) == pytest.approx(1, abs=0.01)
        # The frame is one grey; the margins, which have the theme's colour, are gone.
        inner = alone[alone.shape[0] // 2, alone.shape[1] // 2]
        np.testing.assert_allclose(alone, np.broadcast_to(inner, alone.shape), atol=2)
        assert np.abs(whole.astype(int) - inner).max() > 20


@pytest.mark.gl
def test_opengl_view(camera_view: CameraView, topology: MeshTopology) -> None:
    assert camera_view.picture_alone().size() == camera_view.picture().size()  # nothing is shown
    frame = tracked()
    camera_view.show_hands(frame, make_batch(frame, topology, HandColours()))
    check_picture_alone(camera_view)


def test_plain_view(qtbot: QtBot, topology: MeshTopology) -> None:
    view = PictureView(MeshPainter(hand_model()), MESH_ONLY)
    qtbot.addWidget(view)
    view.show_theme(DARK)
    assert view.picture_alone().size() == view.picture().size()
    frame = tracked()
    view.show_hands(frame, make_batch(frame, topology, HandColours()))
    check_picture_alone(view)
