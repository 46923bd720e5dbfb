"""MediaPipe Hands in a process and an environment of its own, to be compared with."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from core.assets import user_folders
from core.errors import EngineError
from core.types import UInt8

PACKAGE: Final = "mediapipe==0.10.21"
#: It has wheels for these.
_PYTHONS: Final = ("python3.12", "python3.11", "python3.10", "python3.9")
_NEWEST: Final = (3, 12)
_START_S: Final = 120.0
_FRAME_S: Final = 20.0
_INSTALL_S: Final = 1800.0
_MAKE: Final = "Make its environment: manyhands bench --make-mediapipe-env"


@dataclass(frozen=True, slots=True)
class Seen:
    """What MediaPipe did with one picture.

    Attributes:
        found: hands.
        ms: inside its own process, from picture to landmarks.
        cpu_ms: what all its threads computed meanwhile.
    """

    found: int
    ms: float
    cpu_ms: float


def environment_folder() -> Path:
    """Return where its environment lies in the user's cache."""
    return user_folders().cache / "mediapipe-env"


def environment_python(folder: Path) -> Path:
    """Return the Python of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment(folder: Path) -> Path:
    """Make an environment with MediaPipe (about 1 GB) and return its Python.

    Raises:
        EngineError: ENG-01 there is no Python of a version that it has wheels for, or pip fails.
    """
    base = sys.executable if sys.version_info[:2] <= _NEWEST else _older_python()
    if base is None:
        raise EngineError(
            "ENG-01", f"{PACKAGE} needs Python 3.9 to 3.12", "Install Python 3.12 beside this one."
        )
    python = environment_python(folder)
    for command in (
        [base, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", PACKAGE],
    ):
        try:
            subprocess.run(command, check=True, stdout=sys.stderr, timeout=_INSTALL_S)
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineError(
                "ENG-01", f"{PACKAGE} cannot be installed ({error})", "See what pip says above."
            ) from error
    return python


def _older_python() -> str | None:
    return next((found for name in _PYTHONS if (found := shutil.which(name))), None)


class MediaPipeHands:
    """Talks to app/mediapipe_child.py; ends it on leaving the context."""

    def __init__(self, command: Sequence[str], timeout_s: float = _FRAME_S) -> None:
        """Start the child and wait until its models are loaded.

        Raises:
            EngineError: ENG-01 it does not start.
        """
        self._timeout_s = timeout_s
        self._talk = ThreadPoolExecutor(1, "mediapipe")
        try:
            self._process = subprocess.Popen(
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            self._talk.shutdown()
            raise EngineError("ENG-01", f"MediaPipe does not start ({error})", _MAKE) from error
        try:
            self.name = str(self._within(_START_S, None)["name"])
        except EngineError as error:
            self.close()
            raise EngineError("ENG-01", f"MediaPipe does not start ({error.cause})", _MAKE) from (
                error
            )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the child."""
        self.close()

    def look(self, image: UInt8, hands: int) -> Seen:
        """Look for up to so many hands in the next picture (H, W, 3) RGB of their video.

        Raises:
            EngineError: ENG-02 it crashed, hung or answered nonsense.
        """
        height, width = image.shape[:2]
        header = json.dumps({"hands": hands, "height": height, "width": width}) + "\n"
        answer = self._within(
            self._timeout_s, header.encode() + np.ascontiguousarray(image).tobytes()
        )
        try:
            return Seen(int(answer["found"]), float(answer["ms"]), float(answer["cpu_ms"]))
        except (KeyError, TypeError, ValueError) as error:
            raise EngineError("ENG-02", f"MediaPipe answered {answer!r}", "Try again.") from error

    def close(self) -> None:
        """End the child and free its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._talk.shutdown()

    def _within(self, timeout_s: float, request: bytes | None) -> dict[str, Any]:
        """Send a request, if any, and wait for the answer; a child that hangs is killed."""
        answer = self._talk.submit(self._exchange, request)
        try:
            return answer.result(timeout_s)
        except TookTooLong as error:
            self._process.kill()
            raise EngineError(
                "ENG-02", f"MediaPipe gave no answer within {timeout_s:g} s", "Try again."
            ) from error
        except (OSError, ValueError) as error:
            raise EngineError("ENG-02", f"MediaPipe failed ({error})", "Try again.") from error

    def _exchange(self, request: bytes | None) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        if request is not None:
            stdin.write(request)
            stdin.flush()
        line = stdout.readline()
        if not line:
            raise ValueError(f"it ended with status {self._process.wait()}")
        answer = json.loads(line)
        if not isinstance(answer, dict):
            raise ValueError(f"expected an object, got {line[:80]!r}")
        return answer


def start(python: Path | None = None) -> MediaPipeHands:
    """Start MediaPipe in the environment of the user's cache, or with another Python that has it.

    Raises:
        EngineError: ENG-01 there is no such environment, or it does not start.
    """
    chosen = python or environment_python(environment_folder())
    if not chosen.exists():
        raise EngineError("ENG-01", "MediaPipe is not installed", _MAKE)
    return MediaPipeHands([str(chosen), str(Path(__file__).with_name("mediapipe_child.py"))])
