"""fallback over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from fulfillment.dialects.cx.request import MISSES
from fulfillment.testing import Agent


def test_after_repeated_misses_a_person_is_offered(agent: Agent) -> None:
    for _ in range(2):
        assert "in other words" in agent.ask("Default Fallback Intent", fallback=True).text
    turn = agent.ask("Default Fallback Intent", fallback=True)
    assert "a person" in turn.text
    if agent.dialect == "cx":
        assert turn.messages[1] == {"liveAgentHandoff": {}}
        assert turn.session_parameters == {MISSES: 3}
