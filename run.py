#!/usr/bin/env python3
"""The one door to ManyHands: needs Python 3.11 or newer and nothing else.

    python3 run.py                    open the window (without a display: process the demo clip)
    python3 run.py ARGUMENTS ...      the command line: `python3 run.py run video.mp4 --out DIR`
    python3 run.py doctor             what this machine has, what it lacks and what to do
    python3 run.py test [ARGUMENTS]   run every check; the arguments go to pytest

The first start makes the folder .venv beside this file, installs the program into it and looks
for the system libraries that a window needs; on Debian and Ubuntu it installs the missing ones
where it may (root, or sudo that asks no password), else it prints the command. Later starts need
no network: only a changed pyproject.toml or another Python lets pip run again. Delete .venv to
start over.
"""

# An old Python must be able to read this file as far as check_python().
from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "manyhands-stamp.json"
LOCK = ROOT / ".venv.lock"
WINDOWS = sys.platform == "win32"
SCRIPTS = VENV / ("Scripts" if WINDOWS else "bin")
SUFFIX = ".exe" if WINDOWS else ""
PYTHON = SCRIPTS / f"python{SUFFIX}"
TEST_EXTRAS = frozenset({"dev", "train", "tensorrt-rtx"})

#: What Qt's xcb plugin and OpenGL load at run time, and the Debian package that holds it.
#: libGLX_mesa stands for the driver; its package brings the software renderer along.
WINDOW_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX_mesa.so.0": "libglx-mesa0 libgl1-mesa-dri",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
#: What Debian keeps apart from Python itself; only needed to make .venv.
VENV_PARTS = {"ensurepip": f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"}
#: Programs that give the tests a display where there is none.
TEST_PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth"}

CHECKS = (
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format", ("ruff", "format", "--check", ".")),
    ("mypy", ("mypy",)),
    ("lint-imports", ("lint-imports", "--no-logo")),
)


class StartError(Exception):
    """The program cannot start; the message says why and what to do."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks and return the exit status."""
    try:
        check_python()
        if arguments and arguments[0] in ("-h", "--help"):
            print(__doc__)
            return start(arguments) if is_installed(frozenset()) else 0
        if arguments and arguments[0] == "test":
            prepare(TEST_EXTRAS, {**WINDOW_LIBRARIES, **TEST_PROGRAMS})
            require_display_for_tests()
            return run_checks(arguments[1:])
        prepare(frozenset(), WINDOW_LIBRARIES if has_display() else {})
        return start(arguments)
    except StartError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nrun.py: interrupted", file=sys.stderr)
        return 130


def check_python() -> None:
    """Refuse a Python that is too old."""
    if sys.version_info < (3, 11):  # noqa: UP036  an old Python must hear it from us
        raise StartError(
            f"ManyHands needs Python 3.11 or newer, this is {platform.python_version()}. "
            "Install a newer one and start with it, for example: python3.12 run.py"
        )


def prepare(extras: frozenset[str], system_parts: dict[str, str]) -> None:
    """Make the environment fit: system parts, .venv, packages."""
    offer_system_parts(system_parts if PYTHON.exists() else {**VENV_PARTS, **system_parts})
    if is_installed(extras):
        return
    with single_installer():
        if not is_installed(extras):  # another start may have done it meanwhile
            make_venv()
            install(extras)


# --- system parts -----------------------------------------------------------------------------


def has_display() -> bool:
    """Say whether a window can open."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_missing(part: str) -> bool:
    """Say whether a library cannot be loaded, a program or Python's ensurepip not be found."""
    if part in VENV_PARTS:
        return importlib.util.find_spec(part) is None
    if ".so" not in part:
        return shutil.which(part) is None
    try:
        ctypes.CDLL(part)
    except OSError:
        return True
    return False


def offer_system_parts(system_parts: dict[str, str]) -> None:
    """Install what is missing, or say how; what cannot go on without it finds out by itself."""
    if sys.platform != "linux":
        return
    missing = [part for part in system_parts if is_missing(part)]
    if not missing:
        return
    packages = [package for part in missing for package in system_parts[part].split()]
    if not install_packages(packages):
        print(f"run.py: not found: {', '.join(missing)}. {how_to_install(packages)}")


def require_display_for_tests() -> None:
    """Stop where the window's tests would abort the whole run."""
    if sys.platform == "linux" and not has_display() and is_missing("Xvfb"):
        raise StartError(f"the tests need a display or Xvfb. {how_to_install(['xvfb', 'xauth'])}")


def how_to_install(packages: Sequence[str]) -> str:
    """Return one line that tells how to get Debian packages, or their kin elsewhere."""
    if shutil.which("apt-get"):
        return f"Install with: sudo apt-get install {' '.join(packages)}"
    return f"Install what your system calls these Debian packages: {' '.join(packages)}"


def install_packages(packages: Sequence[str]) -> bool:
    """Install Debian packages where that needs no password; return whether they are there now."""
    prefix = administrator_prefix()
    if prefix is None or not shutil.which("apt-get"):
        return False
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    apt += ["-o", "DPkg::Lock::Timeout=300"]
    print(f"run.py: installing system packages: {' '.join(packages)}", flush=True)
    for command in (["update"], ["install", "--no-install-recommends", *packages]):
        result = subprocess.run(
            [*apt, *command],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    if result.returncode != 0:  # only the last counts: an update may fail for some other source
        print(result.stdout)
    return result.returncode == 0


def administrator_prefix() -> list[str] | None:
    """Return what to put before a command to run it as root; None where that is not possible."""
    if sys.platform == "win32":
        return None
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    asks = subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True)
    return ["sudo", "-n"] if asks.returncode == 0 else None


# --- the environment --------------------------------------------------------------------------


def environment_key() -> str:
    """Return a hash of all that an installed .venv depends on."""
    parts = (*python_identity(), platform.machine(), str(ROOT))
    text = "\n".join(parts).encode() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(text).hexdigest()


def python_identity() -> tuple[str, str]:
    """Return the version without its patch level, and where this Python lives."""
    return f"{sys.version_info.major}.{sys.version_info.minor}", sys.base_prefix


def installed_extras() -> frozenset[str] | None:
    """Return the extras that .venv holds; None where it does not fit this checkout."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
        return frozenset(stamp["extras"]) if stamp["key"] == environment_key() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_installed(extras: frozenset[str]) -> bool:
    """Say whether .venv fits this checkout and holds the extras."""
    present = installed_extras()
    return present is not None and extras <= present


@contextlib.contextmanager
def single_installer() -> Iterator[None]:
    """Let one start at a time change .venv; the system drops the lock of a killed one."""
    with LOCK.open("a+") as handle:
        waited = False
        while not try_lock(handle.fileno()):
            if not waited:
                print("run.py: waiting for another start that prepares .venv", flush=True)
            waited = True
            time.sleep(0.5)
        yield  # closing the file gives the lock back


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file if it is free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def make_venv() -> None:
    """Make .venv, unless there is one that works with this Python."""
    if venv_works():
        return
    if any(is_missing(part) for part in VENV_PARTS):
        raise StartError(
            f"this Python cannot make environments. {how_to_install(list(VENV_PARTS.values()))}"
        )
    print("run.py: making .venv", flush=True)
    base_python = getattr(sys, "_base_executable", sys.executable)
    call([base_python, "-m", "venv", "--clear", str(VENV)], "the environment cannot be made")


def venv_works() -> bool:
    """Say whether .venv has pip and the Python that runs this."""
    probe = "import sys, pip; print('%d.%d' % sys.version_info[:2]); print(sys.base_prefix)"
    try:
        answer = subprocess.run(
            [PYTHON, "-c", probe], check=False, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tuple(answer.stdout.splitlines()) == python_identity()


def install(extras: frozenset[str]) -> None:
    """Install the program, editable, with its extras; stamp .venv when all went well."""
    extras = extras | (installed_extras() or frozenset())
    STAMP.unlink(missing_ok=True)
    wanted = str(ROOT) + (f"[{','.join(sorted(extras))}]" if extras else "")
    print("run.py: installing packages into .venv; the first time takes minutes", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    if not sys.stdout.isatty():
        pip.append("-qq")  # errors only: a log has no use for progress bars
    call([*pip, "--editable", wanted], "the packages could not be installed; is there a network?")
    temporary = STAMP.with_suffix(".part")
    temporary.write_text(json.dumps({"key": environment_key(), "extras": sorted(extras)}), "utf-8")
    temporary.replace(STAMP)


def call(command: Sequence[str], failure: str) -> None:
    """Run a command; raise what it means when it fails."""
    status = subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode
    if status != 0:
        raise StartError(f"{failure} ({Path(command[0]).name} ended with {status}, see above)")


# --- starting ---------------------------------------------------------------------------------


def start(arguments: Sequence[str]) -> int:
    """Become the program; where a process cannot, wait for it."""
    command = [str(SCRIPTS / f"manyhands{SUFFIX}"), *arguments]
    sys.stdout.flush()
    try:
        if not WINDOWS:
            os.execv(command[0], command)
        return wait(command)
    except OSError as error:
        raise StartError(f"{error}. Delete the folder {VENV} and start again") from error


def wait(command: Sequence[str]) -> int:
    """Run a command to its end; Ctrl-C reaches it too, so let it end in its own way."""
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def run_checks(pytest_arguments: Sequence[str]) -> int:
    """Run every check, pytest last, and return 1 if one failed."""
    os.chdir(ROOT)
    os.environ.setdefault("OMP_NUM_THREADS", "2")  # torch and OpenCV spin when they share cores
    failed = []
    for name, command in CHECKS:
        began = time.monotonic()
        result = subprocess.run(
            [str(SCRIPTS / f"{command[0]}{SUFFIX}"), *command[1:]],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        verdict = "passed" if result.returncode == 0 else "FAILED"
        print(f"{name:<14}{verdict} {time.monotonic() - began:7.1f} s", flush=True)
        if result.returncode != 0:
            failed.append(name)
            print(result.stdout, flush=True)
    if wait([str(PYTHON), "-m", "pytest", *pytest_arguments]) != 0:
        failed.append("pytest")
    if failed:
        print(f"run.py: failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
