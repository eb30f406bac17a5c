from tests.kit.requests import words


def test_an_order_is_told_and_remembered(ask):
    reply = ask("check_order", {"order_id": "A-1001"})
    assert words(reply) == "Order A-1001 is shipped, expected on 2026-12-01."
    assert reply["fulfillmentMessages"][1]["card"]["buttons"][0]["text"] == "Track it"
    (context,) = reply["outputContexts"]
    assert (context["lifespanCount"], context["parameters"]) == (5, {"order_id": "A-1001"})


def test_an_unknown_order_is_a_friendly_question(ask):
    assert words(ask("check_order", {"order_id": 1001.0})) == "I cannot find order 1001. Is the number right?"


def test_an_id_that_no_order_can_have_is_not_found(ask):
    assert "cannot find order ../A-1001" in words(ask("check_order", {"order_id": "../A-1001"}))
