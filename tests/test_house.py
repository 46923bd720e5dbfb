"""The rules of the house: imports, files, texts, error codes, packages, licences."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import core.errors

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("app", "core", "export", "training")
MAX_LINES = 400
#: Files that may be longer; each says why in its top docstring, with the words "long because".
LONG_FILES: frozenset[str] = frozenset()

#: What lies in a checkout without being part of it; used only where git cannot tell.
NOT_OURS = {"__pycache__", "build", "dist", "output", "runs"}
TEXT_SUFFIXES = {".csv", ".ini", ".json", ".md", ".py", ".sh", ".svg", ".toml", ".txt", ".yml", ""}

#: Camera to mesh on ONNX Runtime: what a machine without torch and without a display runs.
RUNTIME_PATH = (
    "core.capture",
    "core.preprocess",
    "core.engines.onnx",
    "core.engines.select",
    "core.decode",
    "core.tracking",
    "core.smoothing",
    "core.pipeline",
)
FORBIDDEN_AT_RUNTIME = ("torch", "PyQt6", "vispy", "pyqtgraph", "app", "export", "training")


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file of the project, by git, or by walking a folder that git does not know."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(
            [
                "git",
                "-C",
                str(ROOT),
                "-c",
                f"safe.directory={ROOT}",
                "ls-files",
                "-coz",
                "--exclude-standard",
            ],
            check=True,
            capture_output=True,
            encoding="utf-8",
        ).stdout
        paths = [ROOT / name for name in listed.split("\0") if name]
    else:
        paths = [
            path
            for path in ROOT.rglob("*")
            if not any(
                part in NOT_OURS or part.startswith(".") or part.endswith(".egg-info")
                for part in path.relative_to(ROOT).parts
            )
        ]
    return tuple(sorted(path for path in paths if path.is_file()))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*rooms: str) -> Iterator[Path]:
    return (
        path
        for path in tracked_files()
        if path.suffix == ".py" and (not rooms or path.relative_to(ROOT).parts[0] in rooms)
    )


def test_the_path_from_camera_to_mesh_loads_no_torch_and_no_window() -> None:
    script = (
        "import importlib, sys\n"
        f"for name in {RUNTIME_PATH!r}: importlib.import_module(name)\n"
        f"print([name for name in {FORBIDDEN_AT_RUNTIME!r} if name in sys.modules])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"


def test_no_file_is_too_long() -> None:
    lines = {name_of(path): path.read_text("utf-8").count("\n") for path in python_files()}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {
        name: lines.get(name, 0) for name in LONG_FILES
    }


def test_long_files_say_why() -> None:
    for name in LONG_FILES:
        docstring = ast.get_docstring(ast.parse((ROOT / name).read_text("utf-8"))) or ""
        assert "long because" in docstring, name


def test_no_text_names_a_machine_or_an_index_of_packages() -> None:
    # Written in pieces, so that this file does not contain what it looks for.
    pieces = [
        ("/", "work/"), ("/", "home/"), ("/", "root/"), ("/", "opt/"), ("/", "tmp/bare"),
        ("C:", r"\\Users"), ("pypi.", "org/simple"), ("files.python", "hosted.org"),
        ("download.", "pytorch.org"), ("pypi.", "nvidia.com"),
    ]  # fmt: skip
    pattern = re.compile("|".join(r"(?<![\w.~}])" + re.escape(a) + b for a, b in pieces))
    found = []
    for path in tracked_files():
        if path.suffix in TEXT_SUFFIXES:
            text = path.read_text("utf-8", errors="ignore")
            found += [f"{name_of(path)}: {match.group()}" for match in pattern.finditer(text)]
    assert found == []


def codes_in_the_list() -> list[str]:
    assert core.errors.__doc__ is not None
    listing = core.errors.__doc__.split("Codes in use")[1]
    return re.findall(r"\b[A-Z]{3}-\d\d\b", listing)


def raised_codes() -> Iterator[tuple[str, str, str]]:
    """(file, exception class, code) of every error that the program makes with a plain code."""
    for path in python_files(*ROOMS):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            kind = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            kind = kind.id if isinstance(kind, ast.Name) else kind
            code = node.args[0]
            if isinstance(kind, str) and isinstance(code, ast.Constant):
                if re.fullmatch(r"[A-Z]{3}-\d\d", str(code.value)):
                    yield name_of(path), kind, str(code.value)


def test_each_error_code_is_listed_once() -> None:
    codes = codes_in_the_list()
    assert len(codes) > 20
    assert sorted(codes) == sorted(set(codes))


def test_every_error_code_in_the_program_is_listed() -> None:
    listed = set(codes_in_the_list())
    used = {
        (name_of(path), code)
        for path in python_files(*ROOMS)
        for code in re.findall(r"[\"'`]([A-Z]{3}-\d\d)[\"'`:]", path.read_text("utf-8"))
    }
    assert used
    assert {(name, code) for name, code in used if code not in listed} == set()


def test_the_letters_of_a_code_belong_to_the_kind_of_error() -> None:
    assert core.errors.__doc__ is not None
    letters = dict(re.findall(r"(\w+Error) +([A-Z]{3})-\.\.", core.errors.__doc__))
    assert len(letters) == 9
    raised = [entry for entry in raised_codes() if entry[1] in letters]
    assert raised
    assert [entry for entry in raised if entry[2][:3] != letters[entry[1]]] == []


def test_every_folder_with_python_is_a_package_that_gets_installed() -> None:
    folders = {path.parent for path in python_files(*ROOMS)}
    assert {folder for folder in folders if not (folder / "__init__.py").is_file()} == set()
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    assert set(setuptools["packages"]) == {
        *(".".join(folder.relative_to(ROOT).parts) for folder in folders),
        "core.resources",
    }


@pytest.mark.slow
def test_a_wheel_finds_its_resources(tmp_path: Path) -> None:
    source, unpacked = tmp_path / "source", tmp_path / "unpacked"
    for path in tracked_files():
        if path.relative_to(ROOT).parts[0] != "tests":
            (source / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, source / path.relative_to(ROOT))
    pip = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index"]
    build = subprocess.run(
        [*pip, "--quiet", "--wheel-dir", str(tmp_path), str(source)],
        capture_output=True,
        text=True,
    )
    assert build.returncode == 0, build.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(unpacked)
    script = "from core.assets import resources_dir; print(resources_dir())"
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=unpacked,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
    )
    assert found.returncode == 0, found.stderr
    resources = Path(found.stdout.strip())
    assert resources.is_relative_to(unpacked)
    packed = {path.relative_to(resources) for path in resources.rglob("*") if path.is_file()}
    ours = {path for path in tracked_files() if path.is_relative_to(ROOT / "resources")}
    assert packed == {path.relative_to(ROOT / "resources") for path in ours}


def test_resources_hold_no_python() -> None:
    assert list(python_files("resources")) == []


def test_every_package_of_the_program_is_under_a_licence_that_goes_with_the_gpl() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    licences = dict(licences_of(project["dependencies"]))
    assert licences["PyQt6"] == "GPL-3.0-only"
    assert len(licences) >= len(project["dependencies"])
    assert {name: text for name, text in licences.items() if not fits_the_gpl(text)} == {}


def licences_of(requirements: list[str]) -> Iterator[tuple[str, str]]:
    """(package, licence) of the packages and of all that they need, without their extras."""
    waiting, seen = [Requirement(line).name for line in requirements], set()
    while waiting:
        current = waiting.pop()
        if current.lower() in seen:
            continue
        seen.add(current.lower())
        try:
            found = distribution(current)
        except PackageNotFoundError:
            continue  # of another platform, or a choice among several
        metadata = found.metadata
        classifiers = [
            line.rsplit("::", 1)[1].strip()
            for line in metadata.get_all("Classifier", [])
            if line.startswith("License ::")
        ]
        parts = (metadata.get("License-Expression"), metadata.get("License"), *classifiers)
        yield current, " | ".join(part.splitlines()[0] for part in parts if part)
        waiting += [
            requirement.name
            for requirement in map(Requirement, found.requires or [])
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        ]


def fits_the_gpl(licence: str) -> bool:
    """Say whether one of the licences that a package names may stand beside GPL-3.0 code."""
    if re.search(r"non-?commercial|proprietary|\bNC\b", licence, re.IGNORECASE):
        return False
    good = (
        r"\b(MIT|BSD|Apache|ISC|MPL|PSF|Python Software Foundation|Zlib|0BSD|HPND|L?GPL"
        r"|public domain)"
    )
    return re.search(good, licence, re.IGNORECASE) is not None


@pytest.mark.parametrize(
    ("licence", "fits"),
    [
        ("MIT License", True),
        ("GPL-3.0-only", True),
        ("LGPL v3", True),
        ("Copyright (c) Somebody, Inc. | BSD License", True),
        ("BSD-3-Clause AND 0BSD AND MIT", True),
        ("This is free software released into the public domain.", True),
        ("Free for non-commercial use", False),
        ("CC-BY-NC-4.0", False),
        ("Other/Proprietary License", False),
        ("UNKNOWN", False),
        ("", False),
    ],
)
def test_licences_are_told_apart(licence: str, fits: bool) -> None:
    assert fits_the_gpl(licence) is fits


def test_the_extras_are_those_that_the_design_names_and_pin_torch() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {
        "train", "openvino", "tensorrt", "tensorrt-rtx", "mano", "build-hand", "usd", "dev",
        "cluster", "quantise",
    }  # fmt: skip
    requirements = [Requirement(line) for lines in extras.values() for line in lines]
    pins = {str(r.specifier) for r in requirements if r.name == "torch"}
    assert pins == {"==2.13.0"}
    assert "torch" not in {Requirement(line).name for line in project["dependencies"]}
