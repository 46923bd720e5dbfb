"""One chunk of footage to shards: resumable, each file whole or not there."""

import io
import json
import logging
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from core.atomic import write_atomically
from core.capture.video import VideoFileSource
from core.config import CaptureConfig
from core.types import UInt8
from training.labelling.footage import ChosenFrame, Chunk, chosen_frames, split_of
from training.labelling.teacher import Teacher, TeacherFailedError
from training.labelling.views import AgreementRules, label_frame

log = logging.getLogger(__name__)
#: A frame on which the teacher fails is tried once more by a fresh teacher.
_TRIES: Final = 2


@dataclass(frozen=True, slots=True)
class LabelConfig:
    """How footage becomes shards.

    Attributes:
        max_fps: frames kept of a second of video at most.
        min_change: of 255; frames that differ less from the last one kept are near duplicates.
        long_side_px: of stored pictures; the trainer reads up to 416.
        jpeg_quality: of stored pictures.
        samples_per_shard: at most.
        val_share: share of videos that are only judged on.
        source: what the pictures are called beside published weights.
        licence: of the footage.
        rules: when the teacher's views agree.
    """

    max_fps: float = 5.0
    min_change: float = 6.0
    long_side_px: int = 416
    jpeg_quality: int = 85
    samples_per_shard: int = 250
    val_share: float = 0.1
    source: str = "own footage"
    licence: str = "not stated"
    rules: AgreementRules = field(default_factory=AgreementRules)


@dataclass(slots=True)
class Progress:
    """How far a chunk is; written beside its shards after each of them.

    Attributes:
        next_frame: index of the first frame that is in no shard.
        shards: written.
        pictures: in them.
        hands: in them.
        unsure: regions in them.
        failed: names of frames on which the teacher failed.
        last_thumbnail: of the last frame kept, to tell near duplicates; None before the first.
        last_kept_s: its time.
        done: whether the chunk's end was reached.
    """

    next_frame: int = 0
    shards: int = 0
    pictures: int = 0
    hands: int = 0
    unsure: int = 0
    failed: list[str] = field(default_factory=list)
    last_thumbnail: list[list[int]] | None = None
    last_kept_s: float = 0.0
    done: bool = False

    @property
    def last_kept(self) -> tuple[UInt8, float] | None:
        """Thumbnail and time of the last frame kept."""
        if self.last_thumbnail is None:
            return None
        return np.array(self.last_thumbnail, np.uint8), self.last_kept_s


def read_progress(path: Path) -> Progress:
    """Return how far a chunk is; at its start where nothing, or nothing readable, was written."""
    try:
        return Progress(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Progress()
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s cannot be read (%s); its footage is labelled anew", path.name, error)
        return Progress()


def label_chunk(
    chunk: Chunk,
    out: Path,
    teacher: Teacher,
    config: LabelConfig,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Label a chunk, or what is left of it; started again, it writes the very same files.

    Args:
        chunk: of footage.
        out: folder of shards.
        teacher: to ask.
        config: how.
        report: is told after every frame.

    Raises:
        SourceError: CAM-06, CAM-07, CAM-09 the footage cannot be read.
        TrainingError: TRN-07 the teacher cannot be started.
        OSError: a shard cannot be written.
    """
    record = out / f"{chunk.stem}.progress.json"
    progress = read_progress(record)
    if progress.done:
        return progress
    samples: dict[str, bytes] = {}
    frames = chosen_frames(
        chunk, config.max_fps, config.min_change, progress.next_frame, progress.last_kept
    )
    for frame in frames:
        label = _label_of(frame, chunk, teacher, config, progress)
        progress.next_frame = frame.index + 1
        progress.last_thumbnail = frame.thumbnail.tolist()
        progress.last_kept_s = frame.time_s
        if label is not None:
            samples |= label
        if len(samples) // 2 >= config.samples_per_shard:
            samples = _write_shard(samples, chunk, out, config, progress, record)
        report(progress)
    progress.done = True
    _write_shard(samples, chunk, out, config, progress, record)
    report(progress)
    return progress


def _label_of(
    frame: ChosenFrame, chunk: Chunk, teacher: Teacher, config: LabelConfig, progress: Progress
) -> dict[str, bytes] | None:
    """Return a sample's two files; None where the teacher failed on it twice."""
    for attempt in range(_TRIES):
        try:
            hands, unsure = label_frame(frame.image, teacher.look, config.rules)
            break
        except TeacherFailedError as error:
            log.warning("teacher failed on %s (try %d): %s", frame.name, attempt + 1, error)
    else:
        progress.failed.append(frame.name)
        return None
    progress.pictures += 1
    progress.hands += len(hands)
    progress.unsure += len(unsure)
    key = f"{chunk.stem}-{frame.index:07d}"
    image, scale = _stored(frame.image, config.long_side_px)
    label = {
        "source": config.source,
        "subject": chunk.path.name,
        "licence": config.licence,
        "repo": "",
        "commit": "",
        "path": frame.name,
        "width": image.shape[1],
        "height": image.shape[0],
        "source_width": frame.image.shape[1],
        "source_height": frame.image.shape[0],
        "crop": None,
        "negative": not hands and not unsure,
        "flags": [],
        "teacher": teacher.name,
        "hands": [_scaled(hand, scale) for hand in hands],
        "unsure": [_scaled(region, scale) for region in unsure],
    }
    quality = [cv2.IMWRITE_JPEG_QUALITY, config.jpeg_quality]
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), quality)
    return {f"{key}.jpg": jpeg.tobytes(), f"{key}.json": json.dumps(label).encode()}


