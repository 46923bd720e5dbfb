"""The lens from views of a board: Zhang, "A Flexible New Technique for Camera Calibration", 2000.

OpenCV's solver with square pixels, no tangential and two radial distortion terms, which is what
views held by hand can determine. Views that fit much worse than the rest are left out once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.calibration.board import BoardView
from core.calibration.lens import focal_from_fov, fov_from_focal
from core.errors import SourceError
from core.geometry import DEFAULT_HORIZONTAL_FOV_DEG

#: Reprojection error up to which a calibration is good, and beyond which it is worthless.
GOOD_ERROR_PX: Final = 0.8
WORST_ERROR_PX: Final = 3.0
_MIN_VIEWS: Final = 3
_OUTLIER_TIMES: Final = 3.0
_FLAGS: Final = (
    cv2.CALIB_USE_INTRINSIC_GUESS
    | cv2.CALIB_FIX_ASPECT_RATIO
    | cv2.CALIB_ZERO_TANGENT_DIST
    | cv2.CALIB_FIX_K3
)


@dataclass(frozen=True, slots=True)
class LensEstimate:
    """What a calibration found.

    Attributes:
        width: px of the pictures, likewise `height`.
        height: px.
        focal_px: focal length.
        focal_sd_px: its standard deviation, from the corners' scatter.
        principal_px: (x, y) where the optical axis meets the picture.
        distortion: (k1, k2), radial; it is measured so that it does not bend the focal length.
        error_px: root mean square distance of the corners from where the lens puts them.
        num_views: how many views were used.
    """

    width: int
    height: int
    focal_px: float
    focal_sd_px: float
    principal_px: tuple[float, float]
    distortion: tuple[float, float]
    error_px: float
    num_views: int

    @property
    def horizontal_fov_deg(self) -> float:
        """Angle of view of the longer side, as CaptureConfig has it."""
        return fov_from_focal(self.focal_px, max(self.width, self.height))

    @property
    def principal_share(self) -> tuple[float, float]:
        """Where the axis lies right of and below the middle, in shares of the longer side."""
        longer = max(self.width, self.height)
        x, y = self.principal_px
        return (x - (self.width - 1) / 2) / longer, (y - (self.height - 1) / 2) / longer

    @property
    def focal_sd(self) -> float:
        """Standard deviation of the focal length as a share of it."""
        return self.focal_sd_px / self.focal_px


def solve_lens(views: Sequence[BoardView]) -> LensEstimate:
    """Return the lens that explains the views best.

    Raises:
        SourceError: CAM-11 the views do not determine it.
    """
    if len(views) < _MIN_VIEWS:
        raise _undetermined(f"{len(views)} views are too few")
    try:
        first, errors = _solve(views)
        limit = max(GOOD_ERROR_PX, _OUTLIER_TIMES * float(np.median(errors)))
        kept = [view for view, error in zip(views, errors, strict=True) if error <= limit]
        if _MIN_VIEWS <= len(kept) < len(views):
            first, _ = _solve(kept)
    except cv2.error as error:
        raise _undetermined("the views contradict each other") from error
    plausible = 0.2 < first.focal_px / max(first.width, first.height) < 5
    if not plausible or not np.isfinite(first.error_px) or first.error_px > WORST_ERROR_PX:
        raise _undetermined(f"the corners miss by {first.error_px:.1f} px")
    return first


def _solve(views: Sequence[BoardView]) -> tuple[LensEstimate, np.ndarray]:
    """Return the lens and each view's error (N,) in px."""
    width, height = views[0].width, views[0].height
    focal_px = focal_from_fov(DEFAULT_HORIZONTAL_FOV_DEG, max(width, height))
    guess = np.array([[focal_px, 0, (width - 1) / 2], [0, focal_px, (height - 1) / 2], [0, 0, 1]])
    rms, K, coefficients, _, _, deviations, _, errors = cv2.calibrateCameraExtended(
        [view.board_points for view in views],
        [view.image_points for view in views],
        (width, height),
        guess,
        np.zeros(5),
        flags=_FLAGS,
    )
    k1, k2 = np.asarray(coefficients).reshape(-1)[:2]
    estimate = LensEstimate(
        width=width,
        height=height,
        focal_px=float(K[0, 0]),
        # With the aspect ratio fixed, OpenCV reports the deviation of the one focal length with fy.
        focal_sd_px=float(np.asarray(deviations).reshape(-1)[:2].max()),
        principal_px=(float(K[0, 2]), float(K[1, 2])),
        distortion=(float(k1), float(k2)),
        error_px=float(rms),
        num_views=len(views),
    )
    return estimate, np.asarray(errors, float).reshape(-1)


def _undetermined(reason: str) -> SourceError:
    return SourceError(
        "CAM-11",
        f"the board does not tell the lens: {reason}",
        "Keep the board flat, tilt it to each side, and show it in every part of the picture.",
    )
