"""A teacher in a process and environment of its own, restarted when it crashes or hangs."""

import contextlib
import json
import logging
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np

from core.errors import TrainingError
from core.topology import NUM_JOINTS
from core.types import Float32, UInt8

log = logging.getLogger(__name__)
_SIDES = ("left", "right")
#: A teacher that never answers is given up after so many starts in a row.
_MOST_FAILED_STARTS = 3
#: For so long a child that was ended is listened to.
_LAST_WORDS_S = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class SeenHand:
    """A hand as the teacher saw it in one picture.

    Attributes:
        is_right: anatomical, if that picture is not mirrored.
        score: of the side, in [0, 1].
        keypoints: (21, 2) px from the picture's corner.
        world: (21, 3) m, x right, y down, z away from the camera.
    """

    is_right: bool
    score: float
    keypoints: Float32
    world: Float32


class TeacherFailedError(Exception):
    """The teacher crashed, hung or answered nonsense on a picture; it starts anew for the next."""


class Teacher:
    """Talks to a child process that speaks the protocol of training/teacher_mediapipe.py."""

    def __init__(
        self, command: Sequence[str], timeout_s: float = 20.0, start_timeout_s: float = 120.0
    ) -> None:
        """Describe the teacher; it starts with the first picture.

        Args:
            command: that starts it.
            timeout_s: for one picture.
            start_timeout_s: for loading its model.
        """
        self._command = list(command)
        self._timeout_s, self._start_timeout_s = timeout_s, start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._talk = ThreadPoolExecutor(1, "teacher")
        self._last_words: deque[str] = deque(maxlen=5)
        self._listener: threading.Thread | None = None
        self._failed_starts = 0
        self.name = ""
        self.restarts = -1

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the child process."""
        self._end()
        self._talk.shutdown()

    def look(self, image: UInt8) -> list[SeenHand]:
        """Return the hands of a picture (H, W, 3) RGB.

        Raises:
            TeacherFailedError: it crashed, hung or answered nonsense on this picture.
            TrainingError: TRN-07 it cannot be started.
        """
        process = self._started()
        try:
            answer = self._within(self._timeout_s, self._talk.submit(_ask, process, image))
            return [_seen_hand(hand) for hand in answer["hands"]]
        except TookTooLong as error:
            self._end()
            raise TeacherFailedError(f"no answer within {self._timeout_s:g} s") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._end()
            raise TeacherFailedError(
                f"it ended or spoke nonsense: {self._reason(error)}"
            ) from error

    def _within(self, timeout_s: float, answer: "Future[dict[str, Any]]") -> dict[str, Any]:
        """Wait for the child; one that does not answer is killed, which frees the thread."""
        try:
            return answer.result(timeout_s)
        except TookTooLong:
            if self._process is not None:
                self._process.kill()
            with contextlib.suppress(OSError, ValueError):
                answer.result()
            raise

    def _started(self) -> "subprocess.Popen[bytes]":
        while self._process is None:
            try:
                self._process = self._start()
                self._failed_starts = 0
            except (OSError, ValueError, KeyError, TypeError, TookTooLong) as error:
                self._end()
                self._failed_starts += 1
                if self._failed_starts >= _MOST_FAILED_STARTS or isinstance(
                    error, FileNotFoundError
                ):
                    raise TrainingError(
                        "TRN-07",
                        f"the teacher does not start: {self._reason(error)}",
                        "Make its environment with --make-teacher-env, and check --teacher-python.",
                    ) from error
        return self._process

    def _start(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._process = process
        self.restarts += 1
        self._listener = threading.Thread(target=self._listen, args=(process,), daemon=True)
        self._listener.start()
        hello = self._within(self._start_timeout_s, self._talk.submit(_answer, process))
        self.name = str(hello["teacher"])
        return process

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        """Keep the last lines of what the child complains about."""
        assert process.stderr is not None
        with process.stderr as complaints:
            for line in complaints:
                self._last_words.append(line.decode("utf-8", "replace").strip())

    def _reason(self, error: BaseException) -> str:
        return next((word for word in reversed(self._last_words) if word), None) or repr(error)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if self._listener is not None:
            self._listener.join(_LAST_WORDS_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _ask(process: "subprocess.Popen[bytes]", image: UInt8) -> dict[str, Any]:
    """Send a picture and wait for the answer."""
    assert process.stdin is not None
    height, width = image.shape[:2]
    header = json.dumps({"height": height, "width": width}) + "\n"
    process.stdin.write(header.encode() + np.ascontiguousarray(image).tobytes())
    process.stdin.flush()
    return _answer(process)


def _answer(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """Read one line.

    Raises:
        ValueError: the child has ended, or the line is no JSON object.
    """
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise ValueError(f"it ended with status {process.wait()}")
    answer = json.loads(line)
    if not isinstance(answer, dict):
        raise ValueError(f"expected an object, got {line[:80]!r}")
    return answer


def _seen_hand(hand: dict[str, Any]) -> SeenHand:
    """Check and convert one hand of an answer."""
    keypoints = np.asarray(hand["keypoints"], np.float32)
    world = np.asarray(hand["world"], np.float32)
    if keypoints.shape != (NUM_JOINTS, 2) or world.shape != (NUM_JOINTS, 3):
        raise ValueError(f"expected {NUM_JOINTS} keypoints, got {keypoints.shape}, {world.shape}")
    if not (np.isfinite(keypoints).all() and np.isfinite(world).all()):
        raise ValueError("a keypoint is not finite")
    # MediaPipe takes every picture for a mirrored selfie: its left is an anatomical right.
    return SeenHand(_SIDES.index(hand["side"]) == 0, float(hand["score"]), keypoints, world)
