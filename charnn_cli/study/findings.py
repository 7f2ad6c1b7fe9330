"""The files that a search leaves: its best trial as a recipe, all trials as tables, and a picture of its course."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charnn_cli.config import dump_yaml
from charnn_cli.errors import TrainingError
from charnn_cli.files import write_bytes
from charnn_cli.study.plan import short_keys
from charnn_cli.study.search import Search, Trial
from charnn_cli.study.tables import Sheet, csv_text, markdown_table
from charnn_cli.terminal import in_markdown, number_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BEST, TABLE, CSV, PICTURE = "best.yaml", "trials.md", "trials.csv", "trials.png"
FIGURES = ("trial", "state", "nll", "accuracy", "macro_f1", "best_epoch", "trained_epochs", "seconds")
WORDS = {"complete": "complete", "pruned": "given up", "stopped": "time was up", "failed": "failed"}


def write(search: Search, folder: Path, title: str, command: str) -> list[Path]:
    """Write every file whole, in place of those of before; returns them. `title` is what was searched, in words, and
    `command` what trains by the recipe.

    Raises TrainingError where no trial was trained to its end, OutputError where a file cannot be written.
    """
    from charnn_cli.plots.save import write_file

    best = search.best
    if best is None:
        raise TrainingError("no trial was trained to its end", "search longer; the same command goes on")
    every = sheet(search)
    table = f"# {in_markdown(title)}\n\n" + "\n".join(markdown_table(every)) + "\n"
    write_bytes(folder / BEST, recipe(search, best, title, command).encode(errors="surrogatepass"))
    write_bytes(folder / CSV, csv_text(_rows(search)))
    write_bytes(folder / TABLE, table.encode(errors="surrogatepass"))
    write_file(draw(search, title), folder / PICTURE)
    return [folder / name for name in (BEST, CSV, TABLE, PICTURE)]


def recipe(search: Search, best: Trial, title: str, command: str) -> str:
    """A YAML file that trains as the best trial did."""
    trials = number_of(len(search.trials), "trial")
    told = (
        f"The best of {trials} of {title}: trial {best.number}, with {best.nll:.4f} nats on the validation names after "
        f"epoch {best.epoch}. Test names had no part in it."
    )
    comment = [command, "", *textwrap.wrap(told, 118)]
    return "".join(f"# {line}".rstrip() + "\n" for line in comment) + dump_yaml(
        search.settings_of(best), defaults=False
    )


def ranked(search: Search) -> list[Trial]:
    """The trials that were trained to their end, the best first, and then the others as they came."""
    return sorted(search.trials, key=lambda trial: (trial.state != "complete", _loss(trial)))


def _loss(trial: Trial) -> float:
    return trial.nll if trial.state == "complete" and trial.nll is not None else 0.0


def sheet(search: Search) -> Sheet:
    """All trials, the best first, with a column for each setting."""
    shown = ranked(search)
    rows = [(*_figures(trial), *map(_word, search.values_of(trial).values()), trial.fault) for trial in shown]
    header = (*FIGURES, *short_keys(search.space), "fault")
    if not any(trial.fault for trial in shown):
        header, rows = header[:-1], [row[:-1] for row in rows]
    return Sheet("trials by their validation loss in nats, the lowest first", header, rows, words=(1,))


def narrow_sheet(search: Search, most: int) -> Sheet:
    """The best of those that were trained to their end, in few columns."""
    complete = [trial for trial in ranked(search) if trial.state == "complete"]
    rows = []
    for trial in complete[:most]:
        number, _, nll, accuracy, macro_f1, *_ = _figures(trial)
        tried = zip(short_keys(search.space), search.values_of(trial).values(), strict=True)
        rows.append((number, nll, accuracy, macro_f1, ", ".join(f"{name} {_word(value)}" for name, value in tried)))
    ended = f"{len(complete)} trained to the end, {len(search.trials) - len(complete)} not"
    title = f"{number_of(len(search.trials), 'trial')}, the lowest loss on the validation names first; {ended}"
    return Sheet(title, ("trial", "nll", "accuracy", "macro_f1", "settings"), rows, words=(4,))


def _figures(trial: Trial) -> tuple[str, ...]:
    measured = ("–" if value is None else f"{value:.4f}" for value in (trial.nll, trial.accuracy, trial.macro_f1))
    epoch = "–" if trial.epoch is None else str(trial.epoch)
    return (str(trial.number), WORDS[trial.state], *measured, epoch, str(len(trial.losses)), f"{trial.seconds:.1f}")


def _word(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "null" if value is None else str(list(value)) if isinstance(value, tuple) else str(value)


def _rows(search: Search) -> Iterator[Sequence[Any]]:
    """A row a trial, as they came."""
    yield *FIGURES, *search.space, "fault"
    for trial in search.trials:
        figures = (trial.nll, trial.accuracy, trial.macro_f1, trial.epoch, len(trial.losses), trial.seconds)
        yield trial.number, trial.state, *figures, *search.values_of(trial).values(), trial.fault


def draw(search: Search, title: str) -> "Figure":
    """The validation loss of each trial, and the lowest so far."""
    from charnn_cli.plots.style import GREY, colour, drawing, key, legend_below, new_figure, whole_ticks

    told = [trial for trial in search.trials if trial.nll is not None]
    complete = [trial for trial in told if trial.state == "complete"]
    others = [trial for trial in told if trial.state != "complete"]
    lowest = [min(_loss(trial) for trial in complete[: place + 1]) for place in range(len(complete))]
    caption = (
        f"Each mark is a trial of {title}, at its lowest validation loss in nats. Those that were given up, or that "
        "the end cut off, are crosses, as far as the picture reaches. No test name was looked at."
    )
    with drawing([title]):
        figure = new_figure(7, 4, title="Course of the search", caption=caption, legend_rows=1)
        axes = figure.subplots()
        looks: list[dict[str, Any]] = [
            {"color": colour(0), "marker": "o", "linestyle": "none"},
            {"color": GREY, "marker": "x", "linestyle": "none"},
        ]
        for trials, look in zip((complete, others), looks, strict=True):
            axes.plot([trial.number for trial in trials], [trial.nll or 0.0 for trial in trials], **look)
        axes.step([trial.number for trial in complete], lowest, where="post", color=colour(1))
        axes.set(xlabel="trial", ylabel="validation loss, nats")
        worst = max(_loss(trial) for trial in complete)
        if worst > lowest[-1]:  # what was given up soon may lie far above
            axes.set_ylim(top=worst + 0.1 * (worst - lowest[-1]))
        whole_ticks(axes)
        ends = zip(("trained to its end", "given up"), looks, strict=True)
        handles = [*(key(label, **look) for label, look in ends), key("lowest so far", color=colour(1))]
        legend_below(figure, handles, columns=3)
    return figure
