from fulfillment.testing import Agent


def test_the_agent_says_its_name(agent: Agent) -> None:
    assert agent.ask("get-agent-name").words == ["My name is Dialogflow!"]
