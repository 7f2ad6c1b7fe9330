"""`charnn config` and `charnn recipes`: what can be set, and what is ready to be trained."""

import difflib
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from charnn_cli.cli.tables import show, table
from charnn_cli.errors import UsageError

if TYPE_CHECKING:
    from charnn_cli.config.reference import Setting

Layout = Literal["table", "markdown"]
EXAMPLES = """\
charnn recipes
charnn config training.lr
charnn train data/names --config gru --print-config"""

PAGE = """\
# Settings and recipes

A YAML file here is a recipe: `charnn train data/names --config NAME`. It needs only what differs from the defaults, or,
with `extends: NAME`, from another recipe. `--set KEY=VALUE` changes one setting in place; `--print-config` shows all of
them with the place that each came from. This page is what `charnn config --format markdown` prints.
"""


def config(
    key: Annotated[str | None, typer.Argument(metavar="KEY", help="A setting, or a group of them.")] = None,
    format: Annotated[Layout, typer.Option("--format", help="Layout of the list.")] = "table",
) -> None:
    """Show the settings: what each takes and means, its default, and which recipes set it."""
    from charnn_cli.config.faults import scalar
    from charnn_cli.config.reference import settings

    every = list(settings())
    chosen = [setting for setting in every if key is None or f"{setting.key}.".startswith(f"{key}.")]
    if not chosen:
        chosen = [setting for setting in every if setting.key.endswith(f".{key}")]
    if not chosen:
        names = [
            *dict.fromkeys(setting.key.partition(".")[0] for setting in every),
            *(setting.key for setting in every),
        ]
        close = difflib.get_close_matches(str(key), names, n=1, cutoff=0.4)
        raise UsageError(
            f"there is no setting '{key}'", f"did you mean '{close[0]}'?" if close else "see 'charnn config'"
        )
    if format == "markdown":
        sys.stdout.write(_page(chosen))
    elif len(chosen) == 1 and key is not None:
        (setting,) = chosen
        set_by = [(f"in the recipe {recipe}", scalar(value)) for recipe, value in setting.set_by.items()]
        about = [("means", setting.meaning), ("takes", setting.takes), ("default", scalar(setting.default)), *set_by]
        show([table("Setting", ("key", setting.key), about, left=(0, 1))], sys.stdout)
    else:
        rows = [(setting.key, scalar(setting.default), setting.meaning) for setting in chosen]
        show([table("Settings", ("key", "default", "meaning"), rows, left=(0, 1, 2))], sys.stdout)


def recipes() -> None:
    """List the recipes that `charnn train --config` takes."""
    from charnn_cli.config.reference import recipes

    show([table("Recipes", ("name", "what it is"), list(recipes().items()), left=(0, 1))], sys.stdout)


def _page(chosen: "list[Setting]") -> str:
    from charnn_cli.config.faults import scalar
    from charnn_cli.config.reference import recipes

    lines = [PAGE, "| recipe | what it is |", "| --- | --- |"]
    lines += [f"| [`{name}`]({name}.yaml) | {what} |" for name, what in recipes().items()]
    lines += ["", "| key | takes | default | meaning | recipes that set it |", "| --- | --- | --- | --- | --- |"]
    for setting in chosen:
        set_by = ", ".join(f"{recipe} {scalar(value)}" for recipe, value in setting.set_by.items())
        cells = (f"`{setting.key}`", setting.takes, f"`{scalar(setting.default)}`", setting.meaning, set_by)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
