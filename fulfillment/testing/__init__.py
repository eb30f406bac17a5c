"""For tests of your own handlers: an `Agent` that calls them as Dialogflow would, in any of its dialects.

A handler that needs no request is tested by calling it: `check_order("A-1001")`. Everything else through an agent:

    agent = Agent(routes)                     # or dialect="cx", "v1", "flexible"
    turn = agent.ask("check_order", order_id="A-1001")
    assert "shipped" in turn.text
    assert turn.contexts["order"].lifespan == 5
    turn = agent.ask("cancel_order")          # the context "order" is still there, with one turn less

Not for the deployed function: nothing else in the kit imports this module.
"""

from .agent import Agent
from .judges import check_as_google_does
from .requests import cx_form, cx_request, es_context, es_request, v1_request
from .turn import Turn

__all__ = [
    "Agent",
    "Turn",
    "check_as_google_does",
    "cx_form",
    "cx_request",
    "es_context",
    "es_request",
    "v1_request",
]
