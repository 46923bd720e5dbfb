"""An engine that a machine may have: how to ask for it, and how to open it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from core.engines.base import Engine

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """Whether an engine can be taken on this machine.

    Attributes:
        name: "tensorrt", "torch", "openvino-int8", "openvino-bf16", "openvino" or "onnx".
        available: whether `open_engine` takes it.
        reason: what it would run on, or why it cannot be taken; for a person.
        by_auto: whether "auto" may take it; False where its hands differ too much from those of
            the exact engine.
    """

    name: str
    available: bool
    reason: str
    by_auto: bool = True


class Unavailable(Exception):
    """A probe's way to say why an engine cannot be taken."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One engine: its name, a probe (returns what it runs on, or raises) and how to open it."""

    name: str
    probe: Callable[[], str]
    open: Callable[[str, tuple[int, int]], Engine] | None

    def open_at(self, profile: str, input_size: tuple[int, int]) -> Engine:
        """Open it for weights and (height, width) px; only for candidates that can be opened."""
        if self.open is None:
            raise ValueError(f"{self.name} cannot be opened")
        return self.open(profile, input_size)


def status_of(candidate: Candidate) -> EngineStatus:
    """Probe one engine; whatever its library throws becomes a reason."""
    try:
        return EngineStatus(candidate.name, True, candidate.probe())
    except Unavailable as answer:
        return EngineStatus(candidate.name, False, str(answer))
    except Exception as error:  # noqa: BLE001 - drivers and libraries fail in every way there is
        _LOG.info("probe of %s failed", candidate.name, exc_info=True)
        return EngineStatus(candidate.name, False, f"{type(error).__name__}: {error}")
