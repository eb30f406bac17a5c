"""Texts of all languages are read at the start: a fault in one is told there, never to a user of another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fulfillment.testing import es_request
from tests.kit.functions import ROOT, running

from .conftest import kit_with

HANDLERS = {
    "__init__.py": (ROOT / "handlers" / "__init__.py").read_text(),
    "__main__.py": (ROOT / "handlers" / "__main__.py").read_text(),
    "greet.py": """from fulfillment import Reply, on, texts


@on.intent("greet")
def greet(name: str) -> Reply:
    return Reply(texts("hello", name=name))
""",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    handlers = tmp_path / "own"
    (handlers / "texts").mkdir(parents=True)
    for name, text in HANDLERS.items():
        (handlers / name).write_text(text)
    (handlers / "texts" / "en.toml").write_text('hello = ["Hi {name}", "Hello {name}"]\n')
    (tmp_path / "tree").mkdir()
    return kit_with(handlers, tmp_path / "tree")


def test_a_broken_language_stops_the_start_and_the_table(tree: Path) -> None:
    (tree / "handlers" / "texts" / "de.toml").write_text("broken = [")

    with pytest.raises(RuntimeError, match=r"SetupError: .*de\.toml is not valid TOML"), running(tree):
        pass
    listed = subprocess.run([sys.executable, "-m", "handlers"], cwd=tree, capture_output=True, text=True, check=False)
    assert listed.returncode == 1
    assert "handlers/texts/de.toml is not valid TOML" in listed.stderr.splitlines()[-1]


def test_variants_are_said_in_turn_and_other_languages_have_their_own(tree: Path) -> None:
    (tree / "handlers" / "texts" / "de.toml").write_text('hello = "Hallo {name}"\n')

    with running(tree) as function:
        asked = es_request("greet", {"name": "Ada"})
        said = {function.call(asked)[1]["fulfillmentText"] for _ in range(60)}
        assert said == {"Hi Ada", "Hello Ada"}
        asked["queryResult"]["languageCode"] = "de"
        assert function.call(asked)[1]["fulfillmentText"] == "Hallo Ada"
