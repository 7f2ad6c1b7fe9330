"""What the lesson claims of recurrent networks, measured: `make bench-lesson`.

    python tests/bench/bench_lesson.py [DATA] [--seeds 0,1] [--epochs 8] [--only order,gradients] [--fresh]

Each experiment trains by the installed command, on one thread, and prints one table or two: mean over the seeds
(standard deviation in brackets) of the test names, which nothing was chosen by. A seed is that of the first weights,
the order and the split alike. Finished cells are kept in bench-results/lesson.jsonl and not run again, the run folders
in bench-results/lesson/, where `charnn plot` finds them.

Anagrams: the letters of each word of a test name in another order, drawn with seed 0 (`lesson_names.py`); words keep
their places and names their origins. Delayed names: twenty letters x behind each name, in training and test alike.
"""

import argparse
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from cells import PACKAGE, SOURCES, Cells, cell_key, charnn, each_shown, names, new_table, shown, tell
from lesson_measures import DELAY, LENGTHS, STATES, left, of_everything, of_test, write_delayed
from rich.table import Table

from charnn_cli.config import dump_yaml, load_settings

WORK = Path("bench-results")
DISTANCES = (1, 5, 10)
LESSON_SOURCES = (
    *SOURCES,
    PACKAGE / "plots",
    *map(Path(__file__).with_name, ("lesson_measures.py", "lesson_names.py")),
)

METHODS: dict[str, tuple[str, ...]] = {  # recipe, then what differs from it
    "mlp": ("mlp",),
    "rnn, sigmoid": ("rnn", "model.activation=sigmoid"),
    "rnn": ("rnn",),
    "rnn, orthogonal": ("rnn", "model.initialisation=orthogonal"),
    "rnn-relu-identity": ("rnn-relu-identity",),
    "gru": ("gru",),
    "gru, 192 units": ("gru", "model.hidden_size=192"),
    "gru, both directions": ("gru", "model.bidirectional=true"),
    "lstm": ("lstm",),
    "lstm, forget bias 4": ("lstm", "model.forget_bias=4.0"),
}
ORDER = ("mlp", "rnn, sigmoid", "rnn", "rnn, orthogonal", "rnn-relu-identity", "gru", "lstm")
RECURRENT = ORDER[1:]
DIRECTIONS = ("gru", "gru, 192 units", "gru, both directions")
DELAYED = ("rnn", "rnn-relu-identity", "gru", "lstm", "lstm, forget bias 4")
TRUNCATED = ("rnn", "lstm")
STRETCHES = (2, 4, 8)
RATES = tuple((lr, 2) for lr in (0.005, 0.02, 0.05, 0.1, 0.2, 0.5))  # with thousands of steps
WHOLE_RECIPE = ((0.005, 100),)


