"""Open Sound Control 1.0: messages packed into one datagram."""

from collections.abc import Iterable

from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

#: Address and arguments.
OscMessage = tuple[str, Iterable[str | int | float]]


def bundle(messages: Iterable[OscMessage]) -> bytes:
    """Return the datagram of messages that belong together."""
    builder = OscBundleBuilder(IMMEDIATELY)
    for address, values in messages:
        message = OscMessageBuilder(address)
        for value in values:
            message.add_arg(value)
        builder.add_content(message.build())
    return builder.build().dgram
