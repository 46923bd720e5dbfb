"""MediaPipe Hands as a teacher: reads pictures from stdin, writes what it sees to stdout.

Runs in an environment of its own (MediaPipe pins old libraries), started by training/labelling,
and imports nothing of this project. A request is one JSON line {"height": H, "width": W} and then
H * W * 3 bytes of RGB; the answer is one JSON line {"hands": [...]}, each with "side" as MediaPipe
names it, "score", "keypoints" (21 x 2, px from the picture's corner) and "world" (21 x 3, m). The
first line, before any request, is {"teacher": "..."}.
"""

import json
import os
import sys


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the libraries print must not come between the answers
    import mediapipe
    import numpy as np

    hands = mediapipe.solutions.hands.Hands(
        static_image_mode=True,
        max_num_hands=6,
        model_complexity=1,
        min_detection_confidence=0.25,
        min_tracking_confidence=0.4,
    )
    print(
        json.dumps({"teacher": f"MediaPipe Hands {mediapipe.__version__}"}),
        file=answers,
        flush=True,
    )
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        height, width = int(request["height"]), int(request["width"])
        pixels = sys.stdin.buffer.read(height * width * 3)
        if len(pixels) != height * width * 3:
            break
        image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
        result = hands.process(image)
        seen = []
        for points, world, side in zip(
            result.multi_hand_landmarks or (),
            result.multi_hand_world_landmarks or (),
            result.multi_handedness or (),
            strict=True,
        ):
            seen.append(
                {
                    "side": side.classification[0].label.lower(),
                    "score": side.classification[0].score,
                    "keypoints": [[p.x * width, p.y * height] for p in points.landmark],
                    "world": [[p.x, p.y, p.z] for p in world.landmark],
                }
            )
        print(json.dumps({"hands": seen}), file=answers, flush=True)


if __name__ == "__main__":
    main()
