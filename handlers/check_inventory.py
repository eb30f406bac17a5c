"""check_inventory: is a product in stock, and what does it cost?"""

from fulfillment import Reply, documents, on

FIVE_MINUTES = 300


@on.intent("check_inventory")
def check_inventory(product: str) -> Reply:
    """Find the product by its name or an alias; `aliases` hold both, in lower case."""
    found = documents.query(
        "products", ("aliases", "array_contains", product.lower()), limit=1, cache_seconds=FIVE_MINUTES
    )
    if not found:
        return Reply(f"I do not know a product called {product}. Could you name it differently?")
    name, stock, price = found[0]["name"], found[0]["stock"], found[0]["price"]
    if stock < 1:
        return Reply(f"{name} is sold out at the moment.")
    return Reply(f"We have {stock} of {name} in stock, at {price:.2f} euros each.")
