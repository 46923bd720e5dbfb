"""Stand-ins for the world outside: clock, camera, source, engine and file, each scripted."""

import errno
import io
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.capture import FrameMaker, rgb_from_camera
from core.config import CaptureConfig
from core.engines.base import EngineDescription, RawHands
from core.errors import EngineError
from core.preprocess import prepare
from core.timing import now_ns
from core.types import Frame, HandState, UInt8
from tests.factories import HEIGHT, WIDTH, make_frame, make_raw_hands


class FakeClock:
    """A clock that moves only when told; call it for nanoseconds."""

    def __init__(self, start_ns: int = 1_000_000_000) -> None:
        self.now = start_ns

    def __call__(self) -> int:
        return self.now

    def advance(self, ms: float) -> None:
        self.now += round(ms * 1e6)


@dataclass(frozen=True)
class Stall:
    """A step that blocks until `release` is set, as a hung driver does."""

    release: threading.Event


#: A finished frame, a raw picture as OpenCV gives it, an error to raise, a stall, or None (end).
SourceStep = Frame | np.ndarray | BaseException | Stall | None


class ScriptedSource:
    """A FrameSource that follows a script; after the last step it ends.

    Raw pictures are stamped with the clock and turned to RGB as a camera's are.
    """

    independent_frames = False
    fps = 30.0

    def __init__(
        self,
        steps: Iterable[SourceStep],
        *,
        name: str = "scripted",
        is_live: bool = True,
        period_s: float = 0.0,
        clock: Callable[[], int] = now_ns,
    ) -> None:
        self.name = name
        self.is_live = is_live
        self.frame_count: int | None = None
        self.reads = 0
        self.closed = False
        self._steps = iter(steps)
        self._maker = FrameMaker(name, CaptureConfig())
        self._pause = threading.Event()
        self._period_s = period_s
        self._clock = clock

    @property
    def skipped(self) -> tuple[str, ...]:
        return self._maker.skipped

    @property
    def skipped_count(self) -> int:
        return self._maker.skipped_count

    def read(self) -> Frame | None:
        if self._period_s:
            self._pause.wait(self._period_s)
        while True:
            self.reads += 1
            step = next(self._steps, None)
            if isinstance(step, Stall):
                step.release.wait()
                continue
            if isinstance(step, BaseException):
                raise step
            if step is None or isinstance(step, Frame):
                return step
            rgb = rgb_from_camera(step)
            if rgb is not None:
                return self._maker.frame(rgb, self._clock())
            self._maker.skip("the script has an empty picture")

    def close(self) -> None:
        self.closed = True


def black_frame(index: int = 0, **overrides: int) -> Frame:
    return make_frame(index, grey=0, **overrides)


class FakeVideoDevice:
    """Stands where cv2.VideoCapture stands; plays (ok, picture) pairs, then repeats the last.

    Args:
        pictures: what read() returns; an exception is raised instead.
        opens: what isOpened() says.
        mode: what the driver really does, whatever it is asked for.
        refuses: properties that the driver does not have.
        clock: advanced by a frame period at every read.
    """

    def __init__(
        self,
        pictures: Sequence[tuple[bool, object] | Exception],
        *,
        opens: bool = True,
        mode: tuple[int, int, float] = (WIDTH, HEIGHT, 30.0),
        refuses: Sequence[int] = (),
        clock: FakeClock | None = None,
    ) -> None:
        self.asked: dict[int, float] = {}
        self.order: list[int] = []
        self.released = False
        self._pictures = list(pictures)
        self._opens = opens
        self._mode = mode
        self._refuses = refuses
        self._clock = clock
        self._at = 0

    def isOpened(self) -> bool:
        return self._opens

    def read(self) -> tuple[bool, object]:
        if self._clock is not None:
            self._clock.advance(1000 / 30)
        step = self._pictures[min(self._at, len(self._pictures) - 1)]
        self._at += 1
        if isinstance(step, Exception):
            raise step
        return step

    def set(self, propId: int, value: float) -> bool:
        self.asked[propId] = value
        self.order.append(propId)
        return propId not in self._refuses

    def get(self, propId: int) -> float:
        width, height, fps = self._mode
        known = {
            cv2.CAP_PROP_FRAME_WIDTH: width,
            cv2.CAP_PROP_FRAME_HEIGHT: height,
            cv2.CAP_PROP_FPS: fps,
            cv2.CAP_PROP_FOURCC: self.asked.get(cv2.CAP_PROP_FOURCC, 0.0),
        }
        return float(known.get(propId, 0.0))

    def release(self) -> None:
        self.released = True


