"""MediaPipe Hands for `manyhands bench --compare`: reads pictures from stdin, times itself.

Runs in an environment of its own (MediaPipe pins old libraries) and imports nothing of this
project. A request is one JSON line {"hands": N, "height": H, "width": W} and then H * W * 3 bytes
of RGB; the answer is one JSON line {"found": n, "ms": t, "cpu_ms": c}. The first line, before any
request, is {"name": "..."}. Pictures of one N are frames of one video: hands are tracked from one
to the next, which is MediaPipe's fast way.
"""

import json
import os
import sys
import time


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the libraries print must not come between the answers
    import mediapipe
    import numpy as np

    def answer(values: "dict[str, object]") -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    videos: dict[int, object] = {}
    answer({"name": f"MediaPipe Hands {mediapipe.__version__}"})
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        count, height, width = (int(request[key]) for key in ("hands", "height", "width"))
        pixels = sys.stdin.buffer.read(height * width * 3)
        if len(pixels) != height * width * 3:
            break
        if count not in videos:
            # So many hands are looked for and no more; model 1 is the full one, as by default.
            videos[count] = mediapipe.solutions.hands.Hands(
                static_image_mode=False,
                max_num_hands=count,
                model_complexity=1,
                min_detection_confidence=0.3,
                min_tracking_confidence=0.5,
            )
        image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
        start, start_cpu = time.perf_counter(), time.process_time()
        result = videos[count].process(image)
        spent, spent_cpu = time.perf_counter() - start, time.process_time() - start_cpu
        found = len(result.multi_hand_landmarks or ())
        answer({"found": found, "ms": spent * 1e3, "cpu_ms": spent_cpu * 1e3})


if __name__ == "__main__":
    main()
