"""`Agent.call`: a CX flexible webhook's call, as its resource describes it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from fulfillment import on
from fulfillment.routing.routes import Routes
from fulfillment.testing import Agent

SEEN: list[Any] = []


@on.route("/stock", methods=["GET"])
def stock(product: str, sizes: list[int] | None = None, size: int = 1) -> dict[str, Any]:
    SEEN.append((product, sizes, size))
    return {"known": True, "stock": 42}


@on.route("/order", methods=["POST", "PUT"])
def order(product: str, day: datetime.date | None = None, body: str = "") -> list[Any]:
    SEEN.append((product, day, body))
    return [product]


@on.intent("hello")
def hello() -> str:
    return "Hello."


@pytest.fixture
def agent() -> Agent:
    SEEN.clear()
    return Agent(Routes([stock, order, hello]), dialect="flexible")


def test_values_go_into_the_url_of_a_get(agent: Agent) -> None:
    turn = agent.call("/stock", product="green tea & more", sizes=[1, 2])
    assert (turn.status, turn.body, turn.dialect) == (200, {"known": True, "stock": 42}, "flexible")
    assert SEEN == [("green tea & more", [1, 2], 1)]


def test_values_go_into_the_body_of_a_post(agent: Agent) -> None:
    turn = agent.call("/order", product="tea", day=datetime.date(2026, 12, 1))
    assert (turn.status, turn.body, turn.messages, turn.text) == (200, ["tea"], [], "")
    assert [("tea", datetime.date(2026, 12, 1), "")] == SEEN


def test_a_session_parameter_that_is_not_set_is_missing(agent: Agent) -> None:
    assert agent.call("/stock", product=None).cause == "missing-parameter"
    assert agent.call("/stock", product="tea", size=None).status == 200
    assert agent.call("/order", product="tea", day=None).status == 200
    assert SEEN == [("tea", None, 1), ("tea", None, "")]


def test_a_path_may_have_a_query_and_a_method(agent: Agent) -> None:
    assert agent.call("/stock?product=tea").status == 200
    assert agent.call("/order", method="PUT", product="tea").status == 200
    assert agent.call("/order", method="GET", product="tea").cause == "method-not-allowed"
    assert agent.call("/stock", method="HEAD", product="tea").body == {}
    assert agent.call("/nowhere").cause == "not-understood"


def test_a_body_of_ones_own_is_sent_and_never_taken_for_a_parameter(agent: Agent) -> None:
    assert agent.call("/order", body={"product": "tea"}, parameters={}).body == ["tea"]
    with pytest.raises(TypeError, match="no parameter"):
        agent.call("/order", body="words")
    assert agent.call("/order", product="tea", parameters={"body": "words"}).status == 200


def test_a_flexible_webhook_has_no_intents(agent: Agent) -> None:
    with pytest.raises(TypeError, match=r"agent\.call"):
        agent.ask("hello")
    with pytest.raises(TypeError, match=r"agent\.call"):
        agent.event("WELCOME")


def test_every_agent_can_call_a_route() -> None:
    agent = Agent(Routes([stock, hello]))
    assert agent.call("/stock", product="tea").dialect == "flexible"
    assert agent.ask("hello").text == "Hello."
