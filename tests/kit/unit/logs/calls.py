"""Handlers whose calls are logged."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

from fulfillment import Problem, Reply, Request, Webhook, on
from fulfillment.call import Answer
from fulfillment.routing.routes import Routes
from fulfillment.settings import Settings
from tests.kit.wire import V2, call_of

log = logging.getLogger("handlers.order")


@on.intent("order")
def order(order_id: str, guests: int | None = None) -> Reply:
    return Reply(f"Order {order_id} for {guests}.")


@on.intent("talkative")
def talkative(request: Request) -> str:
    log.info("Looking it up", extra={"order": 7})
    return "Hi"


@on.intent("broken")
def broken() -> str:
    return str(1 / 0)


@on.intent("refused")
def refused() -> str:
    raise Problem(503, "shop-closed", "The shop is closed.", "It is closed on Sundays.")


@on.intent("slow", late="One moment, please.")
def slow() -> str:
    raise Problem(503, "deadline-exceeded", "Too late.")


ROUTES = Routes([order, talkative, broken, refused, slow])


def answer(body: Any, settings: Settings = V2, **changes: Any) -> Answer:
    return Webhook(ROUTES, settings).answer(call_of(body, **changes))


def lines_of(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]
