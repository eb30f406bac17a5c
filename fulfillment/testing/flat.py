"""A conversation as Dialogflow ES and v1 keep it: contexts that live some turns, and counted misses."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ..request import Context
from .requests import es_request, v1_request
from .said import MINUTES_OF_CONTEXTS, Said, as_double, value_of, words_for
from .turn import Turn

_DIALOG_NAME = str.maketrans(". ", "__")


class FlatConversation:
    """What the agent remembers between turns; `dialect` is "es" or "v1"."""

    def __init__(self, dialect: str, session: str) -> None:
        self.dialect = dialect
        self.session = session
        self.contexts: dict[str, Context] = {}
        self._passing: dict[str, Context] = {}
        self._misses = 0

    def body(self, said: Said) -> dict[str, Any]:
        """Return the request that this turn of the user makes."""
        given = dict(said.parameters)
        asked = said.asked
        slot_filling = bool(said.slot_filling)
        for name, entry in (said.form or {}).items():
            value = value_of(entry)
            given[name] = "" if value is None else value
            if value is None and getattr(entry, "required", True):
                slot_filling, asked = True, asked or name
        if not said.links:
            self._pass_time(said.idle_minutes)
            self._count(said)
        self.contexts = _merged(self.contexts, given)
        self._passing = _merged(self._passing, given)
        contexts = [
            *self.contexts.values(),
            *self._passing.values(),
            *self._own(said, given, asked if slot_filling else ""),
        ]
        if self.dialect == "v1":
            return self._v1(said, given, contexts, slot_filling)
        return self._es(said, given, contexts, slot_filling)

    def learn(self, turn: Turn) -> None:
        """Take over what a reply changes."""
        for name, context in turn.contexts.items():
            self._passing.pop(name, None)
            self.contexts.pop(name, None)
            if context.lifespan:
                self.contexts[name] = context

    def remember(self, context: Context) -> None:
        """Let an earlier turn have left a context."""
        name = context.name.lower()
        self.contexts[name] = Context(name, context.lifespan, context.parameters)

    def _pass_time(self, idle_minutes: float) -> None:
        # A match takes a turn of every context before the webhook sees them; one with none left is valid this once.
        aged = {
            name: Context(name, context.lifespan - 1, context.parameters)
            for name, context in self.contexts.items()
            if idle_minutes < MINUTES_OF_CONTEXTS
        }
        self.contexts = {name: context for name, context in aged.items() if context.lifespan > 0}
        self._passing = {name: context for name, context in aged.items() if context.lifespan == 0}

    def _count(self, said: Said) -> None:
        self._misses = said.misses or (self._misses + 1 if said.fallback else 0)

    def _own(self, said: Said, given: Mapping[str, Any], asked: str) -> list[Context]:
        """Return the contexts that Dialogflow itself makes for this turn."""
        made = []
        if said.event:
            made.append(Context(said.event.lower(), 0, given))
        if asked:
            dialog = said.intent.lower().translate(_DIALOG_NAME)
            made.append(Context(f"{dialog}_dialog_context", 2, given))
            made.append(Context(f"{dialog}_dialog_params_{asked.lower()}", 1, given))
        if self._misses:
            made.append(Context("__system_counters__", 1, {"no-match": self._misses}))
        return made

    def _es(self, said: Said, given: Mapping[str, Any], contexts: list[Context], slot_filling: bool) -> dict[str, Any]:
        more: dict[str, Any] = {"queryText": _words(said)}
        if said.action:
            more["action"] = said.action
        request = es_request(
            said.intent,
            given,
            contexts=[
                {"name": context.name, "parameters": as_double(context.parameters)}
                | ({"lifespanCount": context.lifespan} if context.lifespan else {})
                for context in contexts
            ],
            complete=not slot_filling,
            language=said.language,
            session=self.session,
            original=said.original,
            **more,
        )
        if said.intent:
            intent = request["queryResult"]["intent"]
            intent["name"] = f"{self.session.partition('/sessions/')[0]}/intents/{_id_of(said.intent)}"
            if said.fallback:
                intent["isFallback"] = True
        return request

    def _v1(self, said: Said, given: Mapping[str, Any], contexts: list[Context], slot_filling: bool) -> dict[str, Any]:
        request = v1_request(
            said.intent,
            given,
            contexts=[
                {"name": context.name, "parameters": as_double(context.parameters), "lifespan": context.lifespan}
                for context in contexts
            ],
            language=said.language,
            session=self.session,
            original=said.original or None,
            resolvedQuery=_words(said),
            action=said.action,
            actionIncomplete=slot_filling,
        )
        if said.fallback:
            request["result"]["metadata"]["isFallbackIntent"] = "true"
        return request


def _merged(contexts: Mapping[str, Context], given: Mapping[str, Any]) -> dict[str, Context]:
    """Return the contexts with the current intent's parameters, and the user's words for them, written into each.

    Dialogflow does so to every active context, whatever set it (docs/protocol.md 3.1).
    """
    own: dict[str, Any] = {}
    for name, value in given.items():
        own |= {name: value, f"{name}.original": "" if value is None or value == "" else words_for(value)}
    return {name: Context(name, context.lifespan, {**context.parameters, **own}) for name, context in contexts.items()}


def _words(said: Said) -> str:
    # Not the bare name of the intent: that could be the name of an event.
    return said.event or said.text or f"words for {said.intent}"


def _id_of(intent: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, intent))
