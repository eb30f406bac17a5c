"""cancel_order over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from fulfillment import Context
from fulfillment.testing import Agent


def test_an_order_is_remembered_cancelled_once_and_forgotten(agent: Agent) -> None:
    assert agent.ask("cancel_order").words == ["Which order shall I cancel? Please tell me its number first."]
    agent.remember(Context("order", 4, {"order_id": "A-1002"}))
    assert agent.ask("cancel_order").words == ["Order A-1002 is cancelled."]
    assert agent.ask("cancel_order").words == ["Which order shall I cancel? Please tell me its number first."]
