"""The hand model file: a plain npz with MANO's keys and ours, read with suspicion.

Frame of a right hand: metres, fingers along -x, thumb side +z, palm facing -y. A left hand is the
mirror image across x = 0, made at load time by `mirrored`.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelFileError
from core.topology import MODEL_PARENTS, NUM_BETAS, NUM_MODEL_JOINTS

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]
Array = TypeVar("Array", bound=NDArray[Any])

#: The resource that ships with the program, below the resources folder.
OPEN_HAND_FILE: Final = "hand/open_hand_right.npz"

# A hand is a few MB. More is a bomb or another kind of file.
_MAX_FILE_BYTES: Final = 64 << 20
_MAX_MEMBERS: Final = 64
_MAX_HEADER_BYTES: Final = 4096
_MAX_TEXT: Final = 20_000
_MAX_VERTICES: Final = 20_000
_POSE_FEATURES: Final = 9 * (NUM_MODEL_JOINTS - 1)
# MANO itself names no fingertips; these are the vertices in common use, thumb to little.
_MANO_TIP_IDS: Final = (744, 320, 443, 554, 671)
# A rotation vector in the mirror x -> -x.
_MIRROR_ROTVEC: Final = np.array([1, -1, -1], dtype=np.float32)
_MIRROR_POINT: Final = np.array([-1, 1, 1], dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Forearm:
    """The forearm that continues the hand's mesh behind its wrist loop.

    Attributes:
        v_template: (Vf, 3) float32, m, rest pose, the hand's frame.
        shapedirs: (Vf, 3, 10) float32, m per unit of beta.
        weights: (Vf,) float32 in [0, 1]: share of the forearm bone against the hand's root; it
            rises linearly along x over the bend.
        bend: (2,) float32, m: |x| where the bend starts at rest, and its length.
        faces: (Ff, 3) int32, indices into the concatenation [hand vertices, forearm vertices].
        vt: (Vt, 2) float32 in [0, 1]: u around the arm, v from the wrist to the elbow.
        ft: (Ff, 3) int32, indices into `vt`.
    """

    v_template: Float32
    shapedirs: Float32
    weights: Float32
    bend: Float32
    faces: Int32
    vt: Float32
    ft: Int32


@dataclass(frozen=True, slots=True, eq=False)
class HandModel:
    """A linear blend skinned hand with MANO's interface (Romero et al. 2017). V, F vary.

    Attributes:
        side: "right" or "left".
        name, version, licence: of the file's content.
        v_template: (V, 3) float32, m, rest pose.
        shapedirs: (V, 3, 10) float32, m per unit of beta.
        posedirs: (V, 3, 135) float32, m per unit of (rotation - identity), joints 1..15 row-major.
        J_regressor: (16, V) float32, rows sum to one.
        weights: (V, 16) float32, rows sum to one.
        parents: (16,) int32, -1 for the root.
        faces: (F, 3) int32, counter-clockwise from outside.
        hands_components: (45, 45) float32, PCA of rotation vectors, rows are components.
        hands_mean: (45,) float32 rad.
        tip_ids: (5,) int32, vertices at the fingertips, thumb to little.
        vt: (Vt, 2) float32 UV, or None.
        ft: (F, 3) int32 indices into `vt`, or None.
        joint_axes: (16, 3, 3) float32, columns flexion, abduction, twist at rest, or None.
        joint_limits: (16, 3, 2) float32 rad, min and max about those axes, or None.
        beta_std: (10,) float32, standard deviation of each beta among adults, or None.
        forearm: the arm behind the wrist, or None.
    """

    side: str
    name: str
    version: str
    licence: str
    v_template: Float32
    shapedirs: Float32
    posedirs: Float32
    J_regressor: Float32
    weights: Float32
    parents: Int32
    faces: Int32
    hands_components: Float32
    hands_mean: Float32
    tip_ids: Int32
    vt: Float32 | None
    ft: Int32 | None
    joint_axes: Float32 | None
    joint_limits: Float32 | None
    beta_std: Float32 | None
    forearm: Forearm | None

    @property
    def num_vertices(self) -> int:
        """Number of vertices of the hand alone."""
        return len(self.v_template)

    @property
    def num_faces(self) -> int:
        """Number of triangles of the hand alone."""
        return len(self.faces)


def load_hand_model(path: Path | str) -> HandModel:
    """Read a right hand's model from an npz file, checking everything before use.

    Raises:
        ModelFileError: MDL-01 missing, MDL-03 not such a file or inconsistent, MDL-05 not finite.
    """
    return hand_model_from_arrays(Path(path), _read_arrays(Path(path)))


def hand_model_from_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> HandModel:
    """Return a right hand's model from the arrays of a file, checking everything before use.

    Raises:
        ModelFileError: MDL-03 inconsistent, MDL-05 not finite.
    """
    check = _Checker(path, arrays)
    template = check.floats("v_template", None, 3)
    num_vertices = len(template)
    faces = check.indices("f", (None, 3), num_vertices)
    weights = check.floats("weights", num_vertices, NUM_MODEL_JOINTS)
    regressor = check.floats("J_regressor", NUM_MODEL_JOINTS, num_vertices)
    check.rows_sum_to_one("weights", weights)
    check.rows_sum_to_one("J_regressor", regressor)
    check.parents()
    vt = check.floats("vt", None, 2) if "vt" in arrays else None
    return HandModel(
        side="right",
        name=check.text("model_name", "unnamed hand"),
        version=check.text("model_version", "0"),
        licence=check.text("licence", "unknown"),
        v_template=template,
        shapedirs=check.floats("shapedirs", num_vertices, 3, NUM_BETAS),
        posedirs=check.floats("posedirs", num_vertices, 3, _POSE_FEATURES),
        J_regressor=regressor,
        weights=weights,
        parents=_frozen(np.array(MODEL_PARENTS, dtype=np.int32)),
        faces=faces,
        hands_components=check.floats("hands_components", 45, 45),
        hands_mean=check.floats("hands_mean", 45),
        tip_ids=check.tip_ids(num_vertices),
        vt=vt,
        ft=check.indices("ft", (len(faces), 3), len(vt)) if vt is not None else None,
        joint_axes=check.optional("joint_axes", NUM_MODEL_JOINTS, 3, 3),
        joint_limits=check.optional("joint_limits", NUM_MODEL_JOINTS, 3, 2),
        beta_std=check.optional("beta_std", NUM_BETAS),
        forearm=_forearm(check, num_vertices) if "fa_v_template" in arrays else None,
    )


def mirrored(model: HandModel) -> HandModel:
    """The other hand: the model seen in the mirror x -> -x, faces turned to look outwards again.

    Its pose is given in its own rotations R; they correspond to M R M of the original, so each
    entry (r, c) of the pose feature changes sign where exactly one of r, c is x. The same
    `joint_limits` hold, because the axes are mirrored as rotation axes.
    """
    entry_signs = np.outer(_MIRROR_POINT, _MIRROR_POINT).ravel()
    pose_signs = np.tile(entry_signs, NUM_MODEL_JOINTS - 1)
    rotvec_signs = np.tile(_MIRROR_ROTVEC, NUM_MODEL_JOINTS - 1)
    arm = model.forearm
    return replace(
        model,
        side="left" if model.side == "right" else "right",
        v_template=_frozen(model.v_template * _MIRROR_POINT),
        shapedirs=_frozen(model.shapedirs * _MIRROR_POINT[:, None]),
        posedirs=_frozen(model.posedirs * _MIRROR_POINT[:, None] * pose_signs),
        faces=_frozen(model.faces[:, ::-1].copy()),
        ft=None if model.ft is None else _frozen(model.ft[:, ::-1].copy()),
        hands_components=_frozen(model.hands_components * rotvec_signs),
        hands_mean=_frozen(model.hands_mean * rotvec_signs),
        joint_axes=None
        if model.joint_axes is None
        else _frozen(model.joint_axes * _MIRROR_ROTVEC[:, None]),
        forearm=None
        if arm is None
        else replace(
            arm,
            v_template=_frozen(arm.v_template * _MIRROR_POINT),
            shapedirs=_frozen(arm.shapedirs * _MIRROR_POINT[:, None]),
            faces=_frozen(arm.faces[:, ::-1].copy()),
            ft=_frozen(arm.ft[:, ::-1].copy()),
        ),
    )


def _frozen(array: Array) -> Array:
    array.setflags(write=False)
    return array


def _corrupt(path: Path, what: str) -> ModelFileError:
    return ModelFileError(
        "MDL-03",
        f"{path} is not a usable hand model: {what}",
        "Restore the file from the program's package, or import your MANO file again.",
    )


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of an npz whose declared sizes are sane; headers are checked before data."""
    if not path.is_file():
        raise ModelFileError("MDL-01", f"{path} does not exist", "Reinstall, or give another file.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS or sum(m.file_size for m in members) > _MAX_FILE_BYTES:
                raise _corrupt(path, "it unpacks to more than a hand can hold")
            return {m.filename.removesuffix(".npy"): _read_member(archive, m) for m in members}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError) as error:
        raise _corrupt(path, f"{error}") from error
    except (NotImplementedError, RuntimeError) as error:  # unknown compression, encryption
        raise _corrupt(path, f"{error}") from error


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """One array of the archive; ValueError where its header disagrees with its size."""
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        if version != (1, 0):
            raise ValueError(f"{member.filename}: npy version {version}")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream, _MAX_HEADER_BYTES)
        if dtype.hasobject or dtype.kind not in "fiuU":
            raise ValueError(f"{member.filename}: type {dtype} is not allowed")
        count = 1
        for extent in shape:
            count *= int(extent)  # Python integers: no overflow
        if count < 0 or stream.tell() + count * dtype.itemsize != member.file_size:
            raise ValueError(f"{member.filename}: shape {shape} does not fit its size")
        data = stream.read(count * dtype.itemsize)
    array = np.frombuffer(data, dtype=dtype, count=count)
    return array.reshape(shape[::-1]).T if fortran else array.reshape(shape)


