"""Where vispy keeps what is to be uploaded."""

from vispy import gloo
from vispy.gloo.context import get_current_canvas


def join_canvas(*parts: gloo.Program | gloo.IndexBuffer) -> None:
    """Upload parts, with their buffers, whenever the current canvas is drawn.

    vispy joins a part to its canvas when it is first drawn, and keeps every upload in memory until
    then: a surface that is switched off would gather two megabytes a second.
    """
    canvas = get_current_canvas()
    assert canvas is not None  # Visuals are made for a context.
    for part in parts:
        canvas.context.glir.associate(part.glir)
