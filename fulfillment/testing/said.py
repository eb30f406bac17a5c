"""What a user does in one turn, before any dialect has written it down, and values as Dialogflow writes them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..pages import FormParameter

MINUTES_OF_CONTEXTS = 20
"""A context dies so long after the last match, whatever its lifespan (docs/protocol.md 3.1)."""

MINUTES_OF_SESSION = 30
"""A CX session is forgotten so long after the last turn."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One turn of the user: a matched `intent`, or an `event`."""

    intent: str = ""
    event: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    text: str = ""
    fallback: bool = False
    misses: int = 0
    slot_filling: bool = False
    asked: str = ""
    action: str = ""
    tag: str | None = None
    page: str = ""
    flow: str = ""
    transcript: str = ""
    dtmf: str = ""
    language: str = "en"
    original: Mapping[str, Any] = field(default_factory=dict)
    idle_minutes: float = 0
    links: bool = False
    """Whether a follow-up event led here: then this is the same turn of the user still."""


def as_double(value: Any) -> Any:
    """Return a JSON value with its numbers as Dialogflow keeps them: doubles, 42 is 42.0."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, Mapping):
        return {name: as_double(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_double(inner) for inner in value]
    return value


def as_cx(value: Any) -> Any:
    """Return a value of a session parameter: doubles, and dates and times as CX's objects."""
    parts: dict[str, Any] = {}
    if isinstance(value, datetime.date):
        parts |= {"year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, datetime.datetime | datetime.time):
        parts |= {"hours": value.hour, "minutes": value.minute, "seconds": value.second, "nanos": 0}
    if isinstance(value, Mapping):
        return {name: as_cx(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_cx(inner) for inner in value]
    return as_double(parts or value)


def value_of(entry: Any) -> Any:
    """Return the value of a form's entry: a plain value, or a `FormParameter`."""
    return entry.value if isinstance(entry, FormParameter) else entry


def words_for(value: Any) -> Any:
    """Return the user's own words for a value, as `<parameter>.original` has them: text, a list for a list."""
    return [words_for(item) for item in value] if isinstance(value, list | tuple) else f"{value}"
