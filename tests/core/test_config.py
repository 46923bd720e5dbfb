import math
from dataclasses import fields, replace
from pathlib import Path

import pytest

from core.config import (
    CaptureConfig,
    DetectionConfig,
    PipelineConfig,
    SmoothingConfig,
    TrackingConfig,
    config_from_toml,
    config_to_toml,
    load_config,
    save_config,
    smoothing_from_slider,
)
from core.errors import OutputError, UsageError

SECTIONS = (DetectionConfig, TrackingConfig, SmoothingConfig, CaptureConfig)


def test_empty_settings_are_the_defaults() -> None:
    assert config_from_toml("") == PipelineConfig()


def test_settings_survive_a_round_trip_through_toml() -> None:
    config = PipelineConfig(
        detection=DetectionConfig(score_threshold=0.1 + 0.2, max_hands=3),
        tracking=TrackingConfig(enabled=False, keep_s=1e-3),
        smoothing=smoothing_from_slider(0.9),
        capture=CaptureConfig(source_is_mirrored=True, width=640),
    )
    assert config_from_toml(config_to_toml(config)) == config


def test_written_settings_name_every_field() -> None:
    text = config_to_toml(PipelineConfig())
    for section in SECTIONS:
        for item in fields(section):
            assert f"\n{item.name} = " in text


def test_a_whole_number_is_taken_for_a_float() -> None:
    config = config_from_toml("[capture]\nfps = 60\n")
    assert config.capture.fps == 60.0
    assert isinstance(config.capture.fps, float)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[detection]\nscore_treshold = 0.4", "detection.score_threshold"),
        ("[smothing]\nxy_beta = 1.0", "smoothing"),
        ("score_threshold = 0.4", "detection.score_threshold"),
    ],
)
def test_an_unknown_name_is_refused_and_the_nearest_named(text: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        config_from_toml(text)
    assert caught.value.code == "USE-02"
    assert f"Did you mean {named}?" in caught.value.remedy


@pytest.mark.parametrize(
    "line",
    [
        "[detection]\nscore_threshold = 1.5",
        "[detection]\nscore_threshold = nan",
        "[detection]\nmax_hands = 0",
        "[detection]\nmax_hands = 2.0",
        '[detection]\nmax_hands = "2"',
        "[detection]\nmax_hands = true",
        "[tracking]\nenabled = 1",
        "[capture]\nfps = inf",
        "[capture]\nfps = true",
        "detection = 3",
    ],
)
def test_a_wrong_type_or_a_value_out_of_range_is_refused(line: str) -> None:
    with pytest.raises(UsageError) as caught:
        config_from_toml(line)
    assert caught.value.code == "USE-03"


def test_the_range_is_checked_in_code_too() -> None:
    with pytest.raises(UsageError, match=r"smoothing\.xy_beta"):
        SmoothingConfig(xy_beta=-1.0)
    with pytest.raises(UsageError, match=r"0\.05 to 30"):
        replace(SmoothingConfig(), z_min_hz=math.nan)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_number_has_a_range_that_holds_its_default(section: type) -> None:
    for item in fields(section):
        if item.type is not bool:
            low, high = item.metadata["range"]
            assert low <= item.default <= high


def test_text_that_is_not_toml_is_refused_with_its_place() -> None:
    with pytest.raises(UsageError, match="line 2") as caught:
        config_from_toml("[detection]\nscore_threshold 0.4")
    assert caught.value.code == "USE-01"


def test_settings_are_saved_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "einstellungen ü.toml"
    config = PipelineConfig(detection=DetectionConfig(max_hands=2))
    save_config(config, path)
    assert load_config(path) == config
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_missing_settings_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_config(tmp_path / "none.toml")
    assert caught.value.code == "USE-01"


def test_settings_that_cannot_be_written_say_so(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(OutputError) as caught:
        save_config(PipelineConfig(), in_the_way / "settings.toml")
    assert caught.value.code == "OUT-01"


def test_the_slider_runs_from_steady_to_quick() -> None:
    assert smoothing_from_slider(0.5) == SmoothingConfig()
    steady, quick = smoothing_from_slider(0.0), smoothing_from_slider(1.0)
    for name in ("xy_min_hz", "xy_beta", "z_min_hz", "z_beta", "rotation_min_hz", "rotation_beta"):
        values = [getattr(at, name) for at in (steady, SmoothingConfig(), quick)]
        assert values == sorted(values)
        assert values[0] < values[2]


@pytest.mark.parametrize("quickness", [-0.1, 1.1, math.nan])
def test_the_slider_refuses_what_lies_outside(quickness: float) -> None:
    with pytest.raises(UsageError) as caught:
        smoothing_from_slider(quickness)
    assert caught.value.code == "USE-03"
