import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.metrics import PckCurve
from training.plots import pck_figure, write_png

MM = np.linspace(0, 50, 20)
CURVES = {"RHD": PckCurve(MM, MM / 50), "_STB": PckCurve(MM, np.ones(20))}


def test_the_plot_shows_each_curve_with_its_area_and_unit() -> None:
    axes = pck_figure(CURVES, "Title").axes[0]
    assert axes.get_title() == "Title"
    assert axes.get_xlabel() == "error threshold (mm)"
    for line, curve in zip(axes.get_lines(), CURVES.values(), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.stack((MM, curve.share), 1))
    legend = axes.get_legend()
    assert legend is not None
    # A straight line from 0 to 1 has half of the area.
    assert [text.get_text() for text in legend.get_texts()] == [
        "RHD (AUC 0.500)",
        "STB (AUC 1.000)",
    ]
    assert axes.get_xlim() == (0, 50)


def test_the_plot_is_a_picture_drawn_without_a_display(tmp_path: Path) -> None:
    write_png(pck_figure(CURVES, "Title"), tmp_path / "new" / "pck.png")
    with Image.open(tmp_path / "new" / "pck.png") as picture:
        assert picture.format == "PNG"
        assert picture.size == (768, 528)
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or []}
    assert (31, 119, 180) in colours  # the first curve's
    assert (255, 127, 14) in colours  # the second one's
    assert "matplotlib.pyplot" not in sys.modules
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["pck.png"]


def test_a_plot_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one curve"):
        pck_figure({}, "Title")
