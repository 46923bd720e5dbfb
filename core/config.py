"""Every setting of the way from picture to hands, with its range; TOML in and out.

A settings file has one table per class, named as the field of `PipelineConfig` is:

    [detection]
    score_threshold = 0.4
"""

import difflib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from core.atomic import write_atomically
from core.errors import OutputError, UsageError
from core.geometry import DEFAULT_HORIZONTAL_FOV_DEG

#: The network has this many slots for hands; no setting can show more.
MAX_HANDS: Final = 8
_QUARTERS: Final = (0, 90, 180, 270)


def _ranged(default: float, low: float, high: float) -> Any:
    """A number in [low, high]; the range travels with the field, for checks and for sliders."""
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True, slots=True)
class DetectionConfig:
    """Which of the network's slots count as hands."""

    # Default 0.24, in [0.01, 0.99]. Raising it: fewer false hands, more missed ones.
    score_threshold: float = _ranged(0.24, 0.01, 0.99)
    # Default 8, in [1, 8]. Raising it: more hands are shown; the time per frame hardly grows.
    max_hands: int = _ranged(MAX_HANDS, 1, MAX_HANDS)
    # Default true. The mesh is moved to where its joints fit the directly seen keypoints best. Off:
    # it stays where the network put its middle knuckle, a little farther from the picture's hand.
    place_by_keypoints: bool = True

    def __post_init__(self) -> None:
        """Check types and ranges."""
        _check(self, "detection")


@dataclass(frozen=True, slots=True)
class TrackingConfig:
    """How detections become hands with an identity that lasts."""

    # Default true. Off: every frame stands alone, ids are -1.
    enabled: bool = True
    # Default 2 frames, in [1, 10]. Raising it: fewer false hands, a new hand shows up later.
    birth_hits: int = _ranged(2, 1, 10)
    # Default 0.5 s, in [0, 2]. How long an unseen hand is kept and shown as predicted, if it was
    # seen for that long before. Raising it: steadier through occlusions, longer ghosts where a hand
    # has left.
    keep_s: float = _ranged(0.5, 0.0, 2.0)
    # Default 0.1 s, in [0, 2]. The same for a hand that was last at the picture's edge: it has most
    # likely left, and is kept no longer than keep_s. Raising it: hands hang at the edge for longer.
    keep_at_edge_s: float = _ranged(0.1, 0.0, 2.0)
    # Default 10 s, in [0, 600]. A hand that comes within this time of the last sight of one of its
    # side and colour is taken for that one and gets its id and side again. 0: every hand that comes
    # is another. Raising it: longer absences, and another person's hand may inherit an id.
    remember_s: float = _ranged(10.0, 0.0, 600.0)
    # Default 0.6 of detection.score_threshold, in [0.1, 1]. A hand that is known already may
    # score this much lower (Zhang et al. 2022, ByteTrack). Raising it: known hands are lost sooner.
    keep_score_ratio: float = _ranged(0.6, 0.1, 1.0)
    # Default 1.5 hand lengths, in [0.2, 5]. A detection farther from where a hand is expected is
    # another hand. Raising it: faster hands keep their id, neighbours may swap.
    gate: float = _ranged(1.5, 0.2, 5.0)
    # Weights of the association cost, each in [0, 2]: distance in hand lengths, probability of
    # the other side, mean joint angle / pi, difference of skin colour. Raising one: it decides.
    distance_weight: float = _ranged(0.5, 0.0, 2.0)
    side_weight: float = _ranged(0.3, 0.0, 2.0)
    pose_weight: float = _ranged(0.2, 0.0, 2.0)
    albedo_weight: float = _ranged(0.3, 0.0, 2.0)
    # Default 0.1 s, in [0, 1]. An unseen hand goes on as it moved for about this long, slowing
    # down. Raising it: better through short occlusions, overshoots where a hand stops.
    coast_s: float = _ranged(0.1, 0.0, 1.0)
    # Default 5 frames, in [1, 60]. So many frames in a row must speak for the other side before
    # a hand changes sides, and outweigh what spoke for its own. Raising it: steadier sides, a wrong
    # first guess lasts longer.
    side_flip_frames: int = _ranged(5, 1, 60)

    def __post_init__(self) -> None:
        """Check types and ranges."""
        _check(self, "tracking")


