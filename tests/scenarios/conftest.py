"""Real functions for scenarios: the sample shop, and the kit alone with the tests' own handlers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firestores import Firestore
from tests.functions import ROOT, Function, running

OWN_HANDLERS = Path(__file__).parent / "own_handlers"


def kit_with(handlers: Path, into: Path) -> Path:
    """Make a tree of main.py, fulfillment/ and those handlers, nothing else of the project."""
    shutil.copy(ROOT / "main.py", into)
    shutil.copytree(ROOT / "fulfillment", into / "fulfillment", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(handlers, into / "handlers", ignore=shutil.ignore_patterns("__pycache__"))
    return into


@pytest.fixture(scope="module")
def own_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit with the tests' own handlers only."""
    return kit_with(OWN_HANDLERS, tmp_path_factory.mktemp("own"))


@pytest.fixture
def shop(firestore: Firestore) -> Iterator[Function]:
    """The sample shop, running against both kinds of Firestore in turn."""
    with running(ROOT, firestore.environment()) as function:
        yield function
