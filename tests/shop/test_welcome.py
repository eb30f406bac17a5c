from tests.kit.requests import words


def test_the_greeting_offers_what_the_shop_can_do(ask):
    reply = ask("Default Welcome Intent")
    assert "What can I do for you?" in words(reply)
    assert "Store hours" in reply["fulfillmentMessages"][1]["quickReplies"]["quickReplies"]