@dataclass(frozen=True, slots=True)
class SmoothingConfig:
    """One-Euro filter of rotations and place; running means of shape and skin.

    Casiez et al. 2012, with a floor under the speed: cutoff = min_hz + beta * max(0, speed -
    rest). Raising min_hz: livelier, less still. Raising beta: fast motion is followed more
    closely and keeps more noise. Raising rest: stiller, slow motion lags more.
    """

    # Default true. Off: what the network says is shown as it is.
    enabled: bool = True
    # Place across the picture, in metres at the hand's depth. Defaults 0.6 Hz in [0.05, 30],
    # 40 Hz per m/s in [0, 400], 0.04 m/s in [0, 1].
    xy_min_hz: float = _ranged(0.6, 0.05, 30.0)
    xy_beta: float = _ranged(40.0, 0.0, 400.0)
    xy_rest: float = _ranged(0.04, 0.0, 1.0)
    # Depth, the noisiest number of a single camera. Defaults 0.5 Hz in [0.05, 30],
    # 10 Hz per m/s in [0, 400], 0.15 m/s in [0, 1].
    z_min_hz: float = _ranged(0.5, 0.05, 30.0)
    z_beta: float = _ranged(10.0, 0.0, 400.0)
    z_rest: float = _ranged(0.15, 0.0, 1.0)
    # Each of the 16 joint rotations. Defaults 0.6 Hz in [0.05, 30], 5 Hz per rad/s in [0, 50],
    # 0.5 rad/s in [0, 5].
    rotation_min_hz: float = _ranged(0.6, 0.05, 30.0)
    rotation_beta: float = _ranged(5.0, 0.0, 50.0)
    rotation_rest: float = _ranged(0.5, 0.0, 5.0)
    # Default 3 Hz, in [0.1, 30]: cutoff of the speed itself. Raising it: the filter notices a
    # start sooner and mistakes more noise for motion.
    speed_hz: float = _ranged(3.0, 0.1, 30.0)
    # Default 0.15 m, in [0.01, 5]: a hand that is this far from where it was smoothed to is
    # taken as it is, not dragged. Raising it: jumps become glides.
    jump_m: float = _ranged(0.15, 0.01, 5.0)
    # Default 60, in [1, 10000]: shape and skin are the mean of so many good frames, then stay.
    # Raising it: a better mean that settles later.
    shape_frames: int = _ranged(60, 1, 10_000)
    # Default 0.15, in [0, 1]: a frame is good where score times joint confidence reaches this. A
    # joint expected 6 % of the hand's box beside its place has a confidence of 0.3, a hand that is
    # found a score of 0.5. Raising it: only clear views shape the hand.
    shape_confidence: float = _ranged(0.15, 0.0, 1.0)
    # Default 0 m, in [0, 0.3]: the length of the person's hand from the crease of the wrist to the
    # tip of the middle finger, which makes distances metric; 0 where nobody measured it. Raising
    # it: hands are larger and farther away.
    hand_length_m: float = _ranged(0.0, 0.0, 0.3)

    def __post_init__(self) -> None:
        """Check types and ranges."""
        _check(self, "smoothing")


@dataclass(frozen=True, slots=True)
class CaptureConfig:
    """What is asked of a camera, and what is assumed of any picture."""

    # Default 1280 x 720 px, in [64, 8192]; a wish, the camera's answer counts. Raising it:
    # a sharper picture, often at fewer frames per second.
    width: int = _ranged(1280, 64, 8192)
    height: int = _ranged(720, 64, 8192)
    # Default 30 frames per second, in [1, 240]; a wish too. Raising it: less delay, less light.
    fps: float = _ranged(30.0, 1.0, 240.0)
    # Default false. True where the source delivers mirrored pictures: they are turned back here,
    # so that a left hand stays a left hand.
    source_is_mirrored: bool = False
    # Default 0 degrees, one of 0, 90, 180, 270: pictures are turned so far clockwise as they are
    # read, for a camera that is mounted on its side or head down.
    rotation_deg: int = field(default=0, metadata={"range": (0, 270), "choices": _QUARTERS})
    # Default 0 ms, in [0, 1000]: 0 leaves it to the camera, which may halve its frame rate in dim
    # light. Raising it: brighter, more blurred, at most 1000 / fps.
    exposure_ms: float = _ranged(0.0, 0.0, 1000.0)
    # Default 65 degrees, in [20, 150], of the longer side of the picture. Raising it: hands are
    # taken to be nearer.
    horizontal_fov_deg: float = _ranged(DEFAULT_HORIZONTAL_FOV_DEG, 20.0, 150.0)
    # Defaults 0, in [-0.2, 0.2] of the longer side: where the optical axis meets the picture,
    # right of and below its middle, before it is turned. Raising it: hands move left, or up.
    principal_x: float = _ranged(0.0, -0.2, 0.2)
    principal_y: float = _ranged(0.0, -0.2, 0.2)
    # Default 5 s, in [0.5, 60]: how long a URL may be silent. Raising it: slow servers work,
    # wrong addresses are reported later.
    url_timeout_s: float = _ranged(5.0, 0.5, 60.0)
    # Default 2 s, in [0.2, 60]: silence of a live source that counts as a stall.
    # Raising it: slow cameras are left in peace, dead ones are reported later.
    stall_s: float = _ranged(2.0, 0.2, 60.0)

    def __post_init__(self) -> None:
        """Check types and ranges."""
        _check(self, "capture")


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """All settings between a source and its hands."""

    detection: DetectionConfig = field(default_factory=DetectionConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)
    smoothing: SmoothingConfig = field(default_factory=SmoothingConfig)
    capture: CaptureConfig = field(default_factory=CaptureConfig)


