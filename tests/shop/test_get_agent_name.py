from tests.kit.requests import words


def test_the_agent_says_its_name(ask):
    assert words(ask("get-agent-name")) == "My name is Dialogflow!"
