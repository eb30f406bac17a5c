"""What makes two deliveries the same turn: the key of a turn, and the fingerprint of what it asks for."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..problems import once as problems
from ..request import Context, Request
from . import Once

WINDOW_SECONDS = 60.0
"""How long the same words are the same turn where Dialogflow names the turn by no `responseId`."""


@dataclass(frozen=True)
class Turn:
    """One turn of one handler. `id` names its record, `keep_seconds` is None where the setting decides."""

    id: str
    handler: str
    fingerprint: str
    keep_seconds: float | None


class Keys:
    """Makes the keys of one handler. Raises `SetupError` for a key that its arguments cannot give."""

    def __init__(self, mark: Once, function: Callable[..., Any], name: str, contexts: frozenset[str]) -> None:
        self._mark = mark
        self._handler = name
        known = inspect.signature(function).parameters
        if callable(mark.key):
            self._names = tuple(inspect.signature(mark.key).parameters)
        else:
            self._names = mark.key
            if unstable := contexts.intersection(self._names):
                raise problems.context_as_key(function, min(unstable))
        for wanted in self._names:
            if wanted not in known:
                raise problems.unknown_key(function, wanted, list(known))

    def turn(self, request: Request, arguments: Mapping[str, Any]) -> Turn | None:
        """Return the turn that a request is, or None where the handler's own key function says there is none."""
        chosen = {name: arguments[name] for name in self._names}
        key: Any = ()
        if callable(self._mark.key):
            key = self._mark.key(**chosen)
            if key is None:
                return None
        elif chosen and not any(value is None or value == "" for value in chosen.values()):
            key = chosen
        return self._turn_of(key, request, arguments)

    def _turn_of(self, key: Any, request: Request, arguments: Mapping[str, Any]) -> Turn:
        # What a turn asks for, as the handler reads it: contexts live on between turns, and are no part of it.
        asked: list[Any] = [request.intent, request.tag, request.event]
        asked.append(
            {name: value for name, value in arguments.items() if not isinstance(value, Request | Context)}
            if self._names
            else request.parameters
        )
        keep = self._mark.keep_seconds
        if key == ():
            asked.append(request.query_text)
            key = ["response", request.response_id] if request.response_id else ["words", asked]
            keep = keep if request.response_id else WINDOW_SECONDS
        # With the dialect: the stored reply is encoded in it, and a call without a session has only the key.
        place = [self._handler, request.dialect, request.session.name, key]
        return Turn(_digest(place), self._handler, _digest(asked), keep)


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=repr, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:40]
