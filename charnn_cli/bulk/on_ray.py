"""Blocks on their way through Ray Data.

The pipeline carries work, not rows: files → their blocks, found by tasks → finished parts, written by a pool of actors
that hold one model each. An actor reads the block itself and writes the part itself, by the code of the plain path, so
a row is read, worked on and written in one process, and only numbers come back: what the driver holds grows with the
number of parts, not of rows. Reading rows with Ray Data's own readers would bring other rules for quotes, blanks and
types than the plain path has, and its writers other formats and names that change from one attempt to the next.

Ray starts a dead actor anew and gives it its task again. The task writes the same part again, and only an attempt
that returns is counted; a block that has ended its process several times is a fault.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.bulk.blocks import Block, blocks
from charnn_cli.bulk.cluster import cluster
from charnn_cli.bulk.job import Job, Labeller, Part
from charnn_cli.bulk.manifest import Manifest
from charnn_cli.errors import CharnnError, SeveralFaults
from charnn_cli.terminal import visible
from charnn_cli.trained import TrainedModel
from charnn_cli.version import __version__

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
