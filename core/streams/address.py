"""Addresses that streams send to and listen at: HOST:PORT, as people write them."""

import ipaddress
from dataclasses import dataclass

from core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port.

    Attributes:
        host: name or number; IPv6 without brackets.
        port: 1 to 65535.
    """

    host: str
    port: int

    def __str__(self) -> str:
        """Write it as it is typed; IPv6 in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:  # a name
            return False


def parse_address(text: str, default_port: int, default_host: str = "127.0.0.1") -> Address:
    """Read "HOST:PORT", "HOST", ":PORT" or "PORT".

    Raises:
        UsageError: USE-01 where it is none of these, or the port is not in 1 to 65535.
    """
    text = text.strip()
    if text.isdecimal():
        host, port_text = "", text
    elif text.startswith("["):
        host, _, port_text = text[1:].partition("]")
        port_text = port_text.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port_text = text.partition(":")
    else:
        host, port_text = text, ""
    port_is_number = port_text.isascii() and port_text.isdecimal() and len(port_text) <= 5
    port = int(port_text) if port_is_number else (0 if port_text else default_port)
    if not 1 <= port <= 65535 or any(character.isspace() for character in host):
        raise UsageError(
            "USE-01",
            f'"{text}" is not an address',
            f"Write HOST:PORT, such as {default_host}:{default_port}.",
        )
    return Address(host or default_host, port)
