"""Which handler answers which request, and what a mark takes."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from fulfillment import Card, Problem, Reply, Request, Text, on
from fulfillment.problems import SetupError
from fulfillment.routing.routes import Routes


def _handler(name: str) -> Callable[..., str]:
    def handler() -> str:
        return name

    handler.__qualname__ = name
    return handler


def _found(request: Request, *handlers: Callable[..., Any]) -> str:
    return Routes(handlers).find(request).call(request).text


BY_INTENT = on.intent("order")(_handler("by intent"))
BY_ACTION = on.action("order.check")(_handler("by action"))
BY_TAG = on.tag("order")(_handler("by tag"))
BY_EVENT = on.event("Order_Late")(_handler("by event"))
FALLBACK = on.fallback(_handler("fallback"))
ALL = (FALLBACK, BY_EVENT, BY_ACTION, BY_INTENT, BY_TAG)


@pytest.mark.parametrize(
    ("request_", "handler"),
    [
        (Request(intent="order", action="order.check", event="ORDER_LATE", is_fallback=True), "by intent"),
        (Request(tag="order", intent="other"), "by tag"),
        (Request(intent="renamed", action="order.check", event="order_late"), "by action"),
        (Request(intent="other", event="order_late"), "by event"),
        (Request(event="ORDER_LATE"), "by event"),
        (Request(intent="Default Fallback Intent", is_fallback=True), "fallback"),
        (Request(action="input.unknown", is_fallback=True), "fallback"),
        (Request(action="smalltalk.greetings"), "fallback"),
        (Request(), "fallback"),
    ],
)
def test_the_order_is_tag_or_intent_then_action_then_event_then_fallback(request_: Request, handler: str) -> None:
    assert _found(request_, *ALL) == handler


def test_a_tag_is_answered_by_the_intent_of_that_name() -> None:
    assert _found(Request(tag="order"), BY_INTENT) == "by intent"


@pytest.mark.parametrize("intent", ["Order", "order ", "orders", "order.check"])
def test_a_named_intent_that_nobody_handles_is_not_the_fallbacks(intent: str) -> None:
    with pytest.raises(Problem) as refused:
        _found(Request(intent=intent), *ALL)

    assert (refused.value.status, refused.value.cause) == (404, "no-handler")


def test_without_a_fallback_a_request_without_intent_is_nobodys() -> None:
    with pytest.raises(Problem, match="without an intent"):
        _found(Request(), BY_INTENT)


def test_marks_stack() -> None:
    handler = on.fallback(on.event("late")(on.action("b")(on.intent("a2")(on.intent("a1")(_handler("h"))))))
    routes = Routes([handler])

    for request in (*(Request(intent=name) for name in ("a1", "a2")), Request(action="b"), Request(event="late")):
        assert routes.find(request).call(request).text == "h"
    assert [(mark.kind, mark.name) for mark, _ in routes.table()] == [
        *(("action", "b"), ("event", "late"), ("fallback", "fallback")),
        *(("intent", "a1"), ("intent", "a2")),
    ]


def test_the_same_mark_twice_is_no_conflict() -> None:
    assert _found(Request(intent="a"), on.intent("a")(on.intent("a")(_handler("h")))) == "h"


def test_a_marked_function_stays_the_function() -> None:
    assert BY_INTENT() == "by intent"


def test_a_handler_under_another_decorator_keeps_its_signature_and_marks() -> None:
    def loud(function: Callable[..., str]) -> Callable[..., str]:
        @functools.wraps(function)
        def wrapper(**arguments: Any) -> str:
            return function(**arguments).upper()

        return wrapper

    @loud
    @on.intent("below")
    def below(name: str) -> str:
        return name

    @on.intent("above")
    @loud
    def above(name: str) -> str:
        return name

    for request in (Request(intent=intent, parameters={"name": "ada"}) for intent in ("below", "above")):
        assert _found(request, below, above) == "ADA"


@pytest.mark.parametrize(
    ("kind", "shown"), [("intent", "'order'"), ("action", "'order'"), ("tag", "'order'"), ("event", "'ORDER'")]
)
def test_two_handlers_for_one_name_are_both_named_with_file_and_line(kind: str, shown: str) -> None:
    def first() -> None:
        pass

    def second() -> None:
        pass

    getattr(on, kind)("order")(first)
    getattr(on, kind)("ORDER" if kind == "event" else "order")(second)

    with pytest.raises(SetupError, match=f"Two handlers for {kind} {shown}") as refused:
        Routes([first, second])
    for function in (first, second):
        assert f"{function.__qualname__} ({__file__}:{function.__code__.co_firstlineno})" in str(refused.value)


def test_two_fallbacks_are_refused() -> None:
    with pytest.raises(SetupError, match="Two handlers for fallback"):
        Routes([FALLBACK, on.fallback(_handler("other"))])


async def _coroutine() -> str:
    return "Hi"


async def _async_generator() -> AsyncIterator[str]:
    yield "Hi"


def _generator() -> Iterator[str]:
    yield "Hi"


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (_coroutine, "is 'async def'; expected a plain 'def'"),
        (_async_generator, "'async def'"),
        (_generator, "a yield"),
    ],
)
def test_what_cannot_be_called_plainly_stops_the_start(function: Callable[..., Any], text: str) -> None:
    with pytest.raises(SetupError, match=text) as refused:
        Routes([on.intent(f"x{text}")(function)])

    assert f"{__file__}:{function.__code__.co_firstlineno}" in str(refused.value)


def _no_parentheses(kind: str) -> Any:
    return getattr(on, kind)(_handler("h"))


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        (
            lambda: _no_parentheses("intent"),
            r"Found @on.intent\(<function .*\); expected for example @on.intent\(\"che",
        ),
        (lambda: _no_parentheses("action"), r"Found @on.action\(<function"),
        (lambda: _no_parentheses("tag"), r"Found @on.tag\(<function"),
        (lambda: _no_parentheses("event"), r"Found @on.event\(<function"),
        (lambda: _no_parentheses("route"), r"Found @on.route\(<function"),
        (lambda: on.fallback("order"), "@on.fallback without parentheses"),  # type: ignore[type-var]
        (lambda: on.intent(""), r"Found @on.intent\(''\)"),
        (lambda: on.intent(5), r"Found @on.intent\(5\)"),  # type: ignore[arg-type]
        (lambda: on.intent("a")("b"), "on 'b'"),  # type: ignore[type-var]
        (lambda: on.intent("a")(Card), "on a function"),
        (lambda: on.intent("a", late=5), r"late=5\)"),  # type: ignore[arg-type]
        (lambda: on.route("stock"), r"@on.route\('stock'"),
        (lambda: on.route("/stock", methods=["FETCH"]), r"methods=\['FETCH'\]"),
        (lambda: on.route("/stock", methods="GET"), "methods='GET'"),
        (lambda: on.route("/stock", methods=[]), r"methods=\[\]"),
    ],
)
def test_a_mark_that_cannot_work_stops_the_start(mark: Callable[[], Any], text: str) -> None:
    with pytest.raises(SetupError, match=text):
        mark()


@pytest.mark.parametrize(
    ("returned", "reply"),
    [("Hi", Reply("Hi")), (Text("a", "b"), Reply(Text("a", "b"))), (Card("c"), Reply(Card("c"))), (Reply.keep(),) * 2],
    ids=repr,
)
def test_a_handler_may_return_a_reply_a_string_or_a_message(returned: Any, reply: Reply) -> None:
    handler = on.intent("x")(lambda: returned)

    assert Routes([handler]).find(Request(intent="x")).call(Request(intent="x")) == reply


@pytest.mark.parametrize("returned", [None, {"fulfillmentText": "Hi"}, ["Hi"], 5, True, ("Hi", Card("c"))], ids=repr)
def test_another_result_is_no_reply(returned: Any) -> None:
    def handler() -> Any:
        return returned

    with pytest.raises(Problem) as refused:
        Routes([handler]).handlers[0].call(Request())

    assert (refused.value.status, refused.value.cause) == (500, "no-reply")
    assert f"returned {type(returned).__name__}; expected a Reply" in refused.value.detail
    assert ("Did you forget to return?" in refused.value.detail) == (returned is None)
