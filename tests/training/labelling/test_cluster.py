"""Footage labelled on a local Ray, by the fake teacher."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import TrainingError
from training.cluster import label_apart, label_on_cluster
from training.labelling.chunks import LabelConfig, Progress, chunks_of, label_chunk
from training.labelling.footage import Chunk
from training.labelling.teacher import Teacher

FAKE = Path(__file__).with_name("fake_teacher.py")
ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, str(FAKE)]
CONFIG = LabelConfig(val_share=0.0, samples_per_shard=4, min_change=4.0)


def video(path: Path, frames: int, start: int) -> Path:
    """A red, a green and a blue blob that move, as the fake teacher wants them."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 5, (320, 180))
    for index in range(frames):
        image = np.full((180, 320, 3), 40, np.uint8)
        x = start + 14 * index
        for (dx, dy), bgr in (
            ((0, 0), (20, 20, 200)), ((0, -16), (20, 200, 20)), ((16, 0), (200, 20, 20)),
        ):  # fmt: skip
            cv2.circle(image, (x + dx, 90 + dy), 7, bgr, -1)
        writer.write(image)
    writer.release()
    return path


def test_a_worker_labels_as_one_does_alone_and_names_what_is_broken(tmp_path: Path) -> None:
    good = video(tmp_path / "a.mp4", 3, 60)
    out = tmp_path / "out"
    result = label_apart(Chunk(good), out, COMMAND, CONFIG, 20)
    assert isinstance(result, Progress)
    assert (result.pictures, result.hands, result.done) == (3, 3, True)
    (tmp_path / "b.mp4").write_bytes(b"no video" * 50)
    broken = label_apart(Chunk(tmp_path / "b.mp4"), out, COMMAND, CONFIG, 20)
    assert isinstance(broken, str)
    assert broken.startswith("b.mp4: CAM-07")


def test_without_ray_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(TrainingError, match="cluster"):
        label_on_cluster([tmp_path], tmp_path / "out", COMMAND, CONFIG, 20)


DRIVER = """
import logging, sys
from pathlib import Path
import ray
from training.cluster import label_apart, label_on_cluster
from training.labelling.chunks import LabelConfig
logging.basicConfig(level=logging.ERROR, format="%(message)s")
folder, fake = Path(sys.argv[1]), sys.argv[2]
config = LabelConfig(val_share=0.0, samples_per_shard=4, min_change=4.0)

def dies_once(chunk, out, command, config, timeout_s):
    import os
    mark = out.parent / f"{chunk.stem}.died"
    if chunk.start_s == 0 and not mark.exists():
        mark.touch()
        os._exit(9)
    return label_apart(chunk, out, command, config, timeout_s)

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
results = label_on_cluster(
    [folder / "footage"], folder / "out", [sys.executable, fake], config, 20, chunk_s=1.0,
    cpus_each=1.0, task=dies_once,
)
print(sum(r.pictures for r in results), sum(r.hands for r in results), all(r.done for r in results))
"""


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_chunks_whose_workers_die_are_labelled_once_on_a_local_ray(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed (extra cluster)")
    footage = tmp_path / "footage"
    footage.mkdir()
    paths = [video(footage / "a.mp4", 8, 50), video(footage / "b.mp4", 6, 70)]
    (footage / "broken.mp4").write_bytes(b"no video" * 50)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0"}
    environment["RAY_worker_niceness"] = "0"  # its workers would wait for all else to be done
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER, str(tmp_path), str(FAKE)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "14 14 True"
    assert "skipped broken.mp4: CAM-07" in result.stderr
    chunks = list(chunks_of(paths, chunk_s=1.0))
    assert len(chunks) == 4
    assert {path.stem for path in tmp_path.glob("*.died")} == {
        chunk.stem for chunk in chunks if chunk.start_s == 0
    }

    alone = tmp_path / "alone"
    with Teacher(COMMAND, 20) as teacher:
        for chunk in chunks:
            label_chunk(chunk, alone, teacher, CONFIG)
    expected = {path.name: path.read_bytes() for path in alone.iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == expected
