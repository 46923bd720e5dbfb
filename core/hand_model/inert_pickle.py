"""Pickles read without running anything: arrays, numbers, texts and containers.

A pickle is a program. Here it runs on a machine without hands: whatever it names becomes a
`Record` that notes how it was called and filled, and nothing else happens. A second pass, `plain`,
turns the records of numpy's arrays and numbers into values, after checking data types, shapes and
sizes. No code of numpy, of another package or of the file takes part in the first pass.
"""

import io
import math
import pickle
import re
import struct
import warnings
from collections.abc import Callable, Mapping, Set
from typing import Any, ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray

#: Names that arrays, numbers, texts and sets are made of, by Python 2 and 3.
PLAIN_NAMES: Final = frozenset(
    {
        "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray._reconstruct",
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
        "numpy.ndarray",
        "numpy.dtype",
        "_codecs.encode",
        "__builtin__.bytes",
        "__builtin__.set",
        "builtins.set",
    }
)
#: Numbers and texts of fixed size; objects and records could hide anything.
_PLAIN_TYPE: Final = re.compile(r"[biufcSU]\d{1,4}")
_ORDERS: Final[Mapping[str, Literal["<", ">", "|", "="]]] = {
    "<": "<", ">": ">", "|": "|", "=": "=",
}  # fmt: skip
_MAX_DEPTH: Final = 64
_MAX_DIMENSIONS: Final = 32
#: Integers up to here have hashes of their own; larger ones can be chosen to collide.
_MAX_KEY: Final = 1 << 60
#: What a damaged pickle stumbles over, in Python's own reader.
_DAMAGE: Final = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError, KeyError,
    MemoryError, OverflowError, AssertionError, RecursionError, struct.error,
)  # fmt: skip


class RefusedPickleError(Exception):
    """The file asks for something that is no data."""


class Record:
    """What a pickle made of a name: called with `arguments`, then filled with `state`.

    Attributes:
        name: "module.name".
        arguments: of the call; None for the name itself.
        state: what it was filled with, or None.
    """

    __slots__ = ("arguments", "name", "state")

    def __init__(self, name: str, arguments: tuple[Any, ...] | None = None) -> None:
        """Note the name and how it was called."""
        self.name, self.arguments, self.state = name, arguments, None

    def __call__(self, *arguments: Any) -> "Record":
        """Note a call of the name itself."""
        if self.arguments is not None:
            raise pickle.UnpicklingError("a result is called")
        return Record(self.name, arguments)

    def __setstate__(self, state: Any) -> None:
        """Note what fills it."""
        if self.arguments is None or self.state is not None:
            raise pickle.UnpicklingError("a name is no object")
        self.state = state


def read_inert(data: bytes, names: Set[str] = PLAIN_NAMES, max_opcodes: int | None = None) -> Any:
    """Return what a pickle holds, with a `Record` for whatever it makes of a name.

    Args:
        data: the file. Texts of Python 2 are read as Latin-1.
        names: what it may name.
        max_opcodes: end a longer program; None lets it run.

    Raises:
        RefusedPickleError: it asks for another name, or for an object from elsewhere.
        ValueError: it is damaged, or too long.
    """
    try:
        with warnings.catch_warnings():  # of escapes that no text has
            warnings.simplefilter("ignore", DeprecationWarning)
            return _InertUnpickler(data, names, max_opcodes).load()
    except _DAMAGE as error:
        raise ValueError(str(error) or type(error).__name__) from error


def plain(value: Any) -> Any:
    """Return the value with every record turned into the array or number that it stands for.

    Raises:
        ValueError: a record is damaged or is none of those, or the value is nested too deeply.
    """
    try:
        return _Plain().value(value, 0)
    except _DAMAGE as error:
        raise ValueError(str(error) or type(error).__name__) from error


