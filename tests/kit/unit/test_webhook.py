"""One call from start to end: what comes back when a part of the way fails."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from fulfillment import Card, Context, Problem, Raw, Reply, Request, Webhook, logs, on
from fulfillment.access.basic import Basic
from fulfillment.access.header import Header
from fulfillment.call import Call
from fulfillment.dialects import es
from fulfillment.problems import firestore_unavailable
from fulfillment.routing.routes import Routes
from fulfillment.settings import Settings
from fulfillment.testing import es_request
from tests.kit.wire import V2, answer_of, call_of, decoded, error_of, said, webhook_of


@on.intent("hello")
def hello() -> str:
    return "Hello."


def test_an_answer_is_json_with_its_content_type() -> None:
    answer = answer_of(es_request("hello"), hello)

    assert (answer.status, answer.headers) == (200, {"content-type": "application/json"})
    assert said(answer)["fulfillmentText"] == "Hello."


@pytest.mark.parametrize(
    ("settings", "challenge"),
    [
        (Settings(auth=("basic",), access=(Basic(("user:password",)),)), "Basic realm="),
        (Settings(auth=("header",), access=(Header({"x-secret": ("a",)}),)), "Bearer"),
    ],
)
def test_a_call_without_a_credential_is_401_with_a_challenge(settings: Settings, challenge: str) -> None:
    answer = answer_of(es_request("hello"), hello, settings=settings)

    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith(challenge)
    assert error_of(answer)["cause"] == "unauthenticated"


def test_who_may_not_call_learns_nothing_of_the_rest() -> None:
    settings = Settings(auth=("basic",), access=(Basic(("user:password",)),))

    for call in (call_of(b"not json"), call_of(es_request("hello"), method="GET"), call_of(b"x" * 2_000_000)):
        assert webhook_of(hello, settings=settings).answer(call).status == 401


class _Unreadable(Mapping[str, Any]):
    """Content of a payload that the encoder cannot read."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __getitem__(self, name: str) -> Any:
        raise self._error

    def __iter__(self) -> Iterator[str]:
        raise self._error

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize("error", [LookupError("inside"), SystemExit(3)], ids=repr)
def test_a_fault_while_a_reply_is_encoded_is_not_blamed_on_the_handler(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    @on.intent("unreadable")
    def unreadable() -> Raw:
        return Raw(_Unreadable(error))

    answer = webhook_of(unreadable).answer(call_of(es_request("unreadable")))

    assert (answer.status, error_of(answer)["cause"]) == (500, "internal-error")
    assert f"{type(error).__name__}: {error}" in caplog.text  # its traceback


def test_what_a_handlers_own_dataclass_raises_is_the_handlers_failure(caplog: pytest.LogCaptureFixture) -> None:
    @dataclass
    class Size:
        name: str

        def __post_init__(self) -> None:
            raise LookupError(self.name)

    def order(size: Size) -> str:
        return size.name

    order.__annotations__["size"] = Size
    answer = webhook_of(on.intent("order")(order)).answer(call_of(es_request("order", {"size": {"name": "large"}})))

    assert (answer.status, error_of(answer)["cause"]) == (500, "handler-failed")
    assert "LookupError: large" in caplog.text


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ValueError("a secret of the inside"), "handler-failed"),
        (KeyError("a secret of the inside"), "handler-failed"),
        (SystemExit(3), "handler-failed"),
        (KeyboardInterrupt(), "handler-failed"),
        (RecursionError(), "handler-failed"),
        (MemoryError(), "handler-failed"),
        (StopIteration(), "handler-failed"),
        (GeneratorExit(), "handler-failed"),
    ],
    ids=repr,
)
def test_whatever_a_handler_raises_the_webhook_answers_and_lives(error: BaseException, cause: str) -> None:
    @on.intent("broken")
    def broken() -> str:
        raise error

    kit = webhook_of(hello, broken)
    answer = kit.answer(call_of(es_request("broken")))

    assert (answer.status, error_of(answer)["cause"]) == (500, cause)
    assert b"secret" not in answer.body
    assert kit.answer(call_of(es_request("hello"))).status == 200


