"""What is to be done with every block, and the one who does it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from charnn_cli.bulk.blocks import Block, rows_of
from charnn_cli.bulk.files import Input
from charnn_cli.choices import NamePart
from charnn_cli.errors import DataError, OutputError
from charnn_cli.files import leftovers
from charnn_cli.predict.predictor import Predictor
from charnn_cli.render import renderer
from charnn_cli.render.added import NOTHING, Added, Wish
from charnn_cli.render.output import opened
from charnn_cli.render.pipeline import Pipeline, counted
from charnn_cli.trained import TrainedModel

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


@dataclass(frozen=True, slots=True)
class Part:
    """A finished output file."""

    rows: int
    size: int  # bytes


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
