"""For tests of your own handlers: an `Agent` that calls them as Dialogflow ES would.

A handler that needs no request is tested by calling it: `check_order("A-1001")`. Everything else through an agent:

    agent = Agent(routes)
    turn = agent.ask("check_order", order_id="A-1001")
    assert "shipped" in turn.text
    assert turn.contexts["order"].lifespan == 5
    turn = agent.ask("cancel_order")          # the context "order" is still there, with one turn less

Not for the deployed function: nothing else in the kit imports this module.
"""

from .agent import Agent, Turn, check_as_google_does

__all__ = ["Agent", "Turn", "check_as_google_does"]
