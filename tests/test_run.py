"""run.py on a stranger's machine; each test has its own folder with a copy of the file."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

RUN_PY = Path(__file__).resolve().parents[1] / "run.py"
posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks for Linux libraries")

# A package that pip can install without any other: its own build backend writes the wheel.
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "manyhands"
version = "1"
"""
BACKEND = """
import zipfile
INFO = "manyhands-1.dist-info/"
FILES = {
    "the_program.py": "import os, sys\\ndef main():\\n"
    "    print('started', sys.argv[1:], os.getcwd())\\n    return 7\\n",
    INFO + "METADATA": "Metadata-Version: 2.1\\nName: manyhands\\nVersion: 1\\n"
    "Provides-Extra: dev\\nProvides-Extra: train\\n",
    INFO + "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    INFO + "entry_points.txt": "[console_scripts]\\nmanyhands = the_program:main\\n",
}
def build_editable(folder, config_settings=None, metadata_directory=None):
    with open("pip_calls", "a") as log:
        log.write("x")
    name = "manyhands-1-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        for path, text in FILES.items():
            wheel.writestr(path, text)
        wheel.writestr(INFO + "RECORD", "".join(f"{path},,\\n" for path in FILES))
    return name
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "check out"  # a blank in the path, as people have
    folder.mkdir()
    shutil.copy(RUN_PY, folder)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    return folder


@pytest.fixture
def door(checkout: Path) -> ModuleType:
    """The module run.py of the checkout."""
    spec = importlib.util.spec_from_file_location("door", checkout / "run.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def put_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Give the machine a program of this name; it has no other ones but the shell's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "env", "echo", "cat"):
        (folder / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return put


def begin(checkout: Path, *arguments: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PIP_NO_INDEX": "1", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    return subprocess.Popen(
        [sys.executable, str(checkout / "run.py"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=checkout.parent,
        env=environment,
    )


def run(checkout: Path, *arguments: str) -> tuple[int, str]:
    process = begin(checkout, *arguments)
    output, _ = process.communicate(timeout=100)
    return process.returncode, output


def test_help_names_both_commands_and_installs_nothing(checkout: Path) -> None:
    status, output = run(checkout, "--help")
    assert status == 0
    assert "python3 run.py test" in output and "doctor" in output
    assert not (checkout / ".venv").exists()


@pytest.mark.slow
def test_the_first_start_installs_later_ones_only_start(checkout: Path) -> None:
    status, output = run(checkout, "run", "a b", "--out=x")
    assert status == 7, output
    assert output.splitlines()[-1] == f"started ['run', 'a b', '--out=x'] {checkout.parent}"

    assert run(checkout) == (7, f"started [] {checkout.parent}\n")
    assert (checkout / "pip_calls").read_text() == "x"

    (checkout / "pyproject.toml").write_text(PYPROJECT + "description = 'changed'\n")
    assert run(checkout)[0] == 7
    assert (checkout / "pip_calls").read_text() == "xx"

    (checkout / "pyproject.toml").write_text(PYPROJECT)
    (checkout / "backend.py").write_text("raise SystemExit('broken on purpose')")
    status, output = run(checkout)
    assert status == 2
    assert "run.py: the packages could not be installed" in output.splitlines()[-1]
    assert run(checkout)[0] == 2  # a failed installation is not taken for a finished one


@pytest.mark.slow
def test_two_first_starts_at_once_install_once(checkout: Path) -> None:
    processes = [begin(checkout, "one"), begin(checkout, "two")]
    outputs = [process.communicate(timeout=100)[0] for process in processes]
    assert [process.returncode for process in processes] == [7, 7], outputs
    assert (checkout / "pip_calls").read_text() == "x"
    assert sum("waiting for another start" in output for output in outputs) == 1


def test_old_pythons_can_read_the_file_and_are_told_what_is_missing(
    door: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ast.parse(RUN_PY.read_text("utf-8"), feature_version=(3, 7))
    monkeypatch.setattr(door.sys, "version_info", (3, 10, 2))
    assert door.main(["doctor"]) == 2
    assert "needs Python 3.11 or newer" in capsys.readouterr().err


def test_a_stamp_fits_only_its_own_checkout_and_extras(door: ModuleType) -> None:
    def stamp(**changes: object) -> None:
        content = {"key": door.environment_key(), "extras": ["dev"], **changes}
        door.STAMP.write_text(json.dumps(content))

    door.VENV.mkdir()
    stamp()
    assert door.is_installed(frozenset())
    assert door.is_installed(frozenset({"dev"}))
    assert not door.is_installed(frozenset({"dev", "train"}))
    stamp(key="of another checkout")
    assert not door.is_installed(frozenset())
    for broken in ("", "[]", '{"key": 1}', "{", "null"):
        door.STAMP.write_text(broken)
        assert not door.is_installed(frozenset())


def test_a_folder_that_is_no_environment_is_not_used(door: ModuleType) -> None:
    assert not door.venv_works()
    door.PYTHON.parent.mkdir(parents=True)
    door.PYTHON.write_text("not a program")
    assert not door.venv_works()


def test_the_lock_has_one_holder_and_is_free_after_it(door: ModuleType) -> None:
    with door.single_installer(), door.LOCK.open("a+") as other:
        assert not door.try_lock(other.fileno())
    with door.LOCK.open("a+") as other:
        assert door.try_lock(other.fileno())


@linux_only
def test_missing_libraries_are_told_from_those_that_load(door: ModuleType) -> None:
    assert not door.is_missing("libc.so.6")
    assert door.is_missing("libof-another-world.so.3")


@posix_only
def test_root_installs_exactly_what_is_missing(
    door: ModuleType,
    put_program: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    put_program("apt-get", f'echo "$DEBIAN_FRONTEND $*" >> {tmp_path}/log')
    put_program("Xvfb", "")
    monkeypatch.setattr(door.sys, "platform", "linux")
    monkeypatch.setattr(door.os, "geteuid", lambda: 0)
    door.offer_system_parts({"libno.so.1": "libno1 libno-data", "Xvfb": "xvfb", "xa": "xauth"})
    update, install = (tmp_path / "log").read_text().splitlines()
    assert update.startswith("noninteractive") and update.endswith("update")
    assert install.endswith("install --no-install-recommends libno1 libno-data xauth")


@posix_only
@pytest.mark.parametrize("sudo", ["exit 1", None])
def test_without_rights_the_command_is_printed(
    sudo: str | None,
    door: ModuleType,
    put_program: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    put_program("apt-get", f"echo called > {tmp_path}/log")
    if sudo is not None:
        put_program("sudo", sudo)
    monkeypatch.setattr(door.sys, "platform", "linux")
    monkeypatch.setattr(door.os, "geteuid", lambda: 1000)
    door.offer_system_parts({"libno.so.1": "libno1"})
    assert "libno.so.1" in (text := capsys.readouterr().out)
    assert "sudo apt-get install libno1" in text
    assert not (tmp_path / "log").exists()


@posix_only
def test_sudo_without_a_password_installs(
    door: ModuleType,
    put_program: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    put_program("sudo", f'echo "$*" >> {tmp_path}/log')
    put_program("apt-get", "exit 1")
    monkeypatch.setattr(door.os, "geteuid", lambda: 1000)
    assert door.install_packages(["libno1"])
    assert (tmp_path / "log").read_text().splitlines()[-1].startswith("-n env DEBIAN_FRONTEND")


@posix_only
@pytest.mark.parametrize(("broken", "status"), [(None, 0), ("mypy", 1), ("python", 1)])
def test_all_checks_run_and_one_failure_fails_the_whole(
    broken: str | None,
    status: int,
    checkout: Path,
    door: ModuleType,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    door.SCRIPTS.mkdir(parents=True)
    for name in ("ruff", "mypy", "lint-imports", "python"):
        script = door.SCRIPTS / name
        script.write_text(f"#!/bin/sh\necho {name} $*\nexit {int(name == broken)}\n")
        script.chmod(0o755)
    assert door.run_checks(["-k", "hands"]) == status
    lines = capfd.readouterr().out.splitlines()
    results = [line.split()[-3] for line in lines if line.endswith(" s")]
    assert results == ["FAILED" if broken == "mypy" and n == 2 else "passed" for n in range(4)]
    assert "python -m pytest -k hands" in lines
    if broken is None:
        assert lines[-1] == "python -m pytest -k hands"
    else:
        assert lines[-1] == f"run.py: failed: {broken.replace('python', 'pytest')}"


def test_a_removed_program_is_told_with_its_remedy(
    door: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "has_display", lambda: False)
    door.VENV.mkdir()
    door.STAMP.write_text(json.dumps({"key": door.environment_key(), "extras": []}))
    assert door.main([]) == 2
    assert "Delete the folder" in capsys.readouterr().err
