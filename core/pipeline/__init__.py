"""From pictures to hands: `FramePipeline` one after the other, `LivePipeline` in threads."""

from core.pipeline.frames import EngineOpener, FramePipeline
from core.pipeline.live import FrameListener, LivePipeline, ResultListener
from core.pipeline.reopen import Reopening
from core.pipeline.runs import SourceOpener
from core.pipeline.status import Fault, LiveStatus, SourceStatus

__all__ = [
    "EngineOpener",
    "Fault",
    "FrameListener",
    "FramePipeline",
    "LivePipeline",
    "LiveStatus",
    "Reopening",
    "ResultListener",
    "SourceOpener",
    "SourceStatus",
]