def test_a_handlers_own_problem_is_the_answer() -> None:
    @on.intent("closed")
    def closed() -> str:
        raise Problem(503, "shop-closed", "The shop is closed.", "Inside: sunday")

    answer = answer_of(es_request("closed"), closed)

    assert answer.status == 503
    assert (error_of(answer)["cause"], error_of(answer)["message"]) == ("shop-closed", "The shop is closed.")
    assert b"sunday" not in answer.body


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (None, "no-reply"),
        (Reply(Context("a b")), "invalid-reply"),
        (Reply(Card("x" * 70_000)), "reply-too-large"),
        (Reply(*["x"] * 11), "reply-limit"),
    ],
    ids=["no reply", "invalid", "too large", "limit"],
)
def test_a_reply_that_dialogflow_would_drop_is_not_sent(reply: Any, cause: str) -> None:
    @on.intent("odd")
    def odd() -> Any:
        return reply

    answer = answer_of(es_request("odd"), odd)

    assert (answer.status, error_of(answer)["cause"]) == (500, cause)


def test_an_unknown_intent_is_404() -> None:
    answer = answer_of(es_request("nobodys"), hello)

    assert (answer.status, error_of(answer)["cause"]) == (404, "no-handler")
    assert b"nobodys" not in answer.body


def test_a_kept_response_is_the_empty_object() -> None:
    @on.intent("keep")
    def keep() -> Reply:
        return Reply.keep()

    assert answer_of(es_request("keep"), keep).body == b"{}"


def test_a_late_answer_that_was_declared_is_given_instead_of_503() -> None:
    @on.intent("slow", late=Reply("One moment.", Raw({"text": {"text": ["..."]}})))
    def slow() -> str:
        time.sleep(5)
        return "Done."

    answer = answer_of(es_request("slow"), slow, settings=Settings(deadline=0.5))

    assert answer.status == 200
    assert said(answer)["fulfillmentMessages"][0] == {"text": {"text": ["One moment."]}}


@pytest.mark.parametrize(
    ("assistant", "source", "seconds"),
    [(False, "google", 4.5), (True, "google", 9.5), (True, "facebook", 4.5), (True, "", 4.5)],
)
def test_the_assistants_longer_time_counts_only_where_the_operator_says_so(
    assistant: bool, source: str, seconds: float
) -> None:
    request = decoded(es_request("hello") | {"originalDetectIntentRequest": {"source": source}})

    assert es.seconds(request, Settings(assistant=assistant)) == seconds


def test_a_line_that_cannot_be_logged_does_not_cost_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> str:
        raise OSError("no space left")

    monkeypatch.setattr(logs, "short_hash", fail)

    assert answer_of(es_request("hello"), hello).status == 200


def test_a_late_answer_is_given_too_when_firestore_did_not_answer() -> None:
    @on.intent("look", late="One moment.")
    def look() -> str:
        raise firestore_unavailable("it is down")

    assert said(answer_of(es_request("look"), look))["fulfillmentText"] == "One moment."


def test_a_call_that_waited_too_long_before_it_was_read_is_late() -> None:
    answer = webhook_of(hello).answer(call_of(es_request("hello"), received_at=time.monotonic() - 60))

    assert answer.status in (200, 503)
    assert isinstance(said(answer), dict)


def test_handlers_see_the_whole_call() -> None:
    @on.fallback
    def echo(request: Request) -> Reply:
        return Reply(json.dumps([request.dialect, request.headers["x-tenant"], request.raw.decode()[:1]]))

    answer = webhook_of(echo).answer(call_of({"queryResult": {}}, headers={"x-tenant": "north"}))

    assert json.loads(said(answer)["fulfillmentText"]) == ["es", "north", "{"]


def test_one_webhook_answers_many_kinds_of_calls_in_turn() -> None:
    kit = Webhook(Routes([hello]), V2)
    calls = [call_of(es_request("hello")), call_of(b""), Call(), call_of(es_request("hello"), method="GET")]

    assert [kit.answer(call).status for call in calls * 3] == [200, 400, 403, 405] * 3
