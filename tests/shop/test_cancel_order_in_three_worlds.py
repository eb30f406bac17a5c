"""cancel_order over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from tests.worlds import World


def test_an_order_is_remembered_cancelled_once_and_forgotten(world: World) -> None:
    assert world.say("cancel_order") == ["Which order shall I cancel? Please tell me its number first."]
    world.remember("order", order_id="A-1002")
    assert world.say("cancel_order") == ["Order A-1002 is cancelled."]
    assert world.say("cancel_order") == ["Which order shall I cancel? Please tell me its number first."]
