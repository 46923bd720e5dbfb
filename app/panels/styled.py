"""Properties that the style sheet looks at."""

from PyQt6.QtWidgets import QWidget


def set_styled(widget: QWidget, name: str, value: object) -> None:
    """Set a property of the style sheet; restyle only where it changes, which is dear.

    A style sheet looks at properties only when told.
    """
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)
