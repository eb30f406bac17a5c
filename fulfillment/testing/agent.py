"""`Agent`: a conversation with your handlers, as Dialogflow would hold it, in each of its dialects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from .. import json_text
from ..call import Call
from ..pages import FormParameter, SessionParameters
from ..problems import Problem
from ..request import Context, Request
from ..routing.handler import Handler
from ..routing.routes import Routes
from ..settings import Settings
from ..webhook import Webhook
from . import channel as channels
from . import flexible
from .cx import CxConversation
from .doubts import NO, NO_NUMBER, NO_TEXT, refuse
from .flat import FlatConversation
from .judges import check_as_google_does
from .said import Said
from .turn import Turn

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MOST_LINKS = 3
"""Follow-up events that Dialogflow ES follows in one turn (docs/protocol.md 5.3)."""


class Agent:
    """A conversation with the handlers of `routes`: what the agent keeps between turns, this keeps.

    `dialect` is the wire format: contexts live on in "es" and "v1", one turn shorter each time, session parameters,
    page and form in "cx"; "flexible" has `call` alone. `channel` is the integration ("messenger", "facebook",
    "console", ...; "" is a caller of the API), and `user_id` what it says of the user. `environment` and `location` go
    into the session's name. `events` tells which intent the agent matches for an event, where no handler is marked
    with both.
    """

    def __init__(
        self,
        routes: Routes,
        *,
        dialect: Literal["es", "cx", "flexible", "v1"] = "es",
        language: str = "en",
        settings: Settings | None = None,
        environment: str = "",
        location: str = "",
        channel: str = "",
        user_id: str = "",
        events: Mapping[str, str] | None = None,
    ) -> None:
        if dialect not in ("es", "cx", "flexible", "v1"):
            raise ValueError(f"Agent(dialect={dialect!r}); expected 'es', 'cx', 'flexible' or 'v1'.")
        self.webhook = Webhook(routes, settings or Settings())
        self.dialect = dialect
        self.language = language
        self.session = channels.session_name(dialect, channel, environment, location)
        self._events = {name.lower(): intent for name, intent in (events or {}).items()}
        self._original = channels.original(channel, user_id)
        self._idle_minutes = 0.0
        self._flat = FlatConversation("v1" if dialect == "v1" else "es", self.session)
        self._cx = CxConversation(self.session)

    @property
    def contexts(self) -> dict[str, Context]:
        """The active contexts, by name, with the turns left (ES and v1)."""
        return self._flat.contexts

    @property
    def session_parameters(self) -> dict[str, Any]:
        """The session parameters (CX)."""
        return self._cx.session_parameters

    @property
    def page(self) -> str:
        """The id of the current page (CX)."""
        return self._cx.page

    @property
    def form(self) -> dict[str, FormParameter]:
        """The current page's form, by parameter name (CX)."""
        return self._cx.form

    def ask(
        self,
        intent: str = "",
        /,
        *,
        text: str = NO_TEXT,
        action: str = NO_TEXT,
        fallback: bool = NO,
        slot_filling: bool = NO,
        asked: str = NO_TEXT,
        form: Mapping[str, Any] | None = None,
        misses: int = NO_NUMBER,
        tag: str | None = None,
        page: str = NO_TEXT,
        flow: str = NO_TEXT,
        transcript: str = NO_TEXT,
        dtmf: str = NO_TEXT,
        source: str = NO_TEXT,
        payload: Mapping[str, Any] | None = None,
        follow: bool = True,
        parameters: Mapping[str, Any] | None = None,
        **more_parameters: Any,
    ) -> Turn:
        """Let the user say something that matches `intent` with these parameters; return the webhook's answer.

        A parameter that is called like one of the arguments below, or has no Python name, goes into `parameters`.
        `text` is what the user said, `fallback` says that it was not understood, `misses` for how many turns by now.
        `form` is what the agent collects over several turns, None for what is not given yet: a page's form on CX
        (values, or `FormParameter`), slot filling elsewhere. `slot_filling` and `asked` say the same without a form.
        `source` and `payload` are those of an integration.

        On CX `intent` is the fulfillment's tag too, unless `tag` is given; `page` and `flow` move the user there
        first; `transcript` and `dtmf` replace `text`. A form stays until its page is left, and parameters fill it.

        `follow` asks the handlers of follow-up events, too; `Turn.before` has the turns that led there. (On CX the
        webhook does that itself, in the same call.)

        Raises `AssertionError` for a reply that Dialogflow could not read, and for more than three follow-up events;
        `TypeError` for an argument that this dialect does not have, or that may be meant as a parameter.
        """
        options: dict[str, Any] = {
            "text": text, "action": action, "fallback": fallback, "slot_filling": slot_filling, "asked": asked,
            "form": form, "misses": misses, "tag": tag, "page": page, "flow": flow, "transcript": transcript,
            "dtmf": dtmf,
        }  # fmt: skip
        given = {**options, "source": source, "payload": payload, "follow": None if follow is True else follow}
        handler = self._handler_of(Request(intent=intent, tag=tag or "", action=action))
        refuse("ask", given, handler, self.dialect, parameters is not None)
        sent = {**(parameters or {}), **more_parameters}
        said = Said(intent=intent, parameters=sent, original=self._from(source, payload), **options)
        return self._go(said, follow)

    def event(
        self,
        name: str,
        /,
        *,
        intent: str = NO_TEXT,
        tag: str = NO_TEXT,
        page: str = NO_TEXT,
        flow: str = NO_TEXT,
        follow: bool = True,
        parameters: Mapping[str, Any] | None = None,
        **more_parameters: Any,
    ) -> Turn:
        """Let an event happen ("WELCOME", "sys.no-input-default", ...), with parameters; return the webhook's answer.

        `intent` is the one that the agent matches for it (ES and v1); without it, the one that the handler of this
        event is marked with, too. On CX `tag` is the tag of the event handler's fulfillment. Raises as `ask` does.
        """
        options: dict[str, Any] = {"tag": tag, "page": page, "flow": flow}
        handler = self._handler_of(Request(intent=intent, tag=tag, event=name))
        given = {**options, "intent": intent, "follow": None if follow is True else follow}
        refuse("event", given, handler, self.dialect, parameters is not None)
        said = Said(
            intent="" if self.dialect == "cx" else intent or self._intent_of(name),
            event=name,
            parameters={**(parameters or {}), **more_parameters},
            original=self._from(),
            **options,
        )
        return self._go(said, follow)

    def call(
        self,
        path: str,
        /,
        *,
        method: str = "",
        body: Any = None,
        parameters: Mapping[str, Any] | None = None,
        **more_parameters: Any,
    ) -> Turn:
        """Call a flexible route as a CX flexible webhook does: `agent.call("/stock", product="tea")`.

        `method` is the route's own where it has only one. Parameters go into the JSON body of POST, PUT and PATCH,
        else into the URL; None is a session parameter that is not set. `body` replaces the JSON body.
        """
        methods = self.webhook.routes.methods_at(path.partition("?")[0])
        method = method or (next(iter(methods)) if len(methods) == 1 else "POST")
        refuse("call", {"body": body}, methods.get(method), self.dialect, parameters is not None)
        given = {**(parameters or {}), **more_parameters}
        query, sent = flexible.placed(path.partition("?")[2], given, method)
        return self.send(sent if body is None else body, method=method, path=path.partition("?")[0], query=query)

    def send(
        self,
        body: Any,
        *,
        method: str = "POST",
        path: str = "/",
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Turn:
        """Send any body of any dialect, for example one from a log, and return the webhook's answer.

        `body` is what JSON can hold, or bytes. Raises `AssertionError` for a reply that Dialogflow could not read.
        """
        encoded = body if isinstance(body, bytes) else json_text.write(body)
        sent_headers = {"host": "localhost", "content-type": "application/json", **(headers or {})}
        answer = self.webhook.answer(
            Call(method=method, path=path, query=query, headers=sent_headers, body=encoded, peer="127.0.0.1")
        )
        dialect = flexible.dialect_of(encoded, self.webhook.routes, path)
        turn = Turn(answer.status, json.loads(answer.body) if answer.body else {}, dialect)
        if turn.status == 200 and dialect != "flexible":
            check_as_google_does(turn.body, self.webhook.settings.api_version, dialect)
        if dialect == self.dialect:
            (self._cx if dialect == "cx" else self._flat).learn(turn)
        return turn

    def remember(self, *kept: Context | SessionParameters | DataclassInstance) -> None:
        """Let earlier turns have left these: contexts, session parameters (CX), dataclasses that keep state."""
        for part in kept:
            if isinstance(part, SessionParameters):
                self._cx.session_parameters.update(part.parameters)
                continue
            context = part if isinstance(part, Context) else Context.of(part)
            (self._cx if self.dialect == "cx" else self._flat).remember(context)

    def wait(self, minutes: float) -> None:
        """Let time pass before the next turn: contexts die after 20 minutes, a CX session after 30."""
        self._idle_minutes += minutes

    def _go(self, said: Said, follow: bool) -> Turn:
        if self.dialect == "flexible":
            raise TypeError("A flexible webhook knows no intents and events: agent.call(path, ...) calls a route.")
        talk = self._cx if self.dialect == "cx" else self._flat
        said = replace(said, language=self.language, idle_minutes=self._idle_minutes)
        self._idle_minutes = 0.0
        before: list[Turn] = []
        turn = self.send(talk.body(said))
        while follow and turn.follow_up and (following := self.webhook.routes.for_event(turn.follow_up)):
            if len(before) == MOST_LINKS:
                chain = " -> ".join(repr(link.follow_up) for link in [*before, turn])
                raise AssertionError(f"Follow-up events {chain}: Dialogflow follows {MOST_LINKS} in one turn at most.")
            before.append(turn)
            turn = self.send(talk.body(self._next(said, turn, following)))
        return replace(turn, before=tuple(before)) if before else turn

    def _next(self, said: Said, turn: Turn, following: Handler) -> Said:
        """Return what ES makes of a follow-up event: its intent's parameters, filled with the event's by name."""
        sent = turn.follow_up_parameters
        wanted = [
            argument.source
            for argument in following.signature.arguments
            if not argument.is_context and not argument.contexts  # what is kept in a context is nothing to ask for
        ]
        missing = [name for name in wanted if sent.get(name) in (None, "")]
        waits = following.slot_filling and bool(missing)
        return Said(
            intent=self._intent_of(turn.follow_up),
            event=turn.follow_up,
            parameters={**dict.fromkeys(missing, ""), **sent},
            slot_filling=waits,
            asked=missing[0] if waits else "",
            language=said.language,
            original=said.original,
            links=True,
        )

    def _intent_of(self, event: str) -> str:
        if event.lower() in self._events:
            return self._events[event.lower()]
        handler = self.webhook.routes.for_event(event)
        marks = handler.marks if handler else ()
        return next((mark.name for mark in marks if mark.kind == "intent"), event)

    def _from(self, source: str = "", payload: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return channels.written(self._original, self.dialect, source, payload)

    def _handler_of(self, request: Request) -> Handler | None:
        with suppress(Problem):
            return self.webhook.routes.find(request)
        return None