class _InertUnpickler(pickle._Unpickler):  # in Python: the one in C trusts lengths in the file
    """A reader of pickles that makes records."""

    # Of the base class, which does not declare them.
    stack: list[Any]
    append: Callable[[Any], None]
    pop_mark: Callable[[], list[Any]]

    def __init__(self, data: bytes, names: Set[str], max_opcodes: int | None) -> None:
        super().__init__(io.BytesIO(data), encoding="latin1", fix_imports=False)
        self._names = names
        if max_opcodes is not None:
            self.dispatch = _Budget(type(self).dispatch, max_opcodes)  # type: ignore[misc]

    def find_class(self, module: str, name: str) -> Record:
        """Return a record of a known name; refuse every other."""
        full = f"{module}.{name}"
        if full not in self._names:
            raise RefusedPickleError(f"asks for {full[:100]}, which is no data")
        return Record(full)

    def persistent_load(self, pid: object) -> Any:
        """Refuse objects from elsewhere."""
        raise RefusedPickleError("asks for an object from elsewhere")

    def get_extension(self, code: int) -> Any:
        """Refuse registered objects."""
        raise RefusedPickleError(f"asks for extension {code}")

    def _make(self) -> None:
        """Do NEWOBJ: `cls.__new__(cls, *arguments)` becomes a record."""
        arguments = self.stack.pop()
        made = self.stack.pop()
        if not isinstance(made, Record) or not isinstance(arguments, tuple):
            raise pickle.UnpicklingError("an object of another kind")
        self.append(made(*arguments))

    def _call(self) -> None:
        """Do REDUCE, on records alone."""
        arguments = self.stack.pop()
        called = self.stack.pop()
        if not isinstance(called, Record) or not isinstance(arguments, tuple):
            raise pickle.UnpicklingError("a call of another kind")
        self.append(called(*arguments))

    def _fill(self) -> None:
        """Do BUILD, on records alone."""
        state = self.stack.pop()
        filled = self.stack[-1]
        if not isinstance(filled, Record):
            raise pickle.UnpicklingError("what is no object is filled")
        filled.__setstate__(state)

    def _refuse(self) -> None:
        raise pickle.UnpicklingError("a buffer")

    def _set_item(self) -> None:
        value = self.stack.pop()
        key = self.stack.pop()
        _keyed(self.stack[-1], [(key, value)])

    def _set_items(self) -> None:
        items = self.pop_mark()
        _keyed(self.stack[-1], list(zip(items[::2], items[1::2], strict=True)))

    def _dict(self) -> None:
        items = self.pop_mark()
        result: dict[Any, Any] = {}
        _keyed(result, list(zip(items[::2], items[1::2], strict=True)))
        self.append(result)

    def _add_items(self) -> None:
        items = self.pop_mark()
        members = self.stack[-1]
        if not isinstance(members, set):
            raise pickle.UnpicklingError("a set of another kind")
        members.update(map(_key, items))

    def _frozen_set(self) -> None:
        self.append(frozenset(map(_key, self.pop_mark())))

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        **pickle._Unpickler.dispatch,
        pickle.NEWOBJ[0]: _make,
        pickle.REDUCE[0]: _call,
        pickle.BUILD[0]: _fill,
        pickle.SETITEM[0]: _set_item,
        pickle.SETITEMS[0]: _set_items,
        pickle.DICT[0]: _dict,
        pickle.ADDITEMS[0]: _add_items,
        pickle.FROZENSET[0]: _frozen_set,
        # These allocate what the file says before they look at it.
        pickle.BYTEARRAY8[0]: _refuse,
        pickle.NEXT_BUFFER[0]: _refuse,
        pickle.READONLY_BUFFER[0]: _refuse,
    }


class _Budget(dict[int, Callable[[Any], None]]):
    """A table of instructions that is used up by looking things up in it."""

    def __init__(self, table: Mapping[int, Callable[[Any], None]], count: int) -> None:
        super().__init__(table)
        self._left = count

    def __getitem__(self, opcode: int) -> Callable[[Any], None]:
        """Return what an instruction does.

        Raises:
            ValueError: there were too many of them.
        """
        self._left -= 1
        if self._left < 0:
            raise ValueError("it has more instructions than such a file needs")
        return super().__getitem__(opcode)


def _keyed(target: Any, items: list[tuple[Any, Any]]) -> None:
    if not isinstance(target, dict):
        raise pickle.UnpicklingError("items of what is no dictionary")
    target.update((_key(key), value) for key, value in items)


def _key(value: Any) -> Any:
    """Return a key whose hash is cheap: nested tuples could take for ever."""
    if isinstance(value, int) and abs(value) < _MAX_KEY:
        return value
    if value is None or isinstance(value, str | bytes | float):
        return value
    raise pickle.UnpicklingError(f"a key of type {type(value).__name__}")


