"""Inference engines: one protocol, one file per library."""

import sys

# OpenVINO tells its maker of every import where it finds this package; without it, it takes a stub
# that sends nothing. Set here, before any engine is imported: nothing leaves this machine.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
