"""Refuses an argument of `Agent.ask` that may be meant as a parameter of the intent, rather than guess."""

from __future__ import annotations

from collections.abc import Mapping

from ..routes import Handler

_ONLY: dict[str, tuple[str, ...]] = {
    "action": ("es", "v1"),
    "intent": ("es", "v1"),
    **dict.fromkeys(("tag", "page", "flow", "transcript", "dtmf"), ("cx",)),
}
_UNSET = ("", None, False, 0)


def refuse(
    function: str, given: Mapping[str, object], handler: Handler | None, dialect: str, has_parameters: bool
) -> None:
    """Raise `TypeError` for an argument that the dialect lacks, or that is called like a parameter of the handler.

    `has_parameters` says that the caller tells parameters apart by `parameters={...}`.
    """
    known = [argument.source for argument in handler.signature.arguments] if handler else []
    for name in [
        name for name, value in given.items() if not any(value is unset or value == unset for unset in _UNSET)
    ]:
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
