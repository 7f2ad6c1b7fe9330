"""Whether a dataclass that was read from a file holds what its annotations say."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def check_types(value: Any) -> None:
    """Raise TypeError where a field of a dataclass is of another type than annotated; a bool is no int.

    Knows bool, int, str, None, literals, tuples of any length of these, and unions.
    """
    for name, hint in get_type_hints(type(value)).items():
        if not _fits(getattr(value, name), hint):
            raise TypeError(f"{name} is {str(getattr(value, name))[:40]!r}")


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return isinstance(value, str) and value in arguments
    if origin in (Union, UnionType):
        return any(_fits(value, argument) for argument in arguments)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(item, arguments[0]) for item in value)
    return type(value) is (NoneType if hint is None else hint)
