"""No error sends anybody to an option that there is not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import typer

import charnn_cli
from charnn_cli.cli.app import app

PACKAGE = Path(charnn_cli.__file__).parent
OPTION = r"(?<![\w<!-])--[a-z][a-z-]*"
OTHERS = {"--help", "--version", "--show-completion", "--install-completion"}  # before a command


def options() -> dict[str, set[str]]:
    """Of each command, its options."""
    group = typer.main.get_command(app)
    return {
        name: {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for name, command in group.commands.items()
    }


def texts() -> Iterator[tuple[str, str]]:
    """Every string of the package, with its place."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for line, text in strings(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{path.relative_to(PACKAGE)}:{line}", text


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The strings of a module, f-strings in one piece, but for docstrings."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents | inside:
            yield node.lineno, node.value


def test_every_option_that_a_text_names_is_one_of_the_commands() -> None:
    by_command = options()
    known = set[str]().union(*by_command.values()) | OTHERS
    for place, text in texts():
        for option in re.findall(OPTION, text):
            assert option in known, f"{place}: {text}"
        for command, option in re.findall(rf"charnn (\w+)[^'`;\n]*? ({OPTION})", text):
            assert option in by_command.get(command, known), f"{place}: {text}"


def test_options_are_named_by_the_command_line_alone() -> None:
    outside = [
        f"{place}: {text}" for place, text in texts() if not place.startswith("cli/") and re.search(OPTION, text)
    ]
    assert outside == []