_Section = DetectionConfig | TrackingConfig | SmoothingConfig | CaptureConfig
_SECTIONS: Final[Mapping[str, type[_Section]]] = {
    "detection": DetectionConfig,
    "tracking": TrackingConfig,
    "smoothing": SmoothingConfig,
    "capture": CaptureConfig,
}
_KINDS: Final = {"bool": "true or false", "int": "a whole number", "float": "a number"}


def smoothing_from_slider(quickness: float) -> SmoothingConfig:
    """Return the smoothing of the one slider: 0 steady, 0.5 the defaults, 1 quick.

    From end to end the cutoffs at rest change 16-fold and the gains with speed 4-fold.
    """
    if not 0 <= quickness <= 1:
        raise UsageError(
            "USE-03", f"quickness is {quickness}, outside 0 to 1", "Give 0 (steady) to 1 (quick)."
        )
    rest, motion = 4 ** (2 * quickness - 1), 2 ** (2 * quickness - 1)
    middle = SmoothingConfig()
    return SmoothingConfig(
        xy_min_hz=middle.xy_min_hz * rest,
        xy_beta=middle.xy_beta * motion,
        z_min_hz=middle.z_min_hz * rest,
        z_beta=middle.z_beta * motion,
        rotation_min_hz=middle.rotation_min_hz * rest,
        rotation_beta=middle.rotation_beta * motion,
    )


def config_from_toml(text: str) -> PipelineConfig:
    """Read settings; what is not named keeps its default.

    Raises:
        UsageError: USE-01 not TOML, USE-02 unknown name, USE-03 wrong type or out of range.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            "USE-01", f"the settings are not TOML: {error}", "Mend that line or delete the file."
        ) from error
    sections: dict[str, Any] = {}
    for name, table in tables.items():
        if name not in _SECTIONS:
            settings = [f"{at}.{item.name}" for at in _SECTIONS for item in fields(_SECTIONS[at])]
            raise _unknown(name, [*_SECTIONS, *settings], "section")
        if not isinstance(table, dict):
            raise UsageError(
                "USE-03", f"{name} is {table!r}, not a table", f"Write [{name}] above its settings."
            )
        sections[name] = _section_from_table(name, table)
    return PipelineConfig(**sections)


def load_config(path: Path) -> PipelineConfig:
    """Read a settings file.

    Raises:
        UsageError: USE-01 unreadable, otherwise as `config_from_toml`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "USE-01", f"{path} cannot be read: {error}", "Give a TOML file that you may read."
        ) from error
    return config_from_toml(text)


def config_to_toml(config: PipelineConfig) -> str:
    """Write every setting, so that the file shows what can be set."""
    lines: list[str] = []
    for name in _SECTIONS:
        section = getattr(config, name)
        lines.append(f"[{name}]")
        lines.extend(
            # TOML's booleans, integers and floats are written as JSON's are.
            f"{item.name} = {json.dumps(getattr(section, item.name))}"
            for item in fields(section)
        )
        lines.append("")
    return "\n".join(lines)


def save_config(config: PipelineConfig, path: Path) -> None:
    """Write a settings file; the old one stays whole until the new one is.

    Raises:
        OutputError: OUT-01 where the folder cannot be written.
    """
    try:
        write_atomically(config_to_toml(config).encode(), path)
    except OSError as error:
        raise OutputError(
            "OUT-01", f"{path} cannot be written: {error}", "Choose a folder that you may write to."
        ) from error


def _section_from_table(name: str, table: dict[str, Any]) -> _Section:
    section = _SECTIONS[name]
    known = {item.name: item for item in fields(section)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise _unknown(f"{name}.{key}", [f"{name}.{have}" for have in known], "setting")
        # TOML tells 1 from 1.0, people do not.
        if known[key].type is float and type(value) is int:
            value = float(value)
        values[key] = value
    return section(**values)


def _unknown(name: str, known: list[str], kind: str) -> UsageError:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
    return UsageError("USE-02", f"there is no {kind} {name}", f"Did you mean {nearest}?")


def _check(section: _Section, section_name: str) -> None:
    """Raise UsageError USE-03 for the first value of another type or outside its range."""
    for item in fields(section):
        value = getattr(section, item.name)
        name = f"{section_name}.{item.name}"
        if not _has_type(value, item):
            kind = _KINDS[str(getattr(item.type, "__name__", item.type))]
            raise UsageError("USE-03", f"{name} is {value!r}, not {kind}", f"Give {kind}.")
        low, high = item.metadata.get("range", (-math.inf, math.inf))
        if not low <= value <= high:  # NaN fails both
            raise UsageError(
                "USE-03", f"{name} is {value}, outside {low} to {high}", "Give a value in between."
            )
        choices = item.metadata.get("choices", (value,))
        if value not in choices:
            listed = ", ".join(map(str, choices))
            raise UsageError("USE-03", f"{name} is {value}, not one of {listed}", "Give one.")


def _has_type(value: object, item: "Field[Any]") -> bool:
    if item.type is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is item.type
