"""ES replies: contexts, events, session entities, endings and payloads."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

import pytest

from fulfillment import (
    Button,
    Context,
    EndInteraction,
    EndSlotFilling,
    Entity,
    FollowUp,
    GooglePayload,
    HandOff,
    Info,
    Payload,
    Problem,
    Raw,
    Reply,
    Request,
    SessionEntities,
    SimpleResponse,
    Text,
    WebhookPayload,
)
from fulfillment.dialects import es
from fulfillment.request import Session
from fulfillment.testing import es_context, es_request
from fulfillment.testing.requests import SESSION
from tests.kit.wire import PRODUCTION, V2, V2BETA1, decoded, encoded

NO_SESSION = Request(intent="order")


def _refused(reply: Reply, request: Request | None = None) -> Problem:
    with pytest.raises(Problem) as refused:
        encoded(reply, request, PRODUCTION)
    assert (refused.value.status, refused.value.cause) == (500, "invalid-reply")
    return refused.value


def test_keep_is_the_empty_object() -> None:
    assert es.encode(Reply.keep(), decoded(es_request("x")), V2) == (b"{}", ())


def test_texts_are_messages_and_the_plain_fallback() -> None:
    assert encoded(Reply(Text("a", "A"), "b")) == {
        "fulfillmentMessages": [{"text": {"text": ["a", "A"]}}, {"text": {"text": ["b"]}}],
        "fulfillmentText": "a\nb",
    }


def test_text_is_written_as_it_is_not_escaped() -> None:
    assert "Köln 👋".encode() in es.encode(Reply("Köln 👋"), decoded(es_request("x")), V2).body


@pytest.mark.parametrize(
    "session",
    [
        "projects/p/agent/sessions/s",
        "projects/p/agent/environments/prod/users/u/sessions/s",
        "projects/p/agent/environments/__aog-2/users/-/sessions/s",
        "projects/p/locations/europe-west1/agent/sessions/s",
        "projects/p/locations/global/agent/environments/prod/users/-/sessions/s",
    ],
)
def test_names_begin_with_the_requests_own_session(session: str) -> None:
    request = decoded(es_request("x", session=session))
    reply = encoded(Reply(Context("Order"), SessionEntities("fruit", "apple")), request)

    assert reply["outputContexts"][0]["name"] == f"{session}/contexts/order"
    assert reply["sessionEntityTypes"][0]["name"] == f"{session}/entityTypes/fruit"


def test_a_context_is_set_with_lifespan_and_parameters() -> None:
    assert encoded(Reply(Context("Order", 3, {"id": "A"})))["outputContexts"] == [
        {"name": f"{SESSION}/contexts/order", "lifespanCount": 3, "parameters": {"id": "A"}}
    ]


def test_a_context_is_deleted_with_lifespan_zero() -> None:
    assert encoded(Reply(Context.delete("Order")))["outputContexts"] == [
        {"name": f"{SESSION}/contexts/order", "lifespanCount": 0}
    ]


def test_the_requests_contexts_are_not_echoed() -> None:
    request = decoded(es_request("x", contexts=[es_context("order", 5), es_context("__system_counters__", 1)]))

    assert "outputContexts" not in encoded(Reply("Hi"), request)


def test_of_several_contexts_of_one_name_the_last_counts() -> None:
    reply = Reply(Context("a"), Context("b")) + Reply(Context.delete("A"))

    assert [(each["name"][-1], each["lifespanCount"]) for each in encoded(reply)["outputContexts"]] == [
        ("b", 5),
        ("a", 0),
    ]


@pytest.mark.parametrize(
    "name", ["", "a b", "größe", "a/b", "a.b", f"{SESSION}/contexts/order", "a" * 251, "a\n", "👋"]
)
def test_a_context_name_that_dialogflow_does_not_take_is_refused(name: str) -> None:
    assert "Context name" in _refused(Reply(Context(name))).detail


@pytest.mark.parametrize("name", ["a" * 250, "A_b-c%20", "0"])
def test_a_context_name_that_dialogflow_takes_is_written_in_lower_case(name: str) -> None:
    assert encoded(Reply(Context(name)))["outputContexts"][0]["name"] == f"{SESSION}/contexts/{name.lower()}"


@pytest.mark.parametrize(
    "name", ["__system_counters__", "__mine", "book_dialog_context", "x_id_dialog_context", "b_dialog_params_a"]
)
def test_a_context_of_dialogflows_own_is_refused(name: str) -> None:
    assert "EndSlotFilling()" in _refused(Reply(Context(name))).detail


def test_a_context_of_slot_filling_may_be_deleted_by_hand() -> None:
    assert encoded(Reply(Context.delete("book_dialog_context")))["outputContexts"][0]["lifespanCount"] == 0


@pytest.mark.parametrize("lifespan", [-1, 2**31])
def test_a_lifespan_out_of_range_is_refused(lifespan: int) -> None:
    assert "lifespan" in _refused(Reply(Context("order", lifespan))).detail


def test_end_of_slot_filling_deletes_the_contexts_that_keep_it_alive() -> None:
    names = ("i'm_booking_dialog_context", "f2c3_id_dialog_context", "i'm_booking_dialog_params_date")
    request = decoded(es_request("x", contexts=[es_context(name, 2) for name in (*names, "order")]))

    assert encoded(Reply("Fine.", EndSlotFilling()), request)["outputContexts"] == [
        {"name": f"{SESSION}/contexts/{name}", "lifespanCount": 0} for name in names
    ]


def test_end_of_slot_filling_without_slot_filling_says_nothing() -> None:
    assert encoded(Reply(EndSlotFilling())) == {}


@pytest.mark.parametrize("part", [Context("order"), SessionEntities("fruit", "a"), EndSlotFilling()], ids=type)
def test_without_a_session_nothing_is_written_under_a_wrong_name(part: Any, caplog: pytest.LogCaptureFixture) -> None:
    request = Request(contexts={"b_dialog_context": Context("b_dialog_context", 2)})

    assert list(encoded(Reply("Hi", part), request)) == ["fulfillmentMessages", "fulfillmentText"]
    assert ("no session" in caplog.text) == (not isinstance(part, EndSlotFilling))


def test_a_follow_up_event_has_parameters_and_the_turns_language() -> None:
    request = decoded(es_request("x", languageCode="zh-TW"))

    assert encoded(Reply(FollowUp("full", {"n": 1})), request)["followupEventInput"] == {
        "name": "full",
        "languageCode": "zh-TW",
        "parameters": {"n": 1},
    }
    assert encoded(Reply(FollowUp("full", language="de")), request)["followupEventInput"]["languageCode"] == "de"
    assert encoded(Reply(FollowUp("full")), NO_SESSION)["followupEventInput"]["languageCode"] == "en"


def test_words_beside_a_follow_up_event_are_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    encoded(Reply("Wait.", FollowUp("full")), decoded(es_request("book")))

    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "'book'" in caplog.text
    assert "FollowUp('full')" in caplog.text


def test_an_event_that_is_answered_with_itself_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    encoded(Reply(FollowUp("Full")), decoded(es_request("book", queryText="other_event")))
    assert caplog.records == []

    encoded(Reply(FollowUp("Full")), decoded(es_request("book", queryText="FULL")))
    assert "'Full' with the same event" in caplog.text


def test_contexts_beside_a_follow_up_event_are_fine(caplog: pytest.LogCaptureFixture) -> None:
    assert set(encoded(Reply(Context("a"), FollowUp("full")))) == {"outputContexts", "followupEventInput"}
    assert caplog.records == []


def test_two_follow_up_events_are_refused() -> None:
    assert "FollowUp('a') and FollowUp('b')" in _refused(Reply(FollowUp("a"), FollowUp("b"))).detail


@pytest.mark.parametrize("mode", ["OVERRIDE", "SUPPLEMENT"])
def test_session_entities_have_a_mode_and_synonyms(mode: Any) -> None:
    reply = Reply(SessionEntities("fruit", "apple", Entity("pear", "pear", "pears"), mode=mode))

    assert encoded(reply)["sessionEntityTypes"] == [
        {
            "name": f"{SESSION}/entityTypes/fruit",
            "entityOverrideMode": f"ENTITY_OVERRIDE_MODE_{mode}",
            "entities": [{"value": "apple", "synonyms": ["apple"]}, {"value": "pear", "synonyms": ["pear", "pears"]}],
        }
    ]


@pytest.mark.parametrize(("part", "member"), [(EndInteraction(), "endInteraction"), (HandOff(), "liveAgentHandoff")])
def test_an_ending_is_said_in_v2beta1_and_warned_about_in_v2(
    part: Any, member: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert encoded(Reply("Bye.", part), settings=V2BETA1)[member] is True
    assert caplog.records == []
    assert member not in encoded(Reply("Bye.", part))
    assert "WEBHOOK_API_VERSION" in caplog.text


def test_payloads_for_api_callers_and_for_the_assistant_stand_side_by_side() -> None:
    reply = Reply(WebhookPayload({"a": 1}), GooglePayload([SimpleResponse("Hi")]), WebhookPayload({"b": None}))

    assert encoded(reply)["payload"] == {
        "a": 1,
        "google": {
            "expectUserResponse": True,
            "richResponse": {"items": [{"simpleResponse": {"textToSpeech": "Hi"}}]},
        },
        "b": None,
    }


def test_a_raw_message_goes_out_unchecked() -> None:
    assert encoded(Reply(Raw({"newKind": {"a": 1}})))["fulfillmentMessages"] == [{"newKind": {"a": 1}}]


@pytest.mark.parametrize("part", [Button("x"), Info("x"), Entity("x")], ids=type)
def test_a_part_of_a_part_says_where_it_belongs(part: Any) -> None:
    assert "put it there" in _refused(Reply(part)).detail


def test_dates_and_mappings_are_written_as_json() -> None:
    parameters = {"day": date(2026, 11, 27), "at": time(19, 30), "when": datetime(2026, 11, 27, 19, 30)}
    reply = Reply(Context("a", parameters=MappingProxyType(parameters)))

    assert encoded(reply)["outputContexts"][0]["parameters"] == {
        "day": "2026-11-27",
        "at": "19:30:00",
        "when": "2026-11-27T19:30:00",
    }


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**300, {1, 2}, b"x", object(), {"1": 1, 1: 2}],
    ids=lambda value: repr(value).partition(" at 0x")[0],  # the same in every process
)
def test_what_is_no_json_is_refused(value: Any) -> None:
    assert "cannot be written as JSON" in _refused(Reply(Payload(facebook=value))).detail


def test_lone_surrogates_become_replacement_characters() -> None:
    reply = json.loads(
        es.encode(Reply("a\ud800b", Payload({"\udfff": ["\ud83d\ude00"]})), decoded(es_request("x")), V2).body
    )

    assert reply["fulfillmentText"] == "a\ufffdb"
    assert reply["fulfillmentMessages"][1]["payload"] == {"\ufffd": ["😀"]}


@pytest.mark.parametrize("depth", [38, 39, 2000, 200_000])
def test_a_payload_nested_too_deeply_is_refused(depth: int) -> None:
    deep: Any = "\ud800"
    for _ in range(depth):
        deep = [deep]
    reply = Reply(WebhookPayload({"a": deep}))

    if depth == 38:
        assert encoded(reply)
    else:
        assert "nested" in _refused(reply).detail


def test_a_payload_that_holds_itself_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless

    assert "JSON" in _refused(Reply(Payload(slack=endless))).detail


def test_a_bare_session_id_of_a_test_is_its_own_prefix() -> None:
    request = Request(session=Session(name="abc", id="abc"))

    assert encoded(Reply(Context("a")), request)["outputContexts"][0]["name"] == "abc/contexts/a"
