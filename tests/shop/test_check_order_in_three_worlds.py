"""check_order over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from fulfillment.testing import Agent


def test_an_order_is_found_with_a_card_to_track_it(agent: Agent) -> None:
    assert agent.ask("check_order", order_id="A-1001").words == [
        "Order A-1001 is shipped, expected on 2026-12-01.",
        "Order A-1001",
        "Track it",
    ]


def test_an_order_that_does_not_exist_is_a_helpful_no(agent: Agent) -> None:
    assert agent.ask("check_order", order_id=1001.0).words == ["I cannot find order 1001. Is the number right?"]
