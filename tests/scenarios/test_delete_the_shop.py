"""The sample shop is deletable as a whole: without it, and with one new handler, everything else still holds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fulfillment.unhandled import advice
from tests.requests import decoded, es_body

from .conftest import copy_of_the_tree

OWN = """from fulfillment import on


@on.intent("my first intent")
def my_first_intent(size: int = 3) -> str:
    return f"Size {size}."
"""
UNTYPED = """from fulfillment import Reply, on


def seats(table):
    return table["seats"]


@on.intent("my second intent")
def my_second_intent():
    return Reply(str(seats({"seats": 3})))
"""
TOOLS = ("bash", "git")
LEFT_OUT = ("gcloud", "java")
NOT_AGAIN = "delete_the_shop or local_run or readme or contention"
# These bring all they need and never look at handlers/: what they say does not change with the samples.
OF_THEIR_OWN = (
    *("contract/firestore", "chaos", "fuzz", "unit/access", "unit/deadline", "unit/documents"),
    *("unit/local_firestore", "unit/once", "unit/outside"),
)


@pytest.fixture
def emptied(tmp_path: Path) -> Path:
    """The tree without the samples, as the README says to remove them, and with one new handler."""
    tree = copy_of_the_tree(tmp_path)
    for file in (tree / "handlers").rglob("*"):
        if file.is_file() and file.name not in ("__init__.py", "__main__.py"):
            file.unlink()
    (tree / "handlers" / "my_first_intent.py").write_text(OWN)
    return tree


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # Without gcloud on the PATH the tests that need it or its emulator are left out: they run with the samples.
    links = tree.parent / "bin"
    if not links.exists():
        links.mkdir()
        folders = [*map(Path, os.defpath.split(os.pathsep)), *(Path(shutil.which(name) or "").parent for name in TOOLS)]
        tools = {tool.name: tool for folder in folders for tool in folder.iterdir() if tool.name not in LEFT_OUT}
        for name, tool in tools.items():
            (links / name).symlink_to(tool)
    environment = {"PATH": f"{Path(sys.executable).parent}:{links}", "HOME": str(tree)}
    return subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def test_the_routes_are_the_new_handlers_only(emptied: Path) -> None:
    listed = run(emptied, "-m", "handlers", "--json")
    (route,) = json.loads(listed.stdout)["routes"]
    assert (route["kind"], route["name"], route["file"]) == ("intent", "my first intent", "handlers/my_first_intent.py")


@pytest.mark.longest
def test_the_remaining_suite_passes(emptied: Path) -> None:
    left_out = [f"--ignore=tests/{folder}" for folder in OF_THEIR_OWN]
    suite = run(emptied, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", f"not ({NOT_AGAIN})", *left_out)
    assert suite.returncode == 0, suite.stdout[-5000:] + suite.stderr[-2000:]
    assert " passed" in suite.stdout


def test_format_lint_and_types_accept_what_the_log_said_to_paste(emptied: Path) -> None:
    parameters = {"order_id": "A", "geo-city": "", "it's": [1], "sizes": {"a": 1}, "a much longer name": "x" * 30}
    text = advice(decoded(es_body("Order - it's me", parameters)), [])
    (emptied / "handlers" / "pasted.py").write_text(text.partition(":\n\n")[2] + "\n")
    (emptied / "handlers" / "untyped.py").write_text(UNTYPED)
    for command in (
        ("ruff", "format", "--check", "handlers"),
        ("ruff", "check", "--no-cache", "."),
        ("mypy", "handlers"),
    ):
        checked = run(emptied, "-m", *command)
        assert checked.returncode == 0, checked.stdout


def test_the_readmes_python_still_holds(emptied: Path) -> None:
    blocks = "test_in_the_readme or python_block"
    readme = run(emptied, "-m", "pytest", "-q", "tests/scenarios/test_readme.py", "-k", blocks)
    assert readme.returncode == 0, readme.stdout[-3000:]
