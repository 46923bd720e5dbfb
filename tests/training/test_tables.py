import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.metrics import PckCurve
from training.tables import markdown_table, plain_figures, write_json, write_markdown


@dataclass(frozen=True)
class Figures:
    hands: int
    mpjpe_mm: float
    mrrpe_mm: float | None
    curves: dict[str, PckCurve]


def test_curves_are_no_figures() -> None:
    plain = plain_figures(Figures(3, 9.5, None, {}))
    assert plain == {"hands": 3, "mpjpe_mm": 9.5, "mrrpe_mm": None}
    for wrong in ({"hands": 3}, Figures):
        with pytest.raises(TypeError, match="dataclass of figures"):
            plain_figures(wrong)


def test_a_table_has_a_row_per_figure_and_a_column_per_run() -> None:
    columns = {
        "lite": {"hands": 12345, "mpjpe_mm": 21.64321},
        "a|b": {"hands": 3, "mrrpe_mm": None, "auc": 0.00012346},
    }
    assert markdown_table(columns).splitlines() == [
        "| Figure | lite | a\\|b |",
        "| --- | ---: | ---: |",
        "| hands | 12345 | 3 |",
        "| mpjpe_mm | 21.64 | - |",
        "| mrrpe_mm | - | - |",
        "| auc | - | 0.0001235 |",
    ]


def test_json_comes_back_as_it_was(tmp_path: Path) -> None:
    figures = {"real": {"hands": 3, "recall": 1 / 3}, "rhd": {"mean_mm": None}}
    write_json(figures, tmp_path / "deep" / "figures.json")
    assert json.loads((tmp_path / "deep" / "figures.json").read_text("utf-8")) == figures


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_figure_that_is_no_number_leaves_the_old_file(value: float, tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    write_json({"recall": 0.9}, path)
    with pytest.raises(ValueError, match="JSON"):
        write_json({"recall": value}, path)
    assert json.loads(path.read_text("utf-8")) == {"recall": 0.9}
    assert [entry.name for entry in tmp_path.iterdir()] == ["figures.json"]


def test_markdown_has_each_table_under_its_heading(tmp_path: Path) -> None:
    table = markdown_table({"lite": {"hands": 3}})
    write_markdown("Evaluation", {"RHD": table, "STB": table}, tmp_path / "figures.md")
    text = (tmp_path / "figures.md").read_text("utf-8")
    assert text == f"# Evaluation\n\n## RHD\n\n{table}\n## STB\n\n{table}"
