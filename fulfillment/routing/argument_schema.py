"""What JSON an argument takes, as JSON Schema: for tools that make calls (examples, descriptions of routes).

Follows `conversion`, which reads the same types. Not for the deployed function: only the table of routes imports it.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any

from ..request import Context
from .argument_types import is_optional, named

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "time"},
    datetime: {"type": "string", "format": "date-time"},
    dict: {"type": "object"},
    Mapping: {"type": "object"},
    Context: {"type": "object"},
    list: {"type": "array"},
    Sequence: {"type": "array"},
}


def schema(hint: Any) -> dict[str, Any]:
    """Return the schema of a type that an argument may have; {} for one that takes any value."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return schema(arguments[0])
    if origin in (list, Sequence):
        return {"type": "array", "items": schema(arguments[0])}
    if origin in (typing.Union, types.UnionType):
        choices = [schema(argument) for argument in arguments if argument is not type(None)]
        return choices[0] if len(choices) == 1 else {"anyOf": choices}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in (dict, Mapping):
        return {"type": "object"}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint if isinstance(member.value, str | int | float)]}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type) and hint is not Context:
        return _composite(hint)
    return dict(_PLAIN.get(hint, {}))


def _composite(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for member in dataclasses.fields(kind):
        source, hint = named(hints[member.name], member.name)
        optional, plain = is_optional(hint)
        properties[source] = schema(plain)
        if not optional and member.default is member.default_factory is dataclasses.MISSING:
            required.append(source)
    return {"type": "object", "properties": properties, "required": required}
