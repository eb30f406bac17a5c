"""What a handler may read of a webhook call, whatever the dialect: `Request`, `Context`, `Session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .parts import Part

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from .assistant import Assistant
    from .pages import LanguageInfo, Page

CONTEXT_LIFESPAN = 5
"""Turns that a context lives unless told otherwise: the Dialogflow console's own default."""


@dataclass(frozen=True)
class Context(Part):
    """A Dialogflow context: read from `request.contexts`, or set by putting one into a `Reply`.

    `name` is the bare context id; Dialogflow compares ids without regard to case, and so does the kit.
    `lifespan` counts turns; 0 in a reply deletes the context. `parameters` are JSON values; of a context that was read,
    a whole number is an `int` (Dialogflow sends 42 as 42.0).

    A value in a context does not prove that the context's own intent set it: Dialogflow merges the current intent's
    parameters into every active context.
    """

    name: str
    lifespan: int = CONTEXT_LIFESPAN
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def received(cls, name: str, lifespan: int, parameters: Mapping[str, Any]) -> Context:
        """Return a context that a dialect has decoded: its members fit, so they are not checked again."""
        context = object.__new__(cls)
        context.__dict__.update(name=name, lifespan=lifespan, parameters=parameters)
        return context

    @classmethod
    def of(cls, value: DataclassInstance, *, name: str = "", lifespan: int = CONTEXT_LIFESPAN) -> Context:
        """Return the context that holds a dataclass instance: what `Reply("...", value)` makes of it.

        Without a `name` it is the class's, in small letters: `NumberGame` is kept in `number_game`. An argument
        `game: NumberGame` reads it again. Raises `TypeError` for a member that could not be read back.
        """
        from .state import context_name, parameters_of

        return cls(name or context_name(type(value)), lifespan, parameters_of(value))

    @classmethod
    def delete(cls, name: str | type) -> Context:
        """Return the part of a reply that ends context `name` now, or the context of a dataclass."""
        if isinstance(name, type):
            from .state import context_name

            name = context_name(name)
        return cls(name, lifespan=0)

    def get(self, parameter: str, default: Any = None) -> Any:
        """Return the parameter's value, or `default` where it is absent or `""` (Dialogflow's "not given")."""
        value = self.parameters.get(parameter)
        return default if value is None or value == "" else value

    def original(self, parameter: str) -> Any:
        """Return the user's own words for `parameter`: a string, a list for list parameters, or None."""
        return self.get(f"{parameter}.original")


@dataclass(frozen=True)
class Session:
    """The conversation. `name` is the full resource name and prefix of all context names; it may be empty in tests.

    `environment` is "" for the draft agent, `user` "" for `-`, `location` "" for the global region. `agent` is CX's.
    """

    name: str = ""
    id: str = ""
    project: str = ""
    location: str = ""
    environment: str = ""
    user: str = ""
    agent: str = ""

    @classmethod
    def named(cls, name: str) -> Session:
        """Take a session name apart, read from its tail: environments and locations shift every position.

        A bare id, as test fixtures have it, is its own name.
        """
        parts = name.split("/")
        values: dict[str, str] = {}
        at = 0
        while at < len(parts) - 1:
            if parts[at] == "agent":  # stands alone; every other kind has its value behind it
                at += 1
                continue
            values[parts[at]] = parts[at + 1]
            at += 2
        location, environment, user = (values.get(part, "") for part in ("locations", "environments", "users"))
        return cls(
            name=name,
            id=name.rpartition("/sessions/")[2].partition("/")[0],
            project=values.get("projects", ""),
            location="" if location == "global" else location,
            environment="" if environment in ("-", "draft") else environment,
            user="" if user == "-" else user,
            agent=values.get("agents", ""),
        )


