"""Hands that were found before: by an earlier `manyhands run`, read with suspicion, or recorded."""

import functools
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.writers import NPZ_NAME, SUMMARY_NAME
from core.assets import demo_clip_path
from core.errors import SourceError
from core.hand_model.poser import HandPoser
from core.rotations_np import rotmat_from_rotvec
from core.session.reader import SessionReader
from core.topology import NUM_BETAS, NUM_JOINTS
from core.types import Float32, Frame, HandState

_SHAPES: Final[Mapping[str, tuple[int, ...]]] = {
    "frame": (),
    "source_name": (),
    "timestamp_ns": (),
    "track_id": (),
    "side": (),
    "score": (),
    "predicted": (),
    "joints_2d": (NUM_JOINTS, 2),
    "transl": (3,),
    "global_orient": (3,),
    "hand_pose": (45,),
    "betas": (NUM_BETAS,),
}
_MAX_FILE_BYTES: Final = 4 << 30

Value = TypeVar("Value")

#: Which picture of a source: its index with its time, or with its name where it has no time.
PictureKey = tuple[int, int | str]


@dataclass(frozen=True, slots=True, eq=False)
class EarlierHands:
    """Hands by picture.

    Attributes:
        hands: by `picture_key`; confidences are zero, for a run does not keep them.
        predicted: track ids that were not seen, by the same key.
    """

    hands: Mapping[PictureKey, tuple[HandState, ...]]
    predicted: Mapping[PictureKey, frozenset[int]]


class _PerFrame(Mapping[PictureKey, Value], Generic[Value]):
    """What a session says of each frame, read when it is asked for."""

    def __init__(self, session: SessionReader, read: Callable[[int], Value]) -> None:
        self._times_ns = session.timestamps_ns
        self._read = read

    def __getitem__(self, key: PictureKey) -> Value:
        time_ns = key[1]  # the index counts pictures without hands, too
        index = int(np.searchsorted(self._times_ns, time_ns)) if isinstance(time_ns, int) else -1
        if not 0 <= index < len(self._times_ns) or self._times_ns[index] != time_ns:
            raise KeyError(key)
        return self._read(index)

    def __len__(self) -> int:
        return len(self._times_ns)

    def __iter__(self) -> Iterator[PictureKey]:
        return iter(enumerate(self._times_ns.tolist()))


def hands_of_session(session: SessionReader) -> EarlierHands:
    """Return a session's hands as they were measured."""
    measured = functools.partial(session.hands_at, smoothed=False)
    return EarlierHands(_PerFrame(session, measured), _PerFrame(session, session.predicted_at))


def is_run_folder(folder: Path) -> bool:
    """Say whether a folder holds what `manyhands run` writes."""
    return (folder / NPZ_NAME).is_file() and (folder / SUMMARY_NAME).is_file()


def original_of(folder: Path) -> Path:
    """Find the pictures that a run was made from, by the name that its summary tells.

    Raises:
        SourceError: CAM-07 the summary cannot be read, CAM-06 nothing of that name lies beside
            the folder or where the program was started.
    """
    try:
        name = str(json.loads((folder / SUMMARY_NAME).read_text("utf-8"))["source"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(folder / SUMMARY_NAME, error) from error
    places = [folder.absolute().parent / name, Path.cwd() / name]
    if name == demo_clip_path().name:
        places.append(demo_clip_path())
    for place in places:
        if name and place.exists() and place.resolve() != folder.resolve():
            return place
    raise SourceError(
        "CAM-06",
        f"the pictures of {folder} ({name!r}) lie neither beside it nor here",
        "Say where they are with --original.",
    )


def picture_key(frame: Frame, independent: bool) -> PictureKey:
    """Return which picture a frame is; `independent` pictures are told by their names."""
    return frame.index, frame.source_name if independent else frame.timestamp_ns


def read_run(folder: Path, poser: HandPoser, independent: bool) -> EarlierHands:
    """Read hands.npz and pose its hands, by the key of independent pictures or of a video's.

    Raises:
        SourceError: CAM-07 the file is damaged, or of another kind.
    """
    path = folder / NPZ_NAME
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise ValueError("it is larger than 4 GiB")
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in _SHAPES}
        count = len(arrays["frame"])
        for name, shape in _SHAPES.items():
            if arrays[name].shape != (count, *shape):
                raise ValueError(f"{name} is {arrays[name].shape}")
            if arrays[name].dtype.kind == "f" and not np.isfinite(arrays[name]).all():
                raise ValueError(f"{name} has numbers that are not finite")
        return _by_picture(arrays, poser, independent)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError) as error:
        raise _unreadable(path, error) from error


def _by_picture(
    arrays: Mapping[str, NDArray[Any]], poser: HandPoser, independent: bool
) -> EarlierHands:
    hands: dict[PictureKey, list[HandState]] = {}
    predicted: dict[PictureKey, set[int]] = {}
    rotvec = np.concatenate([arrays["global_orient"], arrays["hand_pose"]], 1).reshape(-1, 16, 3)
    pose = rotmat_from_rotvec(rotvec).astype(np.float32)
    for row, side in enumerate(arrays["side"].tolist()):
        if side not in ("left", "right"):
            raise ValueError(f"side is {side!r}")
        name, time_ns = str(arrays["source_name"][row]), int(arrays["timestamp_ns"][row])
        key = int(arrays["frame"][row]), name if independent else time_ns
        hands.setdefault(key, []).append(_hand(arrays, row, pose[row], poser))
        if arrays["predicted"][row]:
            predicted.setdefault(key, set()).add(int(arrays["track_id"][row]))
    return EarlierHands(
        {key: tuple(found) for key, found in hands.items()},
        {key: frozenset(ids) for key, ids in predicted.items()},
    )


def _hand(
    arrays: Mapping[str, NDArray[Any]], row: int, pose: Float32, poser: HandPoser
) -> HandState:
    side, betas = str(arrays["side"][row]), arrays["betas"][row].astype(np.float32)
    transl = arrays["transl"][row].astype(np.float32)
    posed = poser.pose(np.array([side == "right"]), pose[None], betas[None], transl[None])
    return HandState(
        track_id=int(arrays["track_id"][row]),
        side="right" if side == "right" else "left",
        score=float(arrays["score"][row]),
        pose=pose,
        betas=betas,
        transl=transl,
        vertices=posed.vertices[0],
        joints_3d=posed.joints_3d[0],
        joints_2d=arrays["joints_2d"][row].astype(np.float32),
        joint_confidence=np.zeros(NUM_JOINTS, np.float32),
    )


def _unreadable(path: Path, error: Exception) -> SourceError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return SourceError(
        "CAM-07",
        f"{path} is not what a run writes: {reason}",
        "Give the folder of a finished `manyhands run`, or the pictures themselves.",
    )
