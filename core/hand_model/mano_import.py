"""A user's own MANO file, read without running it, as a plain npz.

MANO's pickle of Python 2 asks for numpy, scipy and chumpy. None of them takes part here: their
names become records (`inert_pickle`), and the nine arrays in use are rebuilt from checked bytes.
A left hand is turned into a right one, as the program wants it.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.atomic import replacing
from core.errors import ModelFileError
from core.hand_model.file import HandModel, hand_model_from_arrays, mirrored
from core.hand_model.inert_pickle import (
    PLAIN_NAMES,
    Record,
    RefusedPickleError,
    plain,
    read_inert,
)
from core.topology import NUM_MODEL_JOINTS
from core.types import Side

_LOG = logging.getLogger(__name__)
#: Where the imported hand lies, in the user's data folder.
IMPORTED_NAME: Final = "mano_right.npz"
WHERE_TO_GET: Final = (
    "Get MANO_RIGHT.pkl from https://mano.is.tue.mpg.de (free for research, registration needed), "
    "then: manyhands mano import MANO_RIGHT.pkl"
)
_LICENCE: Final = (
    "MANO: for non-commercial scientific research, not to be passed on; see "
    "https://mano.is.tue.mpg.de/license.html"
)
_REMEDY: Final = "Give the MANO_RIGHT.pkl that you downloaded from https://mano.is.tue.mpg.de."
#: The official file has 3.7 MB and about 5 000 instructions.
_MAX_BYTES: Final = 64 << 20
_MAX_OPCODES: Final = 200_000
_CSC_NAMES: Final = {
    "scipy.sparse.csc.csc_matrix",
    "scipy.sparse._csc.csc_matrix",
}
_CHUMPY_VALUE: Final = "chumpy.ch.Ch"
_CHUMPY_SELECT: Final = "chumpy.reordering.Select"
_RECONSTRUCTORS: Final = {"copy_reg._reconstructor", "copyreg._reconstructor"}
_NAMES: Final = (
    PLAIN_NAMES
    | _CSC_NAMES
    | _RECONSTRUCTORS
    | {_CHUMPY_VALUE, _CHUMPY_SELECT, "__builtin__.object", "builtins.object"}
)
_KEYS: Final = (
    "v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f",
    "hands_components", "hands_mean",
)  # fmt: skip
#: A selection of a value is the deepest that MANO has.
_MAX_NESTING: Final = 4
_MAX_ELEMENTS: Final = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class ImportedMano:
    """What was found in a MANO file.

    Attributes:
        model: of a right hand.
        sha256: of the file that was read, in hexadecimal.
        side: of the hand in that file.
        mended: whether the known sign error of MANO_LEFT's shape directions was there.
    """

    model: HandModel
    sha256: str
    side: Side
    mended: bool


def read_mano(path: Path) -> ImportedMano:
    """Read a MANO pickle of either hand, running nothing of it.

    Raises:
        ModelFileError: MDL-01 missing, MDL-03 damaged or something else, MDL-05 not finite,
            MDL-06 it asks for something that is no data.
    """
    data = _bytes_of(path)
    try:
        tree = read_inert(data, _NAMES, _MAX_OPCODES)
        arrays = _arrays(tree)
    except RefusedPickleError as error:
        _LOG.warning("refused the hand model %s: it %s", path, error)
        raise ModelFileError(
            "MDL-06",
            f"{path} is refused and nothing in it was run: it {error}",
            f"Do not open it with other programs. {_REMEDY}",
        ) from error
    except ValueError as error:
        raise ModelFileError("MDL-03", f"{path} is no MANO file: {error}", _REMEDY) from error
    found = hand_model_from_arrays(path, arrays)
    if len(found.v_template) * 3 > _MAX_ELEMENTS:
        raise ModelFileError("MDL-03", f"{path} has too many vertices", _REMEDY)
    side, mended = _side(found), False
    if side == "left":
        found, mended = _mended(found)
        found = mirrored(found)
    digest = hashlib.sha256(data).hexdigest()
    model = replace(
        found, side="right", name="MANO", version=f"file {digest[:12]}", licence=_LICENCE
    )
    return ImportedMano(model, digest, side, mended)


def save_mano(imported: ImportedMano, path: Path) -> None:
    """Write the hand as an npz that `load_hand_model` reads.

    Raises:
        OSError: the file cannot be written.
    """
    model = imported.model
    arrays: dict[str, Any] = {
        "v_template": model.v_template,
        "shapedirs": model.shapedirs,
        "posedirs": model.posedirs,
        "J_regressor": model.J_regressor,
        "weights": model.weights,
        "kintree_table": np.stack((model.parents, np.arange(NUM_MODEL_JOINTS, dtype=np.int32))),
        "f": model.faces,
        "hands_components": model.hands_components,
        "hands_mean": model.hands_mean,
        "tip_ids": model.tip_ids,
        "model_name": np.array(model.name),
        "model_version": np.array(model.version),
        "licence": np.array(model.licence),
        "source_sha256": np.array(imported.sha256),
    }
    with replacing(path) as stream:
        np.savez_compressed(stream, **arrays)


def _bytes_of(path: Path) -> bytes:
    """Return the file's content, up to the size that such a file can have."""
    try:
        if not path.is_file():
            raise ModelFileError("MDL-01", f"{path} does not exist", WHERE_TO_GET)
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ModelFileError(
            "MDL-03", f"{path} cannot be read ({error.strerror})", _REMEDY
        ) from error
    if data.startswith(b"PK\x03\x04"):
        cause = f"{path} is a zip archive, not the pickle that lies in MANO's download"
        raise ModelFileError("MDL-03", cause, "Unpack it, and give MANO_RIGHT.pkl.")
    if len(data) > _MAX_BYTES:
        raise ModelFileError("MDL-03", f"{path} is larger than a hand model can be", _REMEDY)
    return data


