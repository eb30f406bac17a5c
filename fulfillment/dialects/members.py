"""Reading members of a JSON object that may be absent or mistyped, and building objects without empty members."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def given(**members: Any) -> dict[str, Any]:
    """Return the members whose value is not a protobuf default ("", 0, False, empty, None): those are left out."""
    return {name: value for name, value in members.items() if value}


def member(parent: Mapping[str, Any], name: str) -> Any:
    """Return a member under its JSON name or its proto name: both are legal, and Google's own samples use both."""
    value = parent.get(name)
    if value is None and parent:
        snake = _snake_names.get(name) or _snake_names.setdefault(name, _HUMP.sub("_", name).lower())
        value = parent.get(snake)
    return value


def object_in(parent: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object, empty when it is absent or something else."""
    value = member(parent, name)
    return value if isinstance(value, dict) else {}


def objects_in(parent: Mapping[str, Any], name: str) -> tuple[dict[str, Any], ...]:
    """Return the objects of a list."""
    value = member(parent, name)
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def text_in(parent: Mapping[str, Any], name: str) -> str:
    """Return a text, "" when it is absent or something else."""
    value = member(parent, name)
    return value if isinstance(value, str) else ""


def true_in(parent: Mapping[str, Any], name: str) -> bool:
    """Return whether a member is `true`; absent is false."""
    return member(parent, name) is True


def number_in(parent: Mapping[str, Any], name: str) -> float:
    """Return a number, 0 when it is absent or something else."""
    value = member(parent, name)
    return float(value) if isinstance(value, int | float) else 0.0


def whole_numbers(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with whole numbers as `int`: a context keeps 42 and Dialogflow sends 42.0.

    The same dictionary comes back where nothing is to be done, which is nearly always.
    """
    for value in values.values():
        if type(value) in _MAY_HOLD_FLOATS:
            return {name: _whole_inside(value) for name, value in values.items()}
    return values


def _whole_inside(value: Any) -> Any:
    if type(value) is float:
        return int(value) if value.is_integer() and -_EXACT <= value <= _EXACT else value
    if type(value) is dict:
        return {name: _whole_inside(inner) for name, inner in value.items()}
    if type(value) is list:
        return [_whole_inside(inner) for inner in value]
    return value


def whole(value: Any) -> int:
    """Return a whole number, 0 for anything else."""
    return int(value) if isinstance(value, int | float) else 0


_MAY_HOLD_FLOATS = frozenset((float, dict, list))
_EXACT = 2.0**53
"""Up to here a double tells every whole number from the next one."""

_HUMP = re.compile(r"(?=[A-Z])")
_snake_names: dict[str, str] = {}