class Lesson:
    """The experiments on one data set."""

    def __init__(self, data: Path, seeds: Sequence[int], epochs: int, cells: Cells) -> None:
        self.data, self.seeds, self.epochs, self.cells = data, seeds, epochs, cells
        self.fingerprint = names(data).fingerprint
        self.folder = WORK / "lesson" / f"{data.name}-{self.fingerprint[:8]}"

    # What is trained and measured

    def network(self, method: str, seed: int, *settings: str) -> dict[str, Any]:
        """Figures of a method on the test names, their anagrams and by length, and what is left of its gradients."""
        how = (*METHODS[method], *settings)
        files = self.folder / f"test-names-{seed}"
        return self._cell("names", how, seed, lambda run: of_everything(run, files))

    def delayed(self, method: str, seed: int) -> dict[str, Any]:
        """Figures of a method that has to carry what it read over twenty more letters."""
        data = self.folder / "delayed"
        write_delayed(self.data, data)
        return self._cell("delayed", METHODS[method], seed, of_test, data=data)

    def rate(self, lr: float, clip: str, seed: int, thousands: int) -> dict[str, Any]:
        """Where the lesson's recipe ends after so many thousand steps: the first that is no number, or its figures."""
        how = ("lesson", f"training.lr={lr}", f"training.clip_norm={clip}")
        return self._cell("rate", how, seed, of_test, epochs=thousands)

    def _cell(
        self,
        experiment: str,
        how: Sequence[str],
        seed: int,
        measure: Callable[[Path], dict[str, Any]],
        *,
        data: Path | None = None,
        epochs: int | None = None,
    ) -> dict[str, Any]:
        recipe, *given = how
        epochs = epochs or self.epochs
        settings = [*given, f"seed={seed}", f"data.split_seed={seed}", f"training.epochs={epochs}"]
        key = cell_key([experiment, self.fingerprint, dump_yaml(load_settings(recipe, settings).config)], SOURCES)
        run = self._run(experiment, epochs, how, seed)

        def work() -> dict[str, Any]:
            options = [word for setting in [*settings, "training.threads=1"] for word in ("--set", setting)]
            trained = charnn(
                "train", data or self.data, "--config", recipe, *options, "--out", run, "--force", "--quiet"
            )
            if trained.returncode == 0:
                return measure(run)
            if bad := re.search(r"not finite in (\d+) steps in a row, up to step (\d+)", trained.stderr):
                return {"first_bad_step": int(bad[2]) - int(bad[1]) + 1}
            raise SystemExit(trained.stderr)

        about = {"data": self.data.name, "experiment": experiment, "method": " ".join(how), "seed": seed}
        return self.cells.get(key, about, work)

    def _run(self, experiment: str, epochs: int, how: Sequence[str], seed: int) -> Path:
        return self.folder / f"{experiment}-{epochs}-epochs" / re.sub(r"[^\w.+-]+", "-", "-".join([*how, str(seed)]))

    # What is printed

    def order(self) -> Iterable[Table]:
        table = new_table(
            "Test names and their anagrams: accuracy", "method", "names", "macro-F1", "anagrams", note=self._note()
        )
        for method in ORDER:
            cells = [self.network(method, seed) for seed in self.seeds]
            table.add_row(method, *each_shown(cells, ("accuracy", "macro_f1", "anagrams")))
        yield table

    def gradients(self) -> Iterable[Table]:
        from charnn_cli.plots.gradients import Spread, fresh_norms

        table = new_table(
            "Share of the gradient at the end of a name that is left so many symbols before it", "untrained cell"
        )
        places = (10, 30)
        for place in places:
            table.add_column(f"{place} before", justify="right")
        for cell, norms in fresh_norms()[0].items():
            medians = Spread.of(cell, norms).median
            table.add_row(cell, *(f"{left(medians, place):.1e}" for place in places))
        table.caption = "charnn plot gradients --init: random letters, one seed"
        yield table
        table = new_table(
            "The same of networks on names, before and after training",
            "method",
            *(f"{place} before, {state}" for state in STATES for place in DISTANCES),
            note=f"{self._seeds_note()}: geometric mean; drawn in trained.png and untrained.png of {self.folder}",
        )
        for method in RECURRENT:
            cells = [self.network(method, seed)["gradients"] for seed in self.seeds]
            shares = [
                np.exp(np.mean(np.log([left(cell[state], place) for cell in cells])))
                for state in STATES
                for place in DISTANCES
            ]
            table.add_row(method, *(f"{share:.1e}" for share in shares))
        yield table
        runs = [self._run("names", self.epochs, METHODS[method], self.seeds[0]) for method in RECURRENT]
        for option, picture in ((), "trained.png"), (("--init",), "untrained.png"):
            if all(run.is_dir() for run in runs):
                charnn("plot", "gradients", *runs, *option, "-o", self.folder / picture)

    def rates(self) -> Iterable[Table]:
        yield self._rates(RATES)

    def whole_recipe(self) -> Iterable[Table]:
        yield self._rates(WHOLE_RECIPE)

    def _rates(self, rates: Sequence[tuple[float, int]]) -> Table:
        seeds = self.seeds[:2]
        table = new_table(
            "The lesson's recipe by learning rate: balanced accuracy, or the first step that is no number",
            "learning rate",
            "steps",
            *(f"{clip}, seed {seed}" for clip in ("as it is", "--clip-norm 1") for seed in seeds),
            note=f"{self.data.name}; one name a step",
        )
        for lr, thousands in rates:
            cells = [self.rate(lr, clip, seed, thousands) for clip in ("null", "1.0") for seed in seeds]
            ends = (
                f"step {cell['first_bad_step']:,}" if "first_bad_step" in cell else f"{cell['balanced_accuracy']:.3f}"
                for cell in cells
            )
            table.add_row(f"{lr:g}", f"{thousands},000", *ends)
        return table

    def lengths(self) -> Iterable[Table]:
        runs = {method: [self.network(method, seed)["lengths"] for seed in self.seeds] for method in RECURRENT}
        for title, count, accuracy in (
            ("Accuracy by the letters of the test name", "names", "accuracy"),
            ("The same without the most frequent origin of each length", "others", "others_accuracy"),
        ):
            table = new_table(title, "method", *LENGTHS, note=self._note())
            table.add_row("names", *(f"{np.mean([cell[part][count] for cell in runs['rnn']]):.0f}" for part in LENGTHS))
            table.add_section()
            for method, cells in runs.items():
                table.add_row(method, *(shown([cell[part][accuracy] for cell in cells]) for part in LENGTHS))
            yield table

    def delay(self) -> Iterable[Table]:
        seeds = self.seeds[:2]
        columns = ("method", "names", "delayed names", "macro-F1, delayed")
        table = new_table(f"{DELAY} letters x behind each name: accuracy", *columns, note=self._note(seeds))
        for method in DELAYED:
            plain = [self.network(method, seed)["accuracy"] for seed in seeds]
            cells = [self.delayed(method, seed) for seed in seeds]
            table.add_row(method, shown(plain), *each_shown(cells, ("accuracy", "macro_f1")))
        yield table

    def directions(self) -> Iterable[Table]:
        table = new_table(
            "Both directions against one", "method", "weights", "accuracy", "against gru", "macro-F1", note=self._note()
        )
        base = [self.network("gru", seed)["accuracy"] for seed in self.seeds]
        for method in DIRECTIONS:
            cells = [self.network(method, seed) for seed in self.seeds]
            gain = "" if method == "gru" else shown(np.subtract([cell["accuracy"] for cell in cells], base), "+.3f")
            accuracy, macro_f1 = each_shown(cells, ("accuracy", "macro_f1"))
            table.add_row(method, f"{cells[0]['weights']:,}", accuracy, gain, macro_f1)
        yield table

    def truncation(self) -> Iterable[Table]:
        seeds = self.seeds[:2]
        columns = ("method", "cut every", "accuracy", "against whole", "macro-F1")
        table = new_table("Truncated backpropagation", *columns, note=self._note(seeds))
        for method in TRUNCATED:
            whole = [self.network(method, seed) for seed in seeds]
            for stretch in (None, *STRETCHES):
                setting = () if stretch is None else (f"training.truncate_every={stretch}",)
                cells = [self.network(method, seed, *setting) for seed in seeds]
                cost = np.subtract([cell["accuracy"] for cell in cells], [cell["accuracy"] for cell in whole])
                accuracy, macro_f1 = each_shown(cells, ("accuracy", "macro_f1"))
                gain = "" if stretch is None else shown(cost, "+.3f")
                table.add_row(method, "never" if stretch is None else str(stretch), accuracy, gain, macro_f1)
        yield table

    def _note(self, seeds: Sequence[int] | None = None) -> str:
        return f"{self._seeds_note(seeds)}: mean (standard deviation)"

    def _seeds_note(self, seeds: Sequence[int] | None = None) -> str:
        return f"{self.data.name}, {self.epochs} epochs, {len(seeds or self.seeds)} seeds"


