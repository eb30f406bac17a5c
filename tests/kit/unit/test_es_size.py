"""64 KiB of encoded bytes is all that Dialogflow takes of a reply."""

from __future__ import annotations

import json
import logging

import pytest

from fulfillment import Card, Context, FollowUp, Payload, Problem, Reply, Text, WebhookPayload
from fulfillment.dialects import es
from fulfillment.dialects.remarks import tell
from fulfillment.testing import es_request
from tests.kit.wire import V2, decoded

LIMIT = 65_536
REQUEST = decoded(es_request("order"))


def _sent(reply: Reply) -> bytes:
    encoded = es.encode(reply, REQUEST, V2)
    tell(encoded.remarks, "the handler")
    return encoded.body


def _filled_to(size: int) -> Reply:
    """A reply of a text and a payload that has that many bytes when encoded."""
    small = Reply("Hi", Payload(slack={"text": ""}))
    return Reply("Hi", Payload(slack={"text": "x" * (size - len(_sent(small)))}))


def test_a_reply_of_exactly_64_kib_goes_out_whole(caplog: pytest.LogCaptureFixture) -> None:
    sent = _sent(_filled_to(LIMIT))

    assert len(sent) == LIMIT
    assert b"slack" in sent
    assert caplog.records == []


def test_one_byte_more_and_only_the_texts_go_out(caplog: pytest.LogCaptureFixture) -> None:
    sent = json.loads(_sent(_filled_to(LIMIT + 1)))

    assert sent == {"fulfillmentMessages": [{"text": {"text": ["Hi"]}}], "fulfillmentText": "Hi"}
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "65537 bytes" in caplog.text
    assert "'order'" in caplog.text


def test_bytes_count_not_characters() -> None:
    assert len(json.loads(_sent(Reply("Hi", Payload(a="é" * 40_000))))["fulfillmentMessages"]) == 1


def test_the_texts_of_every_platform_stay() -> None:
    reply = Reply("Hi", Text("Line", platform="LINE"), Card("c"), WebhookPayload({"a": "x" * LIMIT}))

    assert json.loads(_sent(reply))["fulfillmentMessages"] == [
        {"text": {"text": ["Hi"]}},
        {"text": {"text": ["Line"]}, "platform": "LINE"},
    ]


def test_contexts_and_events_stay_beside_the_texts() -> None:
    sent = json.loads(_sent(Reply("Hi", Context("a"), FollowUp("e"), Payload(a="x" * LIMIT))))

    assert set(sent) == {"fulfillmentMessages", "fulfillmentText", "outputContexts", "followupEventInput"}


def test_the_plain_repetition_of_the_texts_goes_before_the_texts_do() -> None:
    sent = json.loads(_sent(Reply("x" * 40_000)))

    assert list(sent) == ["fulfillmentMessages"]


@pytest.mark.parametrize(
    "reply",
    [Reply("x" * LIMIT), Reply(Payload(a="x" * LIMIT)), Reply("Hi", Context("a", parameters={"x": "x" * LIMIT}))],
    ids=["text", "no text", "context"],
)
def test_where_not_even_the_texts_fit_the_cause_is_named(reply: Reply) -> None:
    with pytest.raises(Problem) as refused:
        _sent(reply)

    assert (refused.value.status, refused.value.cause) == (500, "reply-too-large")
    assert str(LIMIT) in refused.value.detail
