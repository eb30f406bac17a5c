"""What makes two deliveries the same effect: a turn's identities, and the fingerprint of what it asks for."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..documents.cache import Cache
from ..problems import once as problems
from ..request import Context, Request
from . import Once
from .key_values import as_key, written

UNNAMED_SECONDS = 10.0
"""How long the same words are the same turn where Dialogflow names the turn by no `responseId`."""

SHORTEST_KEEP = 10.0

LONGEST_KEEP = 30 * 86_400.0
"""Seconds, as for the setting `WEBHOOK_ONCE_KEEP`."""

_unnamed_effects = Cache(entries=1000)
_naming = threading.Lock()
"""Two deliveries at the same moment get the same key: without a record nothing else makes them."""


@dataclass(frozen=True)
class Identity:
    """One of the things by which an effect is known again.

    `id` names its record, `keep_seconds` tells how long after its commit it counts (None: the setting decides).
    `apart` is the identity to take where the record is of another request; None where that is a mistake.
    """

    id: str
    fingerprint: str
    keep_seconds: float | None
    apart: Identity | None = None


@dataclass(frozen=True)
class Turn:
    """One turn of one handler. `effect` is its idempotency key; `key` is what `@once(key=...)` adds."""

    handler: str
    effect: str
    identity: Identity
    key: Identity | None

    @property
    def identities(self) -> tuple[Identity, ...]:
        """By what the effect is known again, in the order in which an answer from before is looked for."""
        return (self.identity, self.key) if self.key else (self.identity,)


class Keys:
    """Makes the identities of one handler's turns. Raises `SetupError` for a mark that cannot protect anything."""

    def __init__(
        self,
        mark: Once,
        function: Callable[..., Any],
        name: str,
        contexts: frozenset[str],
        kept: Mapping[str, str] | None = None,
    ) -> None:
        """`kept` maps arguments that a context may hold to the parameters that they come from otherwise."""
        self._mark = mark
        self._handler = name
        self._contexts = contexts
        self._kept = kept or {}
        _check_times(mark, function)
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
        """Return the turn that a request is, or None where the handler's own key function says there is none.

        Raises the 500 `Problem` `bad-once-key` for a key that would be another one in the next delivery.
        """
        key = self._key(arguments)
        if key is None:
            return None
        # What a turn asks for, as the handler reads it: contexts live on between turns, and are no part of it.
        asked = self._without_contexts(request, arguments) if self._names else request.parameters
        identity = self._identity(request, [request.intent, request.tag, request.event, asked, request.query_text])
        by_key = None
        if key != ():  # the same effect whatever leads to it: intents, tags and events are the turn's
            by_key = Identity(self._id(request, key), _digest(asked), self._mark.window)
        return Turn(self._handler, self._effect(request, identity, key), identity, by_key)

    def _without_contexts(self, request: Request, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in arguments.items()
            if name not in self._contexts
            and not isinstance(value, Request | Context)
            and (name not in self._kept or self._kept[name] in request.parameters)
        }

    def _key(self, arguments: Mapping[str, Any]) -> Any:
        """Return what `key=` makes of the arguments; () for nothing, None for a turn that needs no protection."""
        chosen = {name: arguments[name] for name in self._names}
        if callable(self._mark.key):
            made = self._mark.key(**chosen)
            return None if made is None else as_key(made, self._handler)
        if any(value is None or value == "" for value in chosen.values()):
            return ()
        return as_key(chosen, self._handler) if chosen else ()

    def _identity(self, request: Request, asked: list[Any]) -> Identity:
        fingerprint = _digest(asked)
        if not request.response_id:
            return Identity(self._id(request, ["words", asked]), fingerprint, UNNAMED_SECONDS)
        named = self._id(request, ["response", request.response_id])
        keep = self._mark.keep_seconds
        # One turn can reach a handler again with other values: by a follow-up event, or in several fulfillments of CX.
        return Identity(named, fingerprint, keep, Identity(_digest([named, fingerprint]), fingerprint, keep))

    def _effect(self, request: Request, identity: Identity, key: Any) -> str:
        if request.response_id:
            return _digest(["effect", identity.id, identity.fingerprint, key])
        # Such a turn has no name: the same words in a while are another effect, and need another key.
        with _naming:
            effect: str | None = _unnamed_effects.get(identity.id)
            if effect is None:
                effect = os.urandom(20).hex()
                _unnamed_effects.put(identity.id, effect, UNNAMED_SECONDS)
        return effect

    def _id(self, request: Request, what: Any) -> str:
        # With the dialect: the stored reply is encoded in it, and a call without a session has only the key.
        return _digest([self._handler, request.dialect, request.session.name, what])


def _check_times(mark: Once, function: Callable[..., Any]) -> None:
    if bool(mark.key) != (mark.window is not None):
        raise problems.key_without_window(function) if mark.key else problems.window_without_key(function)
    if mark.window is not None and not (_is_number(mark.window) and 0 < mark.window <= LONGEST_KEEP):
        expected = f"a number of seconds over 0, at most {LONGEST_KEEP:.0f}"
        raise problems.bad_seconds(function, "window", mark.window, expected)
    if mark.keep_seconds is not None and not (
        _is_number(mark.keep_seconds) and SHORTEST_KEEP <= mark.keep_seconds <= LONGEST_KEEP
    ):
        expected = f"{SHORTEST_KEEP:g} seconds or more, as repetitions take a while, at most {LONGEST_KEEP:.0f}"
        raise problems.bad_seconds(function, "keep_seconds", mark.keep_seconds, expected)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=written, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:40]
