"""Wire formats: one file (or folder) knows one of them. This module tells which one a body speaks.

A turn reads forward: a dialect gives the first step, and after each reply the next one, or what is left to encode.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .. import json_text, problems
from ..call import Call
from ..reply import Reply
from ..request import Request
from ..routing.handler import Handler
from ..routing.routes import Routes
from ..settings import ASSISTANT_DEADLINE, Settings
from .remarks import Encoded


@dataclass(frozen=True, slots=True)
class Step:
    """One handler of a turn and the request that it gets; a dialect's own kind of step may know more."""

    handler: Handler
    request: Request

    def call(self) -> Any:
        """Call the handler on this thread and return what `after` takes. Raises what `Handler.call` does."""
        return self.handler.call(self.request)


class Dialect(Protocol):
    """A module that knows one wire format."""

    def decode(self, body: Any, call: Call) -> Request:
        """Read a call's JSON body."""

    def seconds(self, request: Request, settings: Settings) -> float:
        """Return how long Dialogflow waits for the answer to `request`, less a reserve, in seconds."""

    def first(self, routes: Routes, request: Request) -> Step:
        """Return the step that a turn begins with. Raises a `Problem` where no handler is there for the request."""

    def after(self, step: Step, reply: Any, routes: Routes) -> Step | Any:
        """Return the step that follows on a step's reply, or, at the end of the turn, what there is to encode."""

    def encode(self, reply: Any, request: Request, settings: Settings) -> Encoded:
        """Return the JSON body that says `reply` to `request`, and what the log should know of it."""


def read(call: Call) -> tuple[Dialect, Any]:
    """Return the dialect of a call and its body. Raises a 400 `Problem` for a body that no dialect explains."""
    body = json_text.read(call.body)
    dialect = of(body)
    if dialect is None:
        raise problems.not_a_dialect(_members_of(body))
    return dialect, body


def read_at_route(call: Call) -> tuple[Dialect, Any]:
    """Return the dialect of a call to the path of a CX flexible webhook, and its body.

    It is the flexible one unless another dialect explains the body; that must come as such a call comes elsewhere.
    """
    body = json_text.read_value(call.body) if call.body.strip() else None
    if call.method == "POST" and isinstance(body, dict) and (dialect := of(body)):
        check_headers(call)
        return dialect, body
    return _load("flexible"), body


def check_headers(call: Call) -> None:
    """Raise the 400 or 405 `Problem` of a call that is no POST of JSON; only flexible webhooks call in other ways."""
    if call.method != "POST":
        raise problems.method_not_allowed(call.method)
    content_type = call.headers.get("content-type") or "application/json"
    if content_type != "application/json" and content_type.partition(";")[0].strip().lower() != "application/json":
        raise problems.wrong_content_type(content_type)


def _members_of(body: Mapping[str, Any]) -> str:
    return f"an object with {', '.join(repr(name)[:40] for name in list(body)[:8]) or 'no members'}"


def of(body: Mapping[str, Any]) -> Dialect | None:
    """Return the dialect of a decoded body, None when no dialect explains it; its code is loaded when first needed.

    Raises a 400 `Problem` for the bodies of Actions SDK and Actions Builder (docs/protocol.md 1.1).
    """
    if isinstance(body.get("queryResult", body.get("query_result")), dict):
        return _load("es")
    fulfillment = body.get("fulfillmentInfo", body.get("fulfillment_info"))
    if isinstance(fulfillment, dict) or "detectIntentResponseId" in body or "detect_intent_response_id" in body:
        return _load("cx")
    if isinstance(body.get("result"), dict) and not {"id", "sessionId", "originalRequest"}.isdisjoint(body):
        return _load("v1")
    _refuse_other_products(body)
    return None


def _refuse_other_products(body: Mapping[str, Any]) -> None:
    for kind, signs in (
        ("an Actions SDK conversation request", ("inputs", "conversation")),
        ("an Actions Builder request", ("handler", "intent", "scene")),
    ):
        if all(sign in body for sign in signs):
            from ..problems.replies import not_dialogflow

            raise not_dialogflow(kind, ", ".join(signs))


def first(routes: Routes, request: Request) -> Step:
    """Return the step that a turn begins with, as ES and v1 have it. Raises the 404 `Problem` `no-handler`."""
    return Step(routes.find(request), request)


def after(step: Step, reply: Reply, routes: Routes) -> Reply:
    """Return the reply: there is nothing more to do where Dialogflow itself follows up."""
    return reply


def seconds(request: Request, settings: Settings) -> float:
    """Return how long ES and v1 wait for an answer.

    The Assistant's longer time counts only where the operator says so: a caller controls `channel`.
    """
    if settings.assistant and request.channel == "google" and not settings.debugging:
        return ASSISTANT_DEADLINE
    return settings.deadline


_loaded: dict[str, Dialect] = {}


def _load(name: str) -> Dialect:
    dialect = _loaded.get(name)
    if dialect is None:
        module: Any = importlib.import_module(f"{__name__}.{name}")
        dialect = _loaded[name] = module
    return dialect
