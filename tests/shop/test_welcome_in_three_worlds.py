"""welcome over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from fulfillment.testing import Agent


def test_the_shop_greets_and_offers_what_it_can_do(agent: Agent) -> None:
    assert agent.ask("Default Welcome Intent").words == [
        "Hello, this is the shop. What can I do for you?",
        "I can help with:",
        "My order",
        "Store hours",
        "Book a table",
        "Is it in stock?",
    ]
