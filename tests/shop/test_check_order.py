import pytest

from fulfillment.testing import Agent

pytestmark = pytest.mark.usefixtures("database")


def test_an_order_is_told_with_a_card_to_track_it(agent: Agent) -> None:
    assert agent.ask("check_order", order_id="A-1001").words == [
        "Order A-1001 is shipped, expected on 2026-12-01.",
        "Order A-1001",
        "Track it",
    ]


def test_the_order_is_remembered(agent: Agent) -> None:
    order = agent.ask("check_order", order_id="A-1001").contexts["order"]
    assert (order.lifespan, order.parameters) == (5, {"order_id": "A-1001"})


@pytest.mark.parametrize(("order_id", "told"), [(1001.0, "1001"), ("../A-1001", "../A-1001")])
def test_an_order_that_does_not_exist_is_a_friendly_question(agent: Agent, order_id: object, told: str) -> None:
    turn = agent.ask("check_order", order_id=order_id)
    assert turn.words == [f"I cannot find order {told}. Is the number right?"]
