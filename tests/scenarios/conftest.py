"""Real functions for scenarios: the sample shop, and the kit alone with the tests' own handlers."""

from __future__ import annotations

import shutil
import subprocess
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


def copy_of_the_tree(into: Path) -> Path:
    """Copy the project as it is checked out, with what git does not know yet and without what it ignores."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    tree = into / "copy"
    for name in files:
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    return tree


@pytest.fixture(scope="module")
def own_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit with the tests' own handlers only."""
    return kit_with(OWN_HANDLERS, tmp_path_factory.mktemp("own"))


@pytest.fixture
def shop(firestore: Firestore) -> Iterator[Function]:
    """The sample shop, running against both kinds of Firestore in turn."""
    with running(ROOT, firestore.environment()) as function:
        yield function
