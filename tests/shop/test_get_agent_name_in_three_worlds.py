"""get_agent_name over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from fulfillment.testing import Agent


def test_the_agent_has_a_name(agent: Agent) -> None:
    assert agent.ask("get-agent-name").words == ["My name is Dialogflow!"]
