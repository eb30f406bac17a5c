"""What a body costs before its handler runs: steps are counted, since seconds depend on the machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from fulfillment import Problem, Reply, Request, Webhook, on
from fulfillment.dialects import flexible
from fulfillment.dialects.flexible.request import MAX_FIELDS, MAX_QUERY, MAX_TEXT
from fulfillment.dialects.flexible.turn import RouteStep
from fulfillment.json_text import _unique
from fulfillment.problems import arguments as argument_problems
from fulfillment.problems.nearest import MOST_NAMES, MOST_SENT_NAMES, nearest
from fulfillment.routing.arguments import Signature
from fulfillment.routing.handler import Handler
from fulfillment.routing.paste import advice
from fulfillment.routing.routes import Routes
from fulfillment.testing import es_request
from tests.kit.wire import call_of, error_of, said, webhook_of


class Counted(str):
    """A name that counts how often any name is compared or hashed."""

    steps = 0

    def __eq__(self, other: object) -> bool:
        Counted.steps += 1
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        Counted.steps += 1
        return str.__hash__(self)


@on.intent("hello")
@on.tag("hello")
def hello() -> Reply:
    return Reply("Hello.")


@on.route("/things", methods=["GET", "POST"])
def things(items: list[str], note: str = "") -> dict[str, Any]:
    return {"items": len(items), "note": note[:5]}


def _steps(work: Callable[[], object]) -> int:
    """Return how many functions, in Python or C, are called and returned from by `work`, on this thread."""
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return steps


def _comparisons(members: int) -> int:
    pairs: list[tuple[str, Any]] = [(Counted(f"name-{number}"), 1) for number in range(members)]
    pairs.append((Counted(f"name-{members - 1}"), 1))
    Counted.steps = 0
    with pytest.raises(ValueError, match=f"member 'name-{members - 1}' appears twice"):
        _unique(pairs)
    return Counted.steps


def test_twice_as_many_members_cost_twice_as_much_to_search_for_a_doubled_one() -> None:
    assert _comparisons(4000) <= 2 * _comparisons(2000) + 10


def test_a_megabyte_of_members_is_searched_within_the_call() -> None:
    body = "{" + ",".join(f'"{number}":1' for number in range(90_000)) + ',"89999":1}'

    answer = webhook_of(hello).answer(call_of(body.encode()))

    assert answer.status == 400
    assert error_of(answer)["cause"] == "not-understood"


def _alike(names: int) -> dict[str, Any]:
    """Parameter names that are one name in Python."""
    return {f"size{'!' * number}": number for number in range(1, names + 1)}


def test_a_handler_to_paste_costs_the_same_for_any_number_of_parameters() -> None:
    requests = [Request(intent="x", parameters=_alike(count)) for count in (100, 100, 2000)]
    _, few, many = (_steps(partial(advice, request, ["hello"])) for request in requests)  # the first one imports

    assert many <= few + 10


def test_a_paste_names_fifty_parameters_and_says_how_many_more_there_are() -> None:
    text = advice(Request(intent="x", parameters={f"name_{number}": 1 for number in range(60)}), [])

    assert "# 10 more parameters" in text
    assert "    name_49: int,\n) -> Reply:" in text
    assert "name_50" not in text


def test_long_names_do_not_make_a_long_paste() -> None:
    text = advice(Request(intent="x", parameters={f"{number}{'é' * 1000}": 1 for number in range(50)}), [])

    assert len(text) < 8000
    assert " more parameters" in text
    compile(text.partition(":\n\n")[2], "pasted.py", "exec")


class Names(list[str]):
    """A list that counts how many of its names were looked at."""

    looked_at = 0

    def __iter__(self) -> Iterator[str]:
        for name in list.__iter__(self):
            self.looked_at += 1
            yield name


def test_a_bounded_number_of_names_is_compared() -> None:
    names = Names(f"order_{number}" for number in range(3 * MOST_NAMES))

    assert nearest("order_", names).startswith("order_")
    assert names.looked_at <= MOST_NAMES + 1


def test_long_names_are_not_compared() -> None:
    assert nearest("x" * 100_000, ["x" * 99_999]) == ""
    assert nearest("order_i", ["order_id" + "d" * 100_000, "order_id"]) == "order_id"


def test_missing_parameters_cost_the_same_for_any_number_that_was_sent() -> None:
    sent = [f"order_id_{number}" for number in range(10_000)]

    def told(names: list[str]) -> str:
        request = Request(parameters=dict.fromkeys(names, "x"))
        return argument_problems.missing("h", _needing_an_order_id.arguments, request).detail

    few = _steps(lambda: told(sent[: 2 * MOST_SENT_NAMES]))
    many = _steps(lambda: told(sent))
    detail = told(sent)

    assert many <= few + 10
    assert "Is 'order_id_" in detail
    assert f"and {10_000 - MOST_SENT_NAMES} more" in detail


def _order(order_id: str) -> None:
    """Need an order."""


_needing_an_order_id = Signature(_order)


def _decoding(body: bytes, kit: Webhook) -> int:
    """Return the steps on the server's thread; the handler's thread has its own deadline."""
    return _steps(lambda: kit.answer(call_of(body)))


WIDE: dict[str, Callable[[int], Any]] = {
    "parameters": lambda count: es_request("hello", {f"p{number}": "\ud800" for number in range(count)}),
    "contexts": lambda count: es_request("hello", contexts=[{"name": f"c{number}"} for number in range(count)]),
    "one context": lambda count: es_request("hello", contexts=[{"name": "c", "parameters": {"a": 1}}] * count),
    "messages": lambda count: es_request("hello", fulfillmentMessages=[{"text": {"text": ["a"]}}] * count),
    "lists in lists": lambda count: es_request("hello", {"a": [[[[]]]] * count}),
    "cx": lambda count: {
        "fulfillmentInfo": {"tag": "hello"},
        "sessionInfo": {"parameters": {f"p{number}": 1 for number in range(count)}},
        "intentInfo": {"parameters": {f"p{number}": {"resolvedValue": 1} for number in range(count)}},
        "pageInfo": {"formInfo": {"parameterInfo": [{"displayName": f"p{number}"} for number in range(count)]}},
    },
    "v1": lambda count: {
        "id": "1",
        "result": {
            "metadata": {"intentName": "hello"},
            "contexts": [{"name": f"c{number}", "lifespan": 1} for number in range(count)],
            "parameters": {f"p{number}": number for number in range(count)},
        },
    },
}


@pytest.mark.parametrize("shape", WIDE)
def test_twice_as_wide_a_request_costs_at_most_twice_as_much(shape: str) -> None:
    kit = webhook_of(hello)
    bodies = [json.dumps(WIDE[shape](count)).encode() for count in (500, 1000, 2000)]
    assert kit.answer(call_of(bodies[0])).status == 200  # it also loads the dialect
    first, second, third = (_decoding(body, kit) for body in bodies)

    assert third - second <= 2 * (second - first) + 1000


# Flexible routes: text that looks like JSON.


def _route_handler() -> Handler:
    return Routes([things]).methods_at("/things")["POST"]


def test_lists_in_text_are_read_on_the_handlers_thread() -> None:
    text = json.dumps(["a"] * 10_000)
    call = call_of(json.dumps({"items": text}), path="/things")

    request = flexible.decode({"items": text}, call)

    assert request.parameters["items"] == text  # still text: this much happens before the handler's time counts
    assert RouteStep(_route_handler(), request).call() == {"items": 10_000, "note": ""}


def test_text_that_is_too_long_for_a_list_is_refused_by_name() -> None:
    text = json.dumps(["a" * 50] * 2000)
    answer = webhook_of(things).answer(call_of({"items": text}, path="/things"))

    assert answer.status == 400
    assert error_of(answer)["cause"] == "bad-parameter"
    with pytest.raises(Problem) as refused:
        RouteStep(_route_handler(), Request(parameters={"items": text})).call()
    assert f"found {len(text)} characters of text" in refused.value.detail
    assert str(MAX_TEXT) in refused.value.detail


def test_the_longest_text_is_read_and_plain_text_may_be_longer() -> None:
    text = json.dumps(["a" * (MAX_TEXT - 4)])
    assert len(text) == MAX_TEXT

    assert said(webhook_of(things).answer(call_of({"items": text}, path="/things"))) == {"items": 1, "note": ""}
    longer = {"items": ["a"], "note": "[" * (2 * MAX_TEXT)}
    assert said(webhook_of(things).answer(call_of(longer, path="/things"))) == {"items": 1, "note": "[[[[["}


@pytest.mark.parametrize("query", ["items=" + "a" * MAX_QUERY, "&".join(["items=a"] * (MAX_FIELDS + 1))])
def test_a_query_is_bounded_in_length_and_in_values(query: str) -> None:
    answer = webhook_of(things).answer(call_of(b"", method="GET", path="/things", query=query))

    assert (answer.status, error_of(answer)["cause"]) == (400, "not-understood")


def test_a_query_of_many_values_is_read() -> None:
    query = "&".join(["items=a"] * MAX_FIELDS)

    answer = webhook_of(things).answer(call_of(b"", method="GET", path="/things", query=query))

    assert said(answer)["items"] == MAX_FIELDS
