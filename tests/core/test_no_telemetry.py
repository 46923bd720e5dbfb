"""Nothing that a library would tell its maker leaves the machine (row 71)."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import sys, threading
import {module}
import openvino.tools.ovc
print(sys.modules["openvino_telemetry"], [t.name for t in threading.enumerate()])
"""


@pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="no openvino here")
@pytest.mark.slow
@pytest.mark.parametrize("module", ["core.engines.openvino", "export.quantise"])
def test_openvino_finds_no_sender(tmp_path: Path, module: str) -> None:
    """Row 71: no event, no thread that sends one, no id in the home folder."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(module=module)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "None ['MainThread']"
    assert list(tmp_path.rglob("*openvino*")) == []
    assert not (tmp_path / "intel").exists()
