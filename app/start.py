"""How the window was asked for; free of Qt, so that the command line is, too."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartOptions:
    """What the command line says of the window.

    Attributes:
        source: what to show first; None for what was open last, a camera or the demo clip.
        engine: "auto" or an engine's name.
        multi: beside another window; settings are read and not written.
        safe_mode: with default settings, which are not written, and without OpenGL.
        software_gl: let the processor draw, as where a graphics driver is broken.
        reset_settings: with default settings; the old ones are kept under another name.
    """

    source: str | None = None
    engine: str = "auto"
    multi: bool = False
    safe_mode: bool = False
    reset_settings: bool = False
    software_gl: bool = False
