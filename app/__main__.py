"""The entry of the program: every error becomes one line and an exit status."""

import logging
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer

from app.cli import app
from app.logs import logging_to_file
from core.errors import ManyHandsError, UsageError

_LOG = logging.getLogger("manyhands")

EXIT_OK: Final = 0
EXIT_UNEXPECTED: Final = 1
EXIT_ERROR: Final = 2
EXIT_INTERRUPTED: Final = 130

# The error that typer raises for options it cannot read; it has no public name of its own.
_OPTION_ERROR: Final = typer.BadParameter.__mro__[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, 1 unexpected, 2 a named error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with _logging() as log_file:
        try:
            status = _command(given)
            sys.stdout.flush()  # a reader that has left shows here, not when Python ends
            if status == EXIT_INTERRUPTED:  # typer turns Ctrl-C into this status, silently
                _say("Interrupted.")
            return status
        except ManyHandsError as error:
            return _named_error(error)
        except _OPTION_ERROR as error:
            return _named_error(_usage_error(error))
        except (typer.Abort, KeyboardInterrupt):
            _say("Interrupted.")
            return EXIT_INTERRUPTED
        except BrokenPipeError:
            # Who read our output has ended; keep Python from reporting it once more at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return EXIT_UNEXPECTED
        except Exception as error:  # noqa: BLE001 - the last resort: one line and a log
            _LOG.exception("unexpected error")
            what = f"{type(error).__name__}: {_one_line(str(error))}"
            _say(f"Unexpected {what}. Please report it with {log_file}")
            return EXIT_UNEXPECTED


def _command(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    status = command.main(args=arguments, prog_name="manyhands", standalone_mode=False)
    return status if isinstance(status, int) else EXIT_OK


def _usage_error(error: Exception) -> UsageError:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    cause = _one_line(message).rstrip(".")
    return UsageError("USE-01", cause, "Run `manyhands --help` to see what there is.")


def _named_error(error: ManyHandsError) -> int:
    _LOG.error("%s", error, exc_info=error)
    _say(_one_line(str(error)))
    return EXIT_ERROR


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


@contextmanager
def _logging() -> Iterator[Path]:
    """Log to a file in the user's folder; what threads fail with goes there, too."""
    hook = threading.excepthook
    threading.excepthook = _log_thread_error
    try:
        with logging_to_file() as path:
            yield path
    finally:
        threading.excepthook = hook


def _log_thread_error(fault: threading.ExceptHookArgs) -> None:
    if fault.exc_type is SystemExit or fault.exc_value is None:
        return
    name = fault.thread.name if fault.thread is not None else "?"
    _LOG.error("thread %s failed", name, exc_info=fault.exc_value)
    _say(f"Thread {name} failed: {fault.exc_type.__name__}: {_one_line(str(fault.exc_value))}")


if __name__ == "__main__":
    sys.exit(main())
