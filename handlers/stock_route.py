"""/stock: a CX flexible webhook. Session parameter `product` in, stock and price out, no messages."""

from typing import TypedDict

from fulfillment import documents, on

from .check_inventory import FIVE_MINUTES


class Stock(TypedDict):
    """What the agent maps to session parameters; `known` tells whether the others mean anything."""

    known: bool
    product_name: str
    stock: int
    price: float


@on.route("/stock", methods=["GET"])
def stock(product: str) -> Stock:
    """Find the product by its name or an alias."""
    found = documents.query(
        "products", ("aliases", "array_contains", product.lower()), limit=1, cache_seconds=FIVE_MINUTES
    )
    if not found:
        return {"known": False, "product_name": "", "stock": 0, "price": 0.0}
    return {"known": True, "product_name": found[0]["name"], "stock": found[0]["stock"], "price": found[0]["price"]}
