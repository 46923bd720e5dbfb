"""How hands are drawn on pictures without OpenGL, and the words for it on the command line."""

from dataclasses import dataclass, replace
from typing import Final

from app.palette import HAND_COLOURS, SurfaceColour
from core.errors import UsageError
from core.types import HandState


@dataclass(frozen=True, slots=True)
class OverlayStyle:
    """How hands are drawn.

    Attributes:
        alpha: opacity of a hand that is seen, in [0, 1]; higher hides more of the picture.
        predicted_alpha: opacity of a hand that is only extrapolated.
        mesh: draw the surface.
        wireframe: draw the edges of its triangles.
        surface: what colours the surface: the track, the hand's own skin where the network gives
            one, or its normals.
        predicted_light: skin under the light that the network saw, where it gives one.
        joints: draw the 21 joints and their bones over the mesh.
        keypoints: draw the joints as the network saw them directly.
        boxes: draw a frame around each hand.
        labels: write side and track id beside each hand.
    """

    alpha: float = 0.85
    predicted_alpha: float = 0.35
    mesh: bool = True
    wireframe: bool = False
    surface: SurfaceColour = "hand"
    predicted_light: bool = True
    joints: bool = False
    keypoints: bool = False
    boxes: bool = False
    labels: bool = True


#: What `--style` is without being given.
DEFAULT_STYLE: Final = "mesh,names"
_WORDS: Final = (
    "mesh", "wireframe", "skeleton", "keypoints", "boxes", "names", "skin", "normals", "studio",
)  # fmt: skip


def style_from_words(text: str) -> OverlayStyle:
    """Return the style that words say, with commas between; what is not named is not drawn.

    "skin" and "normals" colour the surface; "studio" shows skin under an even lamp instead of the
    light that the network saw.

    Raises:
        UsageError: USE-01 a word is unknown, or both colours are asked for.
    """
    words = {word.strip() for word in text.casefold().split(",") if word.strip()}
    unknown = sorted(words - set(_WORDS))
    if unknown:
        raise UsageError(
            "USE-01",
            f"--style has no {unknown[0]!r}",
            f"Use some of {', '.join(_WORDS)}, with commas between.",
        )
    if {"skin", "normals"} <= words:
        raise UsageError("USE-01", "--style asks for skin and for normals", "Leave one out.")
    style = OverlayStyle(
        mesh="mesh" in words or bool(words & {"skin", "normals"}),
        wireframe="wireframe" in words,
        predicted_light="studio" not in words,
        joints="skeleton" in words,
        keypoints="keypoints" in words,
        boxes="boxes" in words,
        labels="names" in words,
    )
    if "skin" in words:
        return replace(style, surface="skin")
    return replace(style, surface="normals") if "normals" in words else style


def track_colour(index: int, hand: HandState) -> tuple[int, int, int]:
    """Return the RGB colour of a hand: by track, or by its place where there is no tracking."""
    return HAND_COLOURS[(hand.track_id if hand.track_id >= 0 else index) % len(HAND_COLOURS)]
