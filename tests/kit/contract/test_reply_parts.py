"""Each part of a reply beside its messages: what Google's types understand of it is what the handler said."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment import (
    Context,
    EndInteraction,
    EndSlotFilling,
    Entity,
    FollowUp,
    GooglePayload,
    HandOff,
    Info,
    Reply,
    RichContent,
    SessionEntities,
    SimpleResponse,
    WebhookPayload,
)
from fulfillment.dialects import es
from fulfillment.testing import es_context, es_request
from fulfillment.testing.requests import SESSION
from tests.kit.contract.google_types import understood
from tests.kit.wire import V2, V2BETA1, decoded

PARTS: list[tuple[Any, dict[str, Any]]] = [
    ("Hi", {"fulfillmentText": "Hi", "fulfillmentMessages": [{"text": {"text": ["Hi"]}}]}),
    (
        Context("Order", 3, {"id": "A", "n": 2, "deep": [None, {"x": False}]}),
        {
            "outputContexts": [
                {
                    "name": f"{SESSION}/contexts/order",
                    "lifespanCount": 3,
                    "parameters": {"id": "A", "n": 2.0, "deep": [None, {"x": False}]},
                }
            ]
        },
    ),
    (Context.delete("Order"), {"outputContexts": [{"name": f"{SESSION}/contexts/order"}]}),
    (
        Context("order", 2**31 - 1),
        {"outputContexts": [{"name": f"{SESSION}/contexts/order", "lifespanCount": 2**31 - 1}]},
    ),
    (
        FollowUp("full", {"date": "2026-11-27"}),
        {"followupEventInput": {"name": "full", "parameters": {"date": "2026-11-27"}, "languageCode": "en"}},
    ),
    (
        SessionEntities("fruit", "apple", Entity("pear", "pear", "pears")),
        {
            "sessionEntityTypes": [
                {
                    "name": f"{SESSION}/entityTypes/fruit",
                    "entityOverrideMode": "ENTITY_OVERRIDE_MODE_OVERRIDE",
                    "entities": [
                        {"value": "apple", "synonyms": ["apple"]},
                        {"value": "pear", "synonyms": ["pear", "pears"]},
                    ],
                }
            ]
        },
    ),
    (
        SessionEntities("fruit", "apple", mode="SUPPLEMENT"),
        {
            "sessionEntityTypes": [
                {
                    "name": f"{SESSION}/entityTypes/fruit",
                    "entityOverrideMode": "ENTITY_OVERRIDE_MODE_SUPPLEMENT",
                    "entities": [{"value": "apple", "synonyms": ["apple"]}],
                }
            ]
        },
    ),
    (EndSlotFilling(), {"outputContexts": [{"name": f"{SESSION}/contexts/order_dialog_context"}]}),
    (WebhookPayload({"a": [1, None]}), {"payload": {"a": [1.0, None]}}),
    (
        GooglePayload([SimpleResponse("Hi")], expect_user_response=False),
        {
            "payload": {
                "google": {
                    "expectUserResponse": False,
                    "richResponse": {"items": [{"simpleResponse": {"textToSpeech": "Hi"}}]},
                }
            }
        },
    ),
    (
        RichContent(Info("Hello")),
        {"fulfillmentMessages": [{"payload": {"richContent": [[{"type": "info", "title": "Hello"}]]}}]},
    ),
]


@pytest.mark.parametrize(("part", "meant"), PARTS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("settings", [V2, V2BETA1], ids=["v2", "v2beta1"])
def test_google_understands(part: Any, meant: dict[str, Any], settings: Any) -> None:
    request = decoded(es_request("any", contexts=[es_context("order_dialog_context", 2), es_context("order", 5)]))

    assert understood(es.encode(Reply(part), request, settings).body, settings.api_version) == meant


@pytest.mark.parametrize(("part", "member"), [(EndInteraction(), "endInteraction"), (HandOff(), "liveAgentHandoff")])
def test_google_understands_an_ending_in_v2beta1(part: Any, member: str) -> None:
    body = es.encode(Reply("Bye.", part), decoded(es_request("any")), V2BETA1).body

    assert understood(body, "v2beta1")[member] is True


@pytest.mark.parametrize("part", [EndInteraction(), HandOff()], ids=type)
def test_an_ending_does_not_spoil_a_reply_in_v2(part: Any) -> None:
    body = es.encode(Reply("Bye.", part), decoded(es_request("any")), V2).body

    assert understood(body, "v2")["fulfillmentText"] == "Bye."
