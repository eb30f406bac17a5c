"""Projects for tests to run: the kit with some handlers, and the whole checkout, both without what is the user's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests import shipped
from tests.shipped import ROOT

OWN_HANDLERS = ROOT / "tests" / "scenarios" / "own_handlers"


def kit_with(handlers: Path, into: Path) -> Path:
    """Make a tree of main.py, fulfillment/ and those handlers, nothing else of the project."""
    shutil.copy(ROOT / "main.py", into)
    shutil.copytree(ROOT / "fulfillment", into / "fulfillment", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(handlers, into / "handlers", ignore=shutil.ignore_patterns("__pycache__"))
    return into


def copy_of_the_tree(into: Path) -> Path:
    """Copy the project as it is checked out, with what git does not know yet and without what it ignores.

    What is the user's stays away: handlers that the kit did not ship, tests, packages.
    """
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    left_out = ("handlers/", *(f"{name}/" for name in shipped.yours() if name != shipped.SAMPLE_TESTS))
    tree = into / "copy"
    for name in files:
        if (ROOT / name).is_file() and not f"{name}/".startswith(left_out):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    shipped.copy_handlers(tree / "handlers")
    return tree


def lend_environment(tree: Path) -> None:
    """Give a tree this Python's packages as its .venv, so that its commands install nothing."""
    (tree / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        if (Path(sys.prefix) / name).exists():
            (tree / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    for requirements in ("requirements.txt", "tests/requirements.txt"):
        wanted = subprocess.run(
            f"cat requirements.txt {requirements} | cksum", shell=True, cwd=tree, capture_output=True, check=True
        )
        (tree / ".venv" / f"installed-{requirements.replace('/', '-')}").write_bytes(wanted.stdout)
