"""What tests of the wire itself need beyond `fulfillment.testing`: a call, a webhook of a few handlers, what comes back.

Others hold a conversation: `Agent`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fulfillment import Reply, Request, Webhook
from fulfillment.access.header import Header
from fulfillment.call import Answer, Call
from fulfillment.dialects import es
from fulfillment.dialects.remarks import tell
from fulfillment.routing.routes import Routes
from fulfillment.settings import Settings
from fulfillment.testing import Turn, es_request

V2 = Settings(api_version="v2")
V2BETA1 = Settings(api_version="v2beta1")
PRODUCTION = Settings(auth=("header",), access=(Header({"x-secret": ("s3cret-header-5e1f",)}),), on_google=True)


def call_of(body: Any = b"", **changes: Any) -> Call:
    """Return a call from this machine; `body` is bytes or what JSON can hold, `headers` come on top of Dialogflow's."""
    headers = {"host": "localhost", "content-type": "application/json"} | changes.pop("headers", {})
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Call(**{"body": encoded, "headers": headers, "peer": "127.0.0.1"} | changes)


def webhook_of(*handlers: Callable[..., Any], settings: Settings = V2) -> Webhook:
    """Return a webhook of these handlers alone, which anybody on this machine may call."""
    return Webhook(Routes(handlers), settings)


def answer_of(body: Any, *handlers: Callable[..., Any], settings: Settings = V2) -> Answer:
    """Return the answer of these handlers to one call."""
    return webhook_of(*handlers, settings=settings).answer(call_of(body))


def ask(webhook: Webhook, body: Any, **changes: Any) -> tuple[int, Any]:
    """Return status and decoded JSON of the webhook's answer."""
    answer = webhook.answer(call_of(body, **changes))
    return answer.status, said(answer) if answer.body else None


def said(answer: Answer) -> Any:
    """Return the JSON of an answer."""
    return json.loads(answer.body)


def error_of(answer: Answer) -> Any:
    """Return the error object of an answer that is none."""
    error = said(answer)["error"]
    assert error["status"] == answer.status
    assert set(error) == {"status", "cause", "message", "id"}
    return error


def words_of(reply: Mapping[str, Any]) -> list[str]:
    """Return the words that a user reads in a reply of any dialect: texts, titles and suggestions, in order."""
    dialect = "cx" if "fulfillmentResponse" in reply else "v1" if "messages" in reply else "es"
    return Turn(200, reply, dialect).words


def decoded(body: Mapping[str, Any], **changes: Any) -> Request:
    """Return what a handler sees of an ES body."""
    call = call_of(body, **changes)
    return es.decode(json.loads(call.body), call)


def encoded(reply: Reply, request: Request | None = None, settings: Settings = V2) -> Any:
    """Return the JSON that goes out on ES for this reply; what is remarked on it is logged."""
    encoded = es.encode(reply, decoded(es_request("any")) if request is None else request, settings)
    tell(encoded.remarks, "the handler")
    return json.loads(encoded.body)
