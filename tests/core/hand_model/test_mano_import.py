"""MANO files of users: read without running them, whatever they are."""

import copyreg
import logging
import pickle
import struct
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import ModelFileError
from core.hand_model.file import load_hand_model
from core.hand_model.mano_import import read_mano, save_mano
from tests.core.hand_model.mano_files import made_up_hand, mano_pickle

CANARY = "canary-of-hostile-code"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(data: bytes) -> Path:
    path = Path("MANO_RIGHT.pkl")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_every_protocol_gives_the_same_arrays_to_the_bit(protocol: int) -> None:
    imported = read_mano(write(mano_pickle(protocol)))
    hand, model = made_up_hand(), imported.model
    assert (imported.side, imported.mended) == ("right", False)
    for name in ("v_template", "shapedirs", "posedirs", "J_regressor", "weights",
                 "hands_components", "hands_mean"):  # fmt: skip
        np.testing.assert_array_equal(getattr(model, name), hand[name].astype(np.float32))
    np.testing.assert_array_equal(model.faces, hand["f"])
    assert model.num_vertices == 778


def test_it_takes_no_longer_than_a_moment() -> None:
    path = write(mano_pickle(2))
    start = time.perf_counter()
    read_mano(path)
    assert time.perf_counter() - start < 1


def test_what_is_saved_is_a_plain_file_that_loads_as_a_hand(own_folder: Path) -> None:
    imported = read_mano(write(mano_pickle()))
    path = own_folder / "user" / "mano_right.npz"
    save_mano(imported, path)
    model = load_hand_model(path)
    np.testing.assert_array_equal(model.shapedirs, imported.model.shapedirs)
    np.testing.assert_array_equal(model.tip_ids, [744, 320, 443, 554, 671])
    assert "non-commercial" in model.licence
    with np.load(path, allow_pickle=False) as data:
        assert str(data["source_sha256"]) == imported.sha256
        assert all(data[name].dtype.kind in "fiU" for name in data.files)


def test_a_dense_regressor_and_plain_shape_directions_are_read_too() -> None:
    content = {**made_up_hand(), "bs_style": "lbs"}
    model = read_mano(write(pickle.dumps(content, 2))).model
    np.testing.assert_array_equal(model.J_regressor, content["J_regressor"].astype(np.float32))


@pytest.mark.parametrize("published", [False, True])
def test_a_left_hand_is_told_and_turned_into_a_right_one(published: bool) -> None:
    """Row 29: LEFT given as RIGHT; published: with the sign error of the official file."""
    hand = made_up_hand(left=True)
    if published:
        hand["shapedirs"] = hand["shapedirs"] * np.array([-1, 1, 1])[:, None]
    imported = read_mano(write(mano_pickle(2, hand)))
    assert (imported.side, imported.mended) == ("left", published)
    right = made_up_hand()
    model = imported.model
    np.testing.assert_allclose(model.v_template, right["v_template"], atol=1e-7)
    np.testing.assert_allclose(model.shapedirs, right["shapedirs"], atol=1e-7)
    np.testing.assert_array_equal(model.faces, right["f"])
    assert model.side == "right"


def test_a_missing_file_tells_where_to_get_it() -> None:
    """Row 26: MANO is absent."""
    with pytest.raises(ModelFileError) as caught:
        read_mano(Path("MANO_RIGHT.pkl"))
    assert caught.value.code == "MDL-01"
    assert "mano.is.tue.mpg.de" in caught.value.remedy


class Hostile:
    """Makes a pickle that calls something."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.reduced = (call, arguments)

    def __reduce__(self) -> Any:
        return self.reduced


def _deep(protocol_list: bytes, depth: int) -> bytes:
    return protocol_list * depth + b"." if depth else b"."


def _array(shape: bytes, kind: bytes, raw: bytes) -> bytes:
    """An array by the opcodes of protocol 0, with whatever shape and type are given."""
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n" + shape
        + b"cnumpy\ndtype\n(S'" + kind + b"'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb"
        + b"I00\nS'" + raw + b"'\ntb"
    )  # fmt: skip


def _with(key: str, data: bytes) -> bytes:
    """A dictionary with one more item behind the made-up hand's, written by hand."""
    whole = mano_pickle(2)
    assert whole.endswith(b".")
    return whole[:-1] + b"S'" + key.encode() + b"'\n" + data + b"s."


