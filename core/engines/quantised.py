"""The int8 network that `python -m export.quantise` leaves in the user's cache.

It is an OpenVINO network of two files, with a manifest that says which weights it was made of and
what it must hash to. A network of other weights, or one whose bytes have changed, is not taken.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.assets import sha256_of, user_folders
from core.errors import ModelFileError

_FORMAT: Final = 1
_MAX_MANIFEST_BYTES: Final = 1 << 16
_REMEDY: Final = "Make it with `python -m export.quantise` (it needs the extra quantise)."


def quantised_folder() -> Path:
    """Return where quantised networks lie."""
    return user_folders().cache / "int8"


def quantised_path(profile: str, folder: Path) -> Path:
    """Return the .xml of a profile's network; the .bin and the manifest lie beside it."""
    return folder / f"{profile}.xml"


def manifest_of(xml_path: Path, weights_sha256: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept beside a quantised network.

    Args:
        xml_path: of the network, already written.
        weights_sha256: of the .onnx file that it was made of.
        facts: what else should be known of it: accuracy, versions, pictures.
    """
    return {
        "format": _FORMAT,
        "weights_sha256": weights_sha256,
        "xml_sha256": sha256_of(xml_path),
        "bin_sha256": sha256_of(xml_path.with_suffix(".bin")),
        **facts,
    }


def checked_quantised(xml_path: Path, weights_sha256: str) -> str:
    """Return the SHA-256 of a quantised network after comparing all hashes with its manifest.

    Raises:
        ModelFileError: MDL-01 there is none, MDL-02 it has changed, MDL-03 its manifest cannot be
            read, MDL-04 it was made of other weights.
    """
    manifest = _read_manifest(xml_path.with_suffix(".json"))
    if manifest["weights_sha256"] != weights_sha256:
        raise ModelFileError("MDL-04", "the int8 network was made of other weights", _REMEDY)
    actual = {
        "xml_sha256": sha256_of(xml_path),
        "bin_sha256": sha256_of(xml_path.with_suffix(".bin")),
    }
    if any(manifest[key] != digest for key, digest in actual.items()):
        raise ModelFileError("MDL-02", "the int8 network is damaged or was changed", _REMEDY)
    return actual["bin_sha256"]


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_MANIFEST_BYTES:
            raise ValueError("it is too large")
        manifest = json.loads(path.read_text("utf-8"))
        if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
            raise ValueError("it is of another version")
        for key in ("weights_sha256", "xml_sha256", "bin_sha256"):
            if not isinstance(manifest.get(key), str):
                raise ValueError(f"it has no {key}")
    except FileNotFoundError as error:
        raise ModelFileError("MDL-01", "there is no int8 network", _REMEDY) from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFileError(
            "MDL-03", f"the int8 network's manifest cannot be read ({error})", _REMEDY
        ) from error
    return manifest
