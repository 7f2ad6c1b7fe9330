"""Imports point one way, heavy libraries stay inside the commands that need them, and no pickle is opened."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import charnn_cli

PACKAGE = Path(charnn_cli.__file__).parent
# From the top: whoever stands higher may import whoever stands lower, and nobody the other way round.
ORDER = [
    *(
        "__main__",
        "cli",
        "study",
        "bulk",
        "report",
        "export",
        "plots",
        "render",
        "evaluate",
        "sklearn",
        "__init__",
        "predict",
        "train",
    ),
    *(
        "store",
        "model",
        "engine",
        "data",
        "formats",
        "config",
        "trained",
        "shares",
        "architecture",
        "cells",
        "conformal",
        "scaling",
        "processes",
        "metrics",
    ),
    *("text", "files", "terminal", "choices", "errors", "version"),
]
RANK = {name: rank for rank, name in enumerate(ORDER)}
HEAVY = {"torch", "matplotlib", "sklearn", "scipy"}
MAY_IMPORT_AT_TOP = {
    "torch": {"model", "train"},
    "matplotlib": {"plots"},
    "scipy": {"train", "evaluate"},
    "sklearn": {"evaluate", "sklearn"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_top(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if not isinstance(node, ast.If):  # `if TYPE_CHECKING:` imports nothing at run time
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            yield from imported(node)


def below_package(path: Path) -> Iterator[str]:
    """The parts of the package that a module imports, at its top or within a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "charnn_cli":
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.split(".")[0] == "charnn_cli"]
        else:
            continue
        for name in names:
            part = name.split(".")[1] if "." in name else ""
            yield part if part in RANK else "__init__"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down_the_order_alone(path: Path) -> None:
    part = part_of(path)
    assert part in RANK, f"{part} has no place in the order of imports"
    for other in below_package(path):
        assert other == part or RANK[other] > RANK[part], f"{path} imports {other}, which stands above {part}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_are_imported_where_they_are_needed(path: Path) -> None:
    for name in at_top(ast.parse(path.read_text(encoding="utf-8"))):
        library = name.split(".")[0]
        if library in HEAVY:
            assert part_of(path) in MAY_IMPORT_AT_TOP[library], f"{path} imports {library} when it is loaded"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_pickle_is_opened(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set(imported(tree))
    assert not {"pickle", "shelve", "marshal", "dill", "joblib", "cloudpickle"} & {name.split(".")[0] for name in names}
    assert not {"torch.load", "torch.jit", "numpy.load", "numpy.lib"} & names
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "load" and isinstance(node.value, ast.Name):
            assert node.value.id not in ("torch", "np", "numpy", "pickle"), f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize(
    "part", ["engine", "predict", "store", "render", "metrics", "trained", "shares", "text", "formats"]
)
def test_these_parts_load_without_heavy_libraries(part: str) -> None:
    heavy = HEAVY | {"pydantic", "ruamel"}
    program = f"import sys, charnn_cli.{part}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
