"""fallback over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from fulfillment.dialects.cx.request import MISSES
from tests.worlds import World


def test_after_repeated_misses_a_person_is_offered(world: World) -> None:
    for _ in range(2):
        assert "in other words" in world.say("Default Fallback Intent", missed=True)[0]
    assert "a person" in world.say("Default Fallback Intent", missed=True)[0]
    if world.dialect == "cx":
        assert world.reply["fulfillmentResponse"]["messages"][1] == {"liveAgentHandoff": {}}
        assert world.reply["sessionInfo"]["parameters"] == {MISSES: 3}
