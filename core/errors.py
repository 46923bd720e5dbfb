"""The exception tree of ManyHands.

Every error that a person can meet has a stable code, one line that says what happened and one
that says what to do. Codes are never reused.

    ManyHandsError
    ├── SourceError          CAM-..   cameras, videos, images, URLs
    ├── ModelFileError       MDL-..   hand model, weights, ONNX files
    ├── EngineError          ENG-..   inference engines
    ├── OutputError          OUT-..   files that the program writes
    ├── SessionError         SES-..   recorded sessions that are read
    ├── UsageError           USE-..   unknown option values, wrong settings
    ├── DisplayError         GUI-..   windows and OpenGL
    ├── StreamError          STR-..   hands sent to other programs
    └── TrainingError        TRN-..   data sets, checkpoints, training runs

Codes in use
    CAM-01 no camera            CAM-02 camera busy           CAM-03 permission denied
    CAM-04 source lost          CAM-05 source stalled        CAM-06 file missing
    CAM-07 file not readable    CAM-08 URL not reachable     CAM-09 no readable image in folder
    CAM-10 unsupported pixel format                          CAM-11 lens not determined
    MDL-01 file missing         MDL-02 hash differs          MDL-03 file corrupt
    MDL-04 other architecture   MDL-05 not finite            MDL-06 pickle refused
    ENG-01 engine not available ENG-02 engine failed         ENG-03 output not usable
    ENG-04 memory full          ENG-05 engine file refused  ENG-06 engine not built
    OUT-01 cannot write         OUT-02 disk full             OUT-03 writer's package missing
    OUT-04 folder vanished       OUT-05 disk too slow
    SES-01 no such session      SES-02 nothing readable      SES-03 newer format
    SES-04 no session           SES-05 no pictures           SES-06 being recorded
    USE-01 unknown value        USE-02 unknown setting       USE-03 setting out of range
    STR-01 address not usable   STR-02 port taken            STR-03 cannot send
    GUI-01 no display           GUI-02 no OpenGL             GUI-03 open already
    TRN-01 data missing         TRN-02 data layout           TRN-03 checkpoint differs
    TRN-04 loss not finite      TRN-05 pickle refused       TRN-06 other process lost
    TRN-07 teacher failed
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

_Arguments = ParamSpec("_Arguments")


class ManyHandsError(Exception):
    """An error with a code, what happened and what to do.

    Attributes:
        code: stable identifier such as ``CAM-06``.
        cause: one line: what happened.
        remedy: one line: what the user can do.
    """

    def __init__(self, code: str, cause: str, remedy: str) -> None:
        """Keep the three parts; the message joins them."""
        super().__init__(f"{code}: {cause}. {remedy}")
        self.code = code
        self.cause = cause
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["ManyHandsError"], tuple[str, str, str]]:
        """Pickle by parts, so that errors cross process borders."""
        return type(self), (self.code, self.cause, self.remedy)


class SourceError(ManyHandsError):
    """A camera, video, image or URL cannot be opened or read."""


class ModelFileError(ManyHandsError):
    """A hand model, weights or ONNX file is missing, corrupt or of another kind."""


class EngineError(ManyHandsError):
    """An inference engine cannot be made or has failed."""


class OutputError(ManyHandsError):
    """A result cannot be written."""


class SessionError(ManyHandsError):
    """A recorded session cannot be opened."""


class UsageError(ManyHandsError):
    """An option or setting has a value that cannot be used."""


class DisplayError(ManyHandsError):
    """There is no display or no OpenGL."""


class StreamError(ManyHandsError):
    """Hands cannot be sent to another program."""


class TrainingError(ManyHandsError):
    """Data, a checkpoint or a training run cannot be used."""


def told(main: Callable[_Arguments, int]) -> Callable[_Arguments, int]:
    """Make an error of a command one line in the log of its module, and exit status 2."""

    @wraps(main)
    def telling(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> int:
        try:
            return main(*args, **kwargs)
        except ManyHandsError as error:
            logging.getLogger(main.__module__).error("%s", error)
            return 2

    return telling
