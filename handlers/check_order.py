"""check_order: where is my order?"""

from fulfillment import Button, Card, Context, Reply, documents, on


@on.intent("check_order")
def check_order(order_id: str) -> Reply:
    """Look the order up, and remember it for the next turns ("cancel it")."""
    order = documents.get("orders", order_id)
    if order is None:
        return Reply(f"I cannot find order {order_id}. Is the number right?")
    return Reply(
        f"Order {order_id} is {order['status']}, expected on {order['delivery_date']}.",
        Card(title=f"Order {order_id}", buttons=[Button("Track it", order["tracking_url"])]),
        Context("order", lifespan=5, parameters={"order_id": order_id}),
    )
