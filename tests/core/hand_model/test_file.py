import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import ModelFileError
from core.hand_model.file import HandModel, load_hand_model, mirrored

Arrays = dict[str, Any]


@pytest.fixture(scope="module")
def arrays(hand_path: Path) -> Arrays:
    with np.load(hand_path, allow_pickle=False) as archive:
        return dict(archive)


def test_arrays_are_read_only_single_precision_and_consistent(right: HandModel) -> None:
    num_vertices = right.num_vertices
    assert right.v_template.shape == (num_vertices, 3)
    assert right.shapedirs.shape == (num_vertices, 3, 10)
    assert right.posedirs.shape == (num_vertices, 3, 135)
    assert right.faces.shape == (right.num_faces, 3)
    assert right.faces.dtype == np.int32
    for array in (right.v_template, right.weights, right.faces, right.joint_axes):
        assert array is not None
        assert not array.flags.writeable
    assert right.side == "right"
    assert "CC0" in right.licence and "Apache-2.0" in right.licence


def test_mirrored_twice_is_the_same_hand(right: HandModel) -> None:
    twice = mirrored(mirrored(right))
    assert mirrored(right).side == "left"
    assert twice.side == "right"
    for field in ("v_template", "shapedirs", "posedirs", "faces", "hands_mean", "joint_axes"):
        np.testing.assert_array_equal(getattr(twice, field), getattr(right, field))


def test_missing_file_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"MDL-01.*nothing\.npz"):
        load_hand_model(tmp_path / "nothing.npz")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_truncated_file_is_refused(hand_path: Path, tmp_path: Path, share: float) -> None:
    data = hand_path.read_bytes()
    short = tmp_path / "short.npz"
    short.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelFileError, match="MDL-03"):
        load_hand_model(short)


def test_flipped_bytes_are_refused(hand_path: Path, tmp_path: Path) -> None:
    data = bytearray(hand_path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 8] = bytes(byte ^ 0xFF for byte in data[middle : middle + 8])
    broken = tmp_path / "broken.npz"
    broken.write_bytes(data)
    with pytest.raises(ModelFileError, match="MDL-03"):
        load_hand_model(broken)


def change(key: str, value: object) -> Callable[[Arrays], Arrays]:
    return lambda arrays: {**arrays, key: value}


def edit(key: str, function: Callable[[np.ndarray], object]) -> Callable[[Arrays], Arrays]:
    return lambda arrays: {**arrays, key: function(arrays[key].copy())}


def drop(key: str) -> Callable[[Arrays], Arrays]:
    return lambda arrays: {k: v for k, v in arrays.items() if k != key}


def with_nan(array: np.ndarray) -> np.ndarray:
    array.flat[7] = np.nan
    return array


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (drop("weights"), "MDL-03.*weights is missing"),
        (edit("v_template", lambda a: a[:-1]), "MDL-03"),
        (edit("posedirs", lambda a: a[:, :, :90]), "MDL-03.*posedirs: expected"),
        (edit("v_template", lambda a: a.astype(np.int32)), "MDL-03.*v_template"),
        (edit("shapedirs", with_nan), "MDL-05.*shapedirs"),
        (edit("f", lambda a: a.astype(np.int64) + 5), "MDL-03.*f: index"),
        (edit("tip_ids", lambda a: a - 2000), "MDL-03.*tip_ids: index"),
        (edit("weights", lambda a: a * 0.5), "MDL-03.*sum to one"),
        (edit("kintree_table", lambda a: a[:, ::-1]), "MDL-03.*skeleton"),
        (change("v_template", np.zeros((0, 3), np.float32)), "MDL-03"),
        (change("model_name", np.array(["two", "names"])), "MDL-03.*model_name"),
    ],
)
def test_inconsistent_arrays_are_refused(
    arrays: Arrays, tmp_path: Path, spoil: Callable[[Arrays], Arrays], code: str
) -> None:
    path = tmp_path / "spoilt.npz"
    np.savez(path, **spoil(arrays))
    with pytest.raises(ModelFileError, match=code):
        load_hand_model(path)


def test_pickled_object_is_refused_and_not_run(arrays: Arrays, tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    class Touch:
        def __reduce__(self) -> tuple[Callable[..., object], tuple[Path]]:
            return Path.touch, (canary,)

    path = tmp_path / "pickle.npz"
    np.savez(path, **{**arrays, "hands_mean": np.array([Touch()], dtype=object)})
    with pytest.raises(ModelFileError, match=r"MDL-03.*not allowed"):
        load_hand_model(path)
    assert not canary.exists()


def write_member(path: Path, header: dict[str, object], payload: bytes) -> None:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, header)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("v_template.npy", stream.getvalue() + payload)


def test_header_that_claims_terabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claim.npz"
    write_member(path, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}, b"1234")
    with pytest.raises(ModelFileError, match=r"MDL-03.*does not fit"):
        load_hand_model(path)


def test_zip_bomb_is_refused_by_its_declared_size(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    header = {"descr": "|u1", "fortran_order": False, "shape": (100 << 20,)}
    write_member(path, header, bytes(100 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ModelFileError, match=r"MDL-03.*unpacks to more"):
        load_hand_model(path)


def test_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.npz"
    path.write_text("not a hand")
    with pytest.raises(ModelFileError, match="MDL-03"):
        load_hand_model(path)


def test_hand_without_our_own_keys_still_loads(arrays: Arrays, tmp_path: Path) -> None:
    ours = {"tip_ids", "vt", "ft", "joint_axes", "joint_limits", "beta_std", "model_name"}
    plain = {k: v for k, v in arrays.items() if k not in ours and not k.startswith("fa_")}
    path = tmp_path / "plain.npz"
    np.savez(path, **plain)
    model = load_hand_model(path)
    assert model.vt is None and model.joint_axes is None and model.forearm is None
    assert model.tip_ids.tolist() == [744, 320, 443, 554, 671]
