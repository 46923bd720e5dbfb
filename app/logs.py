"""The log file: it turns over at 10 MiB and ten older ones are kept."""

import logging
import logging.handlers
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.assets import user_folders

_NAME: Final = "manyhands.log"
_BYTES: Final = 10 << 20
_OLDER: Final = 10


def log_path() -> Path:
    """Return where the log lies."""
    return user_folders().log / _NAME


@contextmanager
def logging_to_file() -> Iterator[Path]:
    """Log into the user's folder while the block runs."""
    path = log_path()
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_BYTES, backupCount=_OLDER, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield path
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
