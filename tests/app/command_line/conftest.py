from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest


@pytest.fixture(autouse=True)
def private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep log files of the tests out of the user's folders."""
    for kind in ("data", "config", "cache", "log"):
        folder = tmp_path / "user" / kind
        monkeypatch.setattr(platformdirs, f"user_{kind}_path", lambda *_, f=folder, **__: f)
    return tmp_path / "user"


@pytest.fixture
def one_line(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return what stderr holds, which must be one line."""

    def read() -> str:
        text = capsys.readouterr().err
        assert text.endswith("\n")
        assert text.count("\n") == 1, text
        return text

    return read