def refused_files() -> dict[str, bytes]:
    """Files that ask for something that is no data."""
    touch = f"touch {CANARY}".encode()
    python = f"__import__('pathlib').Path('{CANARY}').touch()"
    return {
        "os.system in an unused key": _with("x", b"cos\nsystem\n(S'" + touch + b"'\ntR"),
        "eval": mano_pickle(2, x=Hostile(eval, python)),
        "exec of protocol 4": mano_pickle(4, x=Hostile(exec, python)),
        "import_module": _with("x", b"cimportlib\nimport_module\n(S'antigravity'\ntR"),
        "a dotted name": b"\x80\x04\x8c\x05numpy\x8c\x0ef2py.os.system\x93\x8c\x04true\x85R.",
        "f2py": _with("x", b"cnumpy.f2py.diagnose\nrun_command\n(S'" + touch + b"'\ntR"),
        "torch.load": _with("x", b"ctorch\nload\n(S'x.pt'\ntR"),
        "a persistent id": _with("x", b"Pelsewhere\n"),
        "an instance of protocol 0": _with("x", b"(S'" + touch + b"'\nios\nsystem\n"),
        "an object": _with("x", b"(cos\nsystem\nS'" + touch + b"'\no"),
        "code in an array of objects": mano_pickle(2, x=np.array([Hostile(eval, python)])),
        "a class": mano_pickle(2, x=Path),
    }


