"""Refuses an argument of `Agent.ask` that may be meant as a parameter of the intent, rather than guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ..routing.handler import Handler


class _Text(str):
    __slots__ = ()


class _Number(int):
    pass


# What an argument is that nobody gave: told by its type, since a parameter may well be "" or 0.
NO_TEXT: str = _Text()
NO_NUMBER: int = _Number()
NO: bool = cast("bool", _Number())

_ONLY: dict[str, tuple[str, ...]] = {
    "action": ("es", "v1"),
    "intent": ("es", "v1"),
    **dict.fromkeys(("tag", "page", "flow", "transcript", "dtmf"), ("cx",)),
}


def refuse(
    function: str, given: Mapping[str, object], handler: Handler | None, dialect: str, has_parameters: bool
) -> None:
    """Raise `TypeError` for an argument that the dialect lacks, or that is called like a parameter of the handler.

    `has_parameters` says that the caller tells parameters apart by `parameters={...}`.
    """
    known = [argument.source for argument in handler.signature.arguments] if handler else []
    for name, value in given.items():
        if value is None or isinstance(value, _Text | _Number):
            continue
        write = f"parameters={{{name!r}: ...}}"
        if dialect not in _ONLY.get(name, (dialect,)):
            raise TypeError(
                f"{function}({name}=...) is for dialect {' and '.join(_ONLY[name])}; this agent speaks {dialect}. "
                f"If a parameter is meant, write {write}."
            )
        if name in known and not has_parameters and handler:
            raise TypeError(
                f"{function}({name}=...) is no parameter, but {handler.name} has one of that name. Write {write} for "
                f"the parameter, or parameters={{}} beside {name}=... if it is not meant."
            )
