"""PlaybackClock: where in a session playing is, given the program's clock. No thread, no file."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.session.take import Int64

SLOWEST: Final = 0.1
FASTEST: Final = 4.0


@dataclass(frozen=True, slots=True)
class PlaybackClock:
    """The playhead: it stood at `anchor_ns` when the program's clock said `since_ns`.

    Every method that changes something takes the program's clock and returns another clock, so
    that speed and place can change at any moment without a jump.

    Attributes:
        end_ns: session time of the last frame; the first one is at 0.
        anchor_ns: session time.
        since_ns: the program's clock.
        speed: session seconds per second, in [0.1, 4].
        is_playing: whether time goes on.
        loops: begin again at `in_ns` after `out_ns`.
        in_ns: session time where playing begins.
        out_ns: session time where it ends.
    """

    end_ns: int
    anchor_ns: int = 0
    since_ns: int = 0
    speed: float = 1.0
    is_playing: bool = False
    loops: bool = False
    in_ns: int = 0
    out_ns: int = 0

    @classmethod
    def of(cls, end_ns: int) -> "PlaybackClock":
        """Return a clock that stands at the beginning of a session, its whole range chosen."""
        return cls(end_ns=end_ns, out_ns=end_ns)

    def position_ns(self, now_ns: int) -> int:
        """Return the session time."""
        if not self.is_playing:
            return self.anchor_ns
        position = self.anchor_ns + int((now_ns - self.since_ns) * self.speed)
        # A playhead that was put behind the out point plays to the end of the session.
        last = self.out_ns if self.anchor_ns <= self.out_ns else self.end_ns
        if position <= last:
            return position
        span = self.out_ns - self.in_ns
        if not self.loops:
            return last
        return self.in_ns + (position - last) % span if span > 0 else self.in_ns

    def has_ended(self, now_ns: int) -> bool:
        """Say whether playing has come to its end."""
        last = self.out_ns if self.anchor_ns <= self.out_ns else self.end_ns
        return self.is_playing and not self.loops and self.position_ns(now_ns) >= last

    def play(self, now_ns: int) -> "PlaybackClock":
        """Go on; from the in point where the end was reached."""
        here = self.position_ns(now_ns)
        begins_again = here >= self.out_ns or here >= self.end_ns
        start = self.in_ns if begins_again else here
        return replace(self, anchor_ns=start, since_ns=now_ns, is_playing=True)

    def pause(self, now_ns: int) -> "PlaybackClock":
        """Stay where playing is."""
        return replace(self._anchored(now_ns), is_playing=False)

    def seek(self, time_ns: int, now_ns: int) -> "PlaybackClock":
        """Go to a session time; playing goes on from there."""
        return replace(self, anchor_ns=min(max(time_ns, 0), self.end_ns), since_ns=now_ns)

    def with_speed(self, speed: float, now_ns: int) -> "PlaybackClock":
        """Play slower or faster from here on."""
        return replace(self._anchored(now_ns), speed=min(max(speed, SLOWEST), FASTEST))

    def with_loop(self, loops: bool, now_ns: int) -> "PlaybackClock":
        """Begin again at the end, or stay there."""
        return replace(self._anchored(now_ns), loops=loops)

    def with_range(self, in_ns: int, out_ns: int, now_ns: int) -> "PlaybackClock":
        """Play from in_ns to out_ns alone; the order of both does not matter."""
        first, last = sorted(min(max(time_ns, 0), self.end_ns) for time_ns in (in_ns, out_ns))
        return replace(self._anchored(now_ns), in_ns=first, out_ns=last)

    def wait_ns(self, time_ns: int, now_ns: int) -> int:
        """Return how long it takes until a session time that lies ahead is due; 0 if it is."""
        ahead = time_ns - self.position_ns(now_ns)
        return max(0, int(ahead / self.speed))

    def _anchored(self, now_ns: int) -> "PlaybackClock":
        return replace(self, anchor_ns=self.position_ns(now_ns), since_ns=now_ns)


def stepped(times_ns: Int64, time_ns: int, frames: int) -> int:
    """Return the session time of the frame so many frames after (or before) the one shown.

    Args:
        times_ns: (N,) rising, of every frame.
        time_ns: session time; the frame shown is the last one that is not after it.
        frames: how many; negative for back.
    """
    here = int(np.searchsorted(times_ns, time_ns, side="right")) - 1
    return int(times_ns[min(max(here + frames, 0), len(times_ns) - 1)])
