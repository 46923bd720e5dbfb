"""How a camera sees: its focal length from a board, a table or a typed angle; sizes of hands."""

from core.calibration.board import BoardView, CharucoBoard, Checkerboard
from core.calibration.collect import ViewCollector
from core.calibration.distance import Distance, distance_of
from core.calibration.known import KnownCamera, known_camera
from core.calibration.lens import FovKind, LensSource, longer_side_fov
from core.calibration.print_board import board_pdf
from core.calibration.solve import LensEstimate, solve_lens
from core.calibration.store import CameraRecord, CameraStore, Lens

__all__ = [
    "BoardView",
    "CameraRecord",
    "CameraStore",
    "CharucoBoard",
    "Checkerboard",
    "Distance",
    "FovKind",
    "KnownCamera",
    "Lens",
    "LensEstimate",
    "LensSource",
    "ViewCollector",
    "board_pdf",
    "distance_of",
    "known_camera",
    "longer_side_fov",
    "solve_lens",
]
