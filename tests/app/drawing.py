"""Hands in views, and where and in what colour they must be found in the picture."""

import numpy as np

from app.palette import HAND_COLOURS
from app.state import ViewOptions
from app.views.camera_view import CameraView
from app.views.projection import letterbox
from app.visuals.hand_batch import HandColours, make_batch
from app.visuals.mesh_topology import MeshTopology
from core.geometry import project
from core.types import HandState, TrackedHands
from tests.app.pixels import pixels_of
from tests.factories import HEIGHT, WIDTH, intrinsics, make_frame

MESH_ONLY = ViewOptions(opacity=1.0, show_labels=False)


def tracked(*hands: HandState, predicted: frozenset[int] = frozenset()) -> TrackedHands:
    return TrackedHands(make_frame(grey=90), hands, predicted)


def pixel_of(point: np.ndarray, view_px: tuple[int, int], mirror: bool = False) -> tuple[int, int]:
    """Where a camera-frame point lies in a view, by plain projection and letterboxing."""
    u, v = project(point, intrinsics())
    box = letterbox((WIDTH, HEIGHT), view_px)
    x = box.left + box.scale * (u + 0.5)
    x = view_px[0] - x if mirror else x
    return int(x), int(box.top + box.scale * (v + 0.5))


def hue_matches(pixel: np.ndarray, colour_index: int) -> bool:
    """Whether a lit pixel has the hue of a hand's colour."""
    want = np.array(HAND_COLOURS[colour_index], float)
    have = pixel.astype(float)
    cosine = want @ have / (np.linalg.norm(want) * max(np.linalg.norm(have), 1e-9))
    return bool(cosine > 0.97)


def shown(view: CameraView, topology: MeshTopology, result: TrackedHands) -> np.ndarray:
    view.show_hands(result, make_batch(result, topology, HandColours()))
    return pixels_of(view.picture())
