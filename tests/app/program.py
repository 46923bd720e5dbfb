"""The real window with a scripted source and engine behind it, for the tests that drive it."""

import itertools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from app.controller import Controller
from app.crash import CrashReporter
from app.doctor import Check, Report
from app.main_window import MainWindow
from app.opengl import OpenGLInfo
from app.program import open_window
from app.session import Session
from app.start import StartOptions
from app.views.picture_view import PictureView
from core.capture import CameraInfo, FrameSource
from core.config import CaptureConfig
from core.engines.base import Engine
from core.types import Frame
from tests.app.pixels import pixels_of
from tests.factories import HEIGHT, WIDTH, hand_model, make_frame, make_hand
from tests.fakes import ScriptedEngine, ScriptedSource, SourceStep

HANDS = (
    make_hand("right", at=(-0.1, 0.0, 0.5)),
    make_hand("left", at=(0.12, 0.02, 0.6)),
)
NO_OPENGL = OpenGLInfo(False, "", "", "scripted: no driver")
NOT_A_CAMERA = "scripted.mp4"


def left_red_frames() -> Iterator[Frame]:
    """Frames whose left fifth is red, so that mirroring shows."""
    for index in itertools.count():
        frame = make_frame(index)
        image = frame.image.copy()
        image[:, : WIDTH // 5] = (200, 30, 30)
        yield Frame(index, 0, frame.timestamp_ns, image, frame.K, "scripted")


@dataclass
class Program:
    """A window with what stands behind it.

    Attributes:
        steps: what the next source plays.
        engines: the engines to give out, the last one again and again.
    """

    settings_path: Path
    cameras: tuple[CameraInfo, ...] = ()
    steps: Callable[[], Iterator[SourceStep]] = left_red_frames
    is_live: bool = False
    make_engine: Callable[[], Engine] = lambda: ScriptedEngine([HANDS])
    start: StartOptions = field(default_factory=StartOptions)
    checks: tuple[Check, ...] = (
        Check("cameras", True, False, "scripted camera"),
        Check("opengl", True, False, "scripted driver"),
        Check("engine", True, True, "scripted engine"),
        Check("weights", True, True, "scripted weights"),
        Check("hand model", True, True, "scripted hand"),
    )
    opened: list[str] = field(default_factory=list)
    sources: list[ScriptedSource] = field(default_factory=list)
    crashes: CrashReporter = field(default_factory=CrashReporter)
    window: MainWindow = field(init=False)
    controller: Controller = field(init=False)
    session: Session = field(init=False)

    def source(self, text: str, config: CaptureConfig) -> FrameSource:
        self.opened.append(text)
        source = ScriptedSource(self.steps(), is_live=self.is_live, period_s=0.01)
        self.sources.append(source)
        return source

    def engine(self, choice: str, height: int, width: int) -> Engine:
        assert (height, width) == (HEIGHT, WIDTH)
        return self.make_engine()

    def examine(self, names: Collection[str]) -> Report:
        return Report(True, self.checks, {"python": "3"})

    def build(self, qtbot: QtBot) -> None:
        model = hand_model()
        self.session = Session(model, self.source, self.engine, lambda: self.cameras)
        self.window, self.controller = open_window(
            model, self.session, self.crashes, self.settings_path, self.start, self.examine
        )
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()

    def trigger(self, name: str) -> None:
        self.window.actions_by_id[name].trigger()

    def wait_drawn(self, qtbot: QtBot, more: int = 3) -> None:
        start = self.window.picture.drawn_count
        qtbot.waitUntil(lambda: self.window.picture.drawn_count >= start + more, timeout=10_000)


def picture_pixels(window: MainWindow) -> np.ndarray:
    picture = window.picture
    image = picture.grab().toImage() if isinstance(picture, PictureView) else picture.picture()
    return pixels_of(image)
