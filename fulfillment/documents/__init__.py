"""Firestore lookups and updates whose time limits come from the call's deadline; a handler passes none.

    order = documents.get("orders", order_id)          # a dictionary with an id, or None
    found = documents.query("products", ("aliases", "array_contains", product), cache_seconds=300)
    documents.change("orders", order_id, decide)       # read, decide, write only if nobody wrote in between

`documents.client()` is the real `google.cloud.firestore.Client`, for everything else; its calls end with the deadline
too. Where Firestore does not answer, all of these raise the 503 `Problem` `firestore-unavailable`.
"""

from . import connection as _connection
from .cache import Document
from .changes import AlreadyThere, NotThere, Writes, change
from .connection import client, warm_up
from .lookups import clear_cache, get, get_all, query

__all__ = [
    "AlreadyThere",
    "Document",
    "NotThere",
    "Writes",
    "change",
    "clear_cache",
    "client",
    "get",
    "get_all",
    "query",
    "reset",
    "warm_up",
]


def reset() -> None:
    """Forget client and cache, for tests that change where Firestore is."""
    _connection.forget()
    clear_cache()
