"""What the README shows works: its Python blocks run, and its local commands (marked `sh`) start what they say."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.kit import shipped
from tests.kit.firestores import Firestore
from tests.kit.functions import ROOT, free_port
from tests.kit.projects import copy_of_the_tree, lend_environment

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
COMMANDS = [text.strip() for language, text in BLOCKS if language == "sh"]
HANDLERS = [text for text in PYTHON if text.startswith('"""handlers/')]
TESTS = [text for text in PYTHON if "\ndef test_" in text]
OTHERS = [text for text in PYTHON if text not in HANDLERS and text not in TESTS]


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


@pytest.mark.parametrize("text", HANDLERS, ids=lambda text: text[3:].split(".py")[0])
def test_a_handler_in_the_readme_is_found_under_its_name(text: str, tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    name = re.match(r'"""(handlers/\w+\.py)', text)
    assert name
    (tree / name[1]).write_text(text)
    assert name[1] in python(tree, "-m", "handlers")


@pytest.mark.parametrize("text", TESTS, ids=lambda text: re.findall(r"def (test_\w+)", text)[0])
def test_a_test_in_the_readme_passes(text: str, tmp_path: Path) -> None:
    for name in re.findall(r"^from handlers\.(\w+) import", text, re.MULTILINE):
        if name not in shipped.handlers():
            pytest.skip(f"the sample handler {name} was removed or changed")
    tree = copy_of_the_tree(tmp_path)
    (tree / "tests" / "test_from_the_readme.py").write_text(text)
    assert " passed" in python(tree, "-m", "pytest", "-q", "tests/test_from_the_readme.py")


@pytest.mark.parametrize("text", OTHERS, ids=lambda text: text.strip().splitlines()[0])
def test_a_python_block_in_the_readme_runs(text: str, local_firestore: Firestore) -> None:
    client = local_firestore.client()
    client.document("orders/A-1002").set({"status": "processing"})
    client.document("products/cup").set({"aliases": ["cup"], "price": 8})
    exec(compile(text, "README.md", "exec"), {"__name__": "readme"})


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.splitlines()[0][:50])
def test_a_local_command_in_the_readme_does_what_it_says(command: str, tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    lend_environment(tree)
    port = free_port()
    if "tests/run.sh" in command:
        command += " --collect-only -q tests/kit/unit/test_settings.py"
    elif "local.sh" in command:
        command += f" --port {port} --firestore-port {free_port()}"
    command = command.replace(":8080", f":{port}")
    output = tmp_path / "output"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WEBHOOK", "FIRESTORE"))}
    with output.open("w") as sink:
        process = subprocess.Popen(
            ["bash", "-c", command], cwd=tree, env=environment, stdout=sink, stderr=sink, start_new_session=True
        )
        serves = "local.sh" in command or "gunicorn" in command
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
