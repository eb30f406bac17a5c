"""The sample shop is deletable as a whole: without it, and with one new handler, everything else still holds."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import copy_of_the_tree

OWN = """
from fulfillment import on


@on.intent("my first intent")
def my_first_intent(size: int = 3) -> str:
    return f"Size {size}."
"""
NOT_AGAIN = "delete_the_shop or local_run or readme or contention"


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
    links.mkdir(exist_ok=True)
    for name in ("bash", "git"):
        if not (links / name).exists():
            (links / name).symlink_to(shutil.which(name) or name)
    environment = {"PATH": f"{Path(sys.executable).parent}:{links}", "HOME": str(tree)}
    return subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def test_the_routes_are_the_new_handlers_only(emptied: Path) -> None:
    listed = run(emptied, "-m", "handlers", "--json")
    (route,) = json.loads(listed.stdout)["routes"]
    assert (route["kind"], route["name"], route["file"]) == ("intent", "my first intent", "handlers/my_first_intent.py")


def test_the_remaining_suite_passes(emptied: Path) -> None:
    suite = run(emptied, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", f"not ({NOT_AGAIN})")
    assert suite.returncode == 0, suite.stdout[-5000:] + suite.stderr[-2000:]
    assert " passed" in suite.stdout
