"""What needs torch says so before it begins: most of the program does without."""

import importlib.util

from core.errors import EngineError


def require_torch() -> None:
    """Refuse to refine where torch is missing.

    Raises:
        EngineError: ENG-01 there is no torch.
    """
    if importlib.util.find_spec("torch") is None:
        raise EngineError(
            "ENG-01",
            "refining needs torch, which is not installed",
            "Install the extra: pip install 'manyhands[train]'.",
        )
