"""Options that several commands have, each declared once: what the shell may complete, and what fits together."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from charnn_cli.errors import UsageError
from charnn_cli.formats.table import COMPRESSIONS, FORMAT_OF_SUFFIX, GZIP, PARQUET, TEXT


def recipe_words(incomplete: str) -> list[str]:
    """Recipes that begin so."""
    from charnn_cli.config import recipe_names

    return [name for name in recipe_names() if name.startswith(incomplete)]


def setting_words(incomplete: str) -> list[str]:
    """Settings that begin so; behind the sign, the values that one chooses from."""
    from charnn_cli.config.reference import settings

    key, sign, _ = incomplete.partition("=")
    if not sign:
        return [f"{setting.key}=" for setting in settings() if setting.key.startswith(key) and setting.key != "search"]
    words = (f"{key}={choice}" for setting in settings() if setting.key == key for choice in setting.choices)
    return [word for word in words if word.startswith(incomplete)]


def run_words(incomplete: str) -> list[str]:
    """Run folders here, and the model in the box."""
    from charnn_cli.store.location import SHIPPED_NAME, runs_here

    return [word for word in (*map(str, runs_here()), SHIPPED_NAME) if word.startswith(incomplete)]


TRAINED = partial(typer.Option, rich_help_panel="What is trained")  # an option of this group in the help
DATA = typer.Argument(help="A folder of <Origin>.txt files, or a table, as CSV, JSON or Parquet.", show_default=False)
CONFIG = TRAINED(metavar="FILE|NAME", autocompletion=recipe_words, help="A YAML file, or the name of a shipped recipe.")
Assignments = Annotated[
    list[str] | None,
    TRAINED("--set", metavar="KEY=VALUE", autocompletion=setting_words, help="Set any key of the config."),
]
MODEL = typer.Option("-m", "--model", metavar="RUN", autocompletion=run_words, help="Run folder of the model.")
SAME_AS_RUN = typer.Option("-m", "--model", metavar="RUN", autocompletion=run_words, help="The same as RUN.")
DEFAULT_RUN = "The run folder [default: CHARNN_MODEL, runs/latest, or the model that ships]"
Output = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE|-", help="Where to write instead of stdout.")
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing on stderr but errors.")]

NameColumn = Annotated[str | None, typer.Option(metavar="NAME", help="The column of names in --data.")]
OriginColumn = Annotated[str | None, typer.Option(metavar="NAME", help="The column of origins in --data.")]
Encoding = Annotated[
    str | None, typer.Option(metavar="NAME|auto", help="Of --data, where it is no UTF-8; auto guesses.")
]


def table_options(
    data: Path | None, name: str | None, origin: str | None, encoding: str | None
) -> dict[str, str | None]:
    """What the reader takes of a table. Raises UsageError where there is no table that they are of."""
    given = {"--name-column": name, "--origin-column": origin, "--encoding": encoding}
    words = [flag for flag, value in given.items() if value is not None]
    if words and data is None:
        raise UsageError(f"{words[0]} is for the table that --data names", "give the table, or leave it out")
    columns = [flag for flag in words if flag != "--encoding"]
    if columns and data is not None and data.is_dir():
        raise UsageError(f"{data} is a folder, which has no columns", f"leave {columns[0]} out, or give a table")
    return {"name_column": name, "origin_column": origin, "encoding": encoding, "how": "--{}-column"}


def check_apart(source: str | Path | None, option: str, output: str | None) -> None:
    """Raise UsageError where the output would take the place of the file that is read, which `option` names.

    Of a folder all texts are read.
    """
    if source is None or output is None:
        return
    inside = os.path.isdir(source) and str(output).lower().endswith(TEXT.suffixes)
    read, written = (source, os.path.dirname(output) or ".") if inside else (source, output)
    if (inside or os.path.isfile(source)) and os.path.exists(written) and os.path.samefile(read, written):
        what = "lies in the folder" if inside else "is the file"
        raise UsageError(f"--output {output} {what} that {option} reads", "name another file")


def written_layout(output: str, layouts: Sequence[str], plain: str, of: str, *, is_strict: bool = False) -> str:
    """The layout that the suffix of an output says; `plain` for text, and where it says none.

    Raises UsageError where it says one that is not among `layouts`, or is not packed so; if `is_strict`, also where
    nobody knows the suffix.
    """
    stem, last = os.path.splitext(output.lower())
    is_packed = last in COMPRESSIONS
    suffix = os.path.splitext(stem)[1] if is_packed else last
    kind = FORMAT_OF_SUFFIX.get(suffix)
    is_known = kind is TEXT or (kind.layout in layouts if kind else not (suffix and is_strict))
    if not is_known or (is_packed and (last != GZIP or kind is PARQUET)):
        written = ", ".join(end for end, known in FORMAT_OF_SUFFIX.items() if known is TEXT or known.layout in layouts)
        more = f"texts also with {GZIP} behind" if is_packed else "or add --format"
        raise UsageError(f"--output {output} ends in no layout {of}", f"choose {written}, {more}")
    return kind.layout if kind and kind is not TEXT else plain
