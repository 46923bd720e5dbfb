"""What the pipeline gives, onto the screen: the hands of every result, in every view."""

from typing import Final

from PyQt6.QtCore import QObject

from app.camera_book import CameraBook
from app.main_window import MainWindow
from app.panels.docks import DockSpec
from app.panels.hands import HandRow, HandsPanel
from app.session import Session
from app.visuals.hand_batch import HandBatch, HandColours, empty_batch, make_batch
from core.calibration import CameraRecord, distance_of
from core.hand_angles import flexion_deg
from core.timing import now_ns
from core.types import TrackedHands

#: The cards change no oftener: nobody reads faster.
_CARDS_NS: Final = 100_000_000


class LiveController(QObject):
    """Hands every result to the views, and ten times a second to the panel Hands."""

    def __init__(
        self, window: MainWindow, session: Session, book: CameraBook, parent: QObject
    ) -> None:
        """Make the panel and hear the session."""
        super().__init__(parent)
        self._window, self._book = window, book
        self._colours = HandColours()
        self._panel = HandsPanel()
        self._cards_ns = 0
        window.add_dock(DockSpec("hands_dock", self.tr("Hands"), self._panel, tab_with="plot_dock"))
        session.add_viewer(self._show_hands)
        session.opening.connect(lambda _source: self._show_nothing())
        window.went_stale.connect(self._panel.show_nothing)

    def _show_nothing(self) -> None:
        """Forget what another source showed."""
        window = self._window
        window.picture.show_nothing()
        window.plot.show_nothing()
        window.status.show_hand_count(0, 0)
        self._panel.show_nothing()
        if window.scene is not None:
            window.scene.show_nothing()

    def _show_hands(self, tracked: TrackedHands) -> None:
        """Hand one result to every view that can be seen."""
        window = self._window
        seen = len(tracked.hands) - len(tracked.predicted)
        window.status.show_hand_count(seen, len(tracked.predicted))
        if window.isMinimized():
            return
        start_ns = now_ns()
        views = [view for view in (window.picture, window.scene) if view and view.isVisible()]
        batch = empty_batch(window.topology)
        if views or self._panel.isVisible():
            batch = make_batch(tracked, window.topology, self._colours)
        draw_ms = (now_ns() - start_ns) / 1e6
        window.show_message("")
        for view in views:
            view.show_hands(tracked, batch)
            draw_ms += view.draw_ms
        window.plot.show_steps({**tracked.step_ms, "draw": draw_ms})
        if self._panel.isVisible() and start_ns - self._cards_ns >= _CARDS_NS:
            self._cards_ns = start_ns
            self._panel.show_hands(hand_rows(tracked, batch, self._book.record), start_ns)


def hand_rows(tracked: TrackedHands, batch: HandBatch, record: CameraRecord) -> tuple[HandRow, ...]:
    """Return what the cards say, by track id; the camera's record tells how sure distances are."""
    known = bool(record.hand_length_m)
    colours = (255 * batch.colours).round().astype(int)
    rows = []
    for index, hand in enumerate(batch.hands):
        red, green, blue = (int(value) for value in colours[index])
        distance = distance_of(hand, record.lens.focal_sd, is_length_known=known)
        rows.append(
            HandRow(
                track_id=hand.track_id,
                title=batch.labels[index],
                colour=(red, green, blue),
                is_seen=index < batch.seen_count,
                score=hand.score,
                distance_cm=100 * distance.metres,
                uncertainty_cm=100 * distance.sd_m,
                learned=tracked.shape_learned.get(hand.track_id),
                flexion_deg=flexion_deg(hand.joints_3d, hand.side),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.track_id))
