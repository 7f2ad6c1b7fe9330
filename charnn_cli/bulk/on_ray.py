"""Blocks on their way through Ray Data.

The pipeline carries work, not rows: files → their blocks, found by tasks → finished parts, written by a pool of actors
that hold one model each. An actor reads the block itself and writes the part itself, by the code of the plain path, so
a row is read, worked on and written in one process, and only numbers come back: what the driver holds grows with the
number of parts, not of rows. Reading rows with Ray Data's own readers would bring other rules for quotes, blanks and
types than the plain path has, and its writers other formats and names that change from one attempt to the next.

Ray starts a dead actor anew and gives it its task again. The task writes the same part again, and only an attempt
that returns is counted; a block that has ended its process several times is a fault.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.bulk.blocks import Block, blocks, rows_of
from charnn_cli.bulk.cluster import cluster
from charnn_cli.bulk.files import Input
from charnn_cli.bulk.manifest import Manifest, Part
from charnn_cli.choices import NamePart
from charnn_cli.errors import CharnnError, DataError, OutputError, SeveralFaults
from charnn_cli.files import leftovers
from charnn_cli.predict.predictor import Predictor
from charnn_cli.render import renderer
from charnn_cli.render.added import NOTHING, Added, Wish
from charnn_cli.render.output import opened
from charnn_cli.render.pipeline import Pipeline, counted
from charnn_cli.terminal import visible
from charnn_cli.trained import TrainedModel
from charnn_cli.version import __version__

MOST_DEATHS = 4  # of processes at one block; it would otherwise be tried for ever


@dataclass(frozen=True, slots=True)
class Job:
    """Files, where their parts go, and the options of `charnn predict` that shape a row."""

    inputs: tuple[Input, ...]
    output: str  # the folder
    column: Sequence[str] | None
    k: int = 1
    min_probability: float = 0.0
    header: bool = True
    explain: bool = False
    name_part: NamePart | None = None
    wish: Wish = NOTHING


class Labeller:
    """Labels blocks in one thread by one model, whose answers to repeated names it keeps from block to block."""

    def __init__(self, job: Job, trained: TrainedModel, priors: NDArray[np.float64] | None) -> None:
        self._job = job
        self._predictor = Predictor(trained, priors=priors, threads=1, name_part=job.name_part)
        self._added = Added.of(job.wish, self._predictor)
        self._pipelines: dict[str, Pipeline] = {}

    def label(self, file: Input, block: Block) -> Part:
        """Write the part of a block, replacing one that is there. Raises DataError and OutputError."""
        file.check_unchanged()
        path = os.path.join(self._job.output, file.part(block.number))
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot be written ({error.strerror})", "name another folder", where=path) from None
        self._check_deaths(file, path)
        with opened(path) as write, rows_of(file.path, self._job.column, block) as source:
            if file.layout == "parquet":
                from charnn_cli.render.parquet import write_parquet

                job = self._job
                rows, _ = write_parquet(write, source, self._predictor, job.k, job.min_probability, self._added)
            else:
                pipeline = self._pipeline(file.layout)
                rows = counted(pipeline.rows(source), write)
        return Part(rows, os.path.getsize(path))

    def _check_deaths(self, file: Input, path: str) -> None:
        """Each attempt whose process died has left its file beside the part's name."""
        if len(leftovers(Path(path))) >= MOST_DEATHS:
            what = f"the processes that work on its part {os.path.basename(path)} die, {MOST_DEATHS} so far"
            raise DataError(what, "see whether their nodes have memory enough", where=file.path)

    def _pipeline(self, layout: str) -> Pipeline:
        if layout not in self._pipelines:
            job = self._job
            self._pipelines[layout] = Pipeline(
                self._predictor,
                renderer(layout, job.k, self._added, header=job.header),
                min_probability=job.min_probability,
                with_reasons=job.explain,
            )
        return self._pipelines[layout]


