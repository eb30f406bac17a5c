"""The sample shop's own tests. A file here belongs to the handler it is named after, and goes with it:

`test_check_order.py` is left out as soon as `handlers/check_order.py` is deleted or replaced by another: what is
made up here shall not reach a handler that was not written for it. To keep the tests of a sample that you have changed,
delete the sample's line in `tests/kit/shipped.sha256`: from then on both are yours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fulfillment import documents
from fulfillment.testing import Agent
from fulfillment.webhook import Webhook
from tests.kit import shipped
from tests.kit.firestores import Firestore
from tests.kit.functions import ROOT, Function, running
from tests.kit.requests import es_body

DATA = ROOT / "deploy" / "data"

_LEFT_OUT: set[str] = set()
_OF_NO_HANDLER: set[str] = set()

Ask = Callable[..., dict[str, Any]]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the tests of a handler that is not there, or is not the one that they were written for."""
    if not collection_path.name.startswith("test_"):
        return None
    sample = shipped.sample_of(collection_path.stem)
    if sample in shipped.may_be_tested():
        return None
    if not sample:
        _OF_NO_HANDLER.add(collection_path.name)
    elif (ROOT / "handlers" / f"{sample}.py").exists():
        _LEFT_OUT.add(sample)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were left out, and how to have them again."""
    for name in sorted(_LEFT_OUT):
        terminalreporter.write_line(
            f"handlers/{name}.py, or what it imports or leads to, is no longer the sample that "
            f"tests/shop/test_{name}*.py were written for: they were left out. To run them, delete the lines of what "
            "you changed in tests/kit/shipped.sha256 (in the kit: python -m tests.kit.shipped)."
        )
    for file in sorted(_OF_NO_HANDLER):
        terminalreporter.write_line(
            f"tests/shop/{file} was left out: it is named after no handler. Tests of your own go right into tests/."
        )


@pytest.fixture
def stocked(firestore: Firestore) -> Firestore:
    """Both Firestores in turn, with the documents of deploy/data."""
    for file in DATA.glob("*.json"):
        for id, fields in json.loads(file.read_text()).items():
            firestore.client().collection(file.stem).document(id).set(fields)
    return firestore


class Shop:
    """The handlers of this project in this process, with the real client."""

    def __init__(self) -> None:
        from handlers import routes

        self.agent = Agent(routes)
        self.webhook = self.agent.webhook

    def call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send one webhook call; return status and JSON."""
        turn = self.agent.send(body)
        return turn.status, turn.body


@pytest.fixture
def shop(stocked: Firestore) -> Shop:
    """The shop in this process."""
    return Shop()


@pytest.fixture
def shop_function(stocked: Firestore) -> Iterator[Function]:
    """The shop as a real function under functions-framework and gunicorn."""
    with running(ROOT, stocked.environment()) as function:
        yield function


@pytest.fixture
def ask(shop: Shop) -> Ask:
    """Ask the shop, and get the reply's JSON: `ask("check_order", {"order_id": "A-1001"})`."""

    def send(intent: str, parameters: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        status, reply = shop.call(es_body(intent, parameters, **more))
        assert status == 200, reply
        return reply

    return send


@pytest.fixture
def local_shop(local_firestore: Firestore) -> Iterator[Webhook]:
    """The shop in this process, with the documents of deploy/data on the kit's local Firestore only."""
    client = local_firestore.client()
    for file in DATA.glob("*.json"):
        for id, fields in json.loads(file.read_text()).items():
            client.collection(file.stem).document(id).set(fields)
    documents.reset()
    yield Shop().webhook
    documents.reset()


@pytest.fixture(params=["es", "cx", "v1"])
def agent(request: pytest.FixtureRequest, local_shop: Webhook) -> Agent:
    """A conversation with the shop, in each dialect in turn."""
    return Agent(local_shop.routes, dialect=request.param)
