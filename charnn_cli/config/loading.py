"""Settings from a file or a shipped recipe, assignments and flags, with the place that each one came from.

A later source wins: default, then the YAML file, then an assignment, then a flag. All faults are reported together. The
recipes that come with the program are the YAML files of `configs/`, also inside an installed wheel.
"""

import contextlib
import difflib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode

from charnn_cli.config.faults import explain, inert_settings, meant_section, new_yaml, scalar
from charnn_cli.config.schema import Config
from charnn_cli.config.space import SECTION, Space, nested, space_of
from charnn_cli.errors import ConfigError

HEADINGS = ("data.name_column", "data.origin_column")  # a table may call a column 0, true or [x]
PACKAGE = Path(__file__).parents[1]
START = "training.start_from"
DEFAULT = "default"  # the recipe that spells out the defaults
LONGEST_TITLE = 40  # characters
FREE_BESIDE_A_START = ("model.wide", "model.language_model", "model.ngram_orders")  # which begin anew
LARGEST_FILE = 1_000_000  # bytes; a config is a page


@dataclass(frozen=True, slots=True)
class Settings:
    """A checked `Config`; for each dotted key that is not at its default, where its value came from; the name of the
    recipe or file that it began with, None where nobody knows any more; where a search looks, if that is said; and what
    was set beside recipe or file, by dotted key.
    """

    config: Config
    sources: Mapping[str, str]
    recipe: str | None = None
    search: Space = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What to call a run: the recipe, in letters that a folder's name takes, and the cell where it tells none."""
        recipe, cell = re.sub(r"[^\w.+-]+", "-", self.recipe or DEFAULT)[:LONGEST_TITLE], self.config.model.cell
        return recipe if cell in re.split(r"\W", recipe) else f"{recipe}-{cell}"

    def describe(self) -> str:
        """All settings as YAML, each with its source as a comment."""
        lines: list[str] = []
        for key, value in self.config.model_dump().items():
            if isinstance(value, dict):
                lines += ["", f"{key}:"]
                lines += [self._line(f"{key}.{name}", name, inner, "  ") for name, inner in value.items()]
            else:
                lines.append(self._line(key, key, value, ""))
        lines += ["", f"{SECTION}:"] if self.search else []
        lines += [self._line(f"{SECTION}.{key}", key, part.shown(), "  ") for key, part in self.search.items()]
        return "\n".join(lines) + "\n"

    def _line(self, path: str, key: str, value: Any, indent: str) -> str:
        text = f"{indent}{key}: {scalar(value)}"
        return f"{text:<34}  # {self.sources.get(path, 'default')}"


def load_settings(
    source: str | None = None,
    assignments: Iterable[str] = (),
    flags: Mapping[str, tuple[str, Any]] | None = None,
    *,
    place: str = "settings",
    recorded: bool = False,
    follow: Callable[[str], Mapping[str, Any]] | None = None,
) -> Settings:
    """Settings from `source`, a YAML file or a shipped recipe's name; `assignments`, each `key=value`; and `flags`.

    A file may say `extends: NAME`, of another file (found beside it) or a recipe, and then only what differs from that.
    `place` is what the assignments are called where one is named as a source. `flags` maps a dotted key to the flag's
    name and value; None values are flags that were not given. A setting that does nothing beside the others is a
    fault, but in the `recorded` settings of a run, which has begun with it.
    `follow` gives the settings of the run that `training.start_from` names, which stand in for the defaults; one of its
    network that is set otherwise is a fault.
    Raises ConfigError with every fault found.
    """
    values: dict[str, tuple[Any, str]] = {}
    faults: list[str] = []
    places: dict[tuple[str, str], str] = {}  # of keys in a file, with the line
    for path, content, lines in _files(source):
        places |= {(key, str(path)): f"{path}:{line}" for key, line in lines.items()}
        dotted = [key for key in content if isinstance(key, str) and "." in key]
        faults += [f"{path}: {_dotted(key)}" for key in dotted]
        content = {key: value for key, value in content.items() if key not in dotted}
        values.update({key: (value, str(path)) for key, value in _flatten(content)})
    if recorded and values.get("model.residual", (True, ""))[0] is False:
        del values["model.residual"]  # a setting that is no more, at what it does without it
    of_files = dict(values)
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key:
            faults.append(f"{place}: {assignment}: needs the form key=value; write for example model.cell=lstm")
            continue
        try:
            value = new_yaml().load(text)
        # ValueError: a date that no calendar has. TypeError: a mapping as a key.
        except (YAMLError, ValueError, TypeError, RecursionError):
            if key not in HEADINGS:
                faults.append(f"{place}: {assignment}: the value is not YAML; put it in quotes")
                continue
            value = text
        if key in HEADINGS and not isinstance(value, str | None):
            value = text  # as it is written: 007 is no 7
        inner = [(key, value)] if "." in key else _flatten({key: value})
        values.update({path: (part, place) for path, part in inner})
    for key, (flag, value) in (flags or {}).items():
        if value is not None:
            values[key] = (value, flag)
    set_beside = [key for key, told in values.items() if of_files.get(key) is not told]
    if follow is not None and isinstance(start := values.get(START, ("", ""))[0] or None, str):
        faults += _followed(values, start, follow(start))
    placed = {key: (value, places.get((key, source), source)) for key, (value, source) in values.items()}
    wanted = {key.removeprefix(SECTION).removeprefix("."): placed.pop(key) for key in values if _is_searched(key)}
    space = space_of(wanted, {key: value for key, (value, _) in placed.items()}, faults)
    config = _checked(placed, faults, recorded=recorded)
    recipe = DEFAULT if source is None else Path(source).stem
    checked = dict(_flatten(config.model_dump(mode="json")))
    given = {key: checked[key] for key in sorted(set_beside) if key in checked}
    return Settings(config, {key: source for key, (_, source) in values.items()}, recipe, space, given)


