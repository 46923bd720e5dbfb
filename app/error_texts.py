"""What a fault says in the window, in the window's language.

The core says in English what happened, with names and numbers. In another language a person reads
a text that goes with the stable code, and the exact words stand in the details.
"""

from typing import Final, Literal, Protocol

from PyQt6.QtCore import QCoreApplication

from app.panels.banner import Notice
from app.translation import is_english

_translate = QCoreApplication.translate
#: Remedies that name an option are for the command line.
_OPTION: Final = "--"


class Told(Protocol):
    """What a ManyHandsError and a Fault have."""

    @property
    def code(self) -> str:
        """Stable code."""

    @property
    def cause(self) -> str:
        """What happened, in English."""

    @property
    def remedy(self) -> str:
        """What to do, in English."""


def error_notice(state: Literal["warn", "error"], error: Told) -> Notice:
    """Return what the banner says of an error."""
    return Notice(state, error.code, error_title(error), error_remedy(error), error_details(error))


def error_sentence(error: Told) -> str:
    """Return what happened and what to do as one text."""
    title = error_title(error)
    end = "" if title.endswith((".", "\u3002")) else "."
    return f"{title[:1].upper()}{title[1:]}{end} {error_remedy(error)}"


def error_title(error: Told) -> str:
    """Return what happened: the exact words in English, else the text of the code."""
    texts = error_texts().get(error.code)
    return error.cause if is_english() or texts is None else texts[0]


def error_remedy(error: Told) -> str:
    """Return what to do: as the error says in English, unless it speaks of the command line."""
    texts = error_texts().get(error.code)
    says_it = is_english() and _OPTION not in error.remedy
    return error.remedy if says_it or texts is None else texts[1]


def error_details(error: Told) -> str:
    """Return the exact words where they are not on the screen already; else nothing."""
    said = (error_title(error), error_remedy(error))
    if said == (error.cause, error.remedy):
        return ""
    return f"{error.code}: {error.cause}. {error.remedy}"


def error_texts() -> dict[str, tuple[str, str]]:
    """Return, by code, what happened and what to do; all codes but those of training."""
    return {**_sources(), **_models(), **_outputs(), **_others()}


def _sources() -> dict[str, tuple[str, str]]:
    """Of cameras, videos, pictures and addresses."""
    return {
        "CAM-01": (
            _translate("Errors", "No camera was found."),
            _translate("Errors", "Plug a camera in, or open a video."),
        ),
        "CAM-02": (
            _translate("Errors", "The camera is in use by another program."),
            _translate("Errors", "Close the other program, then try again."),
        ),
        "CAM-03": (
            _translate("Errors", "The camera may not be used."),
            _translate(
                "Errors",
                "Allow it in the system's privacy settings; on Linux join the group video.",
            ),
        ),
        "CAM-04": (
            _translate("Errors", "The source was lost."),
            _translate("Errors", "Check its plug or the network, then try again."),
        ),
        "CAM-05": (
            _translate("Errors", "The source gives no pictures any more."),
            _translate(
                "Errors", "Unplug the camera and plug it in again, or choose another source."
            ),
        ),
        "CAM-06": (
            _translate("Errors", "The file or folder is not there."),
            _translate("Errors", "Choose one that is there."),
        ),
        "CAM-07": (
            _translate("Errors", "The file cannot be read."),
            _translate("Errors", "Open another file, or convert this one to MP4, JPEG or PNG."),
        ),
        "CAM-08": (
            _translate("Errors", "The address cannot be reached."),
            _translate("Errors", "Check the address and the network."),
        ),
        "CAM-09": (
            _translate("Errors", "No picture in the folder can be read."),
            _translate("Errors", "Choose a folder with JPEG or PNG pictures."),
        ),
        "CAM-10": (
            _translate("Errors", "The pictures have a format that is not known."),
            _translate("Errors", "Choose another mode of the camera, or another source."),
        ),
        "CAM-11": (
            _translate("Errors", "The lens could not be determined."),
            _translate("Errors", "Show the board again, at more angles and closer."),
        ),
    }


