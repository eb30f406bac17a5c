"""The first thread through everything: the real function, gunicorn, the real client, both Firestores."""

from __future__ import annotations

from pathlib import Path

from fulfillment.testing import Turn, es_request
from fulfillment.testing.requests import SESSION
from tests.kit.firestores import Firestore
from tests.kit.functions import ROOT, running

from .conftest import kit_with

HANDLER = """
from fulfillment import Context, Reply, documents, on


@on.intent("check_order")
def check_order(order_id: str) -> Reply:
    order = documents.get("orders", order_id)
    if order is None:
        return Reply(f"I cannot find order {order_id}.")
    return Reply(f"Order {order_id} is {order['status']}.", Context("order", parameters={"order_id": order_id}))
"""


def test_one_handler_file_is_all_it_takes(tmp_path: Path, firestore: Firestore) -> None:
    handlers = tmp_path / "mine"
    handlers.mkdir()
    (handlers / "__init__.py").write_text((ROOT / "handlers" / "__init__.py").read_text())
    (handlers / "check_order.py").write_text(HANDLER)
    (tmp_path / "tree").mkdir()
    firestore.client().document("orders/A-1").set({"status": "shipped"})
    with running(kit_with(handlers, tmp_path / "tree"), firestore.environment()) as function:
        status, reply = function.call(es_request("check_order", {"order_id": "A-1"}))
    assert (status, Turn(200, reply).text) == (200, "Order A-1 is shipped.")
    assert reply["outputContexts"][0]["name"] == f"{SESSION}/contexts/order"