def _arrays(tree: Any) -> Mapping[str, NDArray[Any]]:
    """Return the nine arrays in use; the rest of the file is left as it is.

    Raises:
        ValueError: one is missing or damaged.
    """
    if not isinstance(tree, dict):
        raise ValueError("it holds no dictionary")
    missing = [key for key in _KEYS if key not in tree]
    if missing:
        raise ValueError(f"{', '.join(missing)} is missing")
    arrays = {}
    for key in _KEYS:
        try:
            arrays[key] = _array(tree[key], 0)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from error
    # The file holds more components of shape in some versions; ten are in use.
    arrays["shapedirs"] = arrays["shapedirs"][..., :10]
    return arrays


def _array(value: Any, depth: int) -> NDArray[Any]:
    """Return an array, whether it is stored as numpy's, scipy's or chumpy's."""
    if depth > _MAX_NESTING:
        raise ValueError("it is nested too deeply")
    if isinstance(value, Record):
        kind = _class_name(value)
        if kind in _CSC_NAMES:
            return _from_csc(_state(value))
        if kind == _CHUMPY_VALUE:
            return _array(_state(value).get("x"), depth + 1)
        if kind == _CHUMPY_SELECT:
            return _from_select(_state(value), depth)
        value = plain(value)
    if not isinstance(value, np.ndarray):
        raise ValueError("it is no array")
    return value


def _class_name(record: Record) -> str:
    """Return the class of an object, also where protocol 0 or 1 rebuilds it."""
    if record.name in _RECONSTRUCTORS and record.arguments:
        named = record.arguments[0]
        return named.name if isinstance(named, Record) else ""
    return record.name


def _state(record: Record) -> dict[Any, Any]:
    if not isinstance(record.state, dict):
        raise ValueError("an object without content")
    return record.state


def _from_select(state: dict[Any, Any], depth: int) -> NDArray[Any]:
    """Return `a.ravel()[idxs].reshape(preferred_shape)`, which is what chumpy's Select means."""
    chosen = _array(state.get("idxs"), depth + 1)
    source = _array(state.get("a"), depth + 1).ravel()
    shape = plain(state.get("preferred_shape"))
    if isinstance(shape, np.ndarray):
        shape = tuple(shape.tolist())
    if not isinstance(shape, tuple | list) or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError("a selection without shape")
    if chosen.dtype.kind not in "iu" or not len(source) or chosen.size > _MAX_ELEMENTS:
        raise ValueError("a selection of another kind")
    if chosen.size and not (0 <= chosen.min() and chosen.max() < len(source)):
        raise ValueError("a selection from outside of its array")
    selected: NDArray[Any] = source[chosen.ravel()].reshape(shape)
    return selected


def _from_csc(state: dict[Any, Any]) -> NDArray[Any]:
    """Return the dense matrix (rows, columns) of compressed sparse columns, checking its layout."""
    shape = plain(state.get("_shape", state.get("shape")))
    values, rows, starts = (_array(state.get(k), 1) for k in ("data", "indices", "indptr"))
    if not isinstance(shape, tuple) or len(shape) != 2 or not all(type(n) is int for n in shape):
        raise ValueError("a sparse matrix without shape")
    height, width = shape
    if not (0 < height and 0 < width and height * width <= _MAX_ELEMENTS):
        raise ValueError(f"a sparse matrix of shape {shape}")
    plain_layout = (
        values.dtype.kind == "f"
        and rows.dtype.kind in "iu"
        and starts.dtype.kind in "iu"
        and values.ndim == rows.ndim == starts.ndim == 1
        and len(values) == len(rows)
        and len(starts) == width + 1
    )
    if not plain_layout:
        raise ValueError("a sparse matrix of another layout")
    starts = starts.astype(np.int64)
    counts = np.diff(starts)
    inside = not len(rows) or (0 <= rows.min() and rows.max() < height)
    if starts[0] != 0 or starts[-1] != len(rows) or (counts < 0).any() or not inside:
        raise ValueError("a sparse matrix whose parts do not fit")
    dense = np.zeros((height, width))
    np.add.at(dense, (rows.astype(np.int64), np.repeat(np.arange(width), counts)), values)
    return dense


def _side(model: HandModel) -> Side:
    """Tell a left hand by its rest pose: there its fingers point along +x, a right hand's -x."""
    joints = model.J_regressor @ model.v_template
    return "right" if model.v_template[:, 0].mean() < joints[0, 0] else "left"


def _mended(model: HandModel) -> tuple[HandModel, bool]:
    """Turn the x of a left hand's shape directions where they are a right hand's.

    MANO_LEFT was published so. The first direction makes the whole hand larger: along x it must
    grow outwards as it does along z.
    """
    away = model.v_template - (model.J_regressor @ model.v_template)[0]
    growth = np.sum(away * model.shapedirs[:, :, 0], axis=0)
    if growth[0] * growth[2] >= 0:
        return model, False
    return replace(
        model, shapedirs=model.shapedirs * np.array([-1, 1, 1], np.float32)[:, None]
    ), True
