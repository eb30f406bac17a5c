"""The shipped flexible webhooks as CX calls them: what is printed for a resource fits the answers it really gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.firestore import LocalFirestore
from fulfillment.dialects.flexible.resource import resource
from fulfillment.testing import Agent
from tests.kit import shipped
from tests.kit.firestores import Firestore
from tests.kit.paths import called, pick

DATA = shipped.ROOT / "deploy" / "data"
WEBHOOKS = shipped.ROOT / "deploy" / "agent-cx" / "webhooks"
SATURDAY = {"year": 2026, "month": 11, "day": 21}
CALLS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("/stock", {"product": "beans"}, {"known": True, "product_name": "Coffee beans", "stock": 42}),
    ("/stock", {"product": "unicorn"}, {"known": False, "product_name": "", "stock": 0, "price": 0.0}),
    (
        "/store-hours",
        {"store": "harbour", "date": SATURDAY},
        {"known": True, "store_name": "Harbour", "open": True, "hours": ["09:00-14:00", "16:00-20:00"]},
    ),
    (
        "/store-hours",
        {"store": "moon", "date": None},
        {"known": False, "store_name": "", "open": False, "hours": []},
    ),
]
SHIPPED = [mark.name for mark, _ in shipped.routes().table() if mark.kind == "route"]
IN_THE_AGENT = {"/stock": "Stock.json", "/store-hours": "Store hours.json"}


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    with LocalFirestore(data=DATA if DATA.is_dir() else None) as server:
        Firestore("local", server.address, "kit").set_environment(monkeypatch)
        yield Agent(shipped.routes(), dialect="flexible")


@pytest.mark.parametrize(
    ("path", "session", "answer"), [call for call in CALLS if call[0] in SHIPPED], ids=lambda value: str(value)[:30]
)
def test_every_printed_path_is_in_the_real_answer(
    agent: Agent, path: str, session: dict[str, Any], answer: dict[str, Any]
) -> None:
    ((method, handler),) = agent.webhook.routes.methods_at(path).items()
    found = resource(handler, path, method)
    url, body = called(found, session)
    turn = agent.send(body, method=method, path=path, query=url.partition("?")[2])
    assert turn.status == 200, turn.body
    picked = {name: pick(turn.body, at) for name, at in found["parameterMapping"].items()}
    assert picked | answer == picked


@pytest.mark.parametrize("path", SHIPPED)
def test_the_sample_agents_webhook_is_the_one_that_is_printed(path: str) -> None:
    ((method, handler),) = shipped.routes().methods_at(path).items()
    found = resource(handler, path, method)
    service = json.loads((WEBHOOKS / IN_THE_AGENT[path]).read_text())["genericWebService"]
    assert service["uri"].endswith(".app" + found.pop("uri"))
    assert {name: service.get(name, "") for name in found} == found
