"""SessionSource: a session's pictures once more, as from a camera or a file."""

from core.session.reader import SessionReader
from core.types import Frame


class SessionSource:
    """Gives the frames that have a picture; their index and time are the session's."""

    is_live = False
    independent_frames = False

    def __init__(self, session: SessionReader) -> None:
        """Take over an open session: it is closed with the source."""
        self.session = session
        self.name = session.path.name
        self.skipped_count = 0
        self._next = 0

    @property
    def frame_count(self) -> int | None:
        """How many frames the session has."""
        return self.session.frame_count

    @property
    def fps(self) -> float | None:
        """The session's mean rate."""
        duration_s = self.session.duration_s
        return (self.session.frame_count - 1) / duration_s if duration_s > 0 else None

    @property
    def skipped(self) -> tuple[str, ...]:
        """What the session lacks, where frames have no picture."""
        return self.session.notices if self.skipped_count else ()

    def read(self) -> Frame | None:
        """Return the next frame that has a picture; None after the last one."""
        while self._next < self.session.frame_count:
            index = self._next
            self._next += 1
            picture = self.session.picture_at(index)
            if picture is None:
                self.skipped_count += 1
                continue
            time_ns = int(self.session.timestamps_ns[index])
            K = self.session.camera_at(index).K
            return Frame(index, 0, time_ns, picture, K, self.name)
        return None

    def close(self) -> None:
        """Close the session."""
        self.session.close()
