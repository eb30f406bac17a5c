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
from google.cloud.firestore import Client

from fulfillment.testing import Agent, Turn
from tests.kit import shipped
from tests.kit.firestores import Firestore
from tests.kit.functions import ROOT, running

_LEFT_OUT: set[str] = set()
_OF_NO_HANDLER: set[str] = set()


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


@pytest.fixture(params=["es", "cx", "v1"])
def agent(request: pytest.FixtureRequest) -> Agent:
    """A conversation with the shop, in each dialect in turn, on the local Firestore with the documents of deploy/data.

    A test that also asks for `database` runs once more on Google's emulator.
    """
    if "database" in request.fixturenames:
        request.getfixturevalue("database")
    else:
        _stocked(request.getfixturevalue("local_firestore"))
    from handlers import routes

    return Agent(routes, dialect=request.param)


@pytest.fixture
def database(firestore: Firestore) -> Client:
    """The shop's documents, to look into and to change, on both Firestores in turn."""
    return _stocked(firestore)


@pytest.fixture
def deployed(database: Client, firestore: Firestore) -> Iterator[Callable[[dict[str, Any]], Turn]]:
    """The shop under functions-framework and gunicorn: it is sent a request, and gives a turn."""
    with running(ROOT, firestore.environment()) as function:
        yield lambda body: Turn(*function.call(body))


def _stocked(firestore: Firestore) -> Client:
    client = firestore.client()
    for file in (ROOT / "deploy" / "data").glob("*.json"):
        for id, fields in json.loads(file.read_text()).items():
            client.collection(file.stem).document(id).set(fields)
    return client
