"""PCK curves as pictures, drawn without a display and without matplotlib's global state."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.atomic import replacing
from core.metrics import PckCurve

_SIZE_INCHES = (6.4, 4.4)
_DPI = 120


def pck_figure(curves: Mapping[str, PckCurve], title: str, unit: str = "mm") -> Figure:
    """Draw PCK curves over their thresholds, the legend naming each area.

    Args:
        curves: by the name that the legend shows; at least one.
        title: above the curves.
        unit: of the thresholds.

    Raises:
        ValueError: there are no curves.
    """
    if not curves:
        raise ValueError("expected at least one curve, got none")
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, curve in curves.items():
        # A name that starts with an underscore would be left out of the legend.
        label = f"{name.lstrip('_')} (AUC {curve.auc:.3f})"
        axes.plot(curve.thresholds, curve.share, label=label, linewidth=1.8)
    axes.set_title(title)
    axes.set_xlabel(f"error threshold ({unit})")
    axes.set_ylabel("share of correct keypoints")
    axes.set_xlim(
        min(float(curve.thresholds[0]) for curve in curves.values()),
        max(float(curve.thresholds[-1]) for curve in curves.values()),
    )
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    return figure


def write_png(figure: Figure, path: Path) -> None:
    """Write a figure as PNG; the file appears whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    with replacing(path) as stream:
        figure.savefig(stream, format="png")
