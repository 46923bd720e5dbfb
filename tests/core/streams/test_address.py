import pytest

from core.errors import UsageError
from core.streams.address import Address, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.168.1.7:39540", Address("192.168.1.7", 39540)),
        ("studio.local", Address("studio.local", 39539)),
        (":9000", Address("127.0.0.1", 9000)),
        ("9000", Address("127.0.0.1", 9000)),
        ("[::1]:9000", Address("::1", 9000)),
        ("[::1]", Address("::1", 39539)),
        ("", Address("127.0.0.1", 39539)),
    ],
)
def test_addresses_are_read_as_people_write_them(text: str, address: Address) -> None:
    assert parse_address(text, 39539) == address


@pytest.mark.parametrize("text", ["a:0", "a:65536", "a:b", "a b:1", "70000", "a:-1", "a:1٣"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"USE-01.*127\.0\.0\.1:39539"):
        parse_address(text, 39539)


def test_an_address_is_written_as_it_is_typed() -> None:
    assert str(Address("::1", 80)) == "[::1]:80"
    assert str(Address("localhost", 80)) == "localhost:80"


def test_only_this_machine_reaches_loopback() -> None:
    assert all(
        Address(host, 1).is_loopback for host in ("127.0.0.1", "127.8.0.1", "::1", "localhost")
    )
    assert not any(Address(host, 1).is_loopback for host in ("0.0.0.0", "::", "10.0.0.1", "studio"))
