"""get-agent-name: the quickstart's intent, and the shortest handler there is."""

from fulfillment import on


@on.intent("get-agent-name")
def get_agent_name() -> str:
    """Say the agent's name."""
    return "My name is Dialogflow!"
