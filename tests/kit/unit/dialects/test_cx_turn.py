"""What the kit does on CX in the place of ES: follow-up events, slot filling started over, counted misses."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment import (
    Context,
    FollowUp,
    Reply,
    Request,
    SessionParameters,
    TargetPage,
    on,
)
from fulfillment.dialects.cx.request import MISSES
from fulfillment.settings import Settings
from fulfillment.testing import cx_form, cx_request
from fulfillment.testing.requests import CX_FLOW, CX_PAGE
from tests.kit.parallel import BUSY
from tests.kit.wire import ask, webhook_of, words_of


def reply_of(webhook: Any, body: dict[str, Any]) -> dict[str, Any]:
    status, reply = ask(webhook, body)
    assert status == 200, reply
    assert isinstance(reply, dict)
    return reply


@on.intent("start")
def start(name: str = "full") -> Reply:
    return Reply(FollowUp(name, {"n": 3}), Context("asked", parameters={"by": "start"}), SessionParameters(old=None))


@on.event("full")
def full(n: int, request: Request) -> Reply:
    told = request.contexts["asked"].get("by"), request.contexts["full"].get("n"), request.event, request.slot_filling
    return Reply(f"{n} {told}")


def test_the_handler_of_a_follow_up_event_runs_in_the_same_call() -> None:
    reply = reply_of(webhook_of(start, full), cx_request("start"))
    assert words_of(reply) == ["3 ('start', 3, 'full', False)"]


def test_session_changes_of_both_handlers_go_out_together() -> None:
    reply = reply_of(webhook_of(start, full), cx_request("start"))
    assert reply["sessionInfo"]["parameters"] == {"asked": {"by": "start"}, "old": None}


def test_event_names_are_matched_without_regard_to_case() -> None:
    assert words_of(reply_of(webhook_of(start, full), cx_request("start", {"name": "FULL"})))


def test_messages_beside_a_follow_up_event_are_dropped_as_es_does(caplog: pytest.LogCaptureFixture) -> None:
    @on.intent("go")
    def go() -> Reply:
        return Reply("not said", FollowUp("end"), TargetPage("b1"))

    @on.event("end")
    def end() -> str:
        return "said"

    reply = reply_of(webhook_of(go, end), cx_request("go"))
    assert words_of(reply) == ["said"]
    assert "targetPage" not in reply
    assert "messages beside FollowUp('end')" in caplog.text


def test_an_event_that_nobody_handles_is_a_named_404(caplog: pytest.LogCaptureFixture) -> None:
    status, reply = ask(webhook_of(start, full), cx_request("start", {"name": "nobody"}))
    assert (status, reply["error"]["cause"]) == (404, "no-handler")


@on.intent("count")
@on.event("count")
def count(n: int = 0, most: int = 2) -> Reply:
    return Reply(f"{n}") if n >= most else Reply(FollowUp("count", {"n": n + 1, "most": most}))


def test_up_to_three_events_may_follow_one_another() -> None:
    assert words_of(reply_of(webhook_of(count), cx_request("count", {"most": 3}))) == ["3"]
    status, reply = ask(webhook_of(count), cx_request("count", {"most": 4}))
    assert (status, reply["error"]["cause"]) == (500, "follow-up-loop")


def test_an_event_that_leads_back_to_itself_is_stopped_at_once() -> None:
    calls: list[int] = []

    @on.intent("loop")
    @on.event("loop")
    def loop() -> Reply:
        calls.append(1)
        return Reply(FollowUp("loop"))

    assert ask(webhook_of(loop), cx_request("loop"))[1]["error"]["cause"] == "follow-up-loop"
    assert len(calls) == 2


def test_a_chain_has_one_deadline() -> None:
    import time

    @on.intent("slow")
    @on.event("slow")
    def slow(n: int = 0) -> Reply:
        time.sleep(0.4)
        return Reply(FollowUp("slow", {"n": n + 1}))

    began = time.monotonic()
    status, reply = ask(webhook_of(slow, settings=Settings(cx_deadline=0.8)), cx_request("slow"))
    assert (status, reply["error"]["cause"]) == (503, "deadline-exceeded")
    assert time.monotonic() - began < 0.8 + BUSY


@on.intent("book", slot_filling=True)
@on.event("book")
def book(date: str | None, guests: int | None, request: Request) -> Reply:
    if date == "yesterday":
        return Reply(FollowUp("book", {"guests": guests, "problem": "That day is over."}))
    if guests == 99:
        return Reply(FollowUp("book", {"date": date, "guests": 9, "problem": "Only nine."}))
    context = request.contexts.get("book")
    return Reply(context.get("problem") if context else f"{date} {guests} {request.slot_filling}")


def test_starting_over_with_the_good_values_lets_the_form_ask_for_the_others() -> None:
    reply = reply_of(webhook_of(book), cx_request("book", form=cx_form(date="yesterday", guests=2)))
    assert words_of(reply) == ["That day is over."]
    assert reply["pageInfo"]["formInfo"]["parameterInfo"] == [{"displayName": "date", "state": "INVALID"}]
    assert reply["sessionInfo"]["parameters"] == {"date": None}


def test_starting_over_stays_on_the_page_whatever_the_agents_route_says() -> None:
    reply = reply_of(webhook_of(book), cx_request("book", form=cx_form(date="yesterday", guests=2)))
    assert reply["targetPage"] == CX_PAGE


def test_starting_over_with_another_value_changes_the_form() -> None:
    reply = reply_of(webhook_of(book), cx_request("book", form=cx_form(date="today", guests=99)))
    assert reply["pageInfo"]["formInfo"]["parameterInfo"] == [{"displayName": "guests", "state": "FILLED", "value": 9}]


def test_a_handler_that_fills_slots_sees_a_form_that_still_asks() -> None:
    reply = reply_of(webhook_of(book), cx_request("book", form=cx_form(date="today", guests=None)))
    assert words_of(reply) == ["today None True"]


@on.fallback
def missed(request: Request) -> str:
    return f"{request.misses}"


@on.intent("hit")
def hit(request: Request) -> str:
    return f"{request.misses}"


MISSED = {"triggerEvent": "sys.no-match-default"}


@pytest.mark.parametrize(
    ("before", "told", "kept"),
    [({}, "1", 1), ({MISSES: 2}, "3", 3), ({MISSES: "x"}, "1", 1)],
)
def test_misses_are_counted_in_a_session_parameter(before: dict[str, Any], told: str, kept: int) -> None:
    reply = reply_of(webhook_of(missed, hit), cx_request("", before, **MISSED))  # type: ignore[arg-type]
    assert words_of(reply) == [told]
    assert reply["sessionInfo"]["parameters"] == {MISSES: kept}


def test_a_tag_that_reaches_the_fallback_handler_counts_as_a_miss() -> None:
    @on.fallback
    @on.tag("nobody understood")
    def by_tag(request: Request) -> str:
        return f"{request.misses} {request.is_fallback}"

    assert words_of(reply_of(webhook_of(by_tag), cx_request("nobody understood", {MISSES: 1}))) == ["2 True"]


def test_an_understood_turn_ends_the_count() -> None:
    reply = reply_of(webhook_of(missed, hit), cx_request("hit", {MISSES: 2}))
    assert reply["sessionInfo"]["parameters"] == {MISSES: None}
    assert "sessionInfo" not in reply_of(webhook_of(missed, hit), cx_request("hit"))


def test_the_counter_is_no_parameter_of_a_handler() -> None:
    @on.intent("list")
    def names(request: Request) -> str:
        return ",".join(request.parameters) or "none"

    assert words_of(reply_of(webhook_of(names), cx_request("list", {MISSES: 2}))) == ["none"]


def test_an_unknown_tag_is_not_answered_by_the_last_matched_intent() -> None:
    status, reply = ask(webhook_of(hit), cx_request("other", intent="hit"))
    assert (status, reply["error"]["cause"]) == (404, "no-handler")


def test_without_a_tag_the_intent_is_answered() -> None:
    assert words_of(reply_of(webhook_of(hit), cx_request("", intent="hit"))) == ["0"]


def test_a_tag_mark_reaches_its_handler_before_an_intent_of_that_name() -> None:
    @on.tag("hit")
    def tagged() -> str:
        return "tag"

    assert words_of(reply_of(webhook_of(hit, tagged), cx_request("hit"))) == ["tag"]


def test_the_event_of_the_user_reaches_its_handler_where_there_is_no_tag() -> None:
    assert words_of(
        reply_of(webhook_of(full), cx_request("", {"n": 1, "asked": {"by": "x"}, "full": {}}, triggerEvent="full"))
    )


def test_the_page_of_the_current_flow_is_known_to_a_handler() -> None:
    @on.tag("where")
    def where(request: Request) -> str:
        return request.page.flow if request.page else ""

    assert words_of(reply_of(webhook_of(where), cx_request("where"))) == [CX_FLOW]
