from tests.kit.requests import es_body, es_context, words


def order_context(order_id):
    return [es_context("order", 4, order_id=order_id)]


def test_an_order_in_work_is_cancelled(ask, stocked):
    assert words(ask("cancel_order", contexts=order_context("A-1002"))) == "Order A-1002 is cancelled."
    assert stocked.client().document("orders/A-1002").get().get("status") == "cancelled"


def test_somebody_else_who_wishes_to_cancel_is_told_that_it_was_done(ask):
    ask("cancel_order", contexts=order_context("A-1002"))
    elsewhere = ask("cancel_order", contexts=order_context("A-1002"), session="projects/p/agent/sessions/another")
    assert words(elsewhere) == "Order A-1002 was cancelled already."


def test_who_wishes_the_same_again_is_told_that_it_was_done(ask):
    ask("cancel_order", contexts=order_context("A-1002"))
    assert words(ask("cancel_order", contexts=order_context("A-1002"))) == "Order A-1002 was cancelled already."


def test_an_order_that_is_in_work_again_is_cancelled_again(ask, stocked):
    ask("cancel_order", contexts=order_context("A-1002"))
    order = stocked.client().document("orders/A-1002")
    order.update({"status": "processing"})
    assert words(ask("cancel_order", contexts=order_context("A-1002"))) == "Order A-1002 is cancelled."
    assert order.get().get("status") == "cancelled"


def test_the_same_turn_delivered_twice_gets_the_same_words(shop):
    request = es_body("cancel_order", contexts=order_context("A-1002"))
    assert shop.call(request) == shop.call(request)


def test_a_shipped_order_stays(ask, stocked):
    assert "has been shipped already" in words(ask("cancel_order", contexts=order_context("A-1001")))
    assert stocked.client().document("orders/A-1001").get().get("status") == "shipped"


def test_without_an_order_in_the_talk_its_number_is_asked_for(ask):
    assert "Which order" in words(ask("cancel_order"))
