"""SessionSource: a session's pictures once more, as from a camera or a file."""

from dataclasses import replace

from core.session.reader import SessionReader
from core.types import Frame


class SessionSource:
    """Gives every frame that has a picture, also those that the network did not look at.

    Their time is the session's.
    """

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
        return self.session.picture_count

    @property
    def fps(self) -> float | None:
        """The session's mean rate."""
        duration_s = self.session.duration_s
        return (self.session.picture_count - 1) / duration_s if duration_s > 0 else None

    @property
    def skipped(self) -> tuple[str, ...]:
        """What the session lacks, where frames have no picture."""
        return self.session.notices if self.skipped_count else ()

    def read(self) -> Frame | None:
        """Return the next frame that has a picture; None after the last one."""
        while self._next < self.session.picture_count:
            frame = self.session.picture_frame_at(self._next)
            self._next += 1
            if frame is not None:
                return replace(frame, source_name=self.name)
            self.skipped_count += 1
        return None

    def close(self) -> None:
        """Close the session."""
        self.session.close()
