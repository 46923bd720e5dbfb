import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import pytest

from core.camera_health import (
    FINDING_IDS,
    CameraCoach,
    CaptureFacts,
    Finding,
    gradient_energy,
    thumbnail,
)
from core.types import Frame, HandState, TrackedHands, UInt8
from tests.factories import intrinsics, make_hand
from tests.fakes import FakeClock

HEIGHT, WIDTH = 240, 320
RNG = np.random.default_rng(3)
BLACK = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
GREEN = np.full((HEIGHT, WIDTH, 3), (0, 135, 0), np.uint8)


NOISE = RNG.normal(0, 1, (7, HEIGHT, WIDTH, 3)).astype(np.float32)
TURN = itertools.count()


def noisy(level: float, spread: float = 20.0) -> UInt8:
    """A picture of this mean grey level and noise; no two in a row are equal."""
    picture = level + spread * NOISE[next(TURN) % len(NOISE)]
    return np.clip(picture, 0, 255).astype(np.uint8)


@dataclass
class Camera:
    """A camera that gives pictures to a coach, on a clock of its own."""

    fps: float = 30.0
    wanted_fps: float = 30.0
    coach: CameraCoach = field(default_factory=CameraCoach)
    clock: FakeClock = field(default_factory=FakeClock)
    facts: CaptureFacts = field(init=False)
    raised: list[str] = field(default_factory=list)
    index: int = 0

    def __post_init__(self) -> None:
        self.facts = CaptureFacts(0, 0, 0, self.fps, self.wanted_fps)

    def play(
        self,
        seconds: float,
        picture: Callable[[], UInt8],
        *,
        hands: Callable[[float], tuple[HandState, ...]] = lambda time_s: (),
        skips: int = 0,
    ) -> None:
        for _ in range(round(seconds * self.fps)):
            self.clock.advance(1000 / self.fps)
            self.index += 1
            self.facts = replace(
                self.facts,
                captured=self.facts.captured + 1,
                skipped=self.facts.skipped + skips,
                measured_fps=self.fps,
                wanted_fps=self.wanted_fps,
            )
            frame = Frame(self.index, 1, self.clock(), picture().copy(), intrinsics())
            self.coach.observe(TrackedHands(frame, hands(self.clock() / 1e9)), self.facts)
            self.raised += [finding.id for finding in self.coach.take_news()]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(finding.id for finding in self.coach.findings)

    @property
    def only(self) -> Finding:
        (finding,) = self.coach.findings
        return finding


def test_a_good_camera_has_nothing_to_say() -> None:
    camera = Camera()
    camera.play(6, lambda: noisy(120))
    assert camera.ids == () and camera.raised == []
    assert camera.coach.picture.brightness == pytest.approx(120, abs=3)
    assert camera.coach.picture.sharpness is None


def test_a_closed_shutter_is_told_after_two_seconds_and_clears_itself() -> None:
    """B1 6."""
    camera = Camera()
    camera.play(1.8, lambda: BLACK)
    assert camera.ids == ()
    camera.play(0.5, lambda: BLACK)
    assert camera.only.id == "black"
    assert (camera.only.severity, camera.only.remedy) == ("error", "open_shutter")
    camera.play(1, lambda: noisy(120))
    assert camera.ids == ()


def test_a_picture_of_one_colour_is_told() -> None:
    """B1 7: an empty buffer turned to RGB is green."""
    camera = Camera()
    camera.play(3, lambda: GREEN)
    assert (camera.only.id, camera.only.remedy) == ("flat", "reopen")


def test_a_frozen_picture_is_told_after_two_seconds() -> None:
    """B1 12."""
    camera, still = Camera(), noisy(120)
    camera.play(1.8, lambda: still)
    assert camera.ids == ()
    camera.play(0.5, lambda: still)
    assert (camera.only.id, camera.only.remedy) == ("frozen", "reopen")
    camera.play(1, lambda: noisy(120))
    assert camera.ids == ()