def _models() -> dict[str, tuple[str, str]]:
    """Of models and engines."""
    return {
        "MDL-01": (
            _translate("Errors", "A file of the model is missing."),
            _translate("Errors", "Install the program anew, or import the file."),
        ),
        "MDL-02": (
            _translate("Errors", "A file of the model is not the one that was published."),
            _translate("Errors", "Install the program anew."),
        ),
        "MDL-03": (
            _translate("Errors", "A file of the model is damaged."),
            _translate("Errors", "Install the program anew, or fetch the file again."),
        ),
        "MDL-04": (
            _translate("Errors", "The weights are those of another network."),
            _translate("Errors", "Use the weights that came with the program."),
        ),
        "MDL-05": (
            _translate("Errors", "The weights hold numbers that are none."),
            _translate("Errors", "Use the weights that came with the program."),
        ),
        "MDL-06": (
            _translate("Errors", "The model's file was refused: it might run code."),
            _translate("Errors", "Download it from its publisher again."),
        ),
        "ENG-01": (
            _translate("Errors", "This engine is not available here."),
            _translate("Errors", "Choose another engine, or install what it needs."),
        ),
        "ENG-02": (
            _translate("Errors", "The computation failed."),
            _translate("Errors", "Try again; if it fails again, choose another engine."),
        ),
        "ENG-03": (
            _translate("Errors", "The network's answers cannot be used."),
            _translate("Errors", "Choose another engine, or restart the program."),
        ),
        "ENG-04": (
            _translate("Errors", "The memory is full."),
            _translate("Errors", "Close other programs, or choose the processor as engine."),
        ),
        "ENG-05": (
            _translate("Errors", "The fast engine's file was refused."),
            _translate("Errors", "Build it anew: Source, Build the fast engine."),
        ),
        "ENG-06": (
            _translate("Errors", "The fast engine was not built."),
            _translate("Errors", "The program works on without it; the log says more."),
        ),
    }


def _outputs() -> dict[str, tuple[str, str]]:
    """Of files that are written, and recordings."""
    return {
        "OUT-01": (
            _translate("Errors", "It cannot be written there."),
            _translate(
                "Errors",
                "Choose another name or folder; replace what is there only if you mean it.",
            ),
        ),
        "OUT-02": (
            _translate("Errors", "The disk is full."),
            _translate("Errors", "Free some space, or choose another disk."),
        ),
        "OUT-03": (
            _translate("Errors", "A package that writes this format is missing."),
            _translate("Errors", "Install it, or choose another format."),
        ),
        "OUT-04": (
            _translate("Errors", "The folder has gone."),
            _translate("Errors", "Bring it back, or choose another folder."),
        ),
        "OUT-05": (
            _translate("Errors", "The disk is too slow."),
            _translate("Errors", "Record without pictures, or onto another disk."),
        ),
        "SES-01": (
            _translate("Errors", "The recording is not there."),
            _translate("Errors", "Choose a folder that ends with .hands."),
        ),
        "SES-02": (
            _translate("Errors", "Nothing in the recording can be read."),
            _translate("Errors", "Try `manyhands recover`, or open another recording."),
        ),
        "SES-03": (
            _translate("Errors", "The recording is of a newer version."),
            _translate("Errors", "Update ManyHands."),
        ),
        "SES-04": (
            _translate("Errors", "This is no recording."),
            _translate("Errors", "Choose a folder that ManyHands has recorded."),
        ),
        "SES-05": (
            _translate("Errors", "The recording has no pictures."),
            _translate("Errors", "Choose what needs none."),
        ),
        "SES-06": (
            _translate("Errors", "It is still being recorded."),
            _translate("Errors", "Stop the recording first."),
        ),
    }


def _others() -> dict[str, tuple[str, str]]:
    """Of settings, streams and the window itself."""
    return {
        "USE-01": (
            _translate("Errors", "A value is not known, or does not go with the others."),
            _translate("Errors", "Choose another one."),
        ),
        "USE-02": (
            _translate("Errors", "A setting is not known."),
            _translate("Errors", "Check its name, or reset the settings."),
        ),
        "USE-03": (
            _translate("Errors", "A value is out of range, or nothing lies in the chosen part."),
            _translate("Errors", "Choose another one."),
        ),
        "STR-01": (
            _translate("Errors", "The address cannot be used."),
            _translate("Errors", "Write HOST:PORT, such as 127.0.0.1:9000."),
        ),
        "STR-02": (
            _translate("Errors", "Another program has this port."),
            _translate("Errors", "Choose another port."),
        ),
        "STR-03": (
            _translate("Errors", "Nothing can be sent there."),
            _translate("Errors", "Check the address and the network."),
        ),
        "GUI-01": (
            _translate("Errors", "No window can open."),
            _translate("Errors", "Start it on a desktop."),
        ),
        "GUI-02": (
            _translate("Errors", "OpenGL cannot be used."),
            _translate("Errors", "Install a graphics driver; Mesa's needs no graphics card."),
        ),
        "GUI-03": (
            _translate("Errors", "ManyHands is open already."),
            _translate("Errors", "Use its window, or start another one with `manyhands --multi`."),
        ),
    }
