"""Requests of real CX and v1 agents are decoded, routed and answered; never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fulfillment import Card, Context, Reply, Request, on
from tests.kit.contract.corpus import cases
from tests.kit.contract.dialects.strict import CX, cx_reply
from tests.kit.contract.v1_types import v1_reply
from tests.kit.wire import ask, call_of, webhook_of


@on.fallback
def anything(request: Request) -> Reply:
    told = json.dumps([request.tag or request.intent, request.query_text, list(request.contexts)])
    return Reply(told, Card("Card"), Context("seen", parameters={"response": request.response_id}))


def answered(body: dict[str, Any], dialect: str) -> bytes:
    """Return the body of a 200 from a handler for exactly this request."""
    name = body.get("fulfillmentInfo", {}).get("tag") or body.get("result", {}).get("metadata", {}).get("intentName")

    def handler(request: Request) -> Reply:
        assert request.dialect == dialect
        return anything(request)

    answer = webhook_of(on.intent(name)(handler) if name else on.fallback(handler)).answer(call_of(body))
    assert answer.status == 200, answer.body
    return answer.body


@pytest.mark.parametrize("body", cases("cx"))
def test_a_real_cx_request_is_answered_in_types_that_dialogflow_reads(body: dict[str, Any]) -> None:
    reply = answered(body, "cx")
    for version in CX:
        assert len(cx_reply(reply, version).fulfillment_response.messages) == 2


@pytest.mark.parametrize("body", cases("v1"))
def test_a_real_v1_request_is_answered_in_v1(body: dict[str, Any]) -> None:
    reply = v1_reply(answered(body, "v1"))
    assert {"speech", "displayText", "messages", "contextOut"} == set(reply)
    assert [message["type"] for message in reply["messages"]] == [0, 1]


@pytest.mark.parametrize("body", [*cases("cx"), *cases("v1")])
def test_without_a_handler_it_is_a_named_404(body: dict[str, Any]) -> None:
    @on.tag("nobody calls this")
    def other() -> str:
        return ""

    status, reply = ask(webhook_of(other), body)
    assert (status, reply["error"]["cause"]) == (404, "no-handler")
