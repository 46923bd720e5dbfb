"""Label hours of footage on a Ray cluster: `python -m training.cluster FOOTAGE... --out DIR`.

Takes the options of `training.label` and does the same: each chunk of a video is one Ray task that
starts a teacher and writes its own shards, so results do not depend on which machine made them. A
task whose machine dies is started again elsewhere and goes on after its last shard; one that is
done already is not done again. Footage, --out and the teacher's environment must lie where every
machine finds them under the same path. Needs the extra `cluster`.

    ray start --head                       # on the first machine
    ray start --address=FIRST:6379         # on the others
    python -m training.cluster footage --out mydata --teacher-python teacher/bin/python \
        --address auto --chunk-minutes 10
"""

import argparse
import logging
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from rich.progress import Progress as Bar

from core.errors import SourceError, TrainingError, told
from training.label import add_label_options, config_of, summary, teacher_command
from training.labelling.chunks import LabelConfig, Progress, chunks_of, label_chunk
from training.labelling.footage import Chunk, footage_in
from training.labelling.teacher import Teacher

log = logging.getLogger(__name__)
#: Times that Ray starts a chunk again whose worker or machine died.
_RETRIES: Final = 3


def label_apart(
    chunk: Chunk, out: Path, command: list[str], config: LabelConfig, timeout_s: float
) -> Progress | str:
    """Label a chunk with a teacher of its own; what a worker runs.

    Returns:
        How far it is, or why its footage cannot be read: a broken video breaks no other.

    Raises:
        TrainingError: TRN-07 the teacher cannot be started.
    """
    try:
        with Teacher(command, timeout_s) as teacher:
            return label_chunk(chunk, out, teacher, config)
    except SourceError as error:
        return f"{chunk.path.name}: {error}"


def label_on_cluster(
    paths: list[Path],
    out: Path,
    command: list[str],
    config: LabelConfig,
    timeout_s: float,
    address: str | None = None,
    chunk_s: float | None = None,
    cpus_each: float = 1.0,
    task: Callable[..., Progress | str] = label_apart,
) -> list[Progress]:
    """Label all footage on a Ray cluster.

    Args:
        paths: videos and folders.
        out: folder of shards that every machine sees.
        command: that starts the teacher on every machine.
        config: how.
        timeout_s: of the teacher on a picture.
        address: of a running cluster ("auto" for this machine's); a local one if None.
        chunk_s: seconds of a video that are one task; whole videos if None.
        cpus_each: processors that a task takes.
        task: what is run for each chunk.

    Raises:
        TrainingError: TRN-01 nothing to label or no Ray, TRN-07 a task failed for good.
    """
    ray = _ray()
    chunks = list(_readable_chunks(footage_in(paths), chunk_s))
    out.mkdir(parents=True, exist_ok=True)
    ray.init(
        address=address, log_to_driver=False, include_dashboard=False, ignore_reinit_error=True
    )
    try:
        remote = ray.remote(num_cpus=cpus_each, max_retries=_RETRIES)(task)
        tasks = {
            remote.remote(chunk, out.absolute(), command, config, timeout_s): chunk
            for chunk in chunks
        }
        return list(_results(ray, tasks))
    finally:
        ray.shutdown()


def _readable_chunks(paths: Iterable[Path], chunk_s: float | None) -> Iterable[Chunk]:
    """Yield the chunks of all footage that opens; what does not is named."""
    for path in paths:
        try:
            yield from chunks_of([path], chunk_s)
        except SourceError as error:
            log.error("skipped %s: %s", path.name, error)


def _results(ray: Any, tasks: dict[Any, Chunk]) -> Iterable[Progress]:
    """Yield each task's result as it comes, and show how many are done."""
    waiting = list(tasks)
    pictures = 0
    with Bar() as bar:
        shown = bar.add_task("chunks", total=len(waiting))
        while waiting:
            (ready,), waiting = ray.wait(waiting, num_returns=1)
            try:
                result = ray.get(ready)
            except ray.exceptions.RayError as error:
                for task in waiting:
                    ray.cancel(task, force=True)
                raise TrainingError(
                    "TRN-07",
                    f"{tasks[ready].stem} could not be labelled ({_first_line(error)})",
                    "Start it again: finished chunks stay. Ray's own logs say more.",
                ) from error
            if isinstance(result, Progress):
                pictures += result.pictures
                yield result
            else:
                log.error("skipped %s", result)
            bar.update(shown, advance=1, description=f"{pictures} pictures, chunks")


def _first_line(error: Exception) -> str:
    """Return what failed in one line: our own error where it is one."""
    cause = getattr(error, "cause", None)
    return str(cause or error).strip().splitlines()[-1]


def _ray() -> Any:
    """Return Ray.

    Raises:
        TrainingError: TRN-01 it is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise TrainingError(
            "TRN-01",
            "Ray is not installed",
            'Install the extra: pip install -e ".[train,cluster]".',
        ) from error
    return ray


@told
def main() -> int:
    """Label on a cluster; a fault is one line with a code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_label_options(parser)
    parser.add_argument("--address", help="of a Ray cluster; this machine alone if not given")
    parser.add_argument("--chunk-minutes", type=float, help="of a video in one task; else all")
    parser.add_argument("--cpus-each", type=float, default=1.0, help="processors of a task")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if not (arguments.footage and arguments.out and arguments.teacher_python):
        parser.error("give footage, --out and --teacher-python")
    minutes = arguments.chunk_minutes
    results = label_on_cluster(
        [path.absolute() for path in arguments.footage],
        arguments.out,
        teacher_command(arguments.teacher_python, arguments.teacher_script),
        config_of(arguments),
        arguments.timeout_s,
        arguments.address,
        None if minutes is None else 60 * minutes,
        arguments.cpus_each,
    )
    log.info("%s", summary(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
