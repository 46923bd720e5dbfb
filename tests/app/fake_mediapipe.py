"""Stands for app/mediapipe_child.py: finds so many hands, or misbehaves.

Usage: fake_mediapipe.py FOUND_AT_MOST [crash|hang|nonsense|silent]
"""

import json
import sys
import time


def answer(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


most = int(sys.argv[1])
fault = sys.argv[2] if len(sys.argv) > 2 else ""
if fault == "silent":
    sys.exit(3)
answer(json.dumps({"name": "Fake Hands 1.0"}))
while line := sys.stdin.buffer.readline():
    request = json.loads(line)
    sys.stdin.buffer.read(request["height"] * request["width"] * 3)
    if fault == "crash":
        sys.exit(4)
    if fault == "hang":
        time.sleep(60)
    if fault == "nonsense":
        answer("[1, 2]")
        continue
    found = min(most, request["hands"])
    answer(json.dumps({"found": found, "ms": 5.0 * request["hands"], "cpu_ms": 4.0}))