MOST_TASKS = 256  # to find blocks; each takes a share of the files
NO_BLOCK = Block(0, 0, 0, 0, 0, False)

Row = dict[str, Any]  # of Ray Data: a file's number, the fields of a block, then of its part, and a fault or ""


def label_all(job: Job, trained: TrainedModel, priors: NDArray[np.float64] | None, manifest: Manifest) -> Iterator[int]:
    """Label what the manifest lacks; yields the number of rows of each part when it is finished and recorded.

    Raises CharnnError where a file is at fault, the cluster fails, or there is none.
    """
    todo = [number for number, item in enumerate(job.inputs) if not manifest.is_complete(item)]
    if not todo:
        return
    with cluster(sum(tensor.nbytes for tensor in trained.tensors.values())):
        rows = iter(_pipeline(job, trained, priors, manifest, todo).iter_rows())
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except Exception as error:  # Ray's errors have no base of their own
                what = f"the work on Ray was given up ({type(error).__name__}: {_first_line(error)})"
                raise CharnnError(what, "mend that and run the command again: finished parts are kept") from error
            if row["fault"]:
                raise SeveralFaults(row["fault"].splitlines())
            part = Part(row["rows"], row["size"])
            manifest.add(job.inputs[row["input"]], row["number"], part, is_last=row["is_last"])
            yield part.rows


def _pipeline(
    job: Job, trained: TrainedModel, priors: NDArray[np.float64] | None, manifest: Manifest, todo: list[int]
) -> Any:
    """The `ray.data.Dataset` of finished parts."""
    from ray.data import ActorPoolStrategy, DataContext, TaskPoolStrategy, from_items

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.target_max_block_size = 1  # bytes: each item of work travels alone, to whichever actor is free
    done = {number: manifest.done(job.inputs[number]) for number in todo}
    tasks = min(len(todo), MOST_TASKS)
    return (
        from_items([{"input": number} for number in todo], override_num_blocks=tasks)
        .flat_map(
            blocks_to_do,
            fn_kwargs={"job": job, "done": done},
            num_cpus=0,  # or they would wait for the actors, which wait for them
            compute=TaskPoolStrategy(size=min(tasks, 8)),
        )
        .map(
            Worker,
            fn_constructor_kwargs={"job": job, "trained": trained, "priors": priors, "version": __version__},
            num_cpus=1,
            compute=ActorPoolStrategy(min_size=1, max_size=None),
        )
    )


def blocks_to_do(row: Row, job: Job, done: dict[int, frozenset[int]]) -> Iterator[Row]:
    """The blocks of a file that are not finished."""
    number = row["input"]
    try:
        job.inputs[number].check_unchanged()
        for block in blocks(job.inputs[number].path, job.column):
            if block.number not in done[number]:
                yield {"input": number, **asdict(block), "fault": ""}
    except CharnnError as error:
        yield {"input": number, **asdict(NO_BLOCK), "fault": _told(error)}


class Worker:
    """What each actor holds. Faults travel as rows: Ray would wrap an exception and tell of it in its own way."""

    def __init__(self, job: Job, trained: TrainedModel, priors: NDArray[np.float64] | None, version: str) -> None:
        self._job = job
        self._labeller = Labeller(job, trained, priors)
        self._fault = ""
        if version != __version__:
            self._fault = f"a node has charnn {__version__}, this one {version}; install the same on every node"

    def __call__(self, row: Row) -> Row:
        number, fault = row.pop("input"), row.pop("fault") or self._fault
        block, part = Block(**row), Part(0, 0)
        if not fault:
            try:
                part = self._labeller.label(self._job.inputs[number], block)
            except CharnnError as error:
                fault = _told(error)
        return {"input": number, "number": block.number, "is_last": block.is_last, **asdict(part), "fault": fault}


def _told(error: CharnnError) -> str:
    """The lines of an error; a path may hold bytes that are no text, which rows cannot."""
    return "\n".join(map(visible, error.lines()))


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")
