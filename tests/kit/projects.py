"""Projects for tests to run: the kit with some handlers, and the whole checkout, both without what is the user's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.kit import shipped
from tests.kit.shipped import ROOT

_TOOLS = ("bash", "git")
_LEFT_OUT = ("gcloud", "java")
_NOTICES = re.compile(r"\bshipped\b|deploy. / .data")
OWN_HANDLERS = ROOT / "tests" / "kit" / "scenarios" / "own_handlers"


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


def git(tree: Path, *arguments: str) -> None:
    """Run git in a project, as somebody."""
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@shop.example")
    subprocess.run(["git", *who, *arguments], cwd=tree, check=True, capture_output=True)


def run(tree: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a project, with nothing but `settings` in the environment and without gcloud.

    The tests that need gcloud or its emulator are left out there: they run in the checkout itself.
    """
    links = tree.parent / "bin"
    if not links.exists():
        links.mkdir()
        folders = [
            *map(Path, os.defpath.split(os.pathsep)),
            *(Path(shutil.which(name) or "").parent for name in _TOOLS),
        ]
        tools = {tool.name: tool for folder in folders for tool in folder.iterdir() if tool.name not in _LEFT_OUT}
        for name, tool in tools.items():
            (links / name).symlink_to(tool)
    environment = {"PATH": f"{Path(sys.executable).parent}:{links}", "HOME": str(tree)} | settings
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def files_that_could_notice(tree: Path) -> list[str]:
    """Return the kit's test files that look at handlers or sample documents, but for those of whole functions."""
    folders = ("contract", "scripts", "unit")
    files = [file for folder in folders for file in (tree / "tests" / "kit" / folder).rglob("test_*.py")]
    texts = {file.relative_to(tree).as_posix(): file.read_text() for file in files}
    # What reads a corpus of public requests is not collected where there is none.
    return sorted(file for file, text in texts.items() if _NOTICES.search(text) and "contract.corpus" not in text)