EXPERIMENTS: dict[str, Callable[[Lesson], Iterable[Table]]] = {
    "order": Lesson.order,
    "gradients": Lesson.gradients,
    "rates": Lesson.rates,
    "lengths": Lesson.lengths,
    "delay": Lesson.delay,
    "directions": Lesson.directions,
    "truncation": Lesson.truncation,
    "whole_recipe": Lesson.whole_recipe,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=Path("data", "names"), help="folder of <Origin>.txt")
    parser.add_argument("--seeds", default="0,1")
    parser.add_argument("--epochs", type=int, default=8)
    usual = ",".join(name for name in EXPERIMENTS if name != "whole_recipe")
    parser.add_argument("--only", default=usual, help=f"of {', '.join(EXPERIMENTS)}; all but the last, which is long")
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    data = options.data
    if unknown := set(options.only.split(",")).difference(EXPERIMENTS):
        parser.error(f"there is no experiment {', '.join(sorted(unknown))}")
    if not data.is_dir():
        parser.error(f"{data} is not a folder of <Origin>.txt")
    cells = Cells(WORK / "lesson.jsonl", fresh=options.fresh)
    lesson = Lesson(data, [int(seed) for seed in options.seeds.split(",")], options.epochs, cells)
    for name in options.only.split(","):
        for table in EXPERIMENTS[name](lesson):
            tell(table)
    times = os.times()
    print(f"{times.user + times.system + times.children_user + times.children_system:,.0f} s of processor time")


if __name__ == "__main__":
    main()