def _is_searched(key: str) -> bool:
    return key == SECTION or key.startswith(f"{SECTION}.")


def _followed(values: dict[str, tuple[Any, str]], start: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """Take over what is not set, and tell what is set to something else that the network cannot have."""
    for key, value in settings.items():
        given, source = values.setdefault(key, (value, f"as {start}"))
        if key == START:
            values[key] = (value, source)
        elif given != value and key.startswith("model.") and key not in FREE_BESIDE_A_START:
            do = "leave it out, or begin with another run"
            yield f"{source}: {key}: is {scalar(given)}, where the network of {start} has {scalar(value)}; {do}"


def dump_yaml(config: Config, *, defaults: bool = True) -> str:
    """A config file with every setting, or without those at their `defaults`."""
    stream = io.StringIO()
    new_yaml().dump(config.model_dump(mode="json", exclude_defaults=not defaults), stream)
    return stream.getvalue()


def recipe_folder() -> Path:
    """`configs/` beside the package in a checkout, or inside the package where it is installed."""
    beside = PACKAGE.parent / "configs"
    return beside if (PACKAGE.parent / "pyproject.toml").is_file() and beside.is_dir() else PACKAGE / "configs"


def recipe_names() -> list[str]:
    """Names of the shipped recipes, sorted."""
    return sorted(path.stem for path in recipe_folder().glob("*.yaml"))


def _dotted(key: str) -> str:
    section, _, name = key.partition(".")
    return f"{key}: a file has no keys with a dot; write '{section}: {{{name}: …}}'"


def _checked(values: Mapping[str, tuple[Any, str]], faults: list[str], *, recorded: bool) -> Config:
    """The settings, of values and the places where they were set; raises ConfigError with all faults."""
    places = {key: place for key, (_, place) in values.items()}
    config = None
    try:
        config = Config.model_validate(nested({key: value for key, (value, _) in values.items()}))
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults += [explain(fault, places) for fault in found]
        meant = {name: section for fault in found if (section := meant_section(fault)) for name in fault["loc"]}
        if meant:  # what stands in a section of a misspelt name has faults of its own
            renamed = {
                ".".join([meant.get(key.split(".")[0], key.split(".")[0]), *key.split(".")[1:]]): value
                for key, value in values.items()
            }
            with contextlib.suppress(ConfigError):
                _checked(renamed, faults, recorded=True)
    if config is not None and not recorded:
        faults += [f"{places[key]}: {key}: {problem}" for key, problem in inert_settings(config, places)]
    if faults or config is None:
        raise ConfigError(list(dict.fromkeys(faults)))
    return config


def _lines(text: str) -> dict[str, int]:
    """The line of each key of a YAML file that can be read."""
    root = new_yaml().compose(text)
    lines: dict[str, int] = {}
    for name, value in root.value if isinstance(root, MappingNode) else ():
        lines[str(name.value)] = name.start_mark.line + 1  # a key may be a list
        for inner, _ in value.value if isinstance(value, MappingNode) else ():
            lines[f"{name.value}.{inner.value}"] = inner.start_mark.line + 1
    return lines


def _files(source: str | None) -> list[tuple[Path, dict[str, Any], dict[str, int]]]:
    """The content of a file or recipe, and its keys' lines, behind those which it extends: what comes later wins."""
    files: list[tuple[Path, dict[str, Any], dict[str, int]]] = []
    place = ""
    while source is not None:
        path = _find(source, place)
        if path in (known for known, _, _ in files):
            raise ConfigError([f"{path}: extends itself; leave 'extends' out of one of the files"])
        read, lines = _read(path)
        content = dict(read)
        extends = content.pop("extends", None)
        place = f"{path}:{lines.get('extends', 1)}: extends: "
        if not isinstance(extends, str | None):
            raise ConfigError([f"{place}must be text, is {scalar(extends)}; write the name of a recipe or file"])
        beside = path.parent / extends if extends else None
        source = str(beside) if beside and beside.is_file() else extends
        files.insert(0, (path, content, lines))
    return files


def _find(source: str, place: str = "") -> Path:
    """The file that is meant; `place` is where its name stands."""
    if (path := Path(source)).is_file():
        return path
    names = recipe_names()
    if source not in names:
        guess = difflib.get_close_matches(source, names, n=1)
        do = f"did you mean '{guess[0]}'?" if guess else f"give a YAML file or one of {', '.join(names)}"
        raise ConfigError([f"{place}{source}: no such file or recipe; {do}"])
    return recipe_folder() / f"{source}.yaml"


def _read(path: Path) -> tuple[Mapping[str, Any], dict[str, int]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ConfigError([f"{path}: larger than a config file can be; give a YAML file of settings"])
        text = path.read_text(encoding="utf-8")
        value, lines = new_yaml().load(text), _lines(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem).partition(" with value")[0].replace("found duplicate key", "repeated key")
        raise ConfigError([f"{path}:{line}: {problem}; keep one of the two"]) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError([f"{path}:{line}: not YAML: {error.problem}; mend the line"]) from error
    except (YAMLError, UnicodeDecodeError, ValueError, TypeError, RecursionError) as error:
        raise ConfigError([f"{path}: not a YAML file in UTF-8; mend it or give another"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); give another file"]) from error
    if value is None:
        return {}, {}
    if not isinstance(value, Mapping):
        raise ConfigError([f"{path}: holds no settings; write lines such as 'model: {{cell: lstm}}'"])
    return value, lines


def _flatten(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        path = f"{prefix}{key}"
        if isinstance(inner, Mapping) and not prefix:
            yield from _flatten(inner, f"{path}.")
        else:
            yield path, inner