def test_a_picture_that_stays_though_nothing_is_captured_is_no_frozen_camera() -> None:
    """B1 12: frozen only while pictures come."""
    camera, still = Camera(fps=30), noisy(120)
    for _ in range(100):
        camera.clock.advance(33)
        frame = Frame(0, 1, camera.clock(), still.copy(), intrinsics())
        camera.coach.observe(TrackedHands(frame, ()), replace(camera.facts, measured_fps=0.0))
    assert camera.ids == ()


@pytest.mark.parametrize(("skips", "told"), [(0, False), (1, True)])
def test_many_unusable_pictures_are_told(skips: int, told: bool) -> None:
    """B1 7."""
    camera = Camera()
    camera.play(3, lambda: noisy(120), skips=skips)
    assert (camera.ids == ("corrupt",)) is told
    if told:
        assert camera.only.measured == pytest.approx(0.5, abs=0.05)


def test_a_few_unusable_pictures_are_not_worth_a_word() -> None:
    """B1 7: 5 % of them."""
    camera = Camera()
    for _ in range(10):
        camera.play(19 / 30, lambda: noisy(120))
        camera.play(1 / 30, lambda: noisy(120), skips=1)
    assert camera.ids == ()


def test_stamps_that_stand_still_are_told() -> None:
    """B1 13."""
    camera = Camera()
    camera.play(1, lambda: noisy(120))
    camera.facts = replace(camera.facts, misstamped=4)
    camera.play(1, lambda: noisy(120))
    assert (camera.only.id, camera.only.measured) == ("misstamped", 4)
    camera.play(11, lambda: noisy(120))
    assert camera.ids == ()


@pytest.mark.parametrize(
    ("level", "changes", "remedy"),
    [
        (80, {}, "shorten_exposure"),
        (180, {}, "lower_resolution"),
        (80, {"stated_fps": 15.0}, "lower_resolution"),
        (80, {"exposure_ms": 10.0}, "lower_resolution"),
        (180, {"exposure_ms": 66.0}, "shorten_exposure"),
    ],
)
def test_silent_15_fps_is_told_with_what_helps(
    level: float, changes: dict[str, float], remedy: str
) -> None:
    """B1 9, 11: 30 were asked for, 15 come."""
    camera = Camera(fps=15.0)
    camera.facts = replace(camera.facts, **changes)
    camera.play(2.5, lambda: noisy(level))
    assert camera.ids == ()
    camera.play(1, lambda: noisy(level))
    assert (camera.only.id, camera.only.remedy) == ("slow", remedy)
    assert (camera.only.measured, camera.only.wanted) == (15.0, 30.0)


def test_five_fps_in_the_dark_are_told_as_both() -> None:
    """B1 9."""
    camera = Camera(fps=5.0)
    camera.play(5, lambda: noisy(25, 8))
    assert camera.ids == ("slow", "dark")
    assert [finding.remedy for finding in camera.coach.findings] == [
        "shorten_exposure", "add_light",
    ]  # fmt: skip


