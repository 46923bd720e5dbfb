"""UdpSender: datagrams to one address, sent whether or not anybody listens."""

import contextlib
import socket
from typing import Final

from core.errors import StreamError
from core.streams.address import Address

#: What fits into one Ethernet frame (1500 bytes) beside the IPv4 and UDP headers.
MAX_WHOLE_DATAGRAM: Final = 1472
_TIMEOUT_S: Final = 1.0


class UdpSender:
    """Sends datagrams; a receiver that is absent is no fault."""

    def __init__(self, address: Address) -> None:
        """Open nothing yet."""
        self._address = address
        self._socket: socket.socket | None = None
        self._target: tuple[object, ...] = ()

    def open(self) -> None:
        """Look the host up, once: a name that has to be looked up for every frame would block.

        Raises:
            StreamError: STR-01 there is no such host.
        """
        try:
            found = socket.getaddrinfo(
                self._address.host, self._address.port, type=socket.SOCK_DGRAM
            )
            family, kind, protocol, _, target = found[0]
            self._socket = socket.socket(family, kind, protocol)
        except (OSError, UnicodeError) as error:  # UnicodeError: a label longer than DNS allows
            raise StreamError(
                "STR-01",
                f"{self._address} cannot be used ({error})",
                "Check the host's name, or give its number.",
            ) from error
        # Not connected: a connected socket reports receivers that are absent as errors.
        self._socket.settimeout(_TIMEOUT_S)
        self._target = target

    def send(self, datagram: bytes) -> None:
        """Send one datagram.

        Raises:
            StreamError: STR-03 the network does not take it.
        """
        if self._socket is None:
            raise StreamError("STR-03", f"{self._address} is not open", "Switch the stream on.")
        try:
            self._socket.sendto(datagram, self._target)
        except ConnectionError:  # Windows tells so of absent receivers
            return
        except OSError as error:
            raise StreamError(
                "STR-03",
                f"nothing can be sent to {self._address} ({error.strerror or error})",
                "Check the network; sending goes on.",
            ) from error

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
