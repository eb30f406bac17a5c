"""get_agent_name over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from tests.worlds import World


def test_the_agent_has_a_name(world: World) -> None:
    assert world.say("get-agent-name") == ["My name is Dialogflow!"]
