"""CX WebhookRequest -> Request: every row of docs/protocol.md 8.1."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment.call import Call
from fulfillment.dialects.cx import decode
from fulfillment.testing import cx_form, cx_request
from fulfillment.testing.requests import CX_AGENT, CX_FLOW, CX_PAGE, CX_SESSION


def read(body: dict[str, Any]) -> Any:
    return decode(body, Call())


def test_the_response_id_is_detect_intents() -> None:
    assert read({"detectIntentResponseId": "r-1"}).response_id == "r-1"


@pytest.mark.parametrize(
    ("member", "kind", "words", "event"),
    [
        ("text", "text", "hello", ""),
        ("transcript", "transcript", "hello", ""),
        ("triggerEvent", "event", "", "hello"),
        ("triggerIntent", "intent", "", ""),
        ("dtmfDigits", "dtmf", "hello", ""),
    ],
)
def test_the_five_kinds_of_input_are_told_apart(member: str, kind: str, words: str, event: str) -> None:
    request = read({"fulfillmentInfo": {"tag": "t"}, member: "hello"})
    assert (request.input_kind, request.query_text, request.event) == (kind, words, event)


def test_a_page_that_was_entered_by_a_transition_has_no_input() -> None:
    assert read({"fulfillmentInfo": {"tag": "t"}}).input_kind == ""


def test_keypad_digits_and_a_triggered_intent_have_names_of_their_own() -> None:
    assert read({"dtmfDigits": "1#"}).dtmf_digits == "1#"
    assert read({"triggerIntent": f"{CX_AGENT}/intents/i"}).trigger_intent == f"{CX_AGENT}/intents/i"


@pytest.mark.parametrize("code", ["en", "en-us", "EN-us"])
def test_the_language_is_as_sent(code: str) -> None:
    assert read({"languageCode": code}).language == code


@pytest.mark.parametrize("tag", ["order", "", "Default Welcome Intent", "訂單 ✓"])
def test_the_tag_is_any_text(tag: str) -> None:
    assert read({"fulfillmentInfo": {"tag": tag}}).tag == tag


def test_intent_info_has_name_confidence_and_both_forms_of_a_value() -> None:
    request = read(
        {
            "fulfillmentInfo": {"tag": "t"},
            "intentInfo": {
                "lastMatchedIntent": f"{CX_AGENT}/intents/i",
                "displayName": "order",
                "confidence": 0.75,
                "parameters": {"size": {"originalValue": "a big one", "resolvedValue": "large"}},
            },
        }
    )
    assert (request.intent, request.intent_name, request.intent_confidence) == ("order", f"{CX_AGENT}/intents/i", 0.75)
    assert request.parameters == {"size": "large"}
    assert request.original("size") == "a big one"
    assert request.original("other") is None


def test_a_request_without_a_matched_intent_has_none() -> None:
    assert read({"fulfillmentInfo": {"tag": "t"}}).intent == ""


@pytest.mark.parametrize("event", ["sys.no-match-default", "sys.no-match-1", "sys.no-input-default"])
def test_unknown_words_and_silence_match_no_intent_whatever_matched_before(event: str) -> None:
    request = read(cx_request("", intent="order", triggerEvent=event))
    assert request.intent == ""
    assert request.is_fallback is event.startswith("sys.no-match")


def test_the_page_has_its_names_flow_and_form() -> None:
    entry = {"displayName": "date", "required": True, "state": "FILLED", "value": {"year": 2026}, "justCollected": True}
    page = read(cx_request(form=[entry])).page
    assert (page.name, page.display_name, page.flow) == (CX_PAGE, "A Page", CX_FLOW)
    date = page.form["date"]
    assert (date.required, date.state, date.value, date.just_collected) == (True, "FILLED", {"year": 2026}, True)


def test_what_a_form_leaves_out_is_false_or_empty() -> None:
    parameter = read(cx_request(form=[{"displayName": "note"}])).page.form["note"]
    assert (parameter.required, parameter.just_collected, parameter.state, parameter.value) == (
        False,
        False,
        "EMPTY",
        None,
    )


@pytest.mark.parametrize("state", ["EMPTY", "INVALID", "FILLED"])
def test_each_state_of_a_form_parameter_is_read(state: str) -> None:
    assert read(cx_request(form=[{"displayName": "a", "state": state}])).page.form["a"].state == state


def test_an_unspecified_state_is_seen_from_the_value() -> None:
    entries = [{"displayName": "a", "state": "PARAMETER_STATE_UNSPECIFIED", "value": 0}, {"displayName": "b"}]
    form = read(cx_request(form=entries)).page.form  # type: ignore[arg-type]
    assert (form["a"].state, form["b"].state) == ("FILLED", "EMPTY")


def test_a_page_may_have_no_display_name() -> None:
    assert read({"fulfillmentInfo": {}, "pageInfo": {"currentPage": CX_PAGE}}).page.display_name == ""


def test_a_page_without_a_flow_in_its_name_has_none() -> None:
    assert read({"fulfillmentInfo": {}, "pageInfo": {"currentPage": "START_PAGE"}}).page.flow == ""


def test_a_required_parameter_that_is_empty_means_that_the_page_still_asks() -> None:
    request = read(cx_request(form=cx_form(date="2026-12-01", guests=None)))
    assert request.slot_filling
    assert request.asked_parameter == "guests"
    assert not read(cx_request(form=cx_form(date="2026-12-01"))).slot_filling


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        (CX_SESSION, ""),
        (f"{CX_AGENT}/environments/e1/sessions/s-1", "e1"),
        (f"{CX_AGENT}/environments/-/sessions/s-1", ""),
    ],
)
def test_the_session_is_taken_apart_with_its_agent_and_environment(name: str, environment: str) -> None:
    session = read({"fulfillmentInfo": {}, "sessionInfo": {"session": name}}).session
    assert (session.id, session.project, session.location) == ("s-1", "p", "europe-west1")
    assert (session.agent, session.environment) == (CX_AGENT.rpartition("/")[2], environment)


@pytest.mark.parametrize("value", [3, "text", True, [1, "a"], {"amount": 1, "currency": "EUR"}])
def test_session_parameters_keep_their_values(value: Any) -> None:
    request = read(cx_request(parameters={"x": value}))
    assert request.session_parameters["x"] == value
    assert request.parameters["x"] == value


def test_a_null_session_parameter_is_missing() -> None:
    assert "x" not in read(cx_request(parameters={"x": None})).parameters


def test_the_form_decides_over_the_session_and_the_session_over_the_intent() -> None:
    body = cx_request(
        parameters={"a": "session", "b": "session"},
        form=cx_form(a="form"),
        intent="order",
        intent_parameters={"a": "intent", "b": "intent", "c": "intent"},
    )
    assert read(body).parameters == {"a": "form", "b": "session", "c": "intent"}


@pytest.mark.parametrize("state", ["EMPTY", "INVALID"])
def test_what_the_form_asks_for_is_missing_whatever_older_turns_left(state: str) -> None:
    entry = {"displayName": "date", "state": state, "value": "yesterday" if state == "INVALID" else None}
    body = cx_request(
        parameters={"date": "yesterday"}, form=[entry], intent="book", intent_parameters={"date": "yesterday"}
    )
    assert read(body).parameters["date"] == ""


def test_a_session_parameter_that_holds_an_object_is_a_context() -> None:
    contexts = read(cx_request(parameters={"Order": {"order_id": "A-1"}, "size": "large"})).contexts
    assert list(contexts) == ["order"]
    assert contexts["order"].get("order_id") == "A-1"


def test_the_agents_messages_so_far_can_be_read() -> None:
    messages = [{"text": {"text": ["One", "1"], "redactedText": ["One"]}, "source": "VIRTUAL_AGENT"}, {"payload": {}}]
    request = read(cx_request(messages=messages))
    assert list(request.fulfillment_messages) == messages
    assert request.fulfillment_text == "One"


def test_the_phone_gateways_caller_is_the_user() -> None:
    request = read(cx_request(payload={"telephony": {"caller_id": "+15555550100"}}, transcript="hello"))
    assert (request.channel, request.user_id) == ("google_telephony", "+15555550100")
    assert request.payload == {"telephony": {"caller_id": "+15555550100"}}


def test_messengers_user_is_the_user() -> None:
    assert read(cx_request(payload={"userId": "u-1"})).user_id == "u-1"


def test_sentiment_is_flat() -> None:
    sentiment = read(cx_request(sentimentAnalysisResult={"score": -0.5, "magnitude": 2})).sentiment
    assert (sentiment.score, sentiment.magnitude) == (-0.5, 2.0)
    assert read(cx_request()).sentiment is None


def test_the_detected_language_has_input_resolution_and_confidence() -> None:
    info = {"inputLanguageCode": "de", "resolvedLanguageCode": "de-DE", "confidenceScore": 0.5}
    language = read(cx_request(languageInfo=info)).language_info
    assert (language.input_language, language.resolved_language, language.confidence) == ("de", "de-DE", 0.5)
    assert read(cx_request()).language_info is None


def test_proto_names_are_read_like_json_names() -> None:
    request = read(
        {
            "detect_intent_response_id": "r",
            "fulfillment_info": {"tag": "t"},
            "page_info": {
                "current_page": CX_PAGE,
                "form_info": {"parameter_info": [{"display_name": "a", "value": 1}]},
            },
            "session_info": {"session": CX_SESSION, "parameters": {"b": 2}},
            "trigger_event": "e",
        }
    )
    assert (request.response_id, request.tag, request.event) == ("r", "t", "e")
    assert request.parameters == {"b": 2, "a": 1}


@pytest.mark.parametrize(
    "member",
    ["intentInfo", "pageInfo", "sessionInfo", "messages", "payload", "sentimentAnalysisResult", "languageInfo", "text"],
)
@pytest.mark.parametrize("value", [None, 7, "x", [], [None], {}, {"parameters": 3}, {"formInfo": {"parameterInfo": 1}}])
def test_a_member_of_the_wrong_type_counts_as_absent(member: str, value: Any) -> None:
    assert read(cx_request("order", **{member: value})).tag == "order"


def test_unknown_members_are_ignored() -> None:
    assert read({**cx_request("order"), "transitionInfo": {"x": [1]}, "detectorId": 5}).tag == "order"
