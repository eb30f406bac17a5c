"""cancel_order: cancels the order that was talked about before, unless it has been shipped."""

from fulfillment import Context, Reply, documents, on, once
from fulfillment.documents import Document, Writes


@on.intent("cancel_order")
@once
def cancel_order(order: Context | None) -> Reply:
    """Cancel once: Dialogflow may deliver a turn twice, and both deliveries get the same words."""
    order_id = order.get("order_id") if order else None
    if not order_id:
        return Reply("Which order shall I cancel? Please tell me its number first.")

    def decide(found: Document | None, writes: Writes) -> str:
        if found is None:
            return f"I cannot find order {order_id}. Is the number right?"
        if found["status"] == "cancelled":
            return f"Order {order_id} was cancelled already."
        if found["status"] == "shipped":
            return f"Order {order_id} has been shipped already, so I cannot cancel it. You can send it back."
        writes.save({"status": "cancelled"})
        return f"Order {order_id} is cancelled."

    return Reply(documents.change("orders", str(order_id), decide), Context.delete("order"))
