"""Makes live pipelines, and stops them all."""

from collections.abc import Callable, Iterator

import pytest

from core.config import PipelineConfig
from core.engines.base import Engine
from core.pipeline import LivePipeline
from tests.core.pipeline.running import CONFIG
from tests.factories import hand_model


@pytest.fixture
def live() -> Iterator[Callable[..., LivePipeline]]:
    """Makes live pipelines and stops them all."""
    made: list[LivePipeline] = []

    def make(engine: Callable[[int, int], Engine], config: PipelineConfig = CONFIG) -> LivePipeline:
        made.append(LivePipeline(engine, config, model=hand_model()))
        return made[-1]

    yield make
    for pipeline in made:
        pipeline.stop()
