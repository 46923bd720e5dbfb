"""Imported before OpenVINO and NNCF: nothing that they would tell their maker leaves the machine.

Where the package openvino_telemetry is installed (it comes with openvino), both send events over
the network without asking, keep a thread for it and write an id into the home folder. Both do
without it where it cannot be imported.
"""

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # makes its import fail
