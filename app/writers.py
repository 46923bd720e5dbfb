"""What a run leaves in its folder: hands.csv, hands.npz, the overlay, summary.json.

Everything is made in a temporary folder inside the target and moved to its final name at the
end, so that a name such as `hands.csv` always stands for a complete result.
"""

import csv
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import av
import av.video.reformatter
import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import OutputError
from core.mesh_io.hand_table import FIELDS, csv_columns, number_text, readme
from core.rotations_np import rotvec_from_rotmat
from core.types import Frame, HandState, TrackedHands, UInt8

CSV_NAME: Final = "hands.csv"
NPZ_NAME: Final = "hands.npz"
VIDEO_NAME: Final = "overlay.mp4"
PICTURES_NAME: Final = "overlay"
REFINEMENT_NAME: Final = "refinement.json"
SUMMARY_NAME: Final = "summary.json"
#: In the order in which they get their final names: the summary last, as the sign of completeness.
RESULT_NAMES: Final = (
    CSV_NAME,
    NPZ_NAME,
    VIDEO_NAME,
    PICTURES_NAME,
    REFINEMENT_NAME,
    SUMMARY_NAME,
)

_VIDEO_TIME_BASE: Final = Fraction(1, 90_000)
_DEFAULT_FPS: Final = 30.0
_FULL_DISK: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn a failing write into one of our errors (PyAV's errors are OSErrors, too).

    Raises:
        OutputError: OUT-02 on a full disk, else OUT-01.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL_DISK:
            raise OutputError(
                "OUT-02", f"the disk of {path.parent} is full", "Free some space, or choose --out."
            ) from error
        raise OutputError(
            "OUT-01",
            f"cannot write {path} ({error.strerror or error})",
            "Choose another folder with --out.",
        ) from error


class ResultFolder:
    """The target folder; `path` gives names to write under, `publish` makes them final.

    Leaving the context without `publish` removes all that was written, and the folder too where
    it was made here.
    """

    def __init__(self, target: Path, overwrite: bool) -> None:
        """Check the target and make the temporary folder.

        Raises:
            OutputError: OUT-01 where results are there already (and `overwrite` is off), or where
                the folder cannot be written.
        """
        self.target = target
        existing = [name for name in RESULT_NAMES if (target / name).exists()]
        if existing and not overwrite:
            raise OutputError(
                "OUT-01",
                f"{target} already holds {', '.join(existing)}",
                "Choose another folder with --out, or add --overwrite.",
            )
        self._made = not target.exists()
        with reported(target / CSV_NAME):
            target.mkdir(parents=True, exist_ok=True)
            self._temporary = Path(tempfile.mkdtemp(prefix=".manyhands-", dir=target))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what has no final name."""
        shutil.rmtree(self._temporary, ignore_errors=True)
        if self._made and self.target.is_dir() and not any(self.target.iterdir()):
            self.target.rmdir()

    def path(self, name: str) -> Path:
        """Return the temporary path of a result."""
        return self._temporary / name

    def publish(self) -> tuple[Path, ...]:
        """Give every result its final name and remove results of an earlier run.

        The old summary goes first and the new one comes last: a folder with a summary is whole.
        """
        published: list[Path] = []
        with reported(self.target / SUMMARY_NAME):
            for name in reversed(RESULT_NAMES):
                if name == PICTURES_NAME and (self.target / name).is_dir():
                    (self.target / name).replace(self.path("previous"))
                elif name == SUMMARY_NAME or not self.path(name).exists():
                    (self.target / name).unlink(missing_ok=True)
            for name in RESULT_NAMES:
                if self.path(name).exists():
                    self.path(name).replace(self.target / name)
                    published.append(self.target / name)
        return tuple(published)


def hand_parameters(hand: HandState) -> dict[str, NDArray[np.float32]]:
    """Return transl (3,) m, global_orient (3,) and hand_pose (45,) rad, betas (10,)."""
    rotvec = rotvec_from_rotmat(hand.pose).astype(np.float32)
    return {
        "transl": hand.transl,
        "global_orient": rotvec[0],
        "hand_pose": rotvec[1:].ravel(),
        "betas": hand.betas,
    }


class HandTable:
    """Writes hands.csv row by row and keeps the same rows for hands.npz."""

    def __init__(self, csv_path: Path) -> None:
        """Open the file and write its header."""
        self._path = csv_path
        with reported(csv_path):
            self._stream = csv_path.open(
                "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
            self._csv = csv.writer(self._stream, lineterminator="\n")
            self._csv.writerow(csv_columns())
        self._columns: dict[str, list[Any]] = {}

    @property
    def num_rows(self) -> int:
        """Number of hands written so far, over all frames."""
        return len(self._columns.get("frame", ()))

    def add(self, tracked: TrackedHands) -> None:
        """Write the hands of one frame."""
        for hand in tracked.hands:
            self._add_hand(tracked.frame, hand, hand.track_id in tracked.predicted)

    def _add_hand(self, frame: Frame, hand: HandState, predicted: bool) -> None:
        parameters = hand_parameters(hand)
        joints = np.concatenate([hand.joints_2d, hand.joints_3d], axis=1)
        numbers = np.concatenate([joints.ravel(), *parameters.values()])
        index = (frame.index, frame.source_name, frame.timestamp_ns, hand.track_id, hand.side)
        with reported(self._path):
            self._csv.writerow(
                (
                    *index,
                    number_text(hand.score),
                    int(predicted),
                    *map(number_text, numbers.tolist()),
                )
            )
        row = dict(
            zip(("frame", "source_name", "timestamp_ns", "track_id", "side"), index, strict=True)
        )
        row |= {"score": hand.score, "predicted": predicted}
        row |= {"joints_2d": hand.joints_2d, "joints_3d": hand.joints_3d} | parameters
        for name, value in row.items():
            self._columns.setdefault(name, []).append(value)

    def finish(self, npz_path: Path) -> None:
        """Close hands.csv and write hands.npz."""
        with reported(self._path):
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        with reported(npz_path), npz_path.open("wb") as stream:
            np.savez_compressed(stream, README=np.array(readme()), **self._arrays())
            stream.flush()
            os.fsync(stream.fileno())

    def close(self) -> None:
        """Close hands.csv whatever its state."""
        try:
            self._stream.close()
        except OSError:  # a full disk was reported by the write itself
            return

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {
            name: np.array(self._columns.get(name, []), dtype).reshape(-1, *shape)
            for name, (shape, dtype) in FIELDS.items()
        }


class VideoOverlay:
    """Writes overlay.mp4 (H.264), with the time stamps of the source."""

    def __init__(self, path: Path, height: int, width: int, fps: float | None) -> None:
        """Open the file for pictures of (height, width); `fps` is only a hint for players."""
        self._path = path
        self._height, self._width = height + height % 2, width + width % 2  # 4:2:0 needs even
        self._first_ns: int | None = None
        self._last_pts = -1
        with reported(path):
            self._container = av.open(str(path), "w", format="mp4")
            rate = Fraction(fps or _DEFAULT_FPS).limit_denominator(1001)
            stream = self._container.add_stream("libx264", rate=rate)
        stream.width, stream.height = self._width, self._height
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _VIDEO_TIME_BASE
        stream.codec_context.colorspace = av.video.reformatter.Colorspace.ITU709
        stream.options = {"preset": "veryfast", "crf": "20"}
        self._stream = stream

    def add(self, frame: Frame, picture: UInt8) -> None:
        """Write the picture (H, W, 3) RGB of a frame; another size is fitted to the first one."""
        if picture.shape[:2] != (self._height, self._width):
            picture = _fitted(picture, self._height, self._width)
        if self._first_ns is None:
            self._first_ns = frame.timestamp_ns
        elapsed_s = (frame.timestamp_ns - self._first_ns) / 1e9
        self._last_pts = max(self._last_pts + 1, round(elapsed_s / _VIDEO_TIME_BASE))
        image = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
            format="yuv420p", dst_colorspace=av.video.reformatter.Colorspace.ITU709
        )
        image.pts, image.time_base = self._last_pts, _VIDEO_TIME_BASE
        with reported(self._path):
            self._container.mux(self._stream.encode(image))

    def finish(self) -> None:
        """Write what the encoder still holds, and the index."""
        with reported(self._path):
            self._container.mux(self._stream.encode(None))
            self._container.close()

    def close(self) -> None:
        """Close the file whatever its state."""
        try:
            self._container.close()
        except OSError:  # after a full disk close() raises a second time
            return


def _fitted(picture: UInt8, height: int, width: int) -> UInt8:
    """Return the picture in (height, width): an odd size padded, another size scaled to fit."""
    missing = height - picture.shape[0], width - picture.shape[1]
    border = cv2.BORDER_REPLICATE
    if not (0 <= missing[0] <= 1 and 0 <= missing[1] <= 1):
        scale = min(height / picture.shape[0], width / picture.shape[1])
        size = [max(round(extent * scale), 1) for extent in picture.shape[:2]]
        picture = np.asarray(cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA))
        missing, border = (height - size[0], width - size[1]), cv2.BORDER_CONSTANT
    return np.asarray(cv2.copyMakeBorder(picture, 0, missing[0], 0, missing[1], border), np.uint8)


class PictureOverlay:
    """Writes one PNG per picture into a folder, named after the picture."""

    def __init__(self, folder: Path) -> None:
        """Make the folder."""
        self._folder = folder
        self._names: set[str] = set()
        with reported(folder):
            folder.mkdir()

    def add(self, frame: Frame, picture: UInt8) -> None:
        """Write the picture (H, W, 3) RGB of a frame."""
        source = Path(frame.source_name)
        name = source.stem or f"{frame.index:06d}"
        if name.casefold() in self._names:  # a.jpg beside a.png
            name = f"{name}-{frame.index:06d}"
        self._names.add(name.casefold())
        path = self._folder / f"{name}.png"
        _, encoded = cv2.imencode(".png", picture[..., ::-1])
        with reported(path):
            path.write_bytes(encoded.tobytes())

    def finish(self) -> None:
        """Nothing is held back: every picture is written when it is added."""

    def close(self) -> None:
        """Nothing is open between pictures."""


def write_summary(path: Path, summary: Mapping[str, Any]) -> None:
    """Write summary.json, or refinement.json."""
    with reported(path), path.open("w", encoding="utf-8", errors="backslashreplace") as stream:
        json.dump(summary, stream, indent=2, ensure_ascii=False, allow_nan=False)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())


def published_names(paths: Sequence[Path]) -> str:
    """Return the results' names for a person."""
    return ", ".join(path.name + ("/" if path.is_dir() else "") for path in paths)