@dataclass(frozen=True)
class Sentiment:
    """Of the user's words: `score` from -1 to 1, `magnitude` from 0; `error` says why the analysis failed."""

    score: float = 0.0
    magnitude: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class KnowledgeAnswer:
    """One answer of a knowledge connector (v2beta1); `confidence` from 0 to 1, `level` LOW, MEDIUM or HIGH."""

    answer: str
    question: str = ""
    source: str = ""
    confidence: float = 0.0
    level: str = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One turn of a conversation.

    `intent` is the display name ("" when nothing matched), `intent_name` its resource name or id.
    `parameters` hold JSON values as Dialogflow sent them (a number may be 3 or 3.0); `""` means "not given". In
    contexts, session parameters and forms a whole number is an `int`.
    `contexts` is keyed by lower-case context id. `language` is as sent: compare without regard to case.
    `channel` ("facebook", "line", "google", "" for the API and Messenger), `user_id` and `payload` come from the
    integration or an API caller, who controls them wholly: they are no proof of identity.
    `body` is the whole decoded JSON, `raw` the bytes it came from.

    Of CX: `parameters` are those of the current page's form, the session and the last matched intent, in this order of
    precedence; `tag` is the fulfillment's; `page`, `session_parameters` and `language_info` are as sent. `input_kind`
    is "text", "transcript", "event", "intent", "dtmf", or "" when a transition led here; `query_text` holds text,
    transcript or digits, and `dtmf_digits` the digits again. `fulfillment_messages` are the agent's messages so far.

    Of CX flexible webhooks: `method`, `path` and `query` (the URL's); `parameters` are the query's and the body's.
    """

    dialect: str = "es"
    response_id: str = ""
    session: Session = field(default_factory=Session)
    intent: str = ""
    intent_name: str = ""
    action: str = ""
    event: str = ""
    tag: str = ""
    is_fallback: bool = False
    end_interaction: bool = False
    live_agent_handoff: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    contexts: Mapping[str, Context] = field(default_factory=dict)
    query_text: str = ""
    language: str = ""
    speech_confidence: float = 0.0
    intent_confidence: float = 0.0
    all_required_params_present: bool = False
    cancels_slot_filling: bool = False
    asked_parameter: str = ""
    fulfillment_text: str = ""
    fulfillment_messages: Sequence[Mapping[str, Any]] = ()
    webhook_source: str = ""
    webhook_payload: Mapping[str, Any] = field(default_factory=dict)
    sentiment: Sentiment | None = None
    alternatives: Sequence[Mapping[str, Any]] = ()
    knowledge_answers: Sequence[KnowledgeAnswer] = ()
    misses: int = 0
    page: Page | None = None
    session_parameters: Mapping[str, Any] = field(default_factory=dict)
    original_values: Mapping[str, Any] = field(default_factory=dict)
    input_kind: str = ""
    trigger_intent: str = ""
    dtmf_digits: str = ""
    language_info: LanguageInfo | None = None
    method: str = "POST"
    path: str = "/"
    query: Mapping[str, Any] = field(default_factory=dict)
    channel: str = ""
    channel_version: str = ""
    user_id: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes = b""

    @classmethod
    def received(cls, members: Mapping[str, Any]) -> Request:
        """Return a request of the members that a dialect has decoded; a frozen dataclass's own way is slow."""
        request = object.__new__(cls)
        request.__dict__.update(_DEFAULTS)
        request.__dict__.update(members)
        return request

    @property
    def slot_filling(self) -> bool:
        """Whether Dialogflow is still asking for parameters; `asked_parameter` names the one asked for now."""
        return not self.all_required_params_present

    @cached_property
    def assistant(self) -> Assistant:
        """What Actions on Google says of the user, their device and what they chose; empty on other channels."""
        from .assistant import read  # only the few agents that still stand on the Assistant load it

        return read(self.payload if self.channel == "google" else {}, self.channel_version)

    @property
    def parent_intent(self) -> str:
        """For a follow-up intent ("order - yes") the parent's display name ("order"), else ""."""
        parent, separator, _ = self.intent.rpartition(" - ")
        return parent if separator else ""

    @property
    def followup_context(self) -> Context | None:
        """The parent's `-followup` context, which holds the parent's parameters.

        Dialogflow makes its name from the parent's display name: lower case, unusual characters dropped.
        """
        plain = "".join(letter for letter in self.parent_intent.lower() if letter.isalnum() or letter in "_-")
        named = self.contexts.get(f"{plain}-followup")
        if named is not None or not self.parent_intent:
            return named
        others = [context for name, context in self.contexts.items() if name.endswith("-followup")]
        return others[0] if len(others) == 1 else None

    def context(self, name: str) -> Context | None:
        """Return the active context of that name, in any case, or None."""
        return self.contexts.get(name.lower())

    def original(self, parameter: str) -> Any:
        """Return the user's own words for a parameter of this intent: a string, a list, or None."""
        if self.original_values:
            return self.original_values.get(parameter)
        for context in self.contexts.values():
            words = context.original(parameter)
            if words is not None:
                return words
        return None


# Shared by all requests, so that nothing written into one shows up in another.
_DEFAULTS = {
    name: MappingProxyType(default) if isinstance(default, dict) else default
    for name, default in vars(Request()).items()
}
