"""How an export of each format is written: a function per format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.mano_command import imported_mano
from app.overlay import MeshPainter
from app.run_command import ShowProgress
from app.writers import VideoOverlay
from core.assets import hand_model_path
from core.errors import SessionError
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.poser import HandPoser
from core.mesh_io.axes import Axes
from core.mesh_io.bvh import write_bvh
from core.mesh_io.csv_file import write_csv
from core.mesh_io.frame_mesh import FrameMesh, frame_meshes
from core.mesh_io.glb import write_glb
from core.mesh_io.hand_table import HandRows, hand_rows
from core.mesh_io.json_file import write_json
from core.mesh_io.mano_file import write_mano
from core.mesh_io.motion import HandMotion, hand_motions
from core.mesh_io.npz_file import write_npz
from core.mesh_io.obj import write_obj
from core.mesh_io.ply import write_ply
from core.mesh_io.usd import write_usd
from core.session.reader import SessionReader
from core.session.take import Take
from core.types import Frame, TrackedHands


@dataclass(frozen=True)
class Job:
    """All that a writer needs.

    Attributes:
        session: where the pictures are.
        take: the hands, on the clock of the result.
        frames: of the session, in the range that is asked for.
        rate_hz: frames per second of the result.
        is_resampled: whether that rate was asked for.
        axes: of the result.
        raw: as measured instead of as smoothed.
        correctives: write pose correctives, too.
        mano: the imported model; None for the one in the user's folder.
        show_progress: called with steps done and in all.
    """

    session: SessionReader
    take: Take
    frames: range
    rate_hz: float
    is_resampled: bool
    axes: Axes
    raw: bool
    correctives: bool
    mano: Path | None
    show_progress: ShowProgress

    @cached_property
    def model(self) -> HandModel:
        """The open right hand."""
        return load_hand_model(hand_model_path())

    @cached_property
    def poser(self) -> HandPoser:
        """What poses it."""
        return HandPoser(self.model)

    def motions(self) -> tuple[HandMotion, ...]:
        """The hands as animated skeletons."""
        return hand_motions(self.take, self.model, self.axes)

    def rows(self) -> HandRows:
        """The hands as a table."""
        return hand_rows(self.take, self.poser, self.axes, self.show_progress)


def _glb(job: Job, path: Path) -> str:
    seconds = (job.take.timestamps_ns - job.take.timestamps_ns[0]) / 1e9
    write_glb(path, job.motions(), seconds, job.correctives)
    if job.correctives:
        return "Pose correctives are morph targets: the surface is exact."
    return "Skinning is linear, without pose correctives (--correctives adds them)."


def _bvh(job: Job, path: Path) -> str:
    hands = job.motions()
    if len(hands) == 1:
        write_bvh(path, hands[0], job.rate_hz)
        return f"{job.rate_hz:g} frames per second."
    path.mkdir()
    for index, hand in enumerate(hands):
        write_bvh(path / f"{hand.name}.bvh", hand, job.rate_hz)
        job.show_progress(index + 1, len(hands))
    return f"One file per hand, {job.rate_hz:g} frames per second."


def _usd(job: Job, path: Path) -> str:
    write_usd(path, job.motions(), job.rate_hz, job.axes, job.show_progress)
    return f"{job.rate_hz:g} frames per second; {job.axes.up} is up."


def _npz(job: Job, path: Path) -> str:
    write_npz(path, job.rows(), job.axes)
    return ""


def _csv(job: Job, path: Path) -> str:
    write_csv(path, job.rows(), job.axes)
    return ""


def _json(job: Job, path: Path) -> str:
    write_json(path, job.take, job.rows(), job.axes)
    return ""


def _obj(job: Job, path: Path) -> str:
    return _meshes(job, path, write_obj)


def _ply(job: Job, path: Path) -> str:
    return _meshes(job, path, write_ply)


def _meshes(job: Job, path: Path, write: Callable[[Path, FrameMesh], None]) -> str:
    """Write a file, or a folder with one per frame."""
    total = len(job.take.timestamps_ns)
    if total > 1:
        path.mkdir()
    for mesh in frame_meshes(job.take, job.model, job.poser, job.axes):
        name = f"frame_{mesh.frame:06d}{'.obj' if write is write_obj else '.ply'}"
        write(path / name if total > 1 else path, mesh)
        job.show_progress(mesh.frame + 1, total)
    return "One file per frame." if total > 1 else ""


def _mano(job: Job, path: Path) -> str:
    model = imported_mano(job.mano)
    joints_mm, surface_mm = write_mano(path, job.take, model, job.model, job.show_progress)
    return f"Fitted MANO is off by {joints_mm:.2f} mm (joints), {surface_mm:.2f} mm (surface)."


def _mp4(job: Job, path: Path) -> str:
    """Draw the meshes on the recorded pictures.

    Raises:
        SessionError: SES-05 there are no pictures.
    """
    session = job.session
    if not session.has_video:
        raise SessionError(
            "SES-05", f"{session.name} was recorded without pictures", "Export another format."
        )
    kept = {track.track_id for track in job.take.tracks}
    frames, times_ns = _clock(job)
    painter = MeshPainter(job.model)
    overlay: VideoOverlay | None = None
    try:
        for done, (index, time_ns) in enumerate(
            zip(frames.tolist(), times_ns.tolist(), strict=True)
        ):
            tracked = session.tracked_at(index, smoothed=not job.raw)
            hands = tuple(hand for hand in tracked.hands if hand.track_id in kept)
            frame = Frame(index, 0, time_ns, tracked.frame.image, tracked.frame.K)
            picture = painter.paint(TrackedHands(frame, hands, tracked.predicted & kept))
            if overlay is None:
                overlay = VideoOverlay(path, *picture.shape[:2], job.rate_hz)
            overlay.add(frame, picture)
            job.show_progress(done + 1, len(frames))
        if overlay is not None:
            overlay.finish()
    finally:
        if overlay is not None:
            overlay.close()
    return ""


def _clock(job: Job) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the session's frames to show, and when: with a rate the latest one at each time."""
    recorded_ns = job.session.timestamps_ns[job.frames.start : job.frames.stop]
    if not job.is_resampled:
        return np.arange(job.frames.start, job.frames.stop), recorded_ns
    count = int((recorded_ns[-1] - recorded_ns[0]) / 1e9 * job.rate_hz + 1e-3) + 1
    times_ns = recorded_ns[0] + np.round(np.arange(count) * (1e9 / job.rate_hz)).astype(np.int64)
    rows = np.searchsorted(recorded_ns, times_ns, side="right") - 1
    return job.frames.start + rows, times_ns


Writer = Callable[[Job, Path], str]
#: Each returns what is worth saying about the result.
WRITERS: Final[Mapping[str, Writer]] = {
    "glb": _glb,
    "bvh": _bvh,
    "usd": _usd,
    "npz": _npz,
    "csv": _csv,
    "json": _json,
    "obj": _obj,
    "ply": _ply,
    "mp4": _mp4,
    "mano": _mano,
}
