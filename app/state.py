"""What the window knows and a person can change; it knows no widget."""

from collections import deque
from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal

from app.palette import SurfaceColour

#: Shares of frames dropped from which the number is amber, and red.
DROPS_AMBER, DROPS_RED = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """How hands are shown. Touches no data.

    Attributes:
        mirror: the picture and what is drawn on it as in a mirror; texts stay readable.
        show_mesh: the surface.
        show_wireframe: the edges of the surface's triangles.
        show_skeleton: joints and bones of the hand model.
        show_keypoints: the joints as the network saw them directly in the picture.
        show_boxes: a frame around each hand of the picture.
        show_labels: side and number beside each wrist.
        opacity: of the surface on the picture, in [0.1, 1]; below 1 the picture shows through.
        surface: what colours the surface: the hand's own colour, its skin, or its normals.
        predicted_light: skin under the light that the network saw; else under the view's own.
        show_trails: where the fingertips were, in the 3D view.
        follow_hands: the 3D view's centre goes with the hands.
        show_grid: floor, axes and centimetres of the 3D view.
    """

    mirror: bool = False
    show_mesh: bool = True
    show_wireframe: bool = False
    show_skeleton: bool = False
    show_keypoints: bool = False
    show_boxes: bool = False
    show_labels: bool = True
    opacity: float = 0.85
    surface: SurfaceColour = "hand"
    predicted_light: bool = True
    show_trails: bool = False
    follow_hands: bool = False
    show_grid: bool = True


class ViewState(QObject):
    """Holds the ViewOptions and tells when they change."""

    changed = pyqtSignal(ViewOptions)

    def __init__(self, options: ViewOptions, parent: QObject | None = None) -> None:
        """Start with these options."""
        super().__init__(parent)
        self._options = options

    @property
    def options(self) -> ViewOptions:
        """What holds now."""
        return self._options

    def set_options(self, options: ViewOptions) -> None:
        """Take new options; tell if they differ."""
        if options != self._options:
            self._options = options
            self.changed.emit(options)


@dataclass(frozen=True, slots=True)
class Rates:
    """What was counted.

    Attributes:
        captured_fps: pictures that the source gave, per second.
        processed_fps: pictures that went through the network, per second.
        drawn_fps: pictures on the screen, per second.
        captured: pictures since source and engine were opened.
        dropped: of these, never processed.
        rejected_hands: left out since then, for their numbers were not finite or impossible.
    """

    captured_fps: float = 0.0
    processed_fps: float = 0.0
    drawn_fps: float = 0.0
    captured: int = 0
    dropped: int = 0
    rejected_hands: int = 0

    @property
    def drop_state(self) -> str:
        """How bad the drops are: "ok", "warn" or "error"."""
        share = self.dropped / max(1, self.captured)
        return "error" if share >= DROPS_RED else "warn" if share >= DROPS_AMBER else "ok"


class RateMeter:
    """Turns a running count into a rate per second over the last `window_s`."""

    def __init__(self, window_s: float = 2.0) -> None:
        """Start without samples."""
        self._window_ns = round(window_s * 1e9)
        self._samples: deque[tuple[int, int]] = deque()

    def rate(self, count: int, time_ns: int) -> float:
        """Take the count of this moment and return the rate; a count that fell starts anew."""
        if self._samples and count < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((time_ns, count))
        while len(self._samples) > 2 and time_ns - self._samples[1][0] >= self._window_ns:
            self._samples.popleft()
        first_ns, first = self._samples[0]
        return (count - first) * 1e9 / (time_ns - first_ns) if time_ns > first_ns else 0.0
