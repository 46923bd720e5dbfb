import threading
import time

from core.latest import LatestSlot


def test_a_value_is_taken_once() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    assert slot.take() == 1
    assert slot.take() is None


def test_the_newest_value_wins_and_drops_are_counted() -> None:
    slot: LatestSlot[int] = LatestSlot()
    for value in range(5):
        slot.put(value)
    assert slot.take() == 4
    assert slot.counts == (5, 4)


def test_an_empty_slot_waits_no_longer_than_asked() -> None:
    slot: LatestSlot[int] = LatestSlot()
    start = time.monotonic()
    assert slot.take(timeout_s=0.05) is None
    assert 0.04 < time.monotonic() - start < 1


def test_a_waiting_reader_wakes_when_a_value_comes() -> None:
    slot: LatestSlot[int] = LatestSlot()
    timer = threading.Timer(0.02, slot.put, [7])
    timer.start()
    assert slot.take(timeout_s=5) == 7
    timer.join()


def test_closing_wakes_every_reader_and_ends_the_slot() -> None:
    slot: LatestSlot[int] = LatestSlot()
    taken: list[int | None] = []
    readers = [
        threading.Thread(target=lambda: taken.append(slot.take(timeout_s=None))) for _ in range(3)
    ]
    for reader in readers:
        reader.start()
    slot.close()
    for reader in readers:
        reader.join(5)
    assert taken == [None] * 3
    slot.put(1)
    assert slot.closed
    assert slot.take() is None
    assert slot.counts == (0, 0)


def test_between_threads_values_arrive_in_order_and_none_is_lost_from_the_count() -> None:
    slot: LatestSlot[int] = LatestSlot()
    seen: list[int] = []

    def read() -> None:
        while (value := slot.take(timeout_s=5)) != 2000:
            if value is not None:
                seen.append(value)

    reader = threading.Thread(target=read)
    reader.start()
    for value in range(2001):
        slot.put(value)
    reader.join(10)
    assert seen == sorted(set(seen))
    put, dropped = slot.counts
    assert put == 2001
    assert dropped == 2001 - 1 - len(seen)
