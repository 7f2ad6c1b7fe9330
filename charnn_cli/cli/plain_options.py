"""Options of plain types without pydantic.

Typer from 0.29 on turns the words of a command into values by pydantic, which takes longer to load than everything
that `charnn predict` needs together. Text, numbers and choices need no such help.
"""

from typing import Any, Literal, get_args, get_origin

import typer
from typer.completion import show_callback
from typer.core import TyperCommand, TyperGroup

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


class PlainCommand(TyperCommand):
    """A command whose options are text, whole numbers, numbers or choices, converted here."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _converted_here(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """The same for the options that stand before a command."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _converted_here(super().get_params(ctx))

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
    return parameters


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
