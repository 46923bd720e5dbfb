"""`manyhands doctor`: what this machine has and lacks, and what to do about it."""

import contextlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import av
from rich.console import Console
from rich.table import Table

from app.display import display_problem, probe_opengl
from core.assets import (
    checked_weights,
    demo_clip_path,
    hand_model_path,
    user_folders,
    weights_path,
)
from core.capture import list_cameras
from core.engines.select import AUTO, DEFAULT_PROFILE, engine_report, open_engine
from core.errors import ManyHandsError
from core.hand_model.file import load_hand_model

_LIBRARIES: Final = (
    *("manyhands", "numpy", "opencv-python-headless", "onnxruntime", "safetensors", "av", "mcap"),
    *("PyQt6", "pyqtgraph", "vispy", "typer", "rich", "platformdirs", "scipy", "pydantic"),
    *("openvino", "torch", "tensorrt", "tensorrt_rtx"),
)
_PROBE_TIMEOUT_S: Final = 10.0
_ENOUGH_MEMORY_GIB: Final = 1.0
_ENOUGH_DISK_GIB: Final = 1.0
_RESTORE: Final = "Restore resources/ from the program's package (git checkout, or reinstall)."


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: stable key.
        ok: whether it is as it should be.
        needed: whether `manyhands run` cannot work without it.
        found: what there is, for a person.
        remedy: what to do; empty where all is well.
        code: of the error that it would be to go on, where it has one.
    """

    name: str
    ok: bool
    needed: bool
    found: str
    remedy: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What `manyhands doctor` says.

    Attributes:
        can_run: whether every needed check is ok.
        checks: in the order in which a person reads them.
        versions: of Python and of the libraries that are installed.
    """

    can_run: bool
    checks: tuple[Check, ...]
    versions: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return plain values; `format` rises when a key changes its meaning."""
        return {"format": 1, **asdict(self), "checks": [asdict(check) for check in self.checks]}


#: Looks at what is named, or at everything.
Examine = Callable[[Collection[str]], Report]


def examine(names: Collection[str] = ()) -> Report:
    """Look at the machine; a probe that fails in any way is a finding, never a crash.

    Args:
        names: of the probes; none for all.
    """
    checks: list[Check] = []
    for name, probe, needed in _PROBES:
        if names and name not in names:
            continue
        try:
            checks.extend(probe())
        except ManyHandsError as error:
            checks.append(Check(name, False, needed, error.cause, error.remedy, error.code))
        except Exception as error:  # noqa: BLE001 - a doctor does not die of the illness
            found = f"{type(error).__name__}: {error}"
            checks.append(Check(name, False, needed, found, "Please report this."))
    can_run = all(check.ok for check in checks if check.needed)
    return Report(can_run, tuple(checks), _versions())


def show(report: Report, console: Console) -> None:
    """Print the report as a table."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for check in report.checks:
        mark = "[green]ok[/]" if check.ok else "[red]NO[/]" if check.needed else "[yellow]--[/]"
        remedy = f"\n[cyan]{_escaped(check.remedy)}[/]" if check.remedy and not check.ok else ""
        table.add_row(mark, check.name, _escaped(check.found) + remedy)
    console.print(table)
    libraries = ", ".join(f"{name} {number}" for name, number in report.versions.items())
    console.print(f"\n{libraries}", style="dim", highlight=False)
    verdict = (
        "[green]`manyhands run` can work here.[/]"
        if report.can_run
        else "[red]`manyhands run` cannot work here; mend what is marked NO.[/]"
    )
    console.print(f"\n{verdict}")


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def _check_system() -> list[Check]:
    python = f"Python {platform.python_version()} ({sys.executable})"
    modern = sys.version_info >= (3, 11)
    return [
        Check("python", modern, True, python, "" if modern else "Install Python 3.11 or newer."),
        Check("system", True, False, f"{platform.system()} {platform.release()}, {_machine()}"),
        Check("cpu", True, False, f"{_cpu_name()}, {_usable_cores()} usable cores"),
    ]


def _machine() -> str:
    with contextlib.suppress(OSError):
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {platform.machine()}"
    return platform.machine()


def _cpu_name() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _usable_cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check_memory() -> list[Check]:
    if not hasattr(os, "sysconf"):
        return [Check("memory", True, False, "not known on this system")]
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    enough = total >= _ENOUGH_MEMORY_GIB
    remedy = "" if enough else f"ManyHands wants {_ENOUGH_MEMORY_GIB:g} GiB."
    return [Check("memory", enough, False, f"{total:.1f} GiB", remedy)]


def _check_gpu() -> list[Check]:
    command = "nvidia-smi"
    if shutil.which(command) is None:
        found = "no NVIDIA driver (nvidia-smi not found)"
        return [Check("gpu", False, False, found, "Not needed; hands are found on the CPU.")]
    done = subprocess.run(
        [command, "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        timeout=_PROBE_TIMEOUT_S,
        check=False,
    )
    lines = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).strip()
    works = done.returncode == 0 and bool(lines)
    remedy = "" if works else "Check the NVIDIA driver; hands are found on the CPU meanwhile."
    return [Check("gpu", works, False, "; ".join(lines.splitlines()) or "no GPU listed", remedy)]


