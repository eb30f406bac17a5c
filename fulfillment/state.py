"""A dataclass as a context: how a handler keeps what it needs from turn to turn.

`game: Game` reads it, `Reply("...", game)` writes it: a context on ES and v1, a session parameter on CX, named after
the class. Values that JSON does not know are written so that they read back equal: dates and times as ISO 8601 text,
an enum as its value, a dataclass inside as an object.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import re
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from .routing.argument_types import named

_MOST = 2**53
"""Up to here a double holds every whole number."""

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def is_state(value: object) -> bool:
    """Return whether this is an instance of a user's dataclass; the kit's own ones are parts of a reply, or nothing."""
    kind = type(value)
    return dataclasses.is_dataclass(kind) and kind.__module__.partition(".")[0] != __package__


def context_name(kind: type) -> str:
    """Return the name of the context that holds a dataclass: `NumberGame` is kept in `number_game`."""
    return _WORD_START.sub("_", kind.__name__).lower()


def parameters_of(value: Any) -> dict[str, Any]:
    """Return the members of a dataclass instance as JSON values, under the names that reading them looks for.

    Raises `TypeError`, naming the member, for a value that could not be read back.
    """
    kind: Any = type(value)
    return {source: _json(getattr(value, name), f"{kind.__name__}.{name}") for name, source in _names(kind)}


@cache
def _names(kind: Any) -> list[tuple[str, str]]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return [(field.name, named(hints[field.name], field.name)[0]) for field in dataclasses.fields(kind) if field.init]


def _json(value: Any, member: str) -> Any:
    if isinstance(value, enum.Enum):  # before text and numbers: an enum may be one of them
        return _json(value.value, member)
    if isinstance(value, int) and abs(value) > _MOST:
        raise TypeError(
            f"{member} is a whole number beyond {_MOST}: Dialogflow keeps numbers as doubles, and would give back "
            "another one. Make the member a str."
        )
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_json(item, member) for item in value]
    if isinstance(value, Mapping):
        if all(isinstance(name, str) for name in value):
            return {name: _json(item, f"{member}[{name!r:.40}]") for name, item in value.items()}
        raise TypeError(f"{member} has a name that is no text; JSON objects have text for names. Use a list of pairs.")
    if dataclasses.is_dataclass(type(value)):
        return parameters_of(value)
    raise TypeError(
        f"{member} is {type(value).__name__}, which a context cannot hold; expected str, int, float, bool, None, date, "
        "time, datetime, an Enum, a dataclass, or a list or dictionary of these."
    )
