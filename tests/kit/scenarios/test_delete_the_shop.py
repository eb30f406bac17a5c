"""The sample shop is deletable as a whole, as docs/handlers.md says it, and what is left still runs in a clone."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fulfillment.routing.paste import advice
from fulfillment.testing import es_request
from tests.kit.contract.pages import blocks, page
from tests.kit.functions import free_port
from tests.kit.projects import copy_of_the_tree, files_that_could_notice, git, lend_environment, run
from tests.kit.wire import decoded

OWN = """from fulfillment import on


@on.intent("my first intent")
def my_first_intent(size: int = 3) -> str:
    return f"Size {size}."
"""
LIKE_A_USER = """import random

import deprecation
from googleapiclient import discovery

from fulfillment import Reply, on


def freeSeats(tableName, chairIds: list):
    return tableName["seats"] - len(chairIds)


@on.intent("my second intent")
@deprecation.deprecated()
def my_second_intent(tableName: str, chairIds: list[str] | None = None):
    return Reply(f"{tableName}: {freeSeats({'seats': 3}, chairIds or [])} seats.")


@on.intent("my third intent")
def my_third_intent(orderId: str) -> str:
    calendar = discovery.build("calendar", "v3")
    found = calendar.events().get(orderId)
    if found:
        return found
    return "I am sorry, there is nothing that I could tell you about this order of yours, not even when it was made."


@on.intent("my fourth intent")
def my_fourth_intent() -> str:
    if random.random() < 0.5:
        return "總店幾點開門？"
    else:
        return "Во сколько вы открываетесь?"
"""


def lines_of_the_page() -> str:
    """Return the commands under "Remove the samples"."""
    chapter = page("handlers").partition("## Remove the samples\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"^```sh\n(.+?)^```$", chapter, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def removed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the project, committed after docs/handlers.md's lines had removed the samples."""
    tree = copy_of_the_tree(tmp_path_factory.mktemp("project"))
    lend_environment(tree)
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "with samples")
    subprocess.run(["bash", "-ec", lines_of_the_page()], cwd=tree, check=True)
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "without samples")
    clone = tmp_path_factory.mktemp("clone") / "kit"
    git(tree, "clone", "-q", str(tree), str(clone))
    lend_environment(clone)
    return clone


@pytest.fixture
def emptied(removed: Path, tmp_path: Path) -> Path:
    """That clone with one new handler."""
    tree = tmp_path / "kit"
    shutil.copytree(removed, tree, symlinks=True)
    (tree / "handlers" / "my_first_intent.py").write_text(OWN)
    return tree


@contextlib.contextmanager
def local_run(tree: Path) -> Iterator[str]:
    """Run ./deploy/local.sh in the tree until it is ready, and give what it printed."""
    ports = ("--port", str(free_port()), "--firestore-port", str(free_port()))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WEBHOOK", "FIRESTORE"))}
    output = tree / "output"
    with output.open("w") as sink:
        process = subprocess.Popen(
            ["./deploy/local.sh", *ports], cwd=tree, env=environment, stdout=sink, stderr=sink, start_new_session=True
        )
    try:
        ends_at = time.monotonic() + 60
        while "Ctrl-C ends it" not in output.read_text():
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < ends_at, output.read_text()
            time.sleep(0.05)
        yield output.read_text()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=40)


def answer_to_its_curl_line(said: str) -> str:
    curl = next(line.strip() for line in said.splitlines() if line.strip().startswith("curl "))
    return subprocess.run(["bash", "-c", f"{curl} -s"], capture_output=True, text=True, check=True).stdout


def test_the_lines_of_the_page_leave_nothing_of_the_samples(removed: Path) -> None:
    assert {file.name for file in (removed / "handlers").iterdir()} == {"__init__.py", "__main__.py"}
    assert not (removed / "deploy" / "data").exists()
    assert not (removed / "tests" / "shop").exists()


def test_without_any_handler_it_starts_and_says_what_to_do(removed: Path) -> None:
    with local_run(removed) as said:
        assert "no-handler" in answer_to_its_curl_line(said)


def test_with_a_first_handler_the_line_that_it_prints_is_answered(emptied: Path) -> None:
    with local_run(emptied) as said:
        assert "Size 3." in answer_to_its_curl_line(said)


def test_the_routes_are_the_new_handlers_only(emptied: Path) -> None:
    listed = run(emptied, sys.executable, "-m", "handlers", "--json")
    (route,) = json.loads(listed.stdout)["routes"]
    assert (route["kind"], route["name"], route["file"]) == ("intent", "my first intent", "handlers/my_first_intent.py")


@pytest.mark.longest
def test_every_test_that_could_notice_passes(emptied: Path) -> None:
    files = files_that_could_notice(emptied)
    assert "tests/kit/contract/test_sample_shop.py" in files
    suite = run(emptied, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *files)
    assert suite.returncode == 0, suite.stdout[-5000:] + suite.stderr[-2000:]
    assert " passed" in suite.stdout


def test_the_check_of_ones_own_project_accepts_what_people_write_and_what_the_log_said_to_paste(emptied: Path) -> None:
    parameters = {"order_id": "A", "geo-city": "", "it's": [1], "sizes": {"a": 1}, "a much longer name": "x" * 30}
    text = advice(decoded(es_request("Order - it's me", parameters)), [])
    (emptied / "handlers" / "pasted.py").write_text(text.partition(":\n\n")[2] + "\n")
    (emptied / "handlers" / "likeAUser.py").write_text(LIKE_A_USER)
    checked = run(emptied, "./tests/run.sh", "--mine")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "You have no tests yet" in checked.stdout
    recorded = [block.text for block in blocks("text") if block.page == "README.md" and "== tests" in block.text]
    parts = [re.sub(r"\d+ s", "12 s", line) for line in checked.stdout.splitlines() if line.startswith("== ")]
    assert "== all is well, in 12 s" in parts
    assert recorded in (["\n".join([*parts, ""])], [])  # none where a user has a README of their own


def test_the_readmes_python_still_holds(emptied: Path) -> None:
    blocks = "in_the_readme and not local_command"
    readme = run(emptied, sys.executable, "-m", "pytest", "-q", "tests/kit/scenarios/test_readme.py", "-k", blocks)
    assert readme.returncode == 0, readme.stdout[-3000:]


def test_what_was_changed_and_what_it_needs_stay(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    names = ("check_inventory", "stock_route", "store_hours")
    for name in names:
        (tree / "handlers" / f"{name}.py").write_text("from fulfillment import on\n")
    subprocess.run([sys.executable, "-m", "tests.kit.shipped"], cwd=tree, check=True)
    (tree / "handlers" / "stock_route.py").write_text("from .check_inventory import on\n")
    (tree / "handlers" / "own.py").write_text("from fulfillment import on\n")
    subprocess.run([sys.executable, "-m", "tests.kit.shipped", "--remove"], cwd=tree, check=True, capture_output=True)
    left = {file.name for file in (tree / "handlers").glob("*.py")} - {"__init__.py", "__main__.py"}
    assert left == {"stock_route.py", "check_inventory.py", "own.py"}
