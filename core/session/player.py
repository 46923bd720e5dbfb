"""SessionPlayer: plays recorded sessions in a thread of its own; whoever shows it polls take().

    player = SessionPlayer(Path("take.hands"), poser)
    player.start()
    player.play(); player.seek(3_000_000_000); player.step(-1)
    played = player.take()          # the newest frame that was not taken yet, or None
    player.close()

Commands only say what is wanted and return at once. Time comes from the session's time stamps:
where making a frame takes longer than it is shown, frames are left out.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.config import SmoothingConfig
from core.errors import ManyHandsError
from core.hand_model.poser import HandPoser
from core.latest import LatestSlot
from core.session.compare import compare_hands, offset_ns
from core.session.playback import PlaybackClock, stepped
from core.session.played import OpenedSession, PlayedFrame, PlayerStatus, ShownHands
from core.session.reader import SessionReader, open_session
from core.session.resmoothing import Resmoother
from core.session.thumbnails import Thumbnail, thumbnails_of
from core.timing import now_ns
from core.types import HandState, TrackedHands

_JOIN_S: Final = 3.0
_LONGEST_WAIT_S: Final = 0.5


class SessionPlayer:
    """One session that plays, and maybe another one beside it."""

    def __init__(
        self, path: Path, poser: HandPoser, clock: Callable[[], int] = now_ns, *, plays: bool = True
    ) -> None:
        """Prepare; `start` opens the session and, if it `plays`, begins."""
        self._path = path
        self._poser = poser
        self._now = clock
        self._plays = plays
        self._condition = threading.Condition()
        self._closed = False
        self._clock = PlaybackClock.of(0)
        self._shown = ShownHands()
        self._wants_offset = False
        self._opened: OpenedSession | None = None
        self._faults: list[ManyHandsError] = []
        self._results: LatestSlot[PlayedFrame] = LatestSlot()
        self._thumbnails: tuple[Thumbnail, ...] = ()
        self._index, self._frame_ms = -1, 0.0
        self._threads = [threading.Thread(target=self._run, name="player", daemon=True)]
        # Of the player's thread
        self._other: SessionReader | None = None
        self._resmoother: Resmoother | None = None

    def start(self) -> None:
        """Open the session in the player's thread."""
        self._threads[0].start()

    def close(self, timeout_s: float = _JOIN_S) -> None:
        """End the threads and wait for them."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout_s)

    # What is wanted

    def play(self) -> None:
        """Go on playing."""
        self._change(lambda clock, now: clock.play(now))

    def pause(self) -> None:
        """Stay at the frame that is shown."""
        self._change(lambda clock, now: clock.pause(now))

    def seek(self, time_ns: int) -> None:
        """Go to a session time."""
        self._change(lambda clock, now: clock.seek(time_ns, now))

    def step(self, frames: int) -> None:
        """Pause, and go so many frames on, or back."""
        opened = self._opened
        if opened is not None:
            self._change(
                lambda clock, now: clock.pause(now).seek(
                    stepped(opened.times_ns, clock.position_ns(now), frames), now
                )
            )

    def set_speed(self, speed: float) -> None:
        """Play slower or faster, in [0.1, 4]."""
        self._change(lambda clock, now: clock.with_speed(speed, now))

    def set_loop(self, loops: bool) -> None:
        """Begin again at the end, or stay there."""
        self._change(lambda clock, now: clock.with_loop(loops, now))

    def set_range(self, in_ns: int, out_ns: int) -> None:
        """Play that range alone."""
        self._change(lambda clock, now: clock.with_range(in_ns, out_ns, now))

    def show(self, shown: ShownHands) -> None:
        """Show these hands from now on."""
        with self._condition:
            self._shown = shown
            self._condition.notify_all()

    def align(self) -> None:
        """Lay the other session's motion on this one's: `ShownHands.offset_ns` follows."""
        with self._condition:
            self._wants_offset = True
            self._condition.notify_all()

    # What there is

    @property
    def opened(self) -> OpenedSession | None:
        """The session, once it is open."""
        return self._opened

    @property
    def thumbnails(self) -> tuple[Thumbnail, ...]:
        """Small pictures by time; more and more of them in the first seconds."""
        return self._thumbnails

    def take(self) -> PlayedFrame | None:
        """Return the newest frame if it was not taken yet, without waiting."""
        return self._results.take()

    def take_fault(self) -> ManyHandsError | None:
        """Return the next fault: of this session, or of the other one."""
        return self._faults.pop(0) if self._faults else None

    def status(self) -> PlayerStatus:
        """Return where playing is."""
        with self._condition:
            clock, shown = self._clock, self._shown
        other = self._other
        return PlayerStatus(
            clock=clock,
            position_ns=clock.position_ns(self._now()),
            index=self._index,
            frame_ms=self._frame_ms,
            shown=shown,
            other_name=other.name if other is not None else "",
        )

    def _change(self, change: Callable[[PlaybackClock, int], PlaybackClock]) -> None:
        with self._condition:
            self._clock = change(self._clock, self._now())
            self._condition.notify_all()

    # The player's thread

    def _run(self) -> None:
        """Open the session and play it until told to end."""
        try:
            with open_session(self._path, poser=self._poser) as reader:
                self._begin(reader)
                self._play_on(reader)
        except ManyHandsError as error:
            self._faults.append(error)
        finally:
            if self._other is not None:
                self._other.close()

    def _begin(self, reader: SessionReader) -> None:
        camera = reader.camera_at(0)
        with self._condition:
            end_ns = int(reader.timestamps_ns[-1])
            clock = replace(self._clock, end_ns=end_ns, out_ns=end_ns)  # speed and loop stay
            self._clock = clock.play(self._now()) if self._plays else clock
        self._opened = OpenedSession(
            path=reader.path,
            name=reader.name,
            source=reader.description.source,
            times_ns=reader.timestamps_ns,
            hands=reader.hands,
            markers=reader.markers,
            gaps=reader.gaps,
            notices=reader.notices,
            width=camera.width,
            height=camera.height,
        )
        twin = reader.twin()
        helper = threading.Thread(
            target=self._make_thumbnails, args=(twin,), name="thumbnails", daemon=True
        )
        self._threads.append(helper)
        helper.start()

    def _play_on(self, reader: SessionReader) -> None:
        """Make the frame that is due, whenever that is another one."""
        last: tuple[int, ShownHands] | None = None
        while True:
            with self._condition:
                if self._closed:
                    return
                now = self._now()
                if self._clock.has_ended(now):
                    self._clock = self._clock.pause(now)
                index = reader.index_at(self._clock.position_ns(now))
                wanted = (index, self._shown)
                if wanted == last and not self._wants_offset:
                    self._condition.wait(self._wait_s(reader, index, now))
                    continue
            self._follow_other()
            if self._wants_offset:
                self._find_offset(reader)
            start_ns = now_ns()
            self._results.put(self._frame(reader, index, wanted[1]))
            self._index, self._frame_ms = index, (now_ns() - start_ns) / 1e6
            last = wanted

    def _wait_s(self, reader: SessionReader, index: int, now: int) -> float | None:
        """Return how long nothing new is due; None: until somebody wants something."""
        if not self._clock.is_playing:
            return None
        following = min(index + 1, reader.frame_count - 1)
        wait_ns = self._clock.wait_ns(int(reader.timestamps_ns[following]), now)
        # The end of the range lies between frames: look again in a while.
        return min(max(wait_ns / 1e9, 0.001), _LONGEST_WAIT_S)

    def _frame(self, reader: SessionReader, index: int, shown: ShownHands) -> PlayedFrame:
        if shown.kind == "resmoothed":
            tracked = self._resmoothed(reader, index, shown.smoothing)
        else:
            tracked = reader.tracked_at(index, smoothed=shown.kind == "smoothed")
        other = self._other
        if other is None:
            return PlayedFrame(tracked)
        time_ns = int(reader.timestamps_ns[index]) - shown.offset_ns
        hands: tuple[HandState, ...] = ()
        if 0 <= time_ns <= int(other.timestamps_ns[-1]):
            hands = other.hands_at(other.index_at(time_ns), smoothed=shown.kind != "raw")
        return PlayedFrame(tracked, hands, compare_hands(tracked.hands, hands))

    def _resmoothed(
        self, reader: SessionReader, index: int, config: SmoothingConfig
    ) -> TrackedHands:
        """Smooth the raw hands, and give them the frame's picture."""
        if self._resmoother is None:
            self._resmoother = Resmoother(reader, self._poser, config)
        elif config != self._resmoother.config:
            self._resmoother.apply(config)
        hands = self._resmoother.hands_at(index)
        return replace(hands, frame=reader.frame_at(index))

    def _follow_other(self) -> None:
        """Open the other session that is wanted, or close it."""
        wanted = self._shown.other
        if self._other is not None and wanted != self._other.path:
            self._other.close()
            self._other = None
        if wanted is None or self._other is not None:
            return
        try:
            self._other = open_session(wanted, poser=self._poser)
        except ManyHandsError as error:
            self._faults.append(error)
            with self._condition:
                if self._shown.other == wanted:
                    self._shown = replace(self._shown, other=None)

    def _find_offset(self, reader: SessionReader) -> None:
        """Shift the other session to where its motion fits best; where nothing fits, stay."""
        found = None if self._other is None else offset_ns(reader.take(), self._other.take())
        with self._condition:
            self._wants_offset = False
            if found is not None:
                self._shown = replace(self._shown, offset_ns=found)

    def _make_thumbnails(self, reader: SessionReader) -> None:
        """Fill in small pictures, coarse first."""
        with reader:
            for thumbnail in thumbnails_of(reader):
                if self._closed:
                    return
                known = (*self._thumbnails, thumbnail)
                self._thumbnails = tuple(sorted(known, key=lambda one: one.time_ns))
