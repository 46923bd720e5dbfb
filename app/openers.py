"""How the window opens its sources and engines; tests give others."""

from collections.abc import Callable
from typing import Final

from core.assets import demo_clip_path
from core.capture import FrameSource, open_source
from core.config import CaptureConfig
from core.engines.base import Engine
from core.engines.select import DEFAULT_PROFILE, open_engine

#: A core for the window, whatever the network computes.
SPARE_CORES: Final = 1

#: (what a person chose, settings) -> source; called in the capture thread.
SourceFactory = Callable[[str, CaptureConfig], FrameSource]
#: (engine choice, frame height px, frame width px) -> engine; called in the inference thread.
EngineFactory = Callable[[str, int, int], Engine]


def looping_source(text: str, config: CaptureConfig) -> FrameSource:
    """Open a source for the window: videos play again and again."""
    return open_source(text, config, demo_clip=demo_clip_path(), loop=True)


def default_engine(choice: str, frame_height: int, frame_width: int) -> Engine:
    """Open an engine of the default profile for frames of this size."""
    return open_engine(
        choice, DEFAULT_PROFILE, frame_height, frame_width, SPARE_CORES, at_once=True
    )
