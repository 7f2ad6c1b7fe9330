"""What the benchmarks share: cells that are measured once and kept, the installed command, and figures as text."""

import ast
import functools
import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import charnn_cli
from charnn_cli.config import load_settings
from charnn_cli.data import Dataset, read
from charnn_cli.errors import CharnnError
from charnn_cli.predict.predictor import worker_threads
from charnn_cli.study import record
from charnn_cli.study.measure import run
from charnn_cli.study.outcome import figures_of
from charnn_cli.study.plan import Cell, Design, Recipe

PACKAGE = Path(charnn_cli.__file__).parent
# What no figure depends on: how it is asked for, stored, shown and shared out.
OUTSIDE = {
    "__main__.py",
    "bulk",
    "cli",
    "files.py",
    "plots",
    "pretrained",
    "render",
    "report",
    "study",
    "terminal.py",
    "version.py",
}
SOURCES = tuple(path for path in sorted(PACKAGE.iterdir()) if path.suffix in ("", ".py") and path.name not in OUTSIDE)


class Cells(record.Cells):
    """Finished cells in a file, each under a key that says what it depends on."""

    def get(self, key: str, about: dict[str, Any], measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The cell's figures; measured and kept, with `about`, where they are not known yet."""
        if key not in self:
            print(", ".join(map(str, about.values())), file=sys.stderr, flush=True)
            self.add(key, {**about, "figures": measure()})
        figures: dict[str, Any] = self[key]["figures"]
        return figures


def studied(
    folder: Path, data: Path, chosen: Sequence[Recipe], splits: int, *, fresh: bool = False
) -> dict[str, list[tuple[Cell, dict[str, Any]]]]:
    """Of each recipe the cells that did not fail, a split each, with their figures; `charnn study` measures them.

    They are kept in the folder, and known by the code that trains, too.
    """
    cells = Design(seeds=1, splits=splits, program=cell_key([], SOURCES)).cells(chosen, data)
    if fresh:
        (folder / record.CELLS).unlink(missing_ok=True)
    with record.Record(folder) as kept:
        for event in run(cells, kept, jobs=worker_threads()):
            if event.kind != "told":
                words = (data.name, event.task.recipe.label, f"split {event.task.split}", event.kind)
                print(*words, event.value if event.kind in ("failed", "lost") else "", file=sys.stderr, flush=True)
        figures = {cell: figures_of(cell, kept) for cell in cells}
    return {
        recipe.label: [(cell, told) for cell, told in figures.items() if cell.recipe is recipe and told is not None]
        for recipe in chosen
    }


def cell_key(parts: Iterable[str], sources: Iterable[Path]) -> str:
    """A digest of these words and of the files: of Python's what they do, whatever their comments and spaces."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part.encode())
    for source in sources:
        for path in sorted(source.rglob("*.py")) if source.is_dir() else [source]:
            content = path.read_bytes()
            sha.update(ast.dump(ast.parse(content)).encode() if path.suffix == ".py" else content)
    return sha.hexdigest()


@functools.cache
def names(data: Path) -> Dataset:
    """The names of a data set, by the default text rules; ends the benchmark where they cannot be read."""
    try:
        return read(data, rules=load_settings().config.text.rules())
    except CharnnError as error:
        raise SystemExit("\n".join(error.lines())) from None


def charnn(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run the installed command, whatever its exit code."""
    command = [str(Path(sys.executable).with_name("charnn")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def shown(values: Sequence[float] | NDArray[np.floating], form: str = ".3f") -> str:
    """Mean, and the standard deviation in brackets where there are several values."""
    mean = f"{np.mean(values):{form}}"
    return mean if len(values) < 2 else f"{mean} ({np.std(values, ddof=1):{form.lstrip('+')}})"


def each_shown(cells: Sequence[Mapping[str, Any]], figures: Iterable[str]) -> list[str]:
    """Each of these figures over the cells; seconds are whole."""
    return [shown([cell[figure] for cell in cells], ".0f" if figure == "seconds" else ".3f") for figure in figures]


def new_table(title: str, *columns: str, note: str | None = None) -> Table:
    """A table of figures: the first column holds words."""
    table = Table(title=title, caption=note)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=not number)
    return table


def tell(table: Table, width: int = 120) -> None:
    """Print a table, that wide where it is not for a terminal."""
    Console(width=None if sys.stdout.isatty() else width).print(table)
