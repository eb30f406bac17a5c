import pytest

from fulfillment.testing import Agent

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("name", ["Beans", "coffee beans", "咖啡豆"])
def test_a_product_is_found_by_its_name_and_its_aliases(agent: Agent, name: str) -> None:
    assert agent.ask("check_inventory", product=name).text.startswith("We have 42 of Coffee beans in stock, at")


def test_a_product_that_is_sold_out_is_told_so(agent: Agent) -> None:
    assert agent.ask("check_inventory", product="kettle").words == ["Kettle is sold out at the moment."]


def test_an_unknown_product_is_a_friendly_question(agent: Agent) -> None:
    turn = agent.ask("check_inventory", product="unicorn")
    assert turn.words == ["I do not know a product called unicorn. Could you name it differently?"]


def test_a_list_where_a_name_belongs_is_refused_before_any_query(agent: Agent) -> None:
    turn = agent.ask("check_inventory", product=["beans"])
    assert (turn.status, turn.cause) == (400, "bad-parameter")
