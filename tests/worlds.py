"""One conversation in each dialect: what the user says is the same, and so must be what the user reads.

What a dialect says otherwise stands in `fulfillment.dialects.conversions`: cards and quick replies are richContent on
CX, follow-up events run in the same call there, session entities cannot be said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fulfillment import Webhook
from tests.conversations import ask, cx_request, es_request, filled, v1_request, words_of

WORLDS = ("es", "cx", "v1")


class World:
    """A conversation with the shop in one dialect: keeps what the agent would keep from turn to turn."""

    def __init__(self, dialect: str, shop: Webhook) -> None:
        self.dialect = dialect
        self._shop = shop
        self._contexts: dict[str, dict[str, Any]] = {}
        self._session: dict[str, Any] = {}
        self._misses = 0
        self.reply: dict[str, Any] = {}

    def say(self, intent: str, language: str = "en", missed: bool = False, **parameters: Any) -> list[str]:
        """Let the user say something that matches `intent`; return the words of the answer."""
        self._misses = self._misses + 1 if missed else 0
        if self.dialect == "cx":
            self._session.update(parameters)
            event = {"triggerEvent": "sys.no-match-default"} if missed else {}
            form = filled(**parameters) if intent == "book_table" else ()
            body = cx_request(intent, self._session, form=form, languageCode=language, **event)
        else:
            body = self._flat(intent, parameters, language)
        self._answer(body)
        while event_name := self._followed_up():
            name, data = event_name
            self._answer(self._flat(name, data, language, event=name))
        return words_of(self.reply)

    def remember(self, context: str, **parameters: Any) -> None:
        """Let an earlier turn have left a context."""
        if self.dialect == "cx":
            self._session[context] = parameters
        else:
            self._contexts[context] = {"parameters": parameters, "lifespanCount": 4, "lifespan": 4}

    def _flat(self, intent: str, parameters: Mapping[str, Any], language: str, event: str = "") -> dict[str, Any]:
        contexts = [{"name": name, **context} for name, context in self._contexts.items()]
        if self._misses:
            contexts.append({"name": "__system_counters__", "parameters": {"no-match": self._misses}})
        if event:
            contexts.append({"name": event, "parameters": parameters})
        if self.dialect == "v1":
            return v1_request(intent, parameters, contexts=contexts, language=language)
        return es_request(intent, parameters, contexts=contexts, language=language)

    def _answer(self, body: dict[str, Any]) -> None:
        status, self.reply = ask(self._shop, body)
        assert status == 200, self.reply
        for name, value in self.reply.get("sessionInfo", {}).get("parameters", {}).items():
            if value is None:
                self._session.pop(name, None)
            else:
                self._session[name] = value
        for context in self.reply.get("outputContexts", self.reply.get("contextOut", [])):
            name = context["name"].rpartition("/")[2]
            if context.get("lifespanCount", context.get("lifespan", 0)):
                self._contexts[name] = {"parameters": context.get("parameters", {}), "lifespanCount": 1, "lifespan": 1}
            else:
                self._contexts.pop(name, None)

    def _followed_up(self) -> tuple[str, dict[str, Any]] | None:
        event = self.reply.get("followupEventInput", self.reply.get("followupEvent"))
        return (event["name"], event.get("parameters", event.get("data", {}))) if event else None
