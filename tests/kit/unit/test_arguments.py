"""A handler's arguments: which parameter or context each one gets, and what happens when it is missing."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from fulfillment import Context, Parameter, Problem, Reply, Request, on
from fulfillment.problems import SetupError
from fulfillment.routing.routes import Routes
from fulfillment.testing import es_context, es_request
from tests.kit.wire import decoded


@dataclass
class Amount:
    amount: float
    unit: str


def _got(handler: Callable[..., Any], request: Request) -> Any:
    """What a handler that returns its arguments was called with; None when it was not called."""
    calls: list[Any] = []

    on.intent("x")(handler)
    routes = Routes([handler])
    original = routes.handlers[0].function

    def note(**arguments: Any) -> Reply:
        calls.append(original(**arguments))
        return Reply("Hi")

    routes.handlers[0].function = note
    routes.find(request).call(request)
    return calls[0] if calls else None


def _request(parameters: dict[str, Any], **changes: Any) -> Request:
    return decoded(es_request("x", parameters, **changes))


def _refused(handler: Callable[..., Any], request: Request) -> Problem:
    with pytest.raises(Problem) as refused:
        _got(handler, request)
    return refused.value


def test_arguments_are_parameters_by_name_and_type() -> None:
    def handler(order_id: str, guests: int, day: datetime.date, price: Amount) -> Any:
        return order_id, guests, day, price

    parameters = {"order_id": 1001.0, "guests": "2", "day": "2026-11-21", "price": {"amount": 9.5, "unit": "EUR"}}

    assert _got(handler, _request(parameters)) == ("1001", 2, datetime.date(2026, 11, 21), Amount(9.5, "EUR"))


def test_a_parameter_that_is_no_python_name_is_annotated() -> None:
    def handler(
        city: Annotated[str, Parameter("geo-city")],
        land: Annotated[str | None, Parameter("geo-country")],
        state: Annotated[str, Parameter("geo-state")] | None,
        street: Annotated[str, Parameter("street.name")] = "?",
    ) -> Any:
        return city, land, state, street

    parameters = {"geo-city": "Köln", "geo-country": "DE", "geo-state": "NRW", "street.name": "Ring"}

    assert _got(handler, _request(parameters)) == ("Köln", "DE", "NRW", "Ring")
    assert _got(handler, _request({"geo-city": "Köln"})) == ("Köln", None, None, "?")


@pytest.mark.parametrize("missing", [{}, {"a": ""}, {"a": None}, {"a": []}], ids=str)
def test_a_missing_value_is_the_default_or_none(missing: dict[str, Any]) -> None:
    def handler(a: str | None, b: int = 7, c: list[str] | None = None) -> Any:
        return a, b, c

    assert _got(handler, _request(missing)) == (None, 7, None)


def test_zero_and_false_are_values() -> None:
    def handler(a: int, b: bool) -> Any:
        return a, b

    assert _got(handler, _request({"a": 0, "b": False})) == (0, False)


@pytest.mark.parametrize("missing", [{}, {"guests": ""}, {"guests": None}, {"guests": []}], ids=str)
def test_a_required_value_that_is_missing_is_named_with_what_was_sent(missing: dict[str, Any]) -> None:
    def handler(guests: int, name: str) -> Any:
        return guests, name

    problem = _refused(handler, _request({**missing, "name": "Ada"}))

    assert (problem.status, problem.cause) == (400, "missing-parameter")
    assert "needs 'guests'; the request has 'name'." in problem.detail
    assert "Ada" not in problem.detail


def test_a_missing_name_that_is_nearly_right_is_suggested() -> None:
    def handler(order_id: str) -> Any:
        return order_id

    assert "Annotated[str, Parameter('order-id')]" in _refused(handler, _request({"order-id": "A"})).detail


def test_a_value_that_does_not_fit_is_named_without_repeating_it() -> None:
    def handler(guests: int) -> Any:
        return guests

    problem = _refused(handler, _request({"guests": "my secret"}))

    assert (problem.status, problem.cause) == (400, "bad-parameter")
    assert problem.message == "Parameter guests is not of type int."
    assert "secret" not in problem.detail + problem.message


def test_while_slots_are_filled_the_agents_prompt_is_kept() -> None:
    def handler(guests: int) -> Any:
        return guests

    on.intent("x")(handler)
    request = _request({"guests": ""}, complete=False)

    assert Routes([handler]).find(request).call(request) == Reply.keep()


def test_while_slots_are_filled_a_handler_that_has_all_it_needs_is_called() -> None:
    def handler(guests: int, name: str = "") -> Any:
        return guests, name

    assert _got(handler, _request({"guests": 2, "name": ""}, complete=False)) == (2, "")


def test_a_slot_filling_handler_is_called_on_every_turn_with_none_for_what_is_missing() -> None:
    @on.intent("y", slot_filling=True)
    def handler(guests: int, name: str) -> Any:
        return guests, name

    assert _got(handler, _request({"guests": 2, "name": ""}, complete=False)) == (2, None)
    assert _refused(handler, _request({"guests": 2, "name": ""})).cause == "missing-parameter"


def test_the_request_comes_by_its_type_or_by_its_name() -> None:
    def by_name(request) -> Any:  # type: ignore[no-untyped-def]
        return request.intent

    def by_type(turn: Request) -> Any:
        return turn.intent

    def optional(request: Request | None = None) -> Any:
        return request and request.intent

    def a_parameter(request: str) -> Any:
        return request

    assert [_got(each, _request({})) for each in (by_name, by_type, optional)] == ["x", "x", "x"]
    assert _got(a_parameter, _request({"request": "refund"})) == "refund"


def test_a_context_is_an_argument_too() -> None:
    def handler(order: Context, other: Context | None, parent: Annotated[Context, Parameter("Order-Followup")]) -> Any:
        return order.get("id"), other, parent.name

    contexts = [es_context("Order", 2, id="A"), es_context("order-followup", 1)]

    assert _got(handler, _request({"order": "B"}, contexts=contexts)) == ("A", None, "order-followup")


def test_a_required_context_that_is_missing_is_named() -> None:
    def handler(order: Context) -> Any:
        return order

    assert _refused(handler, _request({})).cause == "missing-parameter"


def test_keyword_only_arguments_are_bound() -> None:
    def handler(*, guests: int) -> Any:
        return guests

    assert _got(handler, _request({"guests": 2})) == 2


def _untyped(guests) -> None:  # type: ignore[no-untyped-def]
    pass


def _starred(*guests: int) -> None:
    pass


def _double_starred(**guests: int) -> None:
    pass


def _positional_only(guests: int, /) -> None:
    pass


def _no_json(guests: set[str]) -> None:
    pass


def _unknown(guests: Gast) -> None:  # type: ignore[name-defined]  # noqa: F821
    pass


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        (_untyped, "argument 'guests' has no type; write for example guests: str"),
        (_starred, r"argument '\*guests: .*int.*' cannot be bound by name"),
        (_double_starred, "cannot be bound by name"),
        (_positional_only, "cannot be bound by name"),
        (_no_json, r"argument 'guests': type set\[str\] cannot be made from JSON"),
        (_unknown, "annotations cannot be read: name 'Gast' is not defined"),
    ],
)
def test_an_argument_that_nothing_could_fill_stops_the_start(handler: Callable[..., Any], text: str) -> None:
    with pytest.raises(SetupError, match=text) as refused:
        Routes([handler])

    assert f"{handler.__qualname__} ({__file__}:{handler.__code__.co_firstlineno})" in str(refused.value)
