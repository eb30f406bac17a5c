"""./deploy/local.sh: one command, a Firestore with the sample data, a function, and an end to all of it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firestores import Firestore
from tests.functions import ROOT, free_port
from tests.projects import copy_of_the_tree, lend_environment

START_SECONDS = 120  # a first run installs


class LocalRun:
    """A running ./deploy/local.sh of the shipped shop, or what it runs in another tree, in a process group of its own.

    In a copy of the project without the user's handlers: the line that it prints is a real call.
    """

    def __init__(self, folder: Path, tree: Path | None = None) -> None:
        self.port, self.firestore_port = free_port(), free_port()
        self.output = folder / f"output-{self.port}"
        command = [sys.executable, "-m", "deploy.local"] if tree else ["./deploy/local.sh"]
        if tree is None:
            tree = copy_of_the_tree(folder)
            lend_environment(tree)
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("WEBHOOK", "FIRESTORE"))
        }
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [
                    *command,
                    *("--port", str(self.port)),
                    *("--firestore-port", str(self.firestore_port)),
                ],
                cwd=tree,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> str:
        ends_at = time.monotonic() + START_SECONDS
        while time.monotonic() < ends_at and self.process.poll() is None:
            if ready := re.search(r"^ready.*$", self.said(), re.MULTILINE):
                return ready[0]
            time.sleep(0.05)
        raise AssertionError(self.said())

    def end(self, number: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        return self.process.wait(timeout=40)


@pytest.fixture
def local_run(tmp_path: Path) -> Iterator[LocalRun]:
    run = LocalRun(tmp_path)
    try:
        yield run
    finally:
        run.end()


def is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
        return True
    return False


def wait_until_closed(port: int) -> bool:
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at:
        if not is_open(port):
            return True
        time.sleep(0.05)
    return False


def test_it_says_ready_with_the_url_and_its_curl_line_works(local_run: LocalRun) -> None:
    assert f"http://127.0.0.1:{local_run.port}/" in local_run.wait_until_ready()
    curl = next(line.strip() for line in local_run.said().splitlines() if line.strip().startswith("curl "))
    answer = subprocess.run(["bash", "-c", curl.replace("curl ", "curl -s ", 1)], capture_output=True, check=True)
    assert b"fulfillmentMessages" in answer.stdout or b"no-handler" in answer.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_its_end_is_the_end_of_all_of_it(local_run: LocalRun, number: int) -> None:
    local_run.wait_until_ready()
    assert local_run.end(number) == 0
    assert wait_until_closed(local_run.port)
    assert wait_until_closed(local_run.firestore_port)


def test_killed_it_leaves_no_function_behind(local_run: LocalRun) -> None:
    local_run.wait_until_ready()
    os.kill(local_run.process.pid, signal.SIGKILL)
    assert wait_until_closed(local_run.port)


def test_a_taken_port_is_told_with_who_has_it(tmp_path: Path) -> None:
    run = LocalRun(tmp_path)
    with socket.create_server(("127.0.0.1", run.port)):
        assert run.process.wait(timeout=START_SECONDS) == 1
    assert f"port {run.port} is taken by process {os.getpid()}" in run.said()
    assert "--port" in run.said()


def test_a_broken_handler_is_told_before_anything_runs(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    broken = "from fulfillment import on\n\n\n@on.intent('x')\nasync def x() -> str:\n    return 'x'\n"
    (tree / "handlers" / "broken.py").write_text(broken)
    run = LocalRun(tmp_path, tree)
    assert run.process.wait(timeout=START_SECONDS) == 1
    assert "broken.py:4" in run.said()
    assert "'async def'; expected a plain 'def'" in run.said()
    assert "Traceback" not in run.said()


def test_a_handler_that_python_cannot_read_is_told_with_its_line(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    (tree / "handlers" / "broken.py").write_text("def x(:\n")
    run = LocalRun(tmp_path, tree)
    assert run.process.wait(timeout=START_SECONDS) == 1
    assert 'broken.py", line 1' in run.said()
    assert "SyntaxError" in run.said()


def test_a_bad_setting_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADS", "many")
    run = LocalRun(tmp_path, ROOT)
    assert run.process.wait(timeout=START_SECONDS) == 1
    (line,) = run.said().splitlines()
    assert line == "Not started: THREADS 'many' is not a whole number of at least 1. Example: THREADS='80'"


@pytest.mark.parametrize("option", ["--port", "--firestore-port"])
@pytest.mark.parametrize("port", ["0", "-5", "65536", "http"])
def test_a_port_that_is_none_is_told(option: str, port: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "deploy.local", f"{option}={port}"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 2
    assert "expected a number from 1 to 65535" in ran.stderr


def test_its_firestore_holds_the_sample_documents(local_run: LocalRun, monkeypatch: pytest.MonkeyPatch) -> None:
    local_run.wait_until_ready()
    Firestore("local", f"127.0.0.1:{local_run.firestore_port}").set_environment(monkeypatch)
    with Firestore("local", f"127.0.0.1:{local_run.firestore_port}") as firestore:
        collections = {collection.id for collection in firestore.client().collections()}
    assert collections == {file.stem for file in (ROOT / "deploy" / "data").glob("*.json")}
