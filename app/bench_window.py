"""`python -m app.bench_window`: how fast the window is at work, as one JSON object.

It opens the real window on a source, lets it run, and says how many pictures a second were drawn
while the network ran, how long it took from the start of the process to the first mesh, and how
long the window's thread was ever kept from answering: a timer that should fire every 5 ms tells.
The person's own settings are neither read nor written.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PyQt6.QtCore import QTimer

from app.bench_actions import ActionRound
from app.bench_heartbeat import BLOCKED_MS, Heartbeat
from app.crash import CrashReporter
from app.display import display_problem
from app.main_window import MainWindow
from app.program import make_application, open_window
from app.session import Session
from app.settings import FILE_NAME, Settings, save_settings
from core.assets import hand_model_path
from core.errors import DisplayError, ManyHandsError
from core.hand_model.file import load_hand_model
from core.timing import now_ns
from core.types import TrackedHands


@dataclass
class _Watch:
    """What is noted of every result while the window runs."""

    since_start_s: float
    opened_ns: int = field(default_factory=now_ns)
    first_mesh_s: float | None = None
    hands: list[int] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    draw_ms: list[float] = field(default_factory=list)

    def see(self, window: MainWindow, tracked: TrackedHands) -> None:
        """Note a result and what was drawn before it."""
        if tracked.hands and self.first_mesh_s is None:
            self.first_mesh_s = self.since_start_s + (now_ns() - self.opened_ns) / 1e9
        self.hands.append(len(tracked.hands))
        if window.picture.latency_ms is not None:
            self.latency_ms.append(window.picture.latency_ms)
        scene_ms = window.scene.draw_ms if window.scene is not None else 0.0
        self.draw_ms.append(window.picture.draw_ms + scene_ms)

    def forget(self) -> None:
        """Count anew; only the first mesh stays known."""
        for values in (self.hands, self.latency_ms, self.draw_ms):
            values.clear()


@dataclass(frozen=True, slots=True)
class _Counts:
    """What was counted until a moment; `thread_s` and `process_s` are processor time."""

    time_ns: int
    drawn: int
    processed: int
    thread_s: float
    process_s: float

    @classmethod
    def of(cls, window: MainWindow, session: Session) -> "_Counts":
        status = session.status()
        processed = status.processed if status is not None else 0
        drawn = window.picture.drawn_count
        return cls(now_ns(), drawn, processed, time.thread_time(), time.process_time())


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run the window and return what was measured.

    Raises:
        DisplayError: GUI-01 where no window can open.
    """
    problem = display_problem()
    if problem is not None:
        raise DisplayError("GUI-01", f"no window can open: {problem}", "Run it under xvfb-run.")
    watch = _Watch(time.time() - psutil.Process().create_time())
    model = load_hand_model(hand_model_path())
    app = make_application(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE_NAME
        save_settings(Settings(), path)
        session = Session(model)
        window, controller = open_window(model, session, CrashReporter(), path)
        window.resize(*arguments.size)
        for name in arguments.actions:
            window.actions_by_id[name].trigger()
        session.add_viewer(lambda tracked: watch.see(window, tracked))
        heart = Heartbeat(window)
        window.show()
        controller.begin(arguments.source, arguments.engine)
        heart.start()
        result: dict[str, Any] = {}
        before: list[_Counts] = []

        def warm() -> None:
            result["worst_block_at_start_ms"] = round(max(heart.gaps_ms, default=0.0), 1)
            result["blocks_at_start"] = list(heart.blocks)
            heart.start()
            watch.forget()
            before.append(_Counts.of(window, session))

        def end() -> None:
            heart.stop()
            result.update(_numbers(before[-1], _Counts.of(window, session), heart, watch))
            result["status"] = window.status.text()
            window.close()

        def go_through() -> None:
            warm()
            actions.start()

        def end_round() -> None:
            result["every_action"] = actions.summary(BLOCKED_MS)
            end()

        actions = ActionRound(window, end_round)
        if arguments.every_action:
            QTimer.singleShot(round(1000 * arguments.warm_up), go_through)
        else:
            QTimer.singleShot(round(1000 * arguments.warm_up), warm)
            QTimer.singleShot(round(1000 * (arguments.warm_up + arguments.seconds)), end)
        app.exec()
    return result


def _numbers(before: _Counts, now: _Counts, heart: Heartbeat, watch: _Watch) -> dict[str, Any]:
    """Return rates, processor time and percentiles between two moments."""
    seconds = (now.time_ns - before.time_ns) / 1e9
    drawn, processed = now.drawn - before.drawn, now.processed - before.processed
    gaps = np.array(heart.gaps_ms or [0.0])
    first = watch.first_mesh_s
    return {
        "start_to_first_mesh_s": None if first is None else round(first, 2),
        "drawn_fps": round(drawn / seconds, 1),
        "processed_fps": round(processed / seconds, 1),
        "cpu_ms_per_processed_frame": _per_frame_ms(now.process_s - before.process_s, processed),
        "window_cpu_ms_per_drawn_frame": _per_frame_ms(now.thread_s - before.thread_s, drawn),
        "hands_mean": round(float(np.mean(watch.hands or [0])), 2),
        "worst_block_ms": round(float(gaps.max()), 1),
        "worst_busy_ms": round(max(heart.busy_ms, default=0.0), 1),
        "blocks_over_100_ms": int((gaps > BLOCKED_MS).sum()),
        "latency_ms": _percentiles(watch.latency_ms),
        "draw_ms": _percentiles(watch.draw_ms),
    }


def _per_frame_ms(seconds: float, frames: int) -> float:
    return round(1000 * seconds / max(1, frames), 1)


def _percentiles(values: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(values or [0.0], [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def main() -> int:
    """Read the options, measure and print the JSON."""
    parser = argparse.ArgumentParser(prog="python -m app.bench_window", description=__doc__)
    parser.add_argument("--source", default="demo", help="camera, file, folder, URL or demo")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--warm-up", type=float, default=5.0, help="seconds before it counts")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long it counts")
    parser.add_argument("--size", type=_size, default=(1440, 880), help="of the window: 1440x880")
    parser.add_argument("--actions", nargs="*", default=[], help="rows of the table to trigger")
    parser.add_argument(
        "--every-action", action="store_true", help="do every row of the table, and time each"
    )
    try:
        result = measure(parser.parse_args())
    except ManyHandsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
