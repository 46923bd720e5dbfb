"""What the camera health coach finds, in words."""

from PyQt6.QtCore import QCoreApplication

from core.camera_health import Finding, Remedy


def cause_of(finding: Finding) -> str:
    """Return one line: what is wrong."""
    tr, numbers = QCoreApplication.translate, _numbers(finding)
    texts = {
        "black": tr("CameraHealth", "The picture is black"),
        "flat": tr("CameraHealth", "The picture is one flat colour"),
        "frozen": tr("CameraHealth", "The camera sends the same picture again and again"),
        "corrupt": tr("CameraHealth", "{percent} % of the pictures are damaged"),
        "misstamped": tr("CameraHealth", "{measured} pictures came out of order"),
        "slow": tr("CameraHealth", "The camera gives {measured} pictures per second, not {wanted}"),
        "dark": tr("CameraHealth", "The picture is dark"),
        "blurred": tr("CameraHealth", "Moving hands are blurred"),
    }
    return texts[finding.id].format(**numbers)


def advice_of(finding: Finding) -> str:
    """Return one line: what a person can do about it."""
    tr = QCoreApplication.translate
    by_remedy: dict[Remedy, str] = {
        "open_shutter": tr("CameraHealth", "Open its shutter, or take the cap off the lens."),
        "reopen": tr("CameraHealth", "Open it again; if that does not help, plug it in anew."),
        "shorten_exposure": tr("CameraHealth", "Shorten its exposure and add light."),
        "lower_resolution": tr("CameraHealth", "Take a smaller picture, or another USB socket."),
        "add_light": tr("CameraHealth", "Turn on a light in front of you."),
    }
    if finding.id == "slow" and finding.remedy == "shorten_exposure":
        return tr("CameraHealth", "Automatic exposure takes its time in this light: shorten it.")
    return by_remedy[finding.remedy]


def button_of(remedy: Remedy) -> str:
    """Return what the button says; empty where only hands can help."""
    tr = QCoreApplication.translate
    texts: dict[Remedy, str] = {
        "open_shutter": "",
        "reopen": tr("CameraHealth", "Reopen camera"),
        "shorten_exposure": tr("CameraHealth", "Shorten exposure"),
        "lower_resolution": tr("CameraHealth", "Lower resolution"),
        "add_light": "",
    }
    return texts[remedy]


def _numbers(finding: Finding) -> dict[str, str]:
    return {
        "measured": f"{finding.measured:.0f}",
        "wanted": f"{finding.wanted:.0f}",
        "percent": f"{100 * finding.measured:.0f}",
    }
