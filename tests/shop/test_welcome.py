from fulfillment.testing import Agent


def test_the_greeting_offers_what_the_shop_can_do(agent: Agent) -> None:
    assert agent.ask("Default Welcome Intent").words == [
        "Hello, this is the shop. What can I do for you?",
        "I can help with:",
        "My order",
        "Store hours",
        "Book a table",
        "Is it in stock?",
    ]