def test_low_light_does_not_flicker_at_its_threshold() -> None:
    camera = Camera()
    levels = (37.0 + 6.0 * (i // 20 % 2) for i in itertools.count())
    camera.play(3, lambda: noisy(35, 8))
    camera.play(30, lambda: noisy(next(levels), 8))
    assert camera.ids == ("dark",)
    assert camera.coach.counts["dark"] == 1
    camera.play(3, lambda: noisy(70, 8))
    assert camera.ids == ()


def test_the_same_finding_is_announced_once_in_ten_seconds_and_counted_each_time() -> None:
    camera = Camera()
    for _ in range(4):
        camera.play(2.5, lambda: BLACK)
        camera.play(1, lambda: noisy(120))
    assert camera.coach.counts["black"] == 4
    assert camera.raised == ["black", "black"]  # at 2 s and after 12.5 s, not at 5.5 and 9


def waving(blur_px: int) -> tuple[Callable[[], UInt8], Callable[[float], tuple[HandState, ...]]]:
    """A picture of fine texture under a hand that rests for 2 s and then waves, blurred."""
    state = {"time": 0.0}
    sharp = noisy(120, 30)
    kernel = np.full((1, max(1, blur_px)), 1 / max(1, blur_px), np.float32)
    blurred = np.asarray(cv2.filter2D(sharp, -1, kernel), np.uint8)

    def hands(time_s: float) -> tuple[HandState, ...]:
        state.setdefault("start", time_s)
        state["time"] = since = time_s - state["start"]
        x = 0.06 * np.sin(2 * np.pi * 2 * max(0.0, since - 2))
        K = intrinsics().copy()
        K[:2] /= 2
        return (make_hand(at=(x, 0.0, 0.6), track_id=0, K=K),)

    def picture() -> UInt8:
        base = blurred if state["time"] > 2 else sharp
        return np.roll(base, int(state["time"] * 997), axis=1)

    return picture, hands


@pytest.mark.parametrize(("blur_px", "told"), [(1, False), (15, True)])
def test_motion_blur_is_told_by_the_gradients_that_moving_hands_lose(
    blur_px: int, told: bool
) -> None:
    camera = Camera()
    picture, hands = waving(blur_px)
    camera.play(6, picture, hands=hands)
    assert (camera.ids == ("blurred",)) is told
    assert camera.coach.picture.sharpness is not None
    if told:
        assert camera.only.remedy == "shorten_exposure" and camera.only.measured < 0.6


def test_another_source_starts_without_an_opinion() -> None:
    camera = Camera()
    camera.play(3, lambda: BLACK)
    camera.coach.reset()
    assert camera.coach.findings == () and camera.coach.counts["black"] == 1


def test_a_clock_that_jumps_raises_nothing() -> None:
    """B4 59."""
    camera = Camera()
    camera.play(1, lambda: noisy(120))
    for hours in (1, -2, 1):
        camera.clock.advance(hours * 3_600_000)
        camera.play(0.5, lambda: noisy(120))
    assert camera.ids == ()


def test_every_finding_has_its_own_count() -> None:
    assert tuple(CameraCoach().counts) == FINDING_IDS


def test_a_thumbnail_keeps_single_pixels_so_that_noise_tells_frozen_from_still() -> None:
    picture = noisy(100)
    small = thumbnail(picture)
    assert small.shape == (40, 64, 3)
    assert (small[3, 5] == picture[3 * 6, 5 * 5]).all()
    assert thumbnail(picture[:3, :3]).shape == (3, 3, 3)


def test_gradient_energy_is_the_mean_step_per_grey_level() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[:, ::2] = 40
    assert gradient_energy(picture, (20, 20, 60, 60)) == pytest.approx(40 / 30, rel=0.03)
    assert gradient_energy(picture, (-50, -50, -10, -10)) == 0.0
    assert gradient_energy(picture, (99, 99, 99.5, 99.5)) == 0.0


def timings(coach: CameraCoach, frames: Iterator[TrackedHands]) -> list[float]:
    facts = CaptureFacts(100, 0, 0, 30.0, 30.0)
    taken = []
    for tracked in frames:
        start = time.perf_counter()
        coach.observe(tracked, facts)
        taken.append(1000 * (time.perf_counter() - start))
    return taken


def test_a_look_at_a_large_picture_with_two_hands_takes_well_under_a_frame() -> None:
    picture = RNG.integers(0, 255, (720, 1280, 3), np.uint8)
    hands = (make_hand("right", track_id=0), make_hand("left", at=(0.2, 0, 0.6), track_id=1))
    frames = (
        TrackedHands(Frame(i, 1, i * 33_000_000, picture, intrinsics()), hands) for i in range(60)
    )
    assert min(timings(CameraCoach(), frames)) < 3  # about 0.2 on a quiet core
