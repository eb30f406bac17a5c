"""What is no webhook call gets the right status, a JSON error that names its cause, and a webhook that lives on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fulfillment import Reply, Webhook, on
from fulfillment.call import Call
from fulfillment.json_text import MAX_BODY, MAX_DEPTH
from fulfillment.testing import es_request
from tests.kit.wire import answer_of, call_of, error_of, said, webhook_of


@on.intent("hello")
def hello() -> Reply:
    return Reply("Hello.")


def _nested(levels: int, opening: str = '{"a":', closing: str = "}") -> bytes:
    return (opening * levels + "1" + closing * levels).encode()


def _with(value: str) -> bytes:
    return ('{"queryResult": {"intent": {"displayName": "hello"}, "parameters": {"x": ' + value + "}}}").encode()


NOT_UNDERSTOOD: dict[str, bytes] = {
    "empty": b"",
    "spaces only": b" \r\n\t",
    "not JSON": b"hello",
    "HTML": b"<html></html>",
    "a form": b"a=1&b=2",
    "cut off": b'{"queryResult": {"intent"',
    "two objects": b"{}{}",
    "trailing comma": b'{"queryResult": {},}',
    "comments": b'{"queryResult": {}} // hello',
    "single quotes": b"{'queryResult': {}}",
    "a list": b"[]",
    "a list of requests": b'[{"queryResult": {}}]',
    "a string": b'"queryResult"',
    "a number": b"5",
    "true": b"true",
    "null": b"null",
    "an empty object": b"{}",
    "an object of another API": b'{"message": "hello"}',
    "no queryResult": b'{"responseId": "r", "session": "projects/p/agent/sessions/s"}',
    "queryResult null": b'{"queryResult": null}',
    "queryResult a list": b'{"queryResult": []}',
    "queryResult a string": b'{"queryResult": "{}"}',
    "Actions SDK": b'{"inputs": [], "conversation": {}, "user": {}}',
    "Actions Builder": b'{"handler": {"name": "h"}, "intent": {}, "scene": {}}',
    "objects nested 41 deep": _nested(MAX_DEPTH + 1),
    "objects nested 100,000 deep": _nested(100_000),
    "lists nested 100,000 deep": _nested(100_000, "[", "]"),
    "brackets never closed": b"[" * 500_000,
    "nested deeply inside": _with(_nested(60, "[", "]").decode()),
    "bad UTF-8": b'{"queryResult": {"queryText": "\xff\xfe"}}',
    "Latin-1": '{"queryResult": {"queryText": "München"}}'.encode("latin-1"),
    "a surrogate in UTF-8": b'{"queryResult": {"queryText": "\xed\xa0\x80"}}',
    "UTF-16": json.dumps(es_request("hello")).encode("utf-16"),
    "UTF-16 without a mark": json.dumps(es_request("hello")).encode("utf-16-le"),
    "UTF-32": json.dumps(es_request("hello")).encode("utf-32"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "NaN": _with("NaN"),
    "Infinity": _with("Infinity"),
    "-Infinity": _with("-Infinity"),
    "1e999": _with("1e999"),
    "a number of 400 digits": _with("9" * 400),
    "a negative number of 400 digits": _with("-" + "9" * 400),
    "a number of 100,000 digits": _with("9" * 100_000),
    "a member twice": b'{"queryResult": {}, "queryResult": {"intent": {"displayName": "hello"}}}',
    "a parameter twice": _with('{"a": 1, "a": 1}'),
    "a raw control character": b'{"queryResult": {"queryText": "a\x00b\n"}}',
    "an unknown escape": b'{"queryResult": {"queryText": "\\x41"}}',
}


@pytest.mark.parametrize("body", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_a_body_that_is_no_request_is_not_understood(body: bytes) -> None:
    kit = webhook_of(hello)

    answer = kit.answer(call_of(body))

    assert answer.status == 400
    error = error_of(answer)
    assert error["cause"] == "not-understood"
    assert error["message"].endswith(".")
    assert len(error["id"]) == 16
    assert answer.headers["content-type"] == "application/json"
    assert kit.answer(call_of(es_request("hello"))).status == 200


def test_ten_megabytes_are_too_large() -> None:
    answer = answer_of(b'{"a": "' + b"x" * 10_000_000 + b'"}', hello)

    assert answer.status == 413
    assert error_of(answer)["cause"] == "body-too-large"


def test_the_largest_body_is_read() -> None:
    body = json.dumps(es_request("hello")).encode()

    assert answer_of(body.ljust(MAX_BODY), hello).status == 200
    assert answer_of(body.ljust(MAX_BODY + 1), hello).status == 413


def test_the_deepest_parameters_are_read() -> None:
    # queryResult, parameters and the object that holds x are three of the levels.
    assert answer_of(_with(_nested(MAX_DEPTH - 3, "[", "]").decode()), hello).status == 200
    assert answer_of(_with(_nested(MAX_DEPTH - 2, "[", "]").decode()), hello).status == 400


@pytest.mark.parametrize("number", ["1e308", "-1.5e-300", "9" * 300, "1" + "0.0" * 1, "0." + "1" * 400, "1e-999"])
def test_a_number_that_a_double_can_hold_is_read(number: str) -> None:
    assert answer_of(_with(number), hello).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + json.dumps(es_request("hello")).encode(),
        b"\r\n " + json.dumps(es_request("hello"), indent=2).encode() + b"\n",
        json.dumps(es_request("hello", queryText="lone \ud800 surrogate", parameters={"\udfff": "\udc00x"})).encode(),
        json.dumps(es_request("hello", queryText="שלום 👩‍👩‍👧 \x00"), ensure_ascii=False)
        .encode()
        .replace(b"\x00", b"\\u0000"),
    ],
    ids=["byte order mark", "white space", "lone surrogates", "right to left, emoji, NUL"],
)
def test_an_odd_body_that_is_a_request_is_answered(body: bytes) -> None:
    assert answer_of(body, hello).status == 200


def test_lone_surrogates_reach_a_handler_as_replacement_characters() -> None:
    @on.intent("echo")
    def echo(words: str) -> str:
        return words

    answer = answer_of(es_request("echo", {"words": "a\ud800b"}), echo)

    assert said(answer)["fulfillmentText"] == "a\ufffdb"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "post", "TRACE\n"])
def test_only_post_is_answered(method: str) -> None:
    answer = webhook_of(hello).answer(call_of(es_request("hello"), method=method))

    assert answer.status == 405
    assert error_of(answer)["cause"] == "method-not-allowed"
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "text/json", "application/jsonp", "json", ";"]
)
def test_another_content_type_is_not_understood(content_type: str) -> None:
    answer = webhook_of(hello).answer(call_of(es_request("hello"), headers={"content-type": content_type}))

    assert answer.status == 400
    assert "application/json" in error_of(answer)["message"]


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "application/json; charset=UTF-8", "Application/JSON;charset=utf-8", " application/json "],
)
def test_json_may_be_announced_as_it_was_over_the_years(content_type: str) -> None:
    answer = webhook_of(hello).answer(call_of(es_request("hello"), headers={"content-type": content_type}))

    assert answer.status == 200


def test_a_call_without_a_content_type_is_answered() -> None:
    call = Call(body=json.dumps(es_request("hello")).encode(), headers={"host": "localhost"}, peer="127.0.0.1")

    assert webhook_of(hello).answer(call).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"queryResult": {"intent": {"displayName": "hello"}}},
        {"queryResult": {"intent": {"displayName": "hello"}}, "session": None, "originalDetectIntentRequest": None},
        {"query_result": {"intent": {"display_name": "hello"}}},
        {"queryResult": {"intent": {"displayName": "hello"}, "future": [1]}, "agentId": "a", "agentSettings": {}},
    ],
    ids=["no session", "null members", "snake case", "unknown members"],
)
def test_a_request_may_be_nearly_empty(body: Any) -> None:
    assert answer_of(body, hello).status == 200


def test_a_request_without_an_intent_goes_to_the_fallback() -> None:
    @on.fallback
    def fallback() -> str:
        return "Sorry?"

    assert said(answer_of({"queryResult": {}}, fallback))["fulfillmentText"] == "Sorry?"


WRONG: list[Any] = [None, True, 0, -1.5, "", "text", [], [1, None], ["x", {}], {}, {"a": {"b": []}}]


def _places() -> list[tuple[str, ...]]:
    result = (
        *("queryText", "languageCode", "speechRecognitionConfidence", "action", "parameters"),
        *("allRequiredParamsPresent", "cancelsSlotFilling", "fulfillmentText", "fulfillmentMessages"),
        *("webhookSource", "webhookPayload", "outputContexts", "intent", "intentDetectionConfidence"),
        *("diagnosticInfo", "sentimentAnalysisResult", "knowledgeAnswers"),
    )
    return [
        *((name,) for name in ("responseId", "session", "originalDetectIntentRequest", "alternativeQueryResults")),
        *(("queryResult", name) for name in result),
        *(("queryResult", "intent", name) for name in ("name", "displayName", "isFallback", "endInteraction")),
        *(("queryResult", "outputContexts", "0", name) for name in ("name", "lifespanCount", "parameters")),
        *(("queryResult", "sentimentAnalysisResult", name) for name in ("queryTextSentiment", "status")),
        *(("queryResult", "sentimentAnalysisResult", "queryTextSentiment", name) for name in ("score", "magnitude")),
        ("queryResult", "knowledgeAnswers", "answers"),
        *(("queryResult", "knowledgeAnswers", "answers", "0", name) for name in ("answer", "matchConfidence")),
        *(("originalDetectIntentRequest", name) for name in ("source", "version", "payload")),
        *(("originalDetectIntentRequest", "payload", name) for name in ("data", "source", "userId", "telephony")),
    ]


@pytest.mark.parametrize("place", _places(), ids=".".join)
def test_a_member_of_the_wrong_type_counts_as_absent(place: tuple[str, ...]) -> None:
    @on.fallback
    @on.intent("hello")
    def echo() -> str:
        return "Hello."

    kit: Webhook = webhook_of(echo)
    for value in WRONG:
        body: Any = {"queryResult": {"intent": {"displayName": "hello"}}}
        member = body
        for step in place[:-1]:
            if step == "0":
                continue
            following = place[place.index(step) + 1]
            member[step] = member.get(step) or ([{}] if following == "0" else {})
            member = member[step][0] if following == "0" else member[step]
        member[place[-1]] = value

        answer = kit.answer(call_of(body))

        # A displayName such as "text" names another intent.
        assert answer.status == 200 or (place[-1] == "displayName" and answer.status == 404), (value, answer)