def broken_files() -> dict[str, bytes]:
    """Files that are damaged, or something else."""
    whole = mano_pickle(2)
    hand = made_up_hand()
    not_finite, wrong = dict(hand), dict(hand)
    not_finite["posedirs"] = np.where(np.arange(135) == 7, np.nan, hand["posedirs"])
    wrong["weights"] = hand["weights"][:, :15]
    bomb = b"(I1\ntp0\n0" + b"".join(b"(g%d\ng%d\ntp%d\n0" % (i, i, i + 1) for i in range(60))
    return {
        "2^60 bytes": b"\x80\x02}U\x01x\x8e" + struct.pack("<Q", 1 << 60) + b"s.",
        "a bytearray of 2^40 bytes": b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b".",
        "a long of 2^31 bytes": b"\x80\x02\x8b" + struct.pack("<i", (1 << 31) - 1) + b"1.",
        "a list 100 000 deep": b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
        "an array 100 000 deep": _with("v_template", b"]" * 50_000 + b"a" * 49_999),
        "a key whose hash takes for ever": bomb + b"(g60\nI1\nd.",
        "a set whose hash takes for ever": bomb + b"\x8f(g60\n\x90.",
        "a huge shape": _with("v_template", _array(b"(L1000000000000000L\nt", b"f8", b"12345678")),
        "a negative shape": _with("v_template", _array(b"(I-1\nt", b"f8", b"12345678")),
        "objects": _with("v_template", _array(b"(I1\nt", b"O8", b"12345678")),
        "NaN": mano_pickle(2, not_finite),
        "a wrong shape": mano_pickle(2, wrong),
        "cut off": whole[: len(whole) // 2],
        "empty": b"",
        "a zip": b"PK\x03\x04" + bytes(100),
        "no dictionary": pickle.dumps([1, 2, 3], 2),
        "a dictionary of something else": pickle.dumps({"a": 1}, 2),
        "more instructions than a hand has": b"(" + b"I1\n" * 300_000 + b"l.",
        "no pickle": b"hello",
        "a result that is called": _with("x", b"c__builtin__\nset\n(tR(tR"),
        "a name that is filled": _with("x", b"c__builtin__\nset\n(dS'a'\nI1\nsb"),
    }


@pytest.mark.parametrize("what", refused_files())
def test_a_hostile_file_is_refused_logged_and_runs_nothing(
    what: str, own_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows 27 and 28."""
    path = write(refused_files()[what])
    with caplog.at_level(logging.WARNING), pytest.raises(ModelFileError) as caught:
        read_mano(path)
    assert caught.value.code == "MDL-06"
    assert "nothing in it was run" in caught.value.cause
    assert [entry.name for entry in own_folder.iterdir()] == [path.name]
    assert "refused the hand model" in caplog.text


@pytest.mark.parametrize("what", broken_files())
def test_a_broken_file_is_refused_with_its_reason(what: str, own_folder: Path) -> None:
    """Row 27."""
    path = write(broken_files()[what])
    start = time.perf_counter()
    with pytest.raises(ModelFileError) as caught:
        read_mano(path)
    assert caught.value.code in ("MDL-03", "MDL-05")
    assert path.name in caught.value.cause
    assert len(caught.value.cause) < 400
    assert time.perf_counter() - start < 3
    assert [entry.name for entry in own_folder.iterdir()] == [path.name]


def test_the_hostile_files_are_hostile() -> None:
    pickle.loads(pickle.dumps(refused_call(), 4))
    assert Path(CANARY).exists()


def refused_call() -> Hostile:
    return Hostile(exec, f"__import__('pathlib').Path('{CANARY}').touch()")


def test_registered_objects_are_refused() -> None:
    copyreg.add_extension("os", "system", 240)
    try:
        with pytest.raises(ModelFileError) as caught:
            read_mano(write(_with("x", b"\x82\xf0")))
    finally:
        copyreg.remove_extension("os", "system", 240)
    assert caught.value.code == "MDL-06"


def test_a_larger_file_than_a_hand_can_be_is_not_read(own_folder: Path) -> None:
    path = own_folder / "MANO_RIGHT.pkl"
    with path.open("wb") as stream:
        stream.truncate((64 << 20) + 1)
    with pytest.raises(ModelFileError) as caught:
        read_mano(path)
    assert "larger" in caught.value.cause


def test_a_zip_of_weights_is_no_hand(own_folder: Path) -> None:
    path = own_folder / "MANO_RIGHT.pkl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", mano_pickle(2))
    with pytest.raises(ModelFileError) as caught:
        read_mano(path)
    assert caught.value.code == "MDL-03"


def cut_down_hand() -> dict[str, np.ndarray]:
    """Six vertices: every kind of array in 20 kB. Such a hand lacks fingertips, and only them."""
    hand = made_up_hand()
    few = {name: hand[name][:6] for name in ("v_template", "shapedirs", "posedirs", "weights")}
    regressor = np.zeros((16, 6))
    regressor[:, 0] = 1
    components = hand["hands_components"]
    return hand | few | {
        "J_regressor": regressor, "f": np.array([[0, 1, 2]]), "hands_components": components
    }  # fmt: skip


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_no_changed_bytes_break_out(protocol: int, own_folder: Path) -> None:
    """Rows 27 and 28: 500 mutated files of each protocol, most of them hit where they instruct."""
    whole = mano_pickle(protocol, cut_down_hand())
    with pytest.raises(ModelFileError, match="tip_ids is missing"):
        read_mano(write(whole))
    names = (b"_reconstruct", b"dtype", b"csc_matrix", b"Select", b"idxs", b"kintree_table",
             b"hands_mean", b"weights", b"_shape", b"indptr")  # fmt: skip
    marks = [whole.find(name) for name in names]
    assert min(marks) >= 0
    draw = np.random.default_rng(protocol)
    outcomes = set()
    for _ in range(500):
        mutated = bytearray(whole)
        near = int(draw.choice(marks))
        for _ in range(int(draw.integers(1, 6))):
            place = int(draw.integers(len(whole)))
            if draw.random() < 0.9:
                place = min(max(0, near + int(draw.integers(-40, 160))), len(whole) - 1)
            mutated[place] = draw.integers(256)
        with pytest.raises(ModelFileError) as caught:
            read_mano(write(bytes(mutated)))
        outcomes.add("read" if "tip_ids" in caught.value.cause else caught.value.code)
    assert {"read", "MDL-03", "MDL-06"} <= outcomes <= {"read", "MDL-03", "MDL-05", "MDL-06"}
    assert [entry.name for entry in own_folder.iterdir()] == ["MANO_RIGHT.pkl"]
