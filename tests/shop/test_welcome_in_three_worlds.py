"""welcome over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from tests.worlds import World


def test_the_shop_greets_and_offers_what_it_can_do(world: World) -> None:
    assert world.say("Default Welcome Intent") == [
        "Hello, this is the shop. What can I do for you?",
        "I can help with:",
        "My order",
        "Store hours",
        "Book a table",
        "Is it in stock?",
    ]