class _Plain:
    """The second pass; it keeps what it has made, so that shared parts stay shared."""

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}

    def value(self, value: Any, depth: int) -> Any:
        if not isinstance(value, Record | dict | list | tuple):
            return value
        if depth > _MAX_DEPTH:
            raise ValueError("it is nested too deeply")
        if id(value) in self._made:
            return self._made[id(value)]
        if isinstance(value, dict):
            result: Any = {}
            self._made[id(value)] = result
            result.update((key, self.value(part, depth + 1)) for key, part in value.items())
        elif isinstance(value, list):
            result = []
            self._made[id(value)] = result
            result.extend(self.value(part, depth + 1) for part in value)
        else:
            if isinstance(value, tuple):
                result = tuple(self.value(part, depth + 1) for part in value)
            else:
                result = _from_record(value)
            self._made[id(value)] = result
        return result


def _from_record(record: Record) -> Any:
    """Return the array, number, text or set that a record stands for."""
    kind = record.name.rpartition(".")[2]
    arguments = record.arguments
    if arguments is None:
        raise ValueError(f"{record.name} alone is no data")
    if kind == "_reconstruct":
        return _array(record)
    if record.state is None:
        if kind == "scalar" and len(arguments) == 2:
            return _elements(_data_type(arguments[0]), _raw(arguments[1]), 1)[0]
        if kind == "encode" and len(arguments) <= 2 and arguments[1:] in ((), ("latin1",)):
            return _raw(arguments[0])
        if kind == "bytes" and not arguments:
            return b""
        if kind == "set" and len(arguments) <= 1:
            members = arguments[0] if arguments else []
            if isinstance(members, list | tuple):
                return {_key(member) for member in members}
    raise ValueError(f"a {kind} of another kind")


def _array(record: Record) -> NDArray[Any]:
    """Return the array of `_reconstruct(ndarray, (0,), b)` filled with its parts."""
    if not _is_empty_array(record.arguments) or not isinstance(record.state, tuple):
        raise ValueError("an array of another kind")
    version, shape, kind, fortran, raw = record.state
    if version != 1 or not isinstance(shape, tuple) or len(shape) > _MAX_DIMENSIONS:
        raise ValueError("an array of another kind")
    if not all(type(extent) is int and extent >= 0 for extent in shape):
        raise ValueError("an array of no shape")
    elements = _elements(_data_type(kind), _raw(raw), math.prod(shape))
    return elements.reshape(shape, order="F" if fortran else "C")


def _is_empty_array(arguments: tuple[Any, ...] | None) -> bool:
    if arguments is None or len(arguments) != 3 or arguments[1] != (0,):
        return False
    named = arguments[0]
    return isinstance(named, Record) and named.name == "numpy.ndarray" and named.arguments is None


def _elements(kind: np.dtype[Any], data: bytes, count: int) -> NDArray[Any]:
    """Return so many elements (count,) as an array of its own."""
    if len(data) != count * kind.itemsize:
        raise ValueError(f"{count} elements of {kind} in {len(data)} bytes")
    return np.frombuffer(data, kind, count).copy()


def _data_type(record: Any) -> np.dtype[Any]:
    """Return the type of `dtype(description, align, copy)` filled with its byte order."""
    if not isinstance(record, Record) or record.name != "numpy.dtype" or not record.arguments:
        raise ValueError("a data type of another kind")
    description = record.arguments[0]
    if not isinstance(description, str) or not _PLAIN_TYPE.fullmatch(description):
        raise ValueError("a data type that is not plain")
    order: Any = "="
    if record.state is not None:
        order = record.state[1]
        if (
            not isinstance(order, str)
            or order not in _ORDERS
            or any(part is not None for part in record.state[2:5])
        ):
            raise ValueError("a data type with parts")
    kind = np.dtype(description)
    if kind.itemsize == 0:
        raise ValueError("a data type without size")
    return kind.newbyteorder(_ORDERS[order])


def _raw(value: Any) -> bytes:
    """Return bytes, also where Python 2 wrote them as a text, or Python 3 for Python 2."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("latin1")
    if isinstance(value, Record) and value.name in ("_codecs.encode", "__builtin__.bytes"):
        return bytes(_from_record(value))
    raise ValueError("an array without bytes")
