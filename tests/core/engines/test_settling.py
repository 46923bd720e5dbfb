"""The engine that runs at once and gives way to a better one."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from core.engines import settling
from core.engines.base import Engine
from core.engines.settling import SettlingEngine
from tests.factories import make_hand
from tests.fakes import ScriptedEngine

PICTURE = np.zeros((288, 384, 3), np.uint8)


def scripted() -> ScriptedEngine:
    return ScriptedEngine([[make_hand()]])


def run_until(engine: Engine, is_done: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 10
    while not is_done():
        engine.run(PICTURE)
        assert time.monotonic() < end_s
        time.sleep(0.001)


def test_the_search_begins_after_the_first_pictures_only() -> None:
    asked = threading.Event()
    engine = SettlingEngine(scripted(), lambda goes_on: asked.set())
    for _ in range(settling._FIRST_PICTURES - 1):
        engine.run(PICTURE)
    assert not asked.is_set()
    engine.run(PICTURE)
    assert asked.wait(5)
    engine.close()


def test_pictures_go_on_while_it_searches_and_what_is_found_takes_over() -> None:
    first, better, goes = scripted(), scripted(), threading.Event()

    def search(goes_on: Callable[[], bool]) -> Engine | None:
        goes.wait(5)
        return better

    engine = SettlingEngine(first, search)
    for _ in range(2 * settling._FIRST_PICTURES):
        assert engine.run(PICTURE).score.max() > 0.5
    assert first.calls == 2 * settling._FIRST_PICTURES and not first.closed
    goes.set()
    run_until(engine, lambda: better.calls > 0)
    assert first.closed
    engine.close()
    assert better.closed


@pytest.mark.parametrize("fails", [False, True])
def test_without_a_better_one_the_first_runs_on(fails: bool) -> None:
    first, over = scripted(), threading.Event()

    def search(goes_on: Callable[[], bool]) -> Engine | None:
        over.set()
        if fails:
            raise RuntimeError("scripted: a library fails")
        return None

    engine = SettlingEngine(first, search)
    run_until(engine, over.is_set)
    before = first.calls
    engine.run(PICTURE)
    assert first.calls == before + 1
    engine.close()
    assert first.closed


def test_closing_breaks_the_search_off_and_leaves_nothing_open() -> None:
    first, late, begun = scripted(), scripted(), threading.Event()

    def search(goes_on: Callable[[], bool]) -> Engine | None:
        begun.set()
        while goes_on():
            time.sleep(0.001)
        return late

    engine = SettlingEngine(first, search)
    run_until(engine, begun.is_set)
    engine.close()
    assert first.closed and late.closed
    assert "try engines" not in [thread.name for thread in threading.enumerate()]


def test_what_was_found_and_never_run_is_closed_too() -> None:
    better, found = scripted(), threading.Event()

    def search(goes_on: Callable[[], bool]) -> Engine | None:
        found.set()
        return better

    engine = SettlingEngine(scripted(), search)
    for _ in range(settling._FIRST_PICTURES):
        engine.run(PICTURE)
    assert found.wait(5)
    assert engine._thread is not None
    engine._thread.join(5)
    engine.close()
    assert better.closed and better.calls == 0
