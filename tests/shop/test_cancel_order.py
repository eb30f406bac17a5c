import pytest
from google.cloud.firestore import Client

from fulfillment import Context
from fulfillment.testing import Agent, es_context, es_request
from handlers import routes


def cancelled(agent: Agent, order_id: str = "A-1002") -> str:
    """What a user is told who wants to cancel the order that was talked about."""
    agent.remember(Context("order", 4, {"order_id": order_id}))
    return agent.ask("cancel_order").text


def status(database: Client, order_id: str = "A-1002") -> str:
    return str(database.document(f"orders/{order_id}").get().get("status"))


def test_an_order_in_work_is_cancelled(agent: Agent, database: Client) -> None:
    assert cancelled(agent) == "Order A-1002 is cancelled."
    assert status(database) == "cancelled"


def test_a_shipped_order_stays(agent: Agent, database: Client) -> None:
    assert "has been shipped already" in cancelled(agent, "A-1001")
    assert status(database, "A-1001") == "shipped"


def test_an_order_that_does_not_exist_is_a_friendly_question(agent: Agent) -> None:
    assert cancelled(agent, "A-1") == "I cannot find order A-1. Is the number right?"


def test_without_an_order_in_the_talk_its_number_is_asked_for(agent: Agent) -> None:
    assert agent.ask("cancel_order").words == ["Which order shall I cancel? Please tell me its number first."]


def test_a_cancelled_order_is_forgotten(agent: Agent) -> None:
    cancelled(agent)
    assert "Which order" in agent.ask("cancel_order").text


def test_who_wishes_the_same_again_is_told_that_it_was_done(agent: Agent, database: Client) -> None:
    cancelled(agent)
    assert cancelled(agent) == "Order A-1002 was cancelled already."


def test_somebody_else_who_wishes_to_cancel_is_told_that_it_was_done(agent: Agent, database: Client) -> None:
    cancelled(agent)
    assert cancelled(Agent(routes, dialect=agent.dialect)) == "Order A-1002 was cancelled already."


def test_an_order_that_is_in_work_again_is_cancelled_again(agent: Agent, database: Client) -> None:
    cancelled(agent)
    database.document("orders/A-1002").update({"status": "processing"})
    assert cancelled(agent) == "Order A-1002 is cancelled."
    assert status(database) == "cancelled"


@pytest.mark.parametrize("agent", ["es"], indirect=True)
def test_the_same_turn_delivered_twice_gets_the_same_words(agent: Agent, database: Client) -> None:
    request = es_request("cancel_order", contexts=[es_context("order", 4, order_id="A-1002")])
    assert agent.send(request) == agent.send(request)
    assert status(database) == "cancelled"