class ScriptedEngine:
    """An engine that sees the scripted hands: call n of run() returns those of step n.

    After the last step it keeps returning it. `closed` and `calls` tell what happened to it.
    """

    def __init__(
        self,
        steps: Sequence[Sequence[HandState]],
        *,
        frame: Frame | None = None,
        input_size: tuple[int, int] = (288, 384),
        right_probability: Sequence[Sequence[float]] | None = None,
    ) -> None:
        self.calls = 0
        self.closed = False
        self._steps = steps
        self._input_size = input_size
        self._right_probability = right_probability
        self._network_input = prepare(make_frame() if frame is None else frame, input_size)

    @property
    def input_size(self) -> tuple[int, int]:
        return self._input_size

    def describe(self) -> EngineDescription:
        return EngineDescription("scripted", "test double", "fp32", "0" * 64)

    def run(self, image: UInt8) -> RawHands:
        if image.shape != (*self._input_size, 3):
            raise ValueError(f"image: expected {(*self._input_size, 3)}, got {image.shape}")
        at = min(self.calls, len(self._steps) - 1)
        self.calls += 1
        sides = None if self._right_probability is None else self._right_probability[at]
        return make_raw_hands(self._steps[at], self._network_input, right_probability=sides)

    def close(self) -> None:
        self.closed = True


class FaultyEngine(ScriptedEngine):
    """A scripted engine whose call `fault_at` and later ones do what `fault` says.

    Faults: "memory" (the library's out-of-memory error), "error" (an EngineError), "crash" (any
    other exception), "nan", "shape" (vertices of another hand), "slow" (sleeps `delay_s`),
    "hang" (until `release` is set).
    """

    def __init__(
        self,
        steps: Sequence[Sequence[HandState]],
        fault: str,
        *,
        fault_at: int = 0,
        fault_count: int = 1_000_000,
        delay_s: float = 0.2,
        frame: Frame | None = None,
        input_size: tuple[int, int] = (288, 384),
    ) -> None:
        super().__init__(steps, frame=frame, input_size=input_size)
        self.release = threading.Event()
        self._fault = fault
        self._range = range(fault_at, fault_at + fault_count)
        self._delay_s = delay_s

    def run(self, image: UInt8) -> RawHands:
        fault = self._fault if self.calls in self._range else ""
        raw = super().run(image)
        if fault == "memory":
            raise MemoryError("scripted: out of memory")
        if fault == "error":
            raise EngineError("ENG-02", "the scripted engine failed", "Retry.")
        if fault == "crash":
            raise RuntimeError("scripted: CUDA error: device-side assert triggered")
        if fault == "nan":
            return replace(raw, pose=np.full_like(raw.pose, np.nan))
        if fault == "shape":
            return replace(raw, vertices=raw.vertices[:, :-1])
        if fault == "slow":
            threading.Event().wait(self._delay_s)
        if fault == "hang":
            self.release.wait()
        return raw


class FaultyFile(io.RawIOBase):
    """A raw file in memory that fails at byte `fail_at`.

    Faults: "full" (ENOSPC), "broken" (EIO), "short" (writes fewer bytes than asked without an
    error, as a raw file on a full disk does, then ENOSPC).
    """

    _ERRNO = {"full": errno.ENOSPC, "broken": errno.EIO, "short": errno.ENOSPC}  # noqa: RUF012

    def __init__(self, fault: str, fail_at: int) -> None:
        super().__init__()
        self.written = bytearray()
        self._errno = self._ERRNO[fault]
        self._is_short = fault == "short"
        self._fail_at = fail_at

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(data)  # type: ignore[call-overload]
        room = self._fail_at - len(self.written)
        if len(chunk) <= room:
            self.written += chunk
            return len(chunk)
        if self._is_short and room > 0:
            self.written += chunk[:room]
            return room
        raise OSError(self._errno, errno.errorcode[self._errno])
