import logging
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from core.config import DetectionConfig
from core.decode import decode
from core.engines.torch import TorchEngine
from core.errors import TrainingError
from core.network import weights
from core.network.network import HandNetwork
from core.preprocess import prepare
from core.types import Frame
from tests.networks import TINY, lively_network, noise_picture, publish
from tests.training.samples import label_of, sample_files, write_tar
from training.evaluate import picture_frame
from training.step_errors import StepErrors, main, read_stages, step_errors, table_of

LOW = 0.001
NAMES = [
    "local",
    "window",
    "step 1 projected",
    "step 1 refined",
    "step 2 projected",
    "step 2 refined",
]


def even_frame() -> Frame:
    """The picture of `sample_files`, as a JPEG gives it back."""
    return picture_frame(np.full((48, 64, 3), (90, 120, 60), np.uint8), "even")


def shard_with(tmp_path: Path, network: HandNetwork, stage: str) -> Path:
    """A shard whose only hand is labelled with what the network's strongest slot says there."""
    path = write_tar(tmp_path / "real-val-000.tar", sample_files("a", []))
    frame = frame_of(path)
    _, stages = read_stages(network, prepare(frame, TINY.input_sizes[0]), LOW)
    label = label_of(stages[stage][0].astype(float) + 0.5, "right")
    return write_tar(path, sample_files("a", [label]))


def frame_of(shard: Path) -> Frame:
    import tarfile

    with tarfile.open(shard) as archive:
        file = archive.extractfile("a.jpg")
        assert file is not None
        with Image.open(file) as picture:
            return picture_frame(np.array(picture.convert("RGB")), "a")


def measured(network: HandNetwork, shard: Path) -> StepErrors:
    return step_errors(network, [shard], TINY.input_sizes, LOW)


def test_stages_come_in_the_order_of_the_network() -> None:
    network = lively_network()
    scores, stages = read_stages(network, prepare(even_frame(), (64, 96)), LOW)
    assert list(stages) == NAMES
    assert (np.diff(scores) <= 0).all()
    assert all(points.shape == (len(scores), 21, 2) for points in stages.values())


def test_last_step_is_what_the_product_decodes() -> None:
    network = lively_network()
    frame = picture_frame(noise_picture(96, 128), "noise")
    network_input = prepare(frame, (64, 96))
    scores, stages = read_stages(network, network_input, LOW)
    raw = TorchEngine(network, (64, 96)).run(network_input.image)
    detections = decode(raw, network_input, frame, DetectionConfig(0.01))
    assert detections.hands
    for row, hand in enumerate(detections.hands):
        slot = int(np.argmin(np.abs(scores - detections.score[row])))
        refined, projected = stages["step 2 refined"][slot], stages["step 2 projected"][slot]
        np.testing.assert_allclose(refined, detections.keypoints_2d[row], atol=0.01)
        np.testing.assert_allclose(projected, hand.joints_2d, atol=0.05)


@pytest.mark.parametrize("stage", ["local", "step 1 refined", "step 2 projected"])
def test_each_stage_is_measured_against_the_label(tmp_path: Path, stage: str) -> None:
    network = lively_network()
    shard = shard_with(tmp_path, network, stage)
    errors = measured(network, shard)
    assert (errors.pictures, errors.labelled, errors.matched) == (1, 1, 1)
    _, stages = read_stages(network, prepare(frame_of(shard), TINY.input_sizes[0]), LOW)
    box = max(float(np.ptp(stages[stage][0], axis=0).max()), 1.0)
    for one in errors.stages:
        away = np.linalg.norm(stages[one.name][0] - stages[stage][0], axis=1)
        assert one.mean_px == pytest.approx(away.mean(), abs=1e-3)
        assert one.mean_box == pytest.approx(away.mean() / box, abs=1e-4)
        assert one.median_box == pytest.approx(one.mean_box)
        assert one.pck_05 == pytest.approx((away / box < 0.05).mean(), abs=0.05)
    exact = {one.name: one for one in errors.stages}[stage]
    assert exact.mean_px == pytest.approx(0, abs=1e-3)
    assert exact.pck_05 == 1


def test_no_more_pictures_than_the_limit(tmp_path: Path) -> None:
    network = lively_network()
    shard = shard_with(tmp_path, network, "step 2 refined")
    assert step_errors(network, [shard, shard], TINY.input_sizes, LOW, limit=1).pictures == 1
    assert step_errors(network, [shard, shard], TINY.input_sizes, LOW).pictures == 2


def test_pictures_without_a_found_hand_are_an_error(tmp_path: Path) -> None:
    shard = write_tar(tmp_path / "real-val-000.tar", sample_files("a", []))
    with pytest.raises(TrainingError, match="TRN-01: no labelled hand was found in 1 pictures"):
        measured(lively_network(), shard)


def test_command_prints_a_row_for_each_stage_and_writes_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    network = lively_network()
    shard_with(tmp_path, network, "step 2 refined")
    out = tmp_path / "errors.json"
    with patch.object(weights, "LITE", TINY), caplog.at_level(logging.INFO):
        path = publish(tmp_path, network.state_dict())
        arguments = ["step_errors", "--weights", str(path), "--data", str(tmp_path)]
        monkeypatch.setattr("sys.argv", [*arguments, "--threshold", str(LOW), "--out", str(out)])
        assert main() == 0
    for name in NAMES:
        assert f"| {name} |" in caplog.text
    assert '"name": "step 2 refined"' in out.read_text()


def test_command_names_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    arguments = ["step_errors", "--weights", "none.safetensors", "--data", str(tmp_path)]
    monkeypatch.setattr("sys.argv", arguments)
    assert main() == 2
    assert "TRN-01" in caplog.text


def test_table_has_percent_of_the_box(tmp_path: Path) -> None:
    network = lively_network()
    errors = measured(network, shard_with(tmp_path, network, "local"))
    assert "1 of 1 hands in 1 pictures" in table_of(errors)
    assert "| local | 0.00 | 0.00 | 0.00 | 1.000 |" in table_of(errors)
