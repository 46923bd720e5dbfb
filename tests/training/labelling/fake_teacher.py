"""A teacher for tests: a real child process that speaks the protocol of teacher_mediapipe.py.

Sees a hand wherever a picture is red, at 21 places around the middle of the red, with the thumb's
tip towards the green; so that it can tell how a picture was turned and mirrored. The first argument
is what goes wrong, the second a file that counts how often it did.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import TextIO

import numpy as np

FAN = [[0.0, 0.45]] + [
    [-0.4 + 0.2 * finger, 0.1 - 0.15 * joint] for finger in range(5) for joint in range(4)
]


def hand_of(image: np.ndarray) -> dict[str, object] | None:
    """The hand of a picture (H, W, 3), if it is large enough to be seen."""
    wide = image.astype(int)
    red = (wide[..., 0] > 120) & (wide[..., 1] < 90) & (wide[..., 2] < 90)
    green = (wide[..., 1] > 120) & (wide[..., 0] < 90) & (wide[..., 2] < 90)
    blue = (wide[..., 2] > 120) & (wide[..., 0] < 90) & (wide[..., 1] < 90)
    if min(red.sum(), green.sum(), blue.sum()) < 20:
        return None
    middle, up, across = (np.argwhere(c).mean(0)[::-1] + 0.5 for c in (red, green, blue))
    y_axis, x_axis = middle - up, across - middle
    points = np.array([middle + 2 * (x * x_axis + y * y_axis) for x, y in FAN])
    flat = 0.002 * (points - points.mean(0)) / np.linalg.norm(y_axis)
    world = np.concatenate([flat, np.zeros((21, 1))], 1)
    mirrored = x_axis[0] * y_axis[1] - x_axis[1] * y_axis[0] < 0
    # Blue is on the right of a right hand; MediaPipe's names are those of a mirrored selfie.
    return {
        "side": "right" if mirrored else "left",
        "score": 0.9,
        "keypoints": points.tolist(),
        "world": world.tolist(),
    }


def say(line: str, stream: TextIO = sys.stdout) -> None:
    stream.write(line + "\n")
    stream.flush()


def misbehave(what: str, count: Path) -> None:
    """Fail on the first pictures, or always."""
    done = int(count.read_text()) if count.exists() else 0
    if what.startswith("once") and done:
        return
    count.write_text(str(done + 1))
    if "crash" in what:
        say("out of memory", sys.stderr)
        os._exit(9)
    if "hang" in what:
        time.sleep(600)
    if "nonsense" in what:
        say("{no json")


def main() -> None:
    """Answer until the input ends."""
    what, count = (sys.argv[1], Path(sys.argv[2])) if len(sys.argv) > 1 else ("", Path())
    if what == "no start":
        say("no such model", sys.stderr)
        sys.exit(3)
    say(json.dumps({"teacher": "fake 1"}))
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        shape = request["height"], request["width"], 3
        image = np.frombuffer(sys.stdin.buffer.read(int(np.prod(shape))), np.uint8).reshape(shape)
        if what and (image[0, 0] == 255).all():  # a white corner is what it cannot bear
            misbehave(what, count)
        hand = hand_of(image)
        if what == "shaky" and hand is not None:
            noise = np.random.default_rng(int(image.sum()) % 2**32).normal(0, 25, (21, 2))
            hand["keypoints"] = (np.array(hand["keypoints"]) + noise).tolist()
        say(json.dumps({"hands": [] if hand is None else [hand]}))


if __name__ == "__main__":
    main()
