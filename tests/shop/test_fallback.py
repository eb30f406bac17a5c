from fulfillment.testing import Agent


def test_a_first_miss_is_asked_about(agent: Agent) -> None:
    turn = agent.ask("Default Fallback Intent", fallback=True)
    assert turn.text == "Sorry, I did not get that. Could you say it in other words?"


def test_a_request_without_an_intent_is_a_miss_too(agent: Agent) -> None:
    assert "Could you say it in other words?" in agent.ask().text


def test_after_repeated_misses_a_person_is_offered(agent: Agent) -> None:
    for _ in range(2):
        assert "in other words" in agent.ask("Default Fallback Intent", fallback=True).text
    turn = agent.ask("Default Fallback Intent", fallback=True)
    assert turn.text == "I still do not understand. Let me find a person who can help you."
    if agent.dialect == "cx":
        assert turn.messages[1] == {"liveAgentHandoff": {}}
        assert list(turn.session_parameters.values()) == [3]
