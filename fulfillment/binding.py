"""Binds a handler's arguments, by name and type, to the parameters and contexts of a request.

Everything that can be decided from the signature is decided once, at start.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import problems
from .conversion import Convert, converter, is_optional, named, type_name
from .request import Context, Request

_ABSENT = inspect.Parameter.empty


@dataclass(frozen=True)
class Argument:
    """One argument of a handler: where its value comes from and how it is made."""

    name: str
    source: str
    hint: Any  # its type, without `Annotated` and `| None`
    type_name: str
    required: bool
    default: Any
    convert: Convert
    is_context: bool
    is_text: bool


class MissingParameters(Exception):
    """Required arguments that the request does not hold; `names` are the parameters' own."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


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
            )
        )

    def bind(self, request: Request, fill_missing: bool) -> dict[str, Any]:
        """Return the keyword arguments for `request`.

        Raises `MissingParameters` for required ones that are missing, unless `fill_missing` (then they are None), and
        a 400 `Problem` `bad-parameter` for a value that does not fit its type.
        """
        bound: dict[str, Any] = {}
        missing: list[str] = []
        for argument in self.arguments:
            value = (request.contexts if argument.is_context else request.parameters).get(argument.source)
            if value is None or value == "" or value == []:
                if argument.required:
                    missing.append(argument.source)
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


def _unchanged(value: Any) -> Any:
    return value
