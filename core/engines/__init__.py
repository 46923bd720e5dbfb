"""Inference engines: one protocol, one file per library.

Nothing leaves this machine: what the libraries tell their makers is switched off here, before any
engine is imported.
"""

import os
import sys

# OpenVINO tells of every import where it finds this package; without it, it takes a stub that
# sends nothing.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
# ONNX Runtime gives the machine an id and tells of every session.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
