"""The recipes that come with the program: the YAML files of `configs/`, also inside an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def recipe_folder() -> Path:
    """`configs/` beside the package in a checkout, or inside the package where it is installed."""
    beside = _PACKAGE.parent / "configs"
    return beside if (_PACKAGE.parent / "pyproject.toml").is_file() and beside.is_dir() else _PACKAGE / "configs"


def recipe_names() -> list[str]:
    """Names that `--config` takes, sorted."""
    return sorted(path.stem for path in recipe_folder().glob("*.yaml"))


def find_recipe(name: str) -> Path | None:
    """The file of a shipped recipe, or None."""
    return recipe_folder() / f"{name}.yaml" if name in recipe_names() else None
