"""From pictures to hands: `FramePipeline` one after the other, `LivePipeline` in threads."""

from core.pipeline.frames import EngineOpener, FramePipeline
from core.pipeline.live import LivePipeline, SourceOpener
from core.pipeline.status import Fault, LiveStatus, SourceStatus

__all__ = [
    "EngineOpener",
    "Fault",
    "FramePipeline",
    "LivePipeline",
    "LiveStatus",
    "SourceOpener",
    "SourceStatus",
]
