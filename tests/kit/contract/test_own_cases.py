"""Requests for every row of docs/protocol.md that a request shows: what a handler sees of each, and the answer."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import json_format

from fulfillment import Card, Context, QuickReplies, Reply, Request, on
from fulfillment.access import Guard
from fulfillment.dialects import cx, v1
from fulfillment.settings import from_environment
from fulfillment.webhook import Webhook
from tests.kit.contract.dialects.strict import CX, cx_reply
from tests.kit.contract.google_types import strictly_parsed
from tests.kit.contract.own_cases import FOLDER, all_seen, cases
from tests.kit.contract.v1_types import v1_reply
from tests.kit.functions import ROOT
from tests.kit.wire import answer_of, call_of, decoded, webhook_of

SECTIONS_OF_REQUESTS = (
    *("1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.3", "3.4", "4", "7.1"),
    *("8.1", "8.3", "8.5", "9", "10.1", "10.2", "10.4", "11.1", "11.2", "11.3", "11.4", "11.5", "11.6"),
)


def a_bit_of_everything() -> Reply:
    context = Context("seen", parameters={"again": True})
    return Reply(
        "Hello.", Card("The dome", image_uri="https://museum.example/dome.png"), QuickReplies("Go?", "Yes"), context
    )


@pytest.mark.parametrize("case", cases("es"))
def test_a_handler_sees(case: dict[str, Any]) -> None:
    assert all_seen(decoded(case["request"]), case["expect"]) == case["expect"]


@pytest.mark.parametrize("case", cases("es"))
def test_is_answered(case: dict[str, Any]) -> None:
    intent = decoded(case["request"]).intent

    @on.fallback
    @on.intent(intent or "no intent")
    def answer_all() -> Reply:
        return Reply("Hello.")

    answer = answer_of(case["request"], answer_all)

    assert answer.status == 200
    assert strictly_parsed(answer.body, "v2").fulfillment_text == "Hello."


@pytest.mark.parametrize("case", cases("cx"))
def test_a_handler_sees_of_cx(case: dict[str, Any]) -> None:
    request = cx.decode(case["request"], call_of(case["request"]))
    assert all_seen(request, case["expect"]) == case["expect"]


@pytest.mark.parametrize("version", CX)
@pytest.mark.parametrize("case", cases("cx"))
def test_a_cx_request_is_one_that_googles_types_know(case: dict[str, Any], version: str) -> None:
    # `undocumented` marks members that real requests have and the types lack.
    lax = case.get("undocumented", False) or (version == "v3beta1" and "responseType" in json.dumps(case["request"]))
    if lax:
        with pytest.raises(json_format.ParseError):
            json_format.ParseDict(case["request"], CX[version].WebhookRequest.pb()())
    json_format.ParseDict(case["request"], CX[version].WebhookRequest.pb()(), ignore_unknown_fields=lax)


@pytest.mark.parametrize("version", CX)
@pytest.mark.parametrize("case", cases("cx"))
def test_is_answered_in_cx(case: dict[str, Any], version: str) -> None:
    @on.fallback
    @on.tag(cx.decode(case["request"], call_of(b"")).tag or "no tag")
    def answer_all() -> Reply:
        return a_bit_of_everything()

    answer = answer_of(case["request"], answer_all)

    assert answer.status == 200
    reply = cx_reply(answer.body, version)
    assert reply.fulfillment_response.messages[0].text.text[0] == "Hello."
    assert "seen" in reply.session_info.parameters


@pytest.mark.parametrize("case", cases("v1"))
def test_a_handler_sees_of_v1(case: dict[str, Any]) -> None:
    request = v1.decode(case["request"], call_of(case["request"]))
    assert all_seen(request, case["expect"]) == case["expect"]


@pytest.mark.parametrize("case", cases("v1"))
def test_is_answered_in_v1(case: dict[str, Any]) -> None:
    @on.fallback
    @on.intent(v1.decode(case["request"], call_of(b"")).intent or "no intent")
    def answer_all() -> Reply:
        return a_bit_of_everything()

    answer = answer_of(case["request"], answer_all)

    assert answer.status == 200
    reply = v1_reply(answer.body)
    assert reply["speech"].startswith("Hello.")
    assert [message["type"] for message in reply["messages"]] == [0, 1, 2]


@pytest.mark.parametrize("case", cases("flexible"))
def test_a_handler_sees_of_a_flexible_webhook(case: dict[str, Any]) -> None:
    requests: list[Request] = []

    @on.route("/tickets", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def tickets(
        request: Request, seats: list[str] | None = None, visitor: dict[str, Any] | None = None
    ) -> dict[str, int]:
        requests.append(request)
        return {"seats": len(seats or ())}

    wanted = dict(case["call"])
    headers = wanted.pop("headers", {})
    call = call_of(case.get("request", b""), **wanted)
    call = replace(call, headers={**call.headers, **headers})
    answer = webhook_of(tickets).answer(call)

    assert answer.status == 200, answer.body
    assert json.loads(answer.body).keys() == {"seats"}
    assert all_seen(requests[0], case["expect"]) == case["expect"]


@pytest.mark.parametrize("case", cases("calls"))
def test_a_call_gets_in_or_is_refused_by_name(case: dict[str, Any]) -> None:
    requests: list[Request] = []

    @on.fallback
    @on.intent("tickets.buy")
    @on.tag("tickets")
    def answer_all(request: Request) -> str:
        requests.append(request)
        return "Hello."

    settings = from_environment(case.get("environment", {}))
    webhook = Webhook(webhook_of(answer_all).routes, settings, Guard(settings))
    answer = webhook.answer(call_of(case["request"], headers=case.get("headers", {})))

    found: dict[str, Any] = {"status": answer.status}
    found |= {"dialect": requests[0].dialect} if requests else {"cause": json.loads(answer.body)["error"]["cause"]}
    assert found == case["expect"]


def test_every_section_that_speaks_of_a_request_has_cases_and_every_case_its_section() -> None:
    headings = re.findall(r"^#{2,3} ([\d.]+?)\.? ", (ROOT / "docs" / "protocol.md").read_text(), re.MULTILINE)
    sections = {file.name.partition("-")[0] for file in FOLDER.rglob("*.json")}
    assert sections <= set(headings)
    assert sections == set(SECTIONS_OF_REQUESTS)
