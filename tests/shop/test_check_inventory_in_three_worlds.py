"""check_inventory over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

import pytest

from fulfillment.testing import Agent


@pytest.mark.parametrize(
    ("product", "words"),
    [
        ("Beans", "We have 42 of Coffee beans in stock, at"),
        ("kettle", "Kettle is sold out at the moment."),
        ("unicorn", "I do not know a product called unicorn."),
    ],
)
def test_the_stock_of_a_product_is_told(agent: Agent, product: str, words: str) -> None:
    assert agent.ask("check_inventory", product=product).text.startswith(words)