class _Checker:
    """Takes arrays out of a raw file, each with its expected shape, range and type."""

    def __init__(self, path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._path = path
        self._arrays = arrays

    def _raw(self, key: str, kinds: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
        if key not in self._arrays:
            raise _corrupt(self._path, f"{key} is missing")
        array = self._arrays[key]
        fits = len(array.shape) == len(shape) and all(
            want is None or have == want for have, want in zip(array.shape, shape, strict=True)
        )
        if array.dtype.kind not in kinds or not fits:
            raise _corrupt(
                self._path, f"{key}: expected {shape}, got {array.shape} of {array.dtype}"
            )
        if array.size == 0 or len(array) > _MAX_VERTICES * 4:
            raise _corrupt(self._path, f"{key}: {len(array)} rows")
        return array

    def floats(self, key: str, *shape: int | None) -> Float32:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            array = self._raw(key, "f", shape).astype(np.float32)
        if not np.isfinite(array).all():
            raise ModelFileError(
                "MDL-05", f"{self._path}: {key} has values that are not finite", "Restore the file."
            )
        return _frozen(np.ascontiguousarray(array))

    def optional(self, key: str, *shape: int | None) -> Float32 | None:
        return self.floats(key, *shape) if key in self._arrays else None

    def indices(self, key: str, shape: tuple[int | None, ...], limit: int) -> Int32:
        array = self._raw(key, "iu", shape)
        if array.min() < 0 or array.max() >= limit:
            raise _corrupt(self._path, f"{key}: index outside [0, {limit})")
        return _frozen(np.ascontiguousarray(array.astype(np.int32)))

    def tip_ids(self, num_vertices: int) -> Int32:
        if "tip_ids" in self._arrays:
            return self.indices("tip_ids", (5,), num_vertices)
        if max(_MANO_TIP_IDS) >= num_vertices:
            raise _corrupt(self._path, "tip_ids is missing")
        return _frozen(np.array(_MANO_TIP_IDS, dtype=np.int32))

    def rows_sum_to_one(self, key: str, array: Float32) -> None:
        if not np.allclose(array.sum(-1), 1, atol=1e-3):
            raise _corrupt(self._path, f"{key}: rows do not sum to one")

    def parents(self) -> None:
        """Refuse another skeleton: joint order is fixed, the root's parent is any marker."""
        table = self._raw("kintree_table", "iu", (2, NUM_MODEL_JOINTS))
        if tuple(int(p) for p in table[0, 1:]) != MODEL_PARENTS[1:]:
            raise _corrupt(self._path, "kintree_table is not MANO's skeleton")

    def text(self, key: str, default: str) -> str:
        if key not in self._arrays:
            return default
        array = self._arrays[key]
        if array.dtype.kind != "U" or array.shape != () or array.dtype.itemsize > 4 * _MAX_TEXT:
            raise _corrupt(self._path, f"{key} is not a text")
        return str(array)


def _forearm(check: _Checker, num_vertices: int) -> Forearm:
    template = check.floats("fa_v_template", None, 3)
    count = len(template)
    faces = check.indices("fa_f", (None, 3), num_vertices + count)
    vt = check.floats("fa_vt", None, 2)
    return Forearm(
        v_template=template,
        shapedirs=check.floats("fa_shapedirs", count, 3, NUM_BETAS),
        weights=check.floats("fa_weights", count),
        bend=check.floats("fa_bend", 2),
        faces=faces,
        vt=vt,
        ft=check.indices("fa_ft", (len(faces), 3), len(vt)),
    )
