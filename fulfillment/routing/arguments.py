"""Binds a handler's arguments, by name and type, to the parameters and contexts of a request.

Everything that can be decided from the signature is decided once, at start.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import problems
from ..request import Context, Request
from .argument_types import Convert, composite, converter, is_optional, named, type_name

_ABSENT = inspect.Parameter.empty


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Argument:
    """One argument of a handler: where its value comes from and how it is made.

    A dataclass whose parameter is missing comes from the first active one of `contexts`, made by `from_context`.
    """

    name: str
    source: str
    hint: Any  # its type, without `Annotated` and `| None`
    type_name: str
    required: bool
    default: Any
    convert: Convert
    is_context: bool
    is_text: bool
    contexts: tuple[str, ...] = ()
    from_context: Convert = _unchanged


class MissingParameters(Exception):
    """Required arguments that the request does not hold."""

    def __init__(self, arguments: list[Argument]) -> None:
        super().__init__(", ".join(argument.source for argument in arguments))
        self.arguments = arguments


class Signature:
    """A handler's arguments, ready to be bound.

    Raises `SetupError` at construction for an argument that no request could fill.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.request_argument = ""
        self.arguments: list[Argument] = []
        try:
            hints = typing.get_type_hints(function, include_extras=True)
        except Exception as error:
            raise problems.bad_signature(function, f"its annotations cannot be read: {error}") from error
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                raise problems.bad_signature(function, f"argument '{parameter}' cannot be bound by name")
            self._add(function, parameter, hints.get(parameter.name))

    def _add(self, function: Callable[..., Any], parameter: inspect.Parameter, hint: Any) -> None:
        if hint is None:
            if parameter.name != "request":
                raise problems.bad_signature(
                    function, f"argument '{parameter.name}' has no type; write for example {parameter.name}: str"
                )
            hint = Request
        source, hint = named(hint, parameter.name)
        optional, plain = is_optional(hint)
        if plain is Request:
            self.request_argument = parameter.name
            return
        try:
            convert = converter(plain) if plain is not Context else _unchanged
            keeps_state = dataclasses.is_dataclass(plain) and isinstance(plain, type) and plain is not Context
            from_context = composite(plain, kept=True) if keeps_state else _unchanged
        except TypeError as error:
            raise problems.bad_signature(function, f"argument '{parameter.name}': {error}") from None
        default = parameter.default
        self.arguments.append(
            Argument(
                name=parameter.name,
                source=source.lower() if plain is Context else source,
                hint=plain,
                type_name=type_name(hint),
                required=default is _ABSENT and not optional,
                default=None if default is _ABSENT else default,
                convert=convert,
                is_context=plain is Context,
                is_text=plain is str,
                contexts=_contexts(plain, source, parameter.name) if keeps_state else (),
                from_context=from_context,
            )
        )

    def bind(self, request: Request, fill_missing: bool) -> dict[str, Any]:
        """Return the keyword arguments for `request`.

        Raises `MissingParameters` for required ones that are missing, unless `fill_missing` (then they are None), and
        a 400 `Problem` `bad-parameter` for a value that does not fit its type.
        """
        bound: dict[str, Any] = {}
        missing: list[Argument] = []
        for argument in self.arguments:
            value = (request.contexts if argument.is_context else request.parameters).get(argument.source)
            absent = value is None or value == "" or value == []
            if argument.contexts and (context := _context_for(argument, None if absent else value, request)):
                bound[argument.name] = _from(context, argument)
                continue
            if absent:
                if argument.required:
                    missing.append(argument)
                bound[argument.name] = argument.default
                continue
            try:
                bound[argument.name] = argument.convert(value)
            except (ValueError, TypeError, OverflowError) as error:
                raise problems.bad_parameter(argument.source, argument.type_name, value, str(error)) from None
        if missing and not fill_missing:
            raise MissingParameters(missing)
        if self.request_argument:
            bound[self.request_argument] = request
        return bound


def _contexts(kind: type, source: str, argument_name: str) -> tuple[str, ...]:
    """Return the names of the contexts that may hold a dataclass: the one it is written to, then the argument's own.

    A name that `Annotated` gives is the only one.
    """
    from ..state import context_name

    names = (source,) if source != argument_name else (context_name(kind), source)
    return tuple(dict.fromkeys(name.lower() for name in names))


def _context_for(argument: Argument, value: Any, request: Request) -> Context | None:
    """Return the active context that a dataclass is made of, or None where a parameter gives it.

    On CX what a handler keeps is a session parameter, and so it is a parameter too.
    """
    for name in argument.contexts:
        context = request.contexts.get(name)
        if context is not None and (value is None or context.parameters is value):
            return context
    return None


def _from(context: Context, argument: Argument) -> Any:
    try:
        return argument.from_context(context.parameters)
    except (ValueError, TypeError, OverflowError) as error:
        from ..problems.arguments import bad_context

        raise bad_context(context.name, argument.type_name, str(error)) from None
