"""What a pickle may hold, and what it may not."""

import copyreg
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import TrainingError
from tests.training.datasets import miniatures as mini
from tests.training.datasets.miniatures import some_hand, write_pickle
from training.datasets.inert_pickle import read_inert_pickle
from training.datasets.load import load_dataset


def plain_values() -> dict[Any, Any]:
    draw = np.random.default_rng(0)
    return {
        0: {"K": draw.normal(size=(3, 3)), "uv_vis": draw.normal(size=(42, 3)).astype("f4")},
        "big endian": np.arange(6, dtype=">i2").reshape(2, 3),
        "Fortran order": np.asfortranarray(draw.normal(size=(4, 3))),
        "flags": np.array([True, False]),
        "empty": np.zeros((0, 3)),
        "no dimension": np.array(4.5),
        "texts": np.array(["left", "right"]),
        "number": np.float64(2.5),
        "count": np.int32(-7),
        "others": [None, True, 1, 2.5, "text", b"bytes", (1, 2), {3}, 10**30],
    }


def assert_equal(value: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert value.keys() == expected.keys()
        for key, part in expected.items():
            assert_equal(value[key], part)
    elif isinstance(expected, np.ndarray | np.generic):
        assert value.dtype.newbyteorder("=") == expected.dtype.newbyteorder("=")
        np.testing.assert_array_equal(value, expected)
    else:
        assert value == expected


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("old_names", [True, False])
def test_arrays_and_plain_values_are_read_as_python_reads_them(
    protocol: int, old_names: bool, tmp_path: Path
) -> None:
    path = tmp_path / "labels.pkl"
    if old_names and protocol < 4:  # later ones count the bytes of a name
        write_pickle(path, plain_values(), protocol)
    else:
        path.write_bytes(pickle.dumps(plain_values(), protocol))
    assert_equal(read_inert_pickle(path), plain_values())


def test_arrays_of_python_2_are_read(tmp_path: Path) -> None:
    # As numpy 1 on Python 2 wrote array([1.5, -2.0]), in protocol 0.
    path = tmp_path / "labels.pkl"
    path.write_bytes(
        b"cnumpy.core.multiarray\n_reconstruct\np0\n(cnumpy\nndarray\np1\n(I0\ntp2\nS'b'\np3\n"
        b"tp4\nRp5\n(I1\n(I2\ntp6\ncnumpy\ndtype\np7\n(S'f8'\np8\nI0\nI1\ntp9\nRp10\n"
        b"(I3\nS'<'\np11\nNNNI-1\nI-1\nI0\ntp12\nbI00\n"
        b"S'\\x00\\x00\\x00\\x00\\x00\\x00\\xf8?\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xc0'\n"
        b"p13\ntp14\nb."
    )
    np.testing.assert_array_equal(read_inert_pickle(path), [1.5, -2.0])


class Hostile:
    """Makes a pickle that calls something."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.reduced = (call, arguments)

    def __reduce__(self) -> Any:
        return self.reduced


MARKER = "marker-of-hostile-code"


def hostile_pickles() -> dict[str, bytes]:
    touch = f"touch {MARKER}".encode()
    python = f"__import__('pathlib').Path('{MARKER}').touch()"
    return {
        "os.system": b"cos\nsystem\n(S'" + touch + b"'\ntR.",
        "os.system in an unused key": b"(dS'a'\ncposix\nsystem\n(S'" + touch + b"'\ntRs.",
        "a call of protocol 4": pickle.dumps(Hostile(exec, python), 4),
        "an instance": b"(S'" + touch + b"'\nios\nsystem\n.",
        "an object": b"(cos\nsystem\nS'" + touch + b"'\no.",
        "a dotted name": b"\x80\x04\x8c\x05numpy\x8c\x0ef2py.os.system\x93.",
        "a name of numpy that opens files": b"cnumpy\nload\n(S'x.npy'\ntR.",
        "numpy's own unpickling of another class": b"cnumpy.core.multiarray\n_reconstruct\n"
        b"(cbuiltins\nobject\n(I0\ntS'b'\ntR.",
        "an object from elsewhere": b"Pelsewhere\n.",
        "a class": pickle.dumps(Path),
        "code in an array of objects": pickle.dumps(np.array([Hostile(exec, f"open({MARKER!r})")])),
    }


@pytest.mark.parametrize("what", hostile_pickles())
def test_a_hostile_pickle_is_refused_and_runs_nothing(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "labels.pkl"
    path.write_bytes(hostile_pickles()[what])
    with pytest.raises(TrainingError) as caught:
        read_inert_pickle(path)
    assert caught.value.code == "TRN-05"
    assert str(path) in caught.value.cause
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels.pkl"]


def test_the_hostile_pickles_are_hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pickle.loads(hostile_pickles()["a call of protocol 4"])
    assert (tmp_path / MARKER).exists()


def test_registered_objects_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.pkl"
    copyreg.add_extension("os", "system", 240)
    try:
        path.write_bytes(b"\x82\xf0.")
        with pytest.raises(TrainingError) as caught:
            read_inert_pickle(path)
    finally:
        copyreg.remove_extension("os", "system", 240)
    assert caught.value.code == "TRN-05"


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
TYPE = b"cnumpy\ndtype\n(S'%b'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb"


def damaged_pickles() -> dict[str, bytes]:
    def array(shape: bytes, kind: bytes, raw: bytes) -> bytes:
        return ARRAY + b"(I1\n" + shape + TYPE % kind + b"I00\nS'" + raw + b"'\ntb."

    whole = pickle.dumps(plain_values(), 2)
    name = b"cnumpy.core.multiarray\n_reconstruct\n"
    return {
        "empty": b"",
        "no pickle": b"hello",
        "cut off": whole[: len(whole) // 2],
        "more bytes than there are": b"\x8e" + b"\xff" * 7 + b"\x10.",
        "a stack that is empty": b"t.",
        "a huge array": array(b"(L1000000000000000L\nt", b"f8", b"12345678"),
        "a negative shape": array(b"(I-1\nt", b"f8", b"12345678"),
        "an array of objects": array(b"(I1\nt", b"O8", b"12345678"),
        "a record": array(b"(I1\nt", b"f4,f4", b"12345678"),
        "a name that is changed": name + b"(dS'a'\nI1\nsb.",
        "a name's parts that are changed": name + b"(N(dS'_call'\nI1\nstb.",
        "a huge empty array": name + b"(cnumpy\nndarray\n(L1000000000000L\ntS'b'\ntR.",
        "an array class that is called": b"cnumpy\nndarray\n(L1000000000000L\ntR.",
        "an array class that is made": b"\x80\x02cnumpy\nndarray\n(I3\nt\x81.",
        "bytes of any length": b"c__builtin__\nbytes\n(L1000000000000L\ntR.",
        "another encoding": b"c_codecs\nencode\n(S'a'\nS'rot13'\ntR.",
    }


@pytest.mark.parametrize("what", damaged_pickles())
def test_a_damaged_pickle_is_a_value_error(what: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.pkl"
    path.write_bytes(damaged_pickles()[what])
    with pytest.raises(ValueError, match=r"labels\.pkl"):
        read_inert_pickle(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels.pkl"]
    # What stands for numpy's names is as it was.
    write_pickle(path, plain_values())
    assert_equal(read_inert_pickle(path), plain_values())


def test_no_changed_byte_breaks_out(tmp_path: Path) -> None:
    path = tmp_path / "labels.pkl"
    write_pickle(path, {"K": np.eye(3), "joints": [np.ones(3, "f4"), None]})
    whole, draw = path.read_bytes(), np.random.default_rng(1)
    outcomes = set()
    for _ in range(300):
        mutated = bytearray(whole)
        for position in draw.integers(len(whole), size=3):
            mutated[position] = draw.integers(256)
        path.write_bytes(mutated)
        try:
            read_inert_pickle(path)
            outcomes.add("read")
        except (ValueError, TrainingError) as error:
            outcomes.add(type(error).__name__)
    assert outcomes == {"read", "ValueError", "TrainingError"}


def test_a_hostile_label_stops_ho3d(tmp_path: Path) -> None:
    folder = mini.write_ho3d(tmp_path, [some_hand(1), some_hand(2)], ".png")
    meta = folder / "train" / "ABF10" / "meta" / "0001.pkl"
    meta.write_bytes(hostile_pickles()["os.system"])
    stream = load_dataset("ho3d", folder, "train")
    next(stream)
    with pytest.raises(TrainingError, match=r"0001\.pkl asks for os\.system") as caught:
        next(stream)
    assert caught.value.code == "TRN-05"


def test_hostile_labels_stop_rhd(tmp_path: Path) -> None:
    folder = mini.write_rhd(tmp_path, [(some_hand(1, "left"), some_hand(2))])
    path = folder / "evaluation" / "anno_evaluation.pickle"
    path.write_bytes(hostile_pickles()["os.system in an unused key"])
    with pytest.raises(TrainingError) as caught:
        load_dataset("rhd", folder, "test")
    assert caught.value.code == "TRN-05"
