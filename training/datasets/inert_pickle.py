"""Pickles of data sets, read without running anything: arrays, numbers, texts and containers.

A pickle is a program. Here each name that it asks for is looked up in a short table of stand-ins
for numpy's arrays, sets and bytes, none of which is numpy's own code: data types and shapes are
checked, and arrays are copied from their bytes. Whatever else a file asks for, it is refused.
"""

import io
import math
import pickle
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import TrainingError

#: The largest official file (RHD's training labels) has some 100 MB.
_MAX_FILE_BYTES = 1 << 30
#: Numbers and texts of fixed size; objects and records could hide anything.
_PLAIN_TYPE = re.compile(r"[biufcSU]\d{1,4}")
_ORDERS = {"<", ">", "|", "="}
#: What a damaged pickle stumbles over, in Python's own reader.
_DAMAGE = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError, KeyError,
    MemoryError, OverflowError, AssertionError, struct.error,
)  # fmt: skip


def read_inert_pickle(path: Path) -> Any:
    """Return what a pickle holds: dicts, lists, tuples, sets, texts, numbers and numpy arrays.

    Texts of Python 2 are read as Latin-1, as the official readers do.

    Raises:
        OSError: the file cannot be opened.
        TrainingError: TRN-05 it asks for anything else, or is larger than labels can be.
        ValueError: it is damaged.
    """
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise _refusal(path, "is larger than a file of labels can be")
    try:
        return _InertUnpickler(path).load()
    except _DAMAGE as error:
        raise ValueError(f"{path} is no readable pickle ({error})") from error


def _refusal(path: Path, reason: str) -> TrainingError:
    """Return the error for a file that is not read."""
    return TrainingError(
        "TRN-05", f"{path} {reason}", "Do not open it; download the data set again."
    )


class _Name:
    """Something that a pickle may name. It can be called or compared, never changed."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[..., Any]) -> None:
        """Keep what a call does."""
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        """Do what the name stands for."""
        return self._call(*arguments)

    def __setstate__(self, state: object) -> None:
        """Refuse to be filled by the file."""
        raise pickle.UnpicklingError("a name is no object")


class _Type:
    """A numpy data type of numbers or texts, as a pickle builds it."""

    __slots__ = ("descr", "order")

    def __init__(self, descr: object, align: object = False, copy: object = False) -> None:
        """Check the description, such as "f8"."""
        if not isinstance(descr, str) or not _PLAIN_TYPE.fullmatch(descr):
            raise pickle.UnpicklingError(f"data type {descr!r}")
        self.descr, self.order = descr, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the byte order, the one thing that matters for plain types."""
        if state[1] not in _ORDERS or any(part is not None for part in state[2:5]):
            raise pickle.UnpicklingError("a data type with parts")
        self.order = state[1]

    @property
    def dtype(self) -> np.dtype:
        """The real data type."""
        return np.dtype(self.descr).newbyteorder(self.order)


class _Array(np.ndarray):
    """An array whose content is checked before numpy sees it."""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Fill the empty array from (version, shape, type, Fortran order, bytes)."""
        version, shape, kind, fortran, raw = state
        if version != 1 or not isinstance(kind, _Type) or not isinstance(shape, tuple):
            raise pickle.UnpicklingError("an array of another kind")
        data = _bytes(raw)
        count = math.prod(shape) if all(type(n) is int and n >= 0 for n in shape) else -1
        if count < 0 or len(data) != count * kind.dtype.itemsize:
            raise pickle.UnpicklingError(f"an array of shape {shape} in {len(data)} bytes")
        super().__setstate__((1, shape, kind.dtype, bool(fortran), data))


def _bytes(raw: object) -> bytes:
    """Return bytes, also where Python 2 wrote them as a text."""
    if isinstance(raw, str):
        return raw.encode("latin1")
    if isinstance(raw, bytes):
        return raw
    raise pickle.UnpicklingError("an array without bytes")


def _empty_array(kind: object, shape: object, code: object) -> np.ndarray:
    """Stand for numpy's `_reconstruct`: an empty array that is filled next."""
    if kind is not _NDARRAY or shape != (0,):
        raise pickle.UnpicklingError("an array of another kind")
    return np.empty(0, np.uint8).view(_Array)


def _scalar(kind: object, raw: object) -> Any:
    """Stand for numpy's `scalar`."""
    if not isinstance(kind, _Type):
        raise pickle.UnpicklingError("a number of another kind")
    return np.frombuffer(_bytes(raw), kind.dtype, count=1)[0]


def _encode(text: object, encoding: object = "latin1") -> bytes:
    """Stand for `_codecs.encode`, by which Python 3 writes bytes for Python 2."""
    if not isinstance(text, str) or encoding != "latin1":
        raise pickle.UnpicklingError("bytes of another kind")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """Stand for `bytes`, by which Python 3 writes empty ones for Python 2."""
    return b""


def _set(members: object = ()) -> set[Any]:
    """Stand for `set`, with members from a list."""
    if not isinstance(members, list | tuple):
        raise pickle.UnpicklingError("a set of another kind")
    return set(members)


def _never(*arguments: object) -> None:
    """Stand for `numpy.ndarray`, which is named and never called."""
    raise pickle.UnpicklingError("an array of another kind")


_NDARRAY = _Name(_never)
_RECONSTRUCT, _SCALAR, _TYPE = _Name(_empty_array), _Name(_scalar), _Name(_Type)
_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy.core.multiarray", "scalar"): _SCALAR,
    ("numpy._core.multiarray", "scalar"): _SCALAR,
    ("numpy", "ndarray"): _NDARRAY,
    ("numpy", "dtype"): _TYPE,
    ("_codecs", "encode"): _Name(_encode),
    ("__builtin__", "bytes"): _Name(_no_bytes),
    ("__builtin__", "set"): _Name(_set),
    ("builtins", "set"): _Name(_set),
}


class _InertUnpickler(pickle._Unpickler):  # in Python: the one in C trusts lengths in the file
    """A reader of pickles that knows a few names."""

    def __init__(self, path: Path) -> None:
        """Read the file into memory."""
        self._path = path
        super().__init__(io.BytesIO(path.read_bytes()), encoding="latin1", fix_imports=False)

    def find_class(self, module: str, name: str) -> _Name:
        """Return the stand-in of a known name; refuse every other."""
        known = _NAMES.get((module, name))
        if known is None:
            raise _refusal(self._path, f"asks for {module}.{name}, which is no data")
        return known

    def persistent_load(self, pid: object) -> Any:
        """Refuse objects from elsewhere."""
        raise _refusal(self._path, "asks for an object from elsewhere")

    def get_extension(self, code: int) -> Any:
        """Refuse registered objects."""
        raise _refusal(self._path, f"asks for extension {code}")
