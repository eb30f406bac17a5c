"""ES requests: what a handler sees of the JSON, where the cases of docs/protocol.md 2 to 4 are not the whole story."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment import Context
from fulfillment.testing import es_context, es_request
from fulfillment.testing.requests import SESSION
from tests.kit.wire import decoded


def test_the_whole_body_and_its_bytes_are_kept() -> None:
    body = es_request("order", {"a": 1}, extra={"unknown": [1]})
    request = decoded(body)

    assert request.body == body
    assert b'"unknown"' in request.raw


def test_headers_are_kept() -> None:
    assert decoded(es_request("order"), headers={"x-tenant": "north"}).headers["x-tenant"] == "north"


def test_proto_names_are_read_like_json_names() -> None:
    result = {
        "query_text": "q",
        "language_code": "de",
        "speech_recognition_confidence": 0.5,
        "all_required_params_present": True,
        "cancels_slot_filling": True,
        "fulfillment_text": "t",
        "fulfillment_messages": [{}],
        "webhook_source": "s",
        "webhook_payload": {"a": 1},
        "output_contexts": [{"name": f"{SESSION}/contexts/c", "lifespan_count": 3}],
        "intent": {"display_name": "i", "is_fallback": True, "end_interaction": True, "live_agent_handoff": True},
        "intent_detection_confidence": 0.25,
        "sentiment_analysis_result": {"query_text_sentiment": {"score": 1}},
        "knowledge_answers": {
            "answers": [{"faq_question": "f", "match_confidence": 0.5, "match_confidence_level": "LOW"}]
        },
    }
    request = decoded(
        {
            "response_id": "r",
            "query_result": result,
            "original_detect_intent_request": {"source": "kik"},
            "alternative_query_results": [{"query_text": "other"}],
        }
    )

    assert (request.response_id, request.query_text, request.language, request.speech_confidence) == (
        "r",
        "q",
        "de",
        0.5,
    )
    assert (request.all_required_params_present, request.cancels_slot_filling) == (True, True)
    assert (request.fulfillment_text, request.fulfillment_messages) == ("t", ({},))
    assert (request.webhook_source, request.webhook_payload) == ("s", {"a": 1})
    assert request.contexts == {"c": Context("c", 3)}
    assert (request.intent, request.is_fallback, request.end_interaction, request.live_agent_handoff) == (
        *("i", True),
        *(True, True),
    )
    assert request.intent_confidence == 0.25
    assert request.sentiment
    assert request.sentiment.score == 1
    answer = request.knowledge_answers[0]
    assert (answer.question, answer.confidence, answer.level) == ("f", 0.5, "LOW")
    assert request.channel == "kik"
    assert request.alternatives == ({"query_text": "other"},)


def test_parameters_named_like_members_keep_their_names() -> None:
    parameters = {"display_name": "a", "query_text": "b", "isFallback": "c"}

    assert decoded(es_request("order", parameters)).parameters == parameters


def test_where_both_spellings_are_there_the_json_name_counts() -> None:
    body = {"queryResult": {"queryText": "json", "query_text": "proto", "languageCode": None, "language_code": "de"}}

    assert (decoded(body).query_text, decoded(body).language) == ("json", "de")


def test_of_two_contexts_of_one_name_the_last_counts() -> None:
    contexts = [es_context("Order", 5, a=1), es_context("order", 2, a=2)]

    assert decoded(es_request("x", contexts=contexts)).contexts == {"order": Context("order", 2, {"a": 2})}


@pytest.mark.parametrize("lifespan", [5, 5.0])
def test_a_lifespan_is_a_whole_number(lifespan: Any) -> None:
    context = {"name": f"{SESSION}/contexts/order", "lifespanCount": lifespan}

    assert repr(decoded(es_request("x", contexts=[context])).contexts["order"].lifespan) == "5"


@pytest.mark.parametrize("words", ["yes", "I want 2", "friday", "ok_", "_", "__", "a b_c"])
def test_words_are_no_event(words: str) -> None:
    assert decoded(es_request("x", queryText=words)).event == ""


@pytest.mark.parametrize("name", ["WELCOME", "table_full", "Order_2_late", "actions_intent_OPTION", "A"])
def test_the_name_of_an_event_is_one(name: str) -> None:
    assert decoded(es_request("x", queryText=name)).event == name


def test_an_event_of_any_name_is_known_by_its_context() -> None:
    body = es_request("x", queryText="Order Late!", contexts=[es_context("order late!")])

    assert decoded(body).event == "Order Late!"


def test_misses_count_the_fallbacks_in_a_row() -> None:
    counters = es_context("__system_counters__", 1, **{"no-input": 1, "no-match": 2.0})  # type: ignore[arg-type]

    assert repr(decoded(es_request("x", contexts=[counters])).misses) == "2"


def test_the_asked_parameter_has_the_agents_own_spelling() -> None:
    contexts = [es_context("book_dialog_context", 2), es_context("book_dialog_params_guestcount", 1)]

    assert decoded(es_request("x", {"GuestCount": ""}, contexts=contexts)).asked_parameter == "GuestCount"
    assert decoded(es_request("x", contexts=contexts)).asked_parameter == "guestcount"


def test_a_session_is_read_from_its_tail() -> None:
    session = decoded(es_request("x", session=f"{SESSION}/contexts/order")).session

    assert session.id == "s"
