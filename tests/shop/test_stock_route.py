from typing import Any

import pytest

from fulfillment.testing import Agent


@pytest.mark.parametrize("agent", ["flexible"], indirect=True)
@pytest.mark.parametrize(
    ("product", "answer"),
    [
        ("beans", {"known": True, "product_name": "Coffee beans", "stock": 42}),
        ("unicorn", {"known": False, "product_name": "", "stock": 0, "price": 0.0}),
    ],
)
def test_the_stock_of_a_product_is_told(agent: Agent, product: str, answer: dict[str, Any]) -> None:
    turn = agent.call("/stock", product=product)
    assert turn.status == 200
    assert turn.body | answer == turn.body
