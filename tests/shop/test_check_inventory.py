import pytest

from tests.kit.requests import words


@pytest.mark.parametrize("name", ["Beans", "coffee beans", "咖啡豆"])
def test_a_product_is_found_by_its_name_and_its_aliases(ask, name):
    assert words(ask("check_inventory", {"product": name})).startswith("We have 42 of Coffee beans")


def test_a_product_that_is_sold_out_is_told_so(ask):
    assert words(ask("check_inventory", {"product": "kettle"})) == "Kettle is sold out at the moment."


def test_an_unknown_product_is_a_friendly_question(ask):
    assert "do not know a product called unicorn" in words(ask("check_inventory", {"product": "unicorn"}))


def test_a_list_where_a_name_belongs_is_refused_before_any_query(shop):
    from tests.kit.requests import es_body

    status, reply = shop.call(es_body("check_inventory", {"product": ["beans"]}))
    assert (status, reply["error"]["cause"]) == (400, "bad-parameter")