def _stored(image: UInt8, long_side_px: int) -> tuple[UInt8, np.ndarray]:
    """Shrink a picture to the stored size, and return the scale (x, y) of its pixels."""
    height, width = image.shape[:2]
    share = min(1.0, long_side_px / max(height, width))
    size = max(1, round(width * share)), max(1, round(height * share))
    if size != (width, height):
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return image, np.array([size[0] / width, size[1] / height])


def _scaled(entry: dict[str, Any], scale: np.ndarray) -> dict[str, Any]:
    """Return a hand or region in the stored picture's pixels, rounded to what they are worth."""
    scaled = dict(entry)
    scaled["bbox"] = np.round(np.array(entry["bbox"]) * np.tile(scale, 2), 2).tolist()
    if "keypoints_2d" in entry:
        mean = float(scale.mean())
        scaled["keypoints_2d"] = np.round(np.array(entry["keypoints_2d"]) * scale, 2).tolist()
        scaled["spread_px"] = round(entry["spread_px"] * mean, 3)
        scaled["kp_spread_px"] = np.round(np.array(entry["kp_spread_px"]) * mean, 3).tolist()
        scaled["keypoints_3d_teacher"] = np.round(entry["keypoints_3d_teacher"], 5).tolist()
    return scaled


def _write_shard(
    samples: dict[str, bytes],
    chunk: Chunk,
    out: Path,
    config: LabelConfig,
    progress: Progress,
    record: Path,
) -> dict[str, bytes]:
    """Write a shard, then how far the chunk is; killed between both, it writes the same again."""
    if samples:
        split = split_of(chunk.path, config.val_share)
        path = out / f"real-{split}-{chunk.stem}-{progress.shards:03d}.tar"
        write_atomically(_tar(samples), path)
        progress.shards += 1
    write_atomically((json.dumps(asdict(progress)) + "\n").encode(), record)
    return {}


def _tar(files: dict[str, bytes]) -> bytes:
    """Return files as a tar, the same bytes for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def chunks_of(paths: list[Path], chunk_s: float | None = None) -> Iterator[Chunk]:
    """Yield what workers take: whole footage, or stretches of videos of so many seconds."""
    for path in paths:
        if chunk_s is None or path.is_dir():
            yield Chunk(path)
            continue
        source = VideoFileSource(path, CaptureConfig())
        seconds = (source.frame_count or 0) / (source.fps or 30.0)
        source.close()
        starts = np.arange(0.0, max(seconds, 1e-3), chunk_s)
        for start, stop in zip(starts, [*starts[1:], None], strict=True):
            yield Chunk(path, float(start), None if stop is None else float(stop))
