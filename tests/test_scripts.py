"""What benchmarks and torture import of the package and of each other is there; the long ones run seldom."""

import ast
import importlib
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDERS = [Path(__file__).with_name(name) for name in ("bench", "torture")]
BESIDE = {path.stem: path for folder in FOLDERS for path in folder.glob("*.py")}


def defined(path: Path) -> set[str]:
    """Names that stand at the top of a script."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Import(names=imported) | ast.ImportFrom(names=imported):
                names |= {alias.asname or alias.name for alias in imported}
    return names


@pytest.mark.parametrize("path", BESIDE.values(), ids=BESIDE)
def test_what_a_script_imports_is_there(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        wanted = {alias.name for alias in node.names}
        if node.module.split(".")[0] == "charnn_cli":
            module = importlib.import_module(node.module)
            missing = {name for name in wanted if not hasattr(module, name) and not find_spec_of(node.module, name)}
        elif node.module in BESIDE:
            missing = wanted - defined(BESIDE[node.module])
        else:
            continue
        assert not missing, f"{path}:{node.lineno}: {node.module} has no {', '.join(sorted(missing))}"


def find_spec_of(package: str, name: str) -> bool:
    """Whether the name is a module of the package."""
    return hasattr(sys.modules[package], "__path__") and find_spec(f"{package}.{name}") is not None
