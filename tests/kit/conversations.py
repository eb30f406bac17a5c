"""Calls of every dialect to a webhook of a few handlers: for tests of the wire itself. Others use `Agent`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fulfillment import Webhook
from fulfillment.call import Answer, Call
from fulfillment.routes import Routes
from fulfillment.settings import Settings
from fulfillment.testing import Turn, cx_request, es_request, v1_request
from fulfillment.testing import cx_form as filled
from fulfillment.testing.requests import CX_AGENT as AGENT
from fulfillment.testing.requests import CX_FLOW as FLOW
from fulfillment.testing.requests import CX_PAGE as PAGE
from fulfillment.testing.requests import CX_SESSION


def words_of(reply: Mapping[str, Any]) -> list[str]:
    """Return the words that a user reads in a reply of any dialect: texts, titles and suggestions, in order."""
    dialect = "cx" if "fulfillmentResponse" in reply else "v1" if "messages" in reply else "es"
    return Turn(200, reply, dialect).words


def webhook_of(*handlers: Any, **settings: Any) -> Webhook:
    """Return a webhook that anybody on this machine may call, with these handlers only."""
    return Webhook(Routes(handlers), Settings(**settings))


def call_of(body: Any = b"", method: str = "POST", path: str = "/", query: str = "") -> Call:
    """Return a call from this machine; `body` is JSON-encoded unless it is bytes."""
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", "host": "127.0.0.1:8080"}
    return Call(method=method, path=path, query=query, headers=headers, body=encoded, peer="127.0.0.1")


def ask(webhook: Webhook, body: Any, **more: Any) -> tuple[int, Any]:
    """Return status and decoded JSON of the webhook's answer."""
    answer: Answer = webhook.answer(call_of(body, **more))
    return answer.status, json.loads(answer.body) if answer.body else None


__all__ = ["AGENT", "CX_SESSION", "FLOW", "PAGE", "ask", "call_of", "cx_request", "es_request", "filled", "v1_request"]
