"""Wire formats: one file (or folder) knows one of them. This module tells which one a body speaks."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol

from ..call import Call
from ..reply import Reply
from ..request import Request
from ..routes import Handler, Routes
from ..settings import ASSISTANT_DEADLINE, Settings

answering: ContextVar[str] = ContextVar("answering", default="a handler")
"""The name of the handler whose reply is being encoded, for what the log says about it."""


Finish = Callable[[Reply], Reply | bytes]
"""What remains to be done with a handler's reply."""

Reach = Callable[[Handler, Request, Finish], Reply | bytes]
"""Calls a handler and finishes its reply; bytes are an answer that is encoded already."""


class Dialect(Protocol):
    """A module that knows one wire format."""

    def decode(self, body: Mapping[str, Any], call: Call) -> Request:
        """Read a call's JSON body."""

    def run(self, routes: Routes, handler: Handler, request: Request, reach: Reach) -> Reply | bytes:
        """Call the handler by `reach`, and do for it what this dialect leaves to a webhook."""

    def encode(self, reply: Reply, request: Request, settings: Settings) -> bytes:
        """Return the JSON body that says `reply` to `request`."""


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


def run(routes: Routes, handler: Handler, request: Request, reach: Reach) -> Reply | bytes:
    """Call the handler: all there is to do where Dialogflow itself follows up."""
    return reach(handler, request, lambda reply: reply)


def seconds_for(request: Request, settings: Settings) -> float:
    """Return how long Dialogflow waits for the answer to `request`, less a reserve, in seconds.

    The Assistant's longer time counts only where the operator says so: a caller controls `channel`.
    """
    if request.dialect in ("cx", "flexible"):
        return settings.cx_deadline
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
