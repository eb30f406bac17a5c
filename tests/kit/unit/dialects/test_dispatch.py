"""Which wire format a body speaks (docs/protocol.md 1.1)."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from fulfillment import Request, on
from fulfillment.testing import cx_request, es_request, v1_request
from tests.kit.wire import ask, webhook_of


@on.fallback
def spoken(request: Request) -> str:
    return request.dialect


@on.intent("order")
@on.event("order")
def order(request: Request) -> str:
    return request.dialect


WEBHOOK = webhook_of(spoken, order)


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("es", es_request("order")),
        ("es", {"query_result": {"intent": {"display_name": "order"}}}),
        ("es", {**es_request("order"), "fulfillmentInfo": {"tag": "order"}, "result": {}, "id": ""}),
        ("cx", cx_request("order")),
        ("cx", {"fulfillmentInfo": {"tag": "order"}}),
        ("cx", {"fulfillment_info": {"tag": "order"}}),
        ("cx", {"detectIntentResponseId": "r"}),
        ("cx", {"detect_intent_response_id": "r"}),
        ("v1", v1_request("order")),
        ("v1", {"result": {"metadata": {"intentName": "order"}}, "id": "1"}),
        ("v1", {"result": {"metadata": {"intentName": "order"}}, "sessionId": "1"}),
        ("v1", {"result": {"metadata": {"intentName": "order"}}, "originalRequest": {}}),
    ],
)
def test_the_body_tells_the_dialect(dialect: str, body: dict[str, Any]) -> None:
    status, reply = ask(WEBHOOK, body)
    assert status == 200
    assert dialect in str(reply)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"inputs": [], "conversation": {}, "user": {}}, "Actions SDK"),
        ({"handler": {}, "intent": {}, "scene": {}, "session": {}}, "Actions Builder"),
        ({"result": {"speech": ""}}, "no Dialogflow"),
        ({"queryResult": "text"}, "no Dialogflow"),
        ({}, "no Dialogflow"),
    ],
)
def test_what_is_no_dialogflow_request_is_refused_by_its_name(body: dict[str, Any], found: str) -> None:
    status, reply = ask(WEBHOOK, body)
    assert (status, reply["error"]["cause"]) == (400, "not-understood")
    assert found in reply["error"]["message"]


def test_an_es_call_loads_no_other_dialect() -> None:
    program = """
import sys
from fulfillment import Text, Webhook, on
from fulfillment.call import Call
from fulfillment.routing.routes import Routes
from fulfillment.settings import Settings

@on.intent("order")
def order() -> Text:
    return Text("yes")

body = b'{"queryResult": {"intent": {"displayName": "order"}}}'
call = Call(headers={"host": "localhost"}, body=body, peer="127.0.0.1")
assert Webhook(Routes([order]), Settings()).answer(call).status == 200
loaded = {name for name in sys.modules if name.startswith("fulfillment")}
print(sorted(name for name in loaded if ".dialects." in name and ".es" not in name))
print(sorted(loaded & {"fulfillment.pages", "fulfillment.assistant", "fulfillment.problems.replies"}))
"""
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    dialects, others = out.splitlines()[-2:]
    assert dialects == str([f"fulfillment.dialects.{name}" for name in ("channels", "members", "remarks", "response")])
    assert others == "[]"
