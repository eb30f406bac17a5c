"""Sends ES webhook calls through `Webhook.answer` and reads what comes back: for tests of the wire itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fulfillment import Reply, Request, Webhook
from fulfillment.access.header import Header
from fulfillment.call import Answer, Call
from fulfillment.dialects import es
from fulfillment.dialects.remarks import tell
from fulfillment.routes import Routes
from fulfillment.settings import Settings
from fulfillment.testing import Turn, es_context
from fulfillment.testing import es_request as es_body
from fulfillment.testing.requests import SESSION

__all__ = ["SESSION", "es_body", "es_context"]

V2 = Settings(api_version="v2")
V2BETA1 = Settings(api_version="v2beta1")
PRODUCTION = Settings(auth=("header",), access=(Header({"x-secret": ("s3cret-header-5e1f",)}),), on_google=True)


def es_call(body: Any, **changes: Any) -> Call:
    """A call from this machine; `body` is bytes or what JSON can hold, `headers` are added to Dialogflow's own."""
    headers = {"host": "localhost", "content-type": "application/json"} | changes.pop("headers", {})
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Call(**{"body": encoded, "headers": headers, "peer": "127.0.0.1"} | changes)


def decoded(body: Mapping[str, Any], **changes: Any) -> Request:
    """What a handler sees of this body."""
    call = es_call(body, **changes)
    return es.decode(json.loads(call.body), call)


def encoded(reply: Reply, request: Request | None = None, settings: Settings = V2) -> Any:
    """The JSON that goes out for this reply; what is remarked on it is logged."""
    encoded = es.encode(reply, decoded(es_body("any")) if request is None else request, settings)
    tell(encoded.remarks, "the handler")
    return json.loads(encoded.body)


def webhook(*handlers: Callable[..., Any], settings: Settings = V2) -> Webhook:
    """A webhook of these handlers alone."""
    return Webhook(Routes(handlers), settings)


def ask(body: Any, *handlers: Callable[..., Any], settings: Settings = V2) -> Answer:
    """The answer of these handlers to one call."""
    return webhook(*handlers, settings=settings).answer(es_call(body))


def said(answer: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.body)


def error_of(answer: Answer) -> Any:
    """The error object of an answer that is none."""
    error = said(answer)["error"]
    assert error["status"] == answer.status
    assert set(error) == {"status", "cause", "message", "id"}
    return error


def words(reply: Mapping[str, Any]) -> str:
    """The texts of a WebhookResponse, first variants, joined by newlines."""
    return Turn(200, reply).text
