"""What the window knows and a person can change; it knows no widget."""

from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """How hands are shown. Touches no data.

    Attributes:
        mirror: the picture and what is drawn on it as in a mirror; texts stay readable.
        show_mesh: the surface.
        show_skeleton: joints and bones.
        show_labels: side and number beside each wrist.
        opacity: of the surface on the picture, in [0.1, 1]; below 1 the picture shows through.
    """

    mirror: bool = False
    show_mesh: bool = True
    show_skeleton: bool = False
    show_labels: bool = True
    opacity: float = 0.85


class ViewState(QObject):
    """Holds the ViewOptions and tells when they change."""

    changed = pyqtSignal(ViewOptions)

    def __init__(self, options: ViewOptions, parent: QObject | None = None) -> None:
        """Start with these options."""
        super().__init__(parent)
        self._options = options

    @property
    def options(self) -> ViewOptions:
        """What holds now."""
        return self._options

    def set_options(self, options: ViewOptions) -> None:
        """Take new options; tell if they differ."""
        if options != self._options:
            self._options = options
            self.changed.emit(options)
