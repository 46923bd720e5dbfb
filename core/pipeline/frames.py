"""FramePipeline: the hands of one frame after the other, in the calling thread."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.assets import hand_model_path
from core.config import MAX_HANDS, PipelineConfig
from core.decode import decode
from core.engines.base import Engine, EngineDescription, RawHands
from core.errors import EngineError
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.length import HandLength
from core.hand_model.poser import HandPoser
from core.preprocess import prepare
from core.smoothing import HandSmoother
from core.timing import StepTimer
from core.tracking import HandTracker
from core.types import Detections, Frame, TrackedHands

#: (frame height px, frame width px) -> an engine of the input size that suits them.
EngineOpener = Callable[[int, int], Engine]

_LOWEST_THRESHOLD = 0.01


class FramePipeline:
    """Finds the hands of the frames of one source, in their order."""

    def __init__(
        self,
        engine: Engine,
        config: PipelineConfig,
        *,
        open_engine: EngineOpener | None = None,
        model: HandModel | None = None,
    ) -> None:
        """Start without hands.

        Args:
            engine: opened for the first frame's size; the caller closes it.
            config: settings; with tracking off every frame stands alone, unsmoothed, ids -1.
            open_engine: opens another engine where the picture's aspect changes; None keeps
                the one, whose input then has wider margins.
            model: the right hand; default the open hand.

        Raises:
            ModelFileError: the open hand is missing or damaged.
        """
        right = load_hand_model(hand_model_path()) if model is None else model
        poser = HandPoser(right)
        self._num_vertices = poser.num_vertices
        self._engine = engine
        self._open_engine = open_engine
        self._own_engines: list[Engine] = []
        self._engine_of_aspect: dict[float, Engine] = {}
        self._tracker = HandTracker(config.tracking, config.detection, poser)
        self._smoother = HandSmoother(config.smoothing, poser, HandLength(right))
        self._timer = StepTimer()
        self.apply(config)

    def apply(self, config: PipelineConfig) -> None:
        """Use other settings from the next frame on."""
        self._config = config
        self._tracker.apply(config.tracking, config.detection)
        self._smoother.apply(config.smoothing)
        # Known hands go on with lower scores, and go before better ones: the tracker chooses.
        lower = config.detection.score_threshold * config.tracking.keep_score_ratio
        self._tracked_detection = replace(
            config.detection,
            score_threshold=max(_LOWEST_THRESHOLD, lower),
            max_hands=MAX_HANDS,
        )

    def reset(self) -> None:
        """Forget every hand, as before another source."""
        self._tracker.reset()
        self._smoother.reset()

    def describe(self) -> EngineDescription:
        """Say what runs the network."""
        return self._engine.describe()

    def process(self, frame: Frame, *, independent: bool = False) -> TrackedHands:
        """Return the hands of a frame, with the milliseconds of each step.

        Args:
            frame: the next picture.
            independent: it has nothing to do with the last one: no tracking, no smoothing.

        Raises:
            EngineError: ENG-02 the engine fails, ENG-03 it returns something else than hands.
        """
        engine = self._engine = self._engine_for(frame)
        is_tracked = self._config.tracking.enabled and not independent
        detection = self._tracked_detection if is_tracked else self._config.detection
        timer = self._timer
        timer.take()  # what a failed frame has left
        with timer.step("resize"):
            network_input = prepare(frame, engine.input_size)
        with timer.step("network"):
            raw = engine.run(network_input.image)
        with timer.step("decode"):
            self._check(raw)
            detections = decode(raw, network_input, frame, detection)
        with timer.step("track"):
            if is_tracked:
                tracked = self._tracker.update(frame, detections)
            else:
                tracked = TrackedHands(frame, detections.hands)
        unsmoothed = tracked.hands
        with timer.step("smooth"):
            if is_tracked:
                tracked = self._smoother.update(tracked)
        return replace(
            tracked, step_ms=timer.take(), raw=unsmoothed, rejected=self._rejected(detections)
        )

    def _rejected(self, detections: Detections) -> int:
        """Count the hands that were left out: a known hand's lower threshold lets others in, too.

        Places in the picture that hardly look like hands get impossible numbers every day.
        """
        score = detections.rejected_score
        is_no_hand = np.isfinite(score) & (score < self._config.detection.score_threshold)
        return int((~is_no_hand).sum())

    def close(self) -> None:
        """Close the engines that were opened here."""
        for engine in self._own_engines:
            engine.close()
        self._own_engines.clear()

    def _check(self, raw: RawHands) -> None:
        if raw.vertices.ndim != 3 or raw.vertices.shape[1:] != (self._num_vertices, 3):
            raise EngineError(
                "ENG-03",
                f"the network returned vertices {raw.vertices.shape}, "
                f"the hand has {self._num_vertices}",
                "Use weights that were made for this hand model.",
            )

    def _engine_for(self, frame: Frame) -> Engine:
        """Return the engine whose input suits the frame's aspect; opens it where needed."""
        if self._open_engine is None:
            return self._engine
        height, width = frame.image.shape[:2]
        aspect = round(width / height, 2)
        if aspect in self._engine_of_aspect:
            return self._engine_of_aspect[aspect]
        chosen = self._engine
        if self._engine_of_aspect:  # the first aspect is what the given engine was opened for
            chosen = self._open_engine(height, width)
            known = {engine.input_size: engine for engine in self._engine_of_aspect.values()}
            if chosen.input_size in known:
                chosen.close()
                chosen = known[chosen.input_size]
            else:
                self._own_engines.append(chosen)
        self._engine_of_aspect[aspect] = chosen
        return chosen
