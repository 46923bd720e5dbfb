"""Label your own footage: `python -m training.label VIDEO_OR_FOLDER... --out DIR`.

Each kept frame is shown to a teacher (MediaPipe Hands, in an environment of its own) several times:
mirrored, scaled, turned. Where the views agree is a label, where they do not an unsure region
without any loss. Near duplicates are skipped: frames whose 32 x 24 grey thumbnail, in its most
changed twentieth, differs from the last kept frame's by less than --min-change of 255. All frames
of a video are in one split, by its name. Started again, it goes on after the last shard.

    python -m training.label --make-teacher-env teacher
    python -m training.label clips --out mydata --teacher-python teacher/bin/python
"""

import argparse
import logging
import os
import subprocess
import sys
import venv
from dataclasses import replace
from pathlib import Path

from rich.progress import Progress as Bar

from core.errors import ManyHandsError, TrainingError, told
from training.labelling.chunks import LabelConfig, Progress, chunks_of, label_chunk
from training.labelling.footage import footage_in
from training.labelling.teacher import Teacher

log = logging.getLogger(__name__)
#: The last version with the classic Hands solution that these labels were made with.
TEACHER_PACKAGE = "mediapipe==0.10.21"
TEACHER_SCRIPT = Path(__file__).with_name("teacher_mediapipe.py")


def teacher_command(python: Path, script: Path = TEACHER_SCRIPT) -> list[str]:
    """Return the command that starts a teacher.

    Raises:
        TrainingError: TRN-07 there is no such Python.
    """
    if not python.is_file():
        raise TrainingError(
            "TRN-07",
            f"the teacher's Python {python} does not exist",
            "Make its environment: python -m training.label --make-teacher-env DIR.",
        )
    return [str(python.absolute()), str(script)]


def make_teacher_env(folder: Path) -> Path:
    """Make an environment with the teacher, and return its Python.

    Raises:
        TrainingError: TRN-07 the teacher cannot be installed.
    """
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    result = subprocess.run([python, "-m", "pip", "install", TEACHER_PACKAGE], check=False)
    if result.returncode != 0:
        raise TrainingError(
            "TRN-07",
            f"{TEACHER_PACKAGE} cannot be installed into {folder}",
            "MediaPipe has wheels for Python 3.9 to 3.12; see what pip says above.",
        )
    return python


def label_footage(
    paths: list[Path], out: Path, command: list[str], config: LabelConfig, timeout_s: float
) -> list[Progress]:
    """Label all footage, one after the other; a broken video is named and skipped.

    Raises:
        TrainingError: TRN-01 nothing to label, TRN-07 the teacher cannot be started.
    """
    footage = footage_in(paths)
    out.mkdir(parents=True, exist_ok=True)
    results = []
    with Teacher(command, timeout_s) as teacher, Bar() as bar:
        for chunk in chunks_of(footage):
            task = bar.add_task(chunk.path.name, total=None)

            def show(progress: Progress, task: object = task, name: str = chunk.path.name) -> None:
                note = f"{name}: {progress.pictures} pictures, {progress.hands} hands"
                bar.update(task, description=note)  # type: ignore[arg-type]

            try:
                results.append(label_chunk(chunk, out, teacher, config, show))
                bar.update(task, total=1, completed=1)
            except ManyHandsError as error:
                if isinstance(error, TrainingError):
                    raise
                log.error("skipped %s: %s", chunk.path.name, error)
    return results


def summary(results: list[Progress]) -> str:
    """Return one line about what was labelled."""
    failed = [name for progress in results for name in progress.failed]
    line = (
        f"{sum(p.pictures for p in results)} pictures with {sum(p.hands for p in results)} hands "
        f"and {sum(p.unsure for p in results)} unsure regions in "
        f"{sum(p.shards for p in results)} shards"
    )
    return line + (f"; the teacher failed on {', '.join(failed)}" if failed else "")


def add_label_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that labelling here and on a cluster share."""
    own = LabelConfig()
    parser.add_argument("footage", nargs="*", type=Path, help="videos, folders of videos or images")
    parser.add_argument("--out", type=Path, help="folder of shards")
    parser.add_argument("--teacher-python", type=Path, help="Python of the teacher's environment")
    parser.add_argument("--teacher-script", type=Path, default=TEACHER_SCRIPT)
    parser.add_argument("--timeout-s", type=float, default=20.0, help="of the teacher on a picture")
    parser.add_argument("--max-fps", type=float, default=own.max_fps, help="frames kept per second")
    parser.add_argument("--min-change", type=float, default=own.min_change, help="of 255")
    parser.add_argument("--samples-per-shard", type=int, default=own.samples_per_shard)
    parser.add_argument("--val-share", type=float, default=own.val_share, help="of the videos")
    parser.add_argument("--source", default=own.source, help="name beside published weights")
    parser.add_argument("--licence", default=own.licence, help="of the footage")


def config_of(arguments: argparse.Namespace) -> LabelConfig:
    """Return what the command line asks for."""
    return replace(
        LabelConfig(),
        max_fps=arguments.max_fps,
        min_change=arguments.min_change,
        samples_per_shard=arguments.samples_per_shard,
        val_share=arguments.val_share,
        source=arguments.source,
        licence=arguments.licence,
    )


@told
def main() -> int:
    """Label; a fault is one line with a code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_label_options(parser)
    parser.add_argument("--make-teacher-env", type=Path, metavar="DIR")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if arguments.make_teacher_env is not None:
        log.info("teacher: %s", make_teacher_env(arguments.make_teacher_env))
        return 0
    if not (arguments.footage and arguments.out and arguments.teacher_python):
        parser.error("give footage, --out and --teacher-python, or --make-teacher-env")
    command = teacher_command(arguments.teacher_python, arguments.teacher_script)
    config = config_of(arguments)
    results = label_footage(arguments.footage, arguments.out, command, config, arguments.timeout_s)
    log.info("%s", summary(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
