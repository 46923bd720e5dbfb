"""What is not drawn must not gather in memory."""

import tracemalloc
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.state import ViewOptions
from app.views.camera_view import CameraView
from app.views.scene_view import SceneView
from app.visuals.hand_batch import HandColours, make_batch
from app.visuals.mesh_topology import MeshTopology
from tests.app.drawing import tracked
from tests.factories import make_hand

_NOTHING = replace(ViewOptions(), show_mesh=False, show_labels=False, show_grid=False)


@pytest.mark.gl
@pytest.mark.parametrize("kind", [CameraView, SceneView])
@pytest.mark.parametrize("options", [ViewOptions(), _NOTHING], ids=["default", "nothing"])
def test_uploads_of_what_is_not_drawn_do_not_gather(
    qtbot: QtBot,
    topology: MeshTopology,
    kind: type[CameraView] | type[SceneView],
    options: ViewOptions,
) -> None:
    """Row 66: vispy keeps uploads of a buffer that is never drawn, some 70 KiB a picture."""
    view = kind(topology, options, True)
    qtbot.addWidget(view)
    view.resize(64, 48)
    colours = HandColours()

    def show(count: int) -> None:
        hands = [make_hand("right", at=(0.1 * slot, 0, 0.5)) for slot in range(count)]
        result = tracked(*hands)
        view.show_hands(result, make_batch(result, topology, colours))
        view.picture()

    tracemalloc.start()
    try:
        for count in range(6):
            show(1 + count % 3)
        before, _ = tracemalloc.get_traced_memory()
        for count in range(60):
            show(1 + count % 3)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 200_000
