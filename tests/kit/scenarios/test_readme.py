"""What README.md and docs/*.md show works: Python blocks run, local commands (`sh`) start what they say."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tests.kit import shipped
from tests.kit.contract import pages
from tests.kit.contract.pages import Block, blocks
from tests.kit.firestores import Firestore
from tests.kit.functions import ROOT, free_port
from tests.kit.projects import copy_of_the_tree, lend_environment

PYTHON = blocks("python")
COMMANDS = blocks("sh")
REMOTE = blocks("bash")
HANDLERS = [block for block in PYTHON if block.text.startswith('"""handlers/')]
TESTS = [block for block in PYTHON if "\ndef test_" in block.text]
OTHERS = [block for block in PYTHON if block not in HANDLERS and block not in TESTS]
A_TEST = Path(pages.__file__).with_name("test_page_links.py").relative_to(ROOT).as_posix()
LANGUAGES = {"python", "sh", "bash", "json", "toml", "text"}
OLDER = ("docs/protocol.md", "docs/platform.md")  # their blocks show what others send


def named(block: Block) -> str:
    return f"{Path(block.page).stem}: {block.text.strip().splitlines()[0][:50]}"


def python(tree: Path, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_block_says_what_it_is_so_that_it_is_tried() -> None:
    wrong = {}
    for name, text in pages.pages().items():
        fences = re.findall(r"^ *```(.*)$", text, re.MULTILINE)[::2]
        # Four spaces make a block too, which no test would see.
        indented = re.findall(r"(?<=\n\n) {4}\S.*$", pages.prose(text), re.MULTILINE)
        if name not in OLDER and (found := {*fences} - LANGUAGES | {*indented}):
            wrong[name] = found
    assert wrong == {}


def shown_handlers() -> dict[str, str]:
    """Return the handlers that the pages show, by the path of their file; the first page wins."""
    files: dict[str, str] = {}
    for block in HANDLERS:
        name = re.match(r'"""(handlers/\w+\.py)', block.text)
        assert name, f"{block.page}: a handler's block begins with its file's path: {block.text[:40]}"
        files.setdefault(name[1], block.text)
    return files


def put_texts(tree: Path) -> None:
    """Put the texts that docs/handlers.md shows into a tree."""
    folder = tree / "handlers" / "texts"
    folder.mkdir(exist_ok=True)
    shown = [block.text for block in blocks("toml") if block.page == "docs/handlers.md"]
    known = (folder / "en.toml").read_text() if (folder / "en.toml").exists() else ""
    new = [line for text in shown for line in text.splitlines() if line.partition(" =")[0] + " =" not in known]
    (folder / "en.toml").write_text("\n".join([known, *new]) + "\n")


def test_a_handler_in_the_readme_is_found_under_its_name(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    for file, text in shown_handlers().items():
        (tree / file).write_text(text)
    put_texts(tree)
    listed = json.loads(python(tree, "-m", "handlers", "--json"))
    assert shown_handlers().keys() - {route["file"] for route in listed["routes"]} == set()
    pasted = python(tree, "-m", "handlers", "--url", "https://YOUR-FUNCTION-URL")
    assert [block for block in blocks("text") if block.text.startswith("Flexible") and block.text not in pasted] == []


def test_a_test_in_the_readme_passes(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    known = {*shipped.handlers(), *(Path(file).stem for file in shown_handlers())}
    for file, text in shown_handlers().items():
        if not (tree / file).exists():
            (tree / file).write_text(text)
    put_texts(tree)
    for number, block in enumerate(TESTS):
        needed = set(re.findall(r"^from handlers\.(\w+) import", block.text, re.MULTILINE))
        if needed <= known:  # a sample that was removed or changed is not asked
            (tree / "tests" / f"test_block_{number}.py").write_text(f"# {block.page}\n{block.text}")
    files = [f"tests/{file.name}" for file in (tree / "tests").glob("test_block_*.py")]
    assert files
    assert " passed" in python(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files, TESTS_FIRESTORE="local")


@pytest.mark.parametrize("page", sorted({block.page for block in OTHERS}))
def test_the_python_blocks_of_a_page_in_the_readme_run(
    page: str, local_firestore: Firestore, outside_answers: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = local_firestore.client()
    client.document("orders/A-1002").set({"status": "processing"})
    client.document("products/cup").set({"aliases": ["cup"], "price": 8})
    monkeypatch.setitem(sys.modules, "block", ModuleType("block"))  # where dataclasses look for their types
    failed = {}
    for block in OTHERS:
        if block.page == page:
            try:
                exec(compile(block.text, page, "exec"), {"__name__": "block"})
            except Exception as error:
                failed[block.text] = error
    assert failed == {}


def test_every_block_of_data_is_well_formed() -> None:
    wrong = {}
    for block in blocks("json", "toml"):
        try:
            (json.loads if block.language == "json" else tomllib.loads)(block.text)
        except ValueError as error:
            wrong[block] = error
    assert wrong == {}


@pytest.mark.parametrize("block", REMOTE, ids=named)
def test_a_command_that_talks_to_google_is_bash_and_its_script_and_options_are_there(block: Block) -> None:
    subprocess.run(["bash", "-n", "-c", block.text], check=True)
    for script, arguments in re.findall(r"(?:\./)?((?:deploy|tests)/[\w/-]+\.sh)([^&|;#\n]*)", block.text):
        assert (ROOT / script).exists(), script
        known = "".join(file.read_text() for file in (ROOT / "deploy").rglob("*.sh")) + (ROOT / script).read_text()
        assert [option for option in re.findall(r"--[\w-]+", arguments) if option not in known] == []


@pytest.mark.parametrize("block", COMMANDS, ids=named)
def test_a_local_command_in_the_readme_does_what_it_says(block: Block, tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    lend_environment(tree)
    port = free_port()
    command = block.text.strip()
    if "tests/run.sh" in command:
        command = f"./tests/run.sh --collect-only -q {A_TEST}"
    elif "local.sh" in command:
        command += f" --port {port} --firestore-port {free_port()}"
    command = command.replace(":8080", f":{port}").replace("--port 8080", f"--port {port}")
    command = command.replace("tests/shop/test_check_order.py", A_TEST)  # the samples may have been removed
    output = tmp_path / "output"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WEBHOOK", "FIRESTORE"))}
    with output.open("w") as sink:
        process = subprocess.Popen(
            ["bash", "-c", command], cwd=tree, env=environment, stdout=sink, stderr=sink, start_new_session=True
        )
        serves = any(server in command for server in ("local.sh", "gunicorn", "functions-framework"))
        try:
            if not serves:
                assert process.wait(timeout=120) == 0, output.read_text()
            else:
                wait_until_it_answers(process, port, output)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=40)


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    import http.client

    ends_at = time.monotonic() + 120
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            assert connection.getresponse().status in (401, 405)
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(output.read_text())