def _check_cameras() -> list[Check]:
    cameras = list_cameras()
    if not cameras:
        remedy = "Plug one in, or use a video, an image, a folder, a URL or demo as SOURCE."
        return [Check("cameras", False, False, "none found", remedy, "CAM-01")]
    found = "; ".join(f"{camera.index}: {camera.name}" for camera in cameras)
    return [Check("cameras", True, False, found)]


def _check_display() -> list[Check]:
    problem = display_problem()
    if problem is not None:
        remedy = "Start from a desktop session for the window; `manyhands run` needs none."
        return [
            Check("display", False, False, problem, remedy, "GUI-01"),
            Check("opengl", False, False, "not tried without a display", remedy),
        ]
    opengl = probe_opengl()
    display = Check("display", True, False, "there is one")
    if opengl.found is not None:
        return [display, Check("opengl", True, False, opengl.found)]
    remedy = "Install the graphics driver (Debian: libgl1 libgl1-mesa-dri)."
    return [display, Check("opengl", False, False, opengl.reason, remedy, "GUI-02")]


def _check_engines() -> list[Check]:
    report = engine_report()
    any_works = any(status.available for status in report)
    taken = next((s.name for s in report if s.available and s.by_auto), "none")
    remedy = "Reinstall: python3 -m pip install --force-reinstall onnxruntime"
    return [
        Check("engine", True, True, f"auto takes {taken}")
        if any_works
        else Check("engine", False, True, "no engine works here", remedy, "ENG-01"),
        *(
            Check(f"engine {status.name}", status.available, False, status.reason)
            for status in report
        ),
    ]


def _check_weights() -> list[Check]:
    """Load the network as a run would: hash, architecture and a first frame."""
    engine = open_engine(AUTO, DEFAULT_PROFILE, 720, 1280, at_once=True)
    try:
        described = engine.describe()
        size = "x".join(str(extent) for extent in engine.input_size)
    finally:
        engine.close()
    found = f"{DEFAULT_PROFILE}, SHA-256 {described.weights_sha256[:12]}... as stated, input {size}"
    return [Check("weights", True, True, found), _check_full()]


def _check_full() -> Check:
    """Say whether the profile for graphics cards has weights; the program works without."""
    if weights_path("full", "onnx").is_file():
        return Check("weights, full", True, False, checked_weights("full", "onnx")[0].name)
    found = f"profile full has no weights yet; only {DEFAULT_PROFILE} has"
    return Check("weights, full", False, False, found, "Train it: training/README.md, on a GPU.")


def _check_hand_model() -> list[Check]:
    model = load_hand_model(hand_model_path())
    found = f"{model.name} {model.version}, {model.num_vertices} vertices"
    return [Check("hand model", True, True, found)]


def _check_demo_clip() -> list[Check]:
    path = demo_clip_path()
    there = path.is_file()
    found = f"{path}" if there else f"missing: {path}"
    return [Check("demo clip", there, False, found, "" if there else _RESTORE)]


def _check_video() -> list[Check]:
    checks = []
    for name, mode, needed in (("h264", "r", True), ("libx264", "w", True), ("hevc", "r", False)):
        label = f"video {'decoder' if mode == 'r' else 'encoder'} {name}"
        try:
            av.Codec(name, mode)
            found, ok = f"PyAV {av.__version__}, FFmpeg {av.ffmpeg_version_info}", True
        except (av.error.FFmpegError, ValueError) as error:
            found, ok = f"missing in PyAV {av.__version__} ({error})", False
        remedy = (
            ""
            if ok
            else "Reinstall: python3 -m pip install --force-reinstall --only-binary :all: av"
        )
        checks.append(Check(label, ok, needed, found, remedy))
    return checks


def _check_folders() -> list[Check]:
    folders = user_folders()
    found = f"{folders.config}, {folders.data}, {folders.cache}, {folders.log}"
    if folders.notices:
        remedy = "Settings will not last; make the folder writable."
        return [Check("folders", False, False, "; ".join(folders.notices), remedy)]
    return [Check("folders", True, False, found)]


def _check_disk() -> list[Check]:
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    enough = free >= _ENOUGH_DISK_GIB
    remedy = "" if enough else "Free some space, or write elsewhere with --out."
    return [Check("disk", enough, False, f"{free:.1f} GiB free in {Path.cwd()}", remedy)]


#: (name where the probe itself fails, probe, whether `run` needs it).
_PROBES: Final[tuple[tuple[str, Callable[[], list[Check]], bool], ...]] = (
    ("system", _check_system, True),
    ("memory", _check_memory, False),
    ("gpu", _check_gpu, False),
    ("cameras", _check_cameras, False),
    ("display", _check_display, False),
    ("engine", _check_engines, True),
    ("weights", _check_weights, True),
    ("hand model", _check_hand_model, True),
    ("demo clip", _check_demo_clip, False),
    ("video", _check_video, True),
    ("folders", _check_folders, False),
    ("disk", _check_disk, False),
)
