"""What Dialogflow ES does around a webhook call and CX leaves to the webhook: follow-up events, counted misses."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...messages import Message
from ...pages import FormParameter, SessionParameters, TargetFlow, TargetPage
from ...parts import Part
from ...problems import replies as problems
from ...reply import FollowUp, Reply
from ...request import Context, Request
from ...routing.handler import Handler
from ...routing.routes import Routes
from ...settings import Settings
from .. import Step
from .request import MISSES

log = logging.getLogger(__name__)

MOST_LINKS = 3
"""Follow-up events in one turn: what Dialogflow ES allows (docs/protocol.md 5.3)."""


@dataclass(frozen=True, slots=True)
class _Link(Step):
    """A step of a chain of follow-up events.

    `said` is what earlier handlers have said, `events` are those that led here with their parameters, and `last` is
    what the turn's reply ends with.
    """

    said: tuple[Part, ...] = ()
    events: tuple[tuple[str, str], ...] = ()
    last: tuple[Part, ...] = ()


def seconds(request: Request, settings: Settings) -> float:
    """Return how long CX waits for an answer, as the setting says: its webhook resource decides."""
    return settings.cx_deadline


def first(routes: Routes, request: Request) -> Step:
    """Return the handler of a request, which also learns how often the user has been misunderstood by now.

    Raises the 404 `Problem` `no-handler`.
    """
    handler = routes.find(request)
    missed = handler.is_fallback or request.is_fallback
    stored = int(request.misses) - request.is_fallback
    request = replace(request, is_fallback=missed, misses=stored + missed)
    counted = (SessionParameters({MISSES: request.misses if missed else None}),) if missed or stored else ()
    return _Link(handler, request, last=counted)


def after(step: _Link, reply: Reply, routes: Routes) -> Step | Reply:
    """Return the handler of the follow-up event in a reply, or what all handlers of the turn have said as one reply.

    Raises 404 `no-handler` for an event nobody handles, and 500 `follow-up-loop`.
    """
    event = reply.find(FollowUp)
    if event is None:
        return _joined([*step.said, *reply.parts, *step.last]) if step.said or step.last else reply
    link = (event.name.lower(), json.dumps(dict(event.parameters), sort_keys=True, default=str))
    if link in step.events or len(step.events) == MOST_LINKS:
        raise problems.follow_up_loop([*(name for name, _ in step.events), link[0]], MOST_LINKS)
    following = routes.for_event(event.name)
    if following is None:
        raise problems.follow_up_unhandled(event.name, routes.events)
    said = [*step.said, *_kept(reply, step.handler.name, event.name)]
    if following is step.handler:
        said += _asked_again(step.request, event.parameters)
    request = _event_request(step.request, event, reply, following)
    return _Link(following, request, tuple(said), (*step.events, link), step.last)


def _kept(reply: Reply, handler: str, event: str) -> list[Part]:
    if reply.messages:
        log.warning(problems.follow_up_drops_messages(handler, event))
    return [part for part in reply.parts if not isinstance(part, Message | FollowUp | TargetPage | TargetFlow)]


def _asked_again(request: Request, good: Mapping[str, Any]) -> list[Part]:
    """Return what makes the page's form do as slot filling does when an intent is started over with the good values.

    Values that the event does not carry are asked for again, and the form's page stays the current one.
    """
    page = request.page
    if page is None or not page.form:
        return []
    parts: list[Part] = []
    for name, parameter in page.form.items():
        value = good.get(name)
        if value is None or value == "":
            if parameter.value is not None:
                parts.append(FormParameter.invalid(name))
        elif value != parameter.value:
            parts.append(FormParameter(name, value=value))
    if parts and page.name:
        parts.append(TargetPage(page.name))
    return parts


def _event_request(request: Request, event: FollowUp, reply: Reply, following: Handler) -> Request:
    """Return what ES would send next: the event's parameters, and a context of the event's name that holds them."""
    contexts = dict(request.contexts)
    for name, context in reply.contexts.items():
        contexts.pop(name.lower(), None)
        if context.lifespan:
            contexts[name.lower()] = context
    contexts[event.name.lower()] = Context(event.name.lower(), 0, event.parameters)
    asked = [name for name, part in request.page.form.items() if part.required] if request.page else []
    asked += [
        argument.source
        for argument in following.signature.arguments
        if argument.required and not argument.is_context and contexts.keys().isdisjoint(argument.contexts)
    ]
    waiting = [name for name in asked if event.parameters.get(name) in (None, "")] if following.slot_filling else []
    return replace(
        request,
        event=event.name,
        input_kind="event",
        query_text=event.name,
        is_fallback=False,
        parameters=event.parameters,
        contexts=contexts,
        all_required_params_present=not waiting,
        asked_parameter=waiting[0] if waiting else "",
    )


def _joined(parts: list[Part]) -> Reply:
    """Return the parts as one reply; of several targets the last one counts."""
    targets = [part for part in parts if isinstance(part, TargetPage | TargetFlow)]
    joined = Reply.keep()
    joined.parts = tuple(part for part in parts if part not in targets[:-1] or part is targets[-1])
    return joined
