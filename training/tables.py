"""Figures as JSON and as Markdown tables, each file whole or not at all."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from core.atomic import write_atomically

#: A figure; None was not measured.
Figure = float | int | None


def plain_figures(result: object) -> dict[str, Figure]:
    """Return a dataclass's numbers by name; curves and other parts are left out.

    Raises:
        TypeError: it is no dataclass instance.
    """
    if not is_dataclass(result) or isinstance(result, type):
        raise TypeError(f"expected a dataclass of figures, got {type(result).__name__}")
    values = ((part.name, getattr(result, part.name)) for part in fields(result))
    return {
        name: value for name, value in values if value is None or isinstance(value, int | float)
    }


def write_json(figures: Mapping[str, object], path: Path) -> None:
    """Write figures, which may be nested.

    Raises:
        ValueError: a number is not finite: JSON knows none, and a figure that is NaN is a fault.
        OSError: the file cannot be written.
    """
    text = json.dumps(figures, indent=2, allow_nan=False)
    write_atomically((text + "\n").encode(), path)


def markdown_table(columns: Mapping[str, Mapping[str, Figure]]) -> str:
    """Make a table: one row per figure, one column per run or data set, in the given order.

    Whole numbers stay whole, others get four significant digits; "-" was not measured.
    """
    names = list(dict.fromkeys(name for figures in columns.values() for name in figures))
    lines = [_row(["Figure", *columns]), _row(["---", *("---:" for _ in columns)])]
    for name in names:
        lines.append(_row([name, *(_cell(figures.get(name)) for figures in columns.values())]))
    return "\n".join(lines) + "\n"


def write_markdown(title: str, tables: Mapping[str, str], path: Path) -> None:
    """Write tables, each under its own heading.

    Raises:
        OSError: the file cannot be written.
    """
    parts = [f"# {title}\n", *(f"## {name}\n\n{table}" for name, table in tables.items())]
    write_atomically("\n".join(parts).encode(), path)


def _row(cells: list[str]) -> str:
    """Join cells; a bar inside one would end it."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cell(value: Figure) -> str:
    """Write one figure."""
    if value is None:
        return "-"
    if isinstance(value, int) or math.isinf(value):
        return str(value)
    return f"{value:.4g}"
