"""What came back from one turn, read the same way in every dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..dialects.cx.request import MISSES
from ..pages import FormParameter
from ..request import CONTEXT_LIFESPAN, Context


@dataclass(frozen=True)
class Turn:
    """What came back: HTTP status and JSON, and the parts of a reply that tests ask for most.

    `before` are the turns whose follow-up events led here (ES and v1), the first one first.
    """

    status: int
    body: Any
    dialect: str = "es"
    before: tuple[Turn, ...] = ()

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages as sent, for example `{"card": {...}}` on ES."""
        if self.dialect == "cx":
            return self._list("messages", self._object("fulfillmentResponse"))
        return self._list("messages" if self.dialect == "v1" else "fulfillmentMessages")

    @property
    def text(self) -> str:
        """The words that every channel shows, first variants only, joined by newlines."""
        return "\n".join(words for message in self.messages if _for_all(message) for words in _texts(message))

    @property
    def words(self) -> list[str]:
        """All that a user reads, in order: texts, titles, buttons and suggestions."""
        return [words for message in self.messages if _for_all(message) for words in _words(message)]

    @property
    def contexts(self) -> dict[str, Context]:
        """The contexts set or (lifespan 0) deleted, by bare name; in a chain of follow-up events by all of it.

        On CX: session parameters that hold an object, or are deleted.
        """
        found: dict[str, Context] = {}
        for turn in (*self.before, self):
            found |= turn._contexts()
        return found

    @property
    def session_parameters(self) -> dict[str, Any]:
        """The session parameters that the reply sets, or deletes (None). CX only."""
        return dict(self._object("sessionInfo").get("parameters", {}))

    @property
    def form(self) -> dict[str, FormParameter]:
        """The form parameters that the reply changes, by name. CX only."""
        entries = self._object("pageInfo").get("formInfo", {}).get("parameterInfo", [])
        return {
            entry["displayName"]: FormParameter(
                entry["displayName"], entry.get("value"), entry.get("required"), entry.get("state", "")
            )
            for entry in entries
        }

    @property
    def target_page(self) -> str:
        """The resource name of the page that the reply goes to, or "". CX only."""
        return str(self._member("targetPage", ""))

    @property
    def target_flow(self) -> str:
        """The resource name of the flow that the reply goes to, or "". CX only."""
        return str(self._member("targetFlow", ""))

    @property
    def payload(self) -> dict[str, Any]:
        """Custom JSON by its keys (`turn.payload["facebook"]`), whether a message or the whole reply carries it."""
        found: dict[str, Any] = {}
        for message in self.messages:
            found |= message.get("payload", {})
        return found | self._object("data" if self.dialect == "v1" else "payload")

    @property
    def rich_content(self) -> list[dict[str, Any]]:
        """The elements that Dialogflow Messenger draws, of all cards, in order."""
        payloads = [message.get("payload", {}) for message in self.messages]
        if self.dialect == "v1":
            payloads.append(self._object("data"))
        return [element for payload in payloads for element in _elements(payload)]

    @property
    def follow_up(self) -> str:
        """The name of the follow-up event, or ""; of a chain, the first one."""
        return str(self._follow_up().get("name", ""))

    @property
    def follow_up_parameters(self) -> dict[str, Any]:
        """The parameters of the follow-up event."""
        event = self._follow_up()
        return dict(event.get("parameters", event.get("data", {})))

    @property
    def handed_off(self) -> bool:
        """Whether the reply hands the conversation to a person."""
        return self._member("liveAgentHandoff", False) is True or any("liveAgentHandoff" in m for m in self.messages)

    @property
    def ended(self) -> bool:
        """Whether the reply ends the conversation."""
        google = self._object("data").get("google", {}) if self.dialect == "v1" else {}
        return (
            self._member("endInteraction", False) is True
            or self.target_page.endswith("/END_SESSION")
            or google.get("expectUserResponse") is False
        )

    @property
    def kept(self) -> bool:
        """Whether the agent's own response was kept."""
        return self.status == 200 and self.body == {}

    @property
    def cause(self) -> str:
        """The named cause of a status other than 200, for example "no-handler"."""
        return str(self._object("error").get("cause", ""))

    def _contexts(self) -> dict[str, Context]:
        if self.dialect == "cx":
            return {
                name: Context(name, 0 if value is None else CONTEXT_LIFESPAN, value or {})
                for name, value in self.session_parameters.items()
                if (value is None or isinstance(value, dict)) and name != MISSES
            }
        member, lifespan = ("contextOut", "lifespan") if self.dialect == "v1" else ("outputContexts", "lifespanCount")
        return {
            name: Context(name, context.get(lifespan, 0), context.get("parameters", {}))
            for context in self._list(member)
            for name in [context["name"].rpartition("/contexts/")[2]]
        }

    def _follow_up(self) -> dict[str, Any]:
        first = self.before[0] if self.before else self
        return first._object("followupEvent" if self.dialect == "v1" else "followupEventInput")

    def _member(self, name: str, default: Any) -> Any:
        return self.body.get(name, default) if isinstance(self.body, dict) else default

    def _object(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._member(name, {})
        return found

    def _list(self, name: str, parent: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._member(name, []) if parent is None else parent.get(name, [])
        return found


def _for_all(message: Mapping[str, Any]) -> bool:
    return not any(member in message for member in ("platform", "channel"))


def _texts(message: Mapping[str, Any]) -> list[str]:
    if "text" in message:
        return list(message["text"]["text"][:1])
    if message.get("type") == 0:
        speech = message["speech"]
        return [speech] if isinstance(speech, str) else list(speech[:1])
    return []


def _words(message: Mapping[str, Any]) -> list[str]:
    if texts := _texts(message):
        return texts
    if "card" in message or message.get("type") == 1:
        card = message.get("card", message)
        return [card["title"], *(button["text"] for button in card.get("buttons", []))]
    if "quickReplies" in message or message.get("type") == 2:
        replies = message.get("quickReplies", message)
        return [replies["title"], *replies.get("quickReplies", replies.get("replies", []))]
    found: list[str] = []
    for element in _elements(message.get("payload", {})):
        found += [element[name] for name in ("title", "text") if isinstance(element.get(name), str)]
        found += [option["text"] for option in element.get("options", [])]
    return found


def _elements(payload: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for card in payload.get("richContent", []):
        yield from card
