"""Options of plain types without pydantic, and help in which they stand in groups.

Typer from 0.29 on turns the words of a command into values by pydantic, which takes longer to load than everything
that `charnn predict` needs together. Text, numbers and choices need no such help.
"""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from typer.completion import show_callback
from typer.core import TyperCommand, TyperGroup

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
FIRST = ("train", "evaluate", "predict", "plot")
METAVARS = {int: "N", float: "X", str: "TEXT", Path: "PATH"}


class PlainCommand(TyperCommand):
    """A command whose options are text, whole numbers, numbers or choices, converted here."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _converted_here(super().get_params(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Without the braces that stand around what is required."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The arguments, then the options of each `rich_help_panel`, those that name none last."""
        groups: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for parameter in self.get_params(ctx):
            if record := parameter.get_help_record(ctx):
                if parameter.param_type_name == "argument":
                    groups["Arguments"].append((parameter.metavar, record[1]))
                else:
                    groups.setdefault(parameter.rich_help_panel or "Options", []).append(record)
        others = groups.pop("Options", [])
        for title, records in (*groups.items(), ("Options", others)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Examples, a command a line."""
        if self.epilog:
            with formatter.section("Examples"):
                formatter.write("".join(f"  {line}\n" for line in self.epilog.splitlines()))


class PlainGroup(TyperGroup):
    """The same for the options that stand before a command; those commands come first that most people want."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _converted_here(super().get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        self.format_commands(ctx, formatter)
        PlainCommand.format_options(self, ctx, formatter)  # type: ignore[arg-type]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        every = {name: str(command.help).partition("\n")[0] for name, command in self.commands.items()}
        first = {name: every.pop(name) for name in FIRST}
        for title, commands in (("Commands", first), ("More commands", every)):
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Let `--show-completion` take the shell, which Typer looks for among the processes that stand above."""
        if len(args) == 2 and args[0] == "--show-completion":
            if args[1] not in SHELLS:
                raise typer.BadParameter(f"'{args[1]}' is not one of {', '.join(SHELLS)}", param_hint=f"'{args[0]}'")
            show_callback(ctx, None, args[1])  # type: ignore[arg-type]
        return super().parse_args(ctx, args)


def _converted_here(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if hasattr(parameter, "_runtime_param"):  # absent where Typer converts without pydantic
            parameter._runtime_param = _PlainConversion()
        if parameter.metavar is None and not getattr(parameter, "is_flag", False):
            parameter.metavar = _metavar(parameter)
    return parameters


def _metavar(parameter: Any) -> str:
    """What stands for an option's word in its help; of an argument, its own name."""
    kind = parameter.type_descriptor.annotation
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    return parameter.name.upper() if parameter.param_type_name == "argument" else METAVARS.get(kind, "TEXT")


class _PlainConversion:
    """Takes the place of Typer's conversion by pydantic."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value of an option's word, or of each of its words; raises BadParameter where it is none."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        kind = param.type_descriptor.annotation
        if param.multiple or param.nargs == -1:
            (kind,) = get_args(kind)
            return [_converted(word, kind, param, ctx) for word in value]
        return _converted(value, kind, param, ctx)


def _converted(value: Any, kind: Any, param: Any, ctx: Any) -> Any:
    if not isinstance(value, str):  # a flag, or a default
        return value
    if get_origin(kind) is Literal:
        if value in (choices := get_args(kind)):
            return value
        wanted = "one of " + ", ".join(choices)
    else:
        try:
            return kind(value)
        except ValueError:
            wanted = {int: "a whole number", float: "a number"}.get(kind, "valid")
    raise typer.BadParameter(f"'{value}' is not {wanted}", ctx=ctx, param=param)
