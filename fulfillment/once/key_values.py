"""Values of a key: only such as are written the same way in every process and at every delivery."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..problems import once as problems
from ..request import Context, Request

_PLAIN = (str, int, float, bool, type(None))
_ADDRESS = " at 0x"


def as_key(value: Any, handler: str) -> Any:
    """Return a key's value. Raises the 500 `Problem` `bad-once-key` for one that changes although nothing did."""
    if found := _unstable(value):
        raise problems.bad_once_key(handler, found)
    return value


def _unstable(value: Any) -> str:
    """Return what is wrong with a value, "" for nothing."""
    if isinstance(value, _PLAIN):
        return ""
    if isinstance(value, Context | Request):
        return f"a {type(value).__name__}, which changes from turn to turn; take out what matters"
    if isinstance(value, set | frozenset):
        return "a set, whose order differs between processes; use sorted(...)"
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            return "a dictionary with names that are no text"
        return _first(value.values())
    if isinstance(value, list | tuple):
        return _first(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _first(getattr(value, field.name) for field in dataclasses.fields(value))
    if _ADDRESS in repr(value):
        return f"a {type(value).__name__}, which says nothing of itself but its address in memory"
    return ""


def written(value: Any) -> Any:
    """Return what stands for a value that JSON does not know, the same in every process.

    A dataclass by its members: its own `repr` may leave some out, or be that of every object, its address.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return [type(value).__qualname__, members]
    return dict(value) if isinstance(value, Mapping) else repr(value)


def _first(values: Any) -> str:
    return next((found for found in map(_unstable, values) if found), "")
