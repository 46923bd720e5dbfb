import errno

import pytest

from tests.fakes import FakeClock, FaultyFile


def test_the_fake_clock_moves_only_when_told() -> None:
    clock = FakeClock(5)
    assert clock() == clock() == 5
    clock.advance(1.5)
    assert clock() == 1_500_005


@pytest.mark.parametrize(("fault", "code"), [("full", errno.ENOSPC), ("broken", errno.EIO)])
def test_a_faulty_file_takes_bytes_up_to_its_fault(fault: str, code: int) -> None:
    file = FaultyFile(fault, fail_at=10)
    assert file.write(b"12345678") == 8
    with pytest.raises(OSError, match=r"E(NOSPC|IO)") as caught:
        file.write(b"9012")
    assert caught.value.errno == code
    assert bytes(file.written) == b"12345678"


def test_a_short_write_tells_no_one_at_first() -> None:
    file = FaultyFile("short", fail_at=10)
    assert file.write(b"123456789012") == 10
    with pytest.raises(OSError, match="ENOSPC"):
        file.write(b"3")
