"""v1 request -> Request: every row of docs/protocol.md 10.1, by the v2 names of 10.4."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment.call import Call
from fulfillment.dialects.v1 import decode
from fulfillment.testing import v1_request


def read(body: dict[str, Any]) -> Any:
    return decode(body, Call(headers={"x": "y"}, body=b"raw"))


def test_id_language_and_session() -> None:
    body = v1_request("order", language="en-us")
    request = read(body)
    assert (request.response_id, request.language, request.session.id) == (body["id"], "en-us", "f9e9a7c2")
    assert (request.dialect, request.body, request.raw, request.headers) == ("v1", body, b"raw", {"x": "y"})


def test_the_language_may_be_missing() -> None:
    body = v1_request("order")
    del body["lang"]
    assert read(body).language == ""


def test_the_query_is_the_resolved_one() -> None:
    assert read(v1_request(resolvedQuery="hello")).query_text == "hello"


def test_an_event_is_seen_from_the_query() -> None:
    assert read(v1_request(resolvedQuery="GOOGLE_ASSISTANT_WELCOME")).event == "GOOGLE_ASSISTANT_WELCOME"
    assert read(v1_request(resolvedQuery="hello")).event == ""


def test_intent_action_and_score() -> None:
    request = read(v1_request("Order", action="order.check", score=0.5))
    assert (request.intent, request.intent_name, request.action) == ("Order", "i", "order.check")
    assert request.intent_confidence == 0.5


@pytest.mark.parametrize(("incomplete", "filling"), [(True, True), (False, False), ("true", True), (None, False)])
def test_an_incomplete_action_is_slot_filling(incomplete: Any, filling: bool) -> None:
    assert read(v1_request(actionIncomplete=incomplete)).slot_filling is filling


@pytest.mark.parametrize("value", ["", None])
def test_a_parameter_that_was_not_given_is_empty_or_null(value: Any) -> None:
    from fulfillment import on
    from tests.kit.wire import ask, webhook_of, words_of

    @on.intent("order")
    def order(order_id: str = "none") -> str:
        return order_id

    assert words_of(ask(webhook_of(order), v1_request("order", {"order_id": value}))[1]) == ["none"]


def test_contexts_have_bare_names_and_their_lifespan() -> None:
    context = {"name": "Order", "lifespan": 3, "parameters": {"id": 1, "id.original": "one"}}
    found = read(v1_request(contexts=[context])).contexts["order"]
    assert (found.lifespan, found.get("id"), found.original("id")) == (3, 1, "one")


def test_the_parameter_being_asked_is_seen_from_the_contexts() -> None:
    contexts = [{"name": "book_dialog_context"}, {"name": "book_dialog_params_guests"}]
    assert read(v1_request(parameters={"Guests": ""}, contexts=contexts)).asked_parameter == "Guests"


@pytest.mark.parametrize("flag", ["true", True])
def test_a_fallback_intentis_marked_in_the_metadata(flag: Any) -> None:
    assert read(v1_request(metadata={"intentName": "x", "isFallbackIntent": flag})).is_fallback
    assert not read(v1_request(metadata={"intentName": "x", "isFallbackIntent": "false"})).is_fallback


def test_the_action_of_the_default_fallback_marks_it_too() -> None:
    assert read(v1_request("Default Fallback Intent", action="input.unknown")).is_fallback


def test_the_end_of_a_conversation_is_in_the_metadata() -> None:
    assert read(v1_request(metadata={"intentName": "x", "endConversation": True})).end_interaction


@pytest.mark.parametrize("speech", ["words", "", None])
def test_the_static_response_can_be_read(speech: Any) -> None:
    request = read(v1_request(fulfillment={"speech": speech, "messages": [{"type": 0, "speech": "words"}]}))
    assert request.fulfillment_text == (speech or "")
    assert request.fulfillment_messages == ({"type": 0, "speech": "words"},)


@pytest.mark.parametrize(
    ("original", "channel", "user"),
    [
        ({"source": "facebook", "data": {"sender": {"id": "u"}, "recipient": {"id": "p"}}}, "facebook", "u"),
        ({"source": "", "data": {"source": "facebook", "data": {"sender": {"id": "u"}}}}, "facebook", "u"),
        ({"source": "slack", "data": {"data": {"user": "u", "event_ts": "1"}, "source": "slack"}}, "slack", "u"),
        ({"source": "google", "version": "2", "data": {"user": {"userId": "u"}}}, "google", "u"),
        ({"source": "google", "version": "1", "data": {"user": {"user_id": "u"}}}, "google", "u"),
        ({}, "", ""),
    ],
)
def test_the_original_request_tells_channel_and_user(original: dict[str, Any], channel: str, user: str) -> None:
    request = read(v1_request(original=original))
    assert (request.channel, request.user_id) == (channel, user)


@pytest.mark.parametrize("version", ["1", "2", 2])
def test_the_original_requests_version_is_kept(version: Any) -> None:
    request = read(v1_request(original={"source": "google", "version": version, "data": {"user": {}}}))
    assert request.channel_version == str(version)
    assert request.assistant.version == str(version)


@pytest.mark.parametrize("value", [None, 7, "x", [], [None]])
@pytest.mark.parametrize("member", ["metadata", "contexts", "parameters", "fulfillment", "score", "resolvedQuery"])
def test_a_member_of_the_wrong_type_counts_as_absent(member: str, value: Any) -> None:
    body = v1_request("order")
    body["result"][member] = value
    assert read(body).dialect == "v1"
