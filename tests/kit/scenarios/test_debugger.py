"""A debugger holds a handler for longer than any deadline, and the call is answered when it lets go."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from fulfillment.testing import es_request
from tests.kit.functions import ROOT, running
from tests.kit.parallel import free_port
from tests.kit.projects import kit_with
from tests.kit.wire import words_of

LAUNCH = json.loads((ROOT / ".vscode" / "launch.json").read_text())
LONGER_THAN_THE_DEADLINE = 5.0
LONGER_THAN_THE_WATCHDOG = 3.0

HANDLER = """
from fulfillment import on, seconds_left


@on.intent("stop")
def stop(order_id: str) -> str:
    breakpoint()
    return f"{order_id}: {seconds_left():.1f} s for each call to others"
"""
DEBUGGER = """
import pdb
import sys


def stop():
    debugger = pdb.Pdb(stdin=open("commands"), stdout=open("said", "w", buffering=1))
    debugger.set_trace(sys._getframe(1))
"""


def configuration(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in LAUNCH["configurations"] if one["name"] == name)
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A function whose handler has a breakpoint; its debugger reads from the pipe `commands` and writes to `said`."""
    handlers = tmp_path / "own"
    handlers.mkdir()
    (handlers / "__init__.py").write_text((ROOT / "handlers" / "__init__.py").read_text())
    (handlers / "stop.py").write_text(f'"""Stops."""\n{HANDLER}')
    tree = tmp_path / "tree"
    tree.mkdir()
    kit_with(handlers, tree)
    (tree / "debugger.py").write_text(DEBUGGER)
    os.mkfifo(tree / "commands")
    return tree


def test_a_call_that_a_debugger_held_is_answered(tree: Path) -> None:
    environment = {**configuration("Function")["env"], "PYTHONBREAKPOINT": "debugger.stop"}
    with running(tree, environment) as function:
        answers: list[tuple[int, dict[str, Any]]] = []
        body = es_request("stop", {"order_id": "A-1001"})
        caller = threading.Thread(target=lambda: answers.append(function.call(body, timeout=30)))
        caller.start()
        with (tree / "commands").open("w") as commands:
            began, worker = time.monotonic(), function.worker()
            os.kill(worker, signal.SIGSTOP)  # as a debugger that stops all threads
            time.sleep(LONGER_THAN_THE_WATCHDOG)
            os.kill(worker, signal.SIGCONT)
            time.sleep(max(0.0, began + LONGER_THAN_THE_DEADLINE - time.monotonic()))
            commands.write("p order_id\nc\n")
        caller.join()
        assert function.worker() == worker
    status, reply = answers[0]
    assert (status, words_of(reply)) == (200, ["A-1001: 4.5 s for each call to others"])
    assert "'A-1001'" in (tree / "said").read_text()


def test_what_the_editor_starts_is_there() -> None:
    for module in ("functions_framework", "deploy.local.firestore", "pytest"):
        assert module in [one["module"] for one in LAUNCH["configurations"]]
        subprocess.run([sys.executable, "-c", f"import {module}"], cwd=ROOT, check=True)
    names = {one["name"] for one in LAUNCH["configurations"]}
    assert all(set(compound["configurations"]) <= names for compound in LAUNCH["compounds"])


def test_the_editors_firestore_is_where_its_function_looks_for_it(tmp_path: Path) -> None:
    arguments = configuration("Firestore")["args"]
    assert configuration("Function")["env"]["FIRESTORE_EMULATOR_HOST"] == f"127.0.0.1:{arguments[1]}"
    port = free_port()
    command = [sys.executable, "-m", "deploy.local.firestore", "--port", str(port), *arguments[2:]]
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert started.stdout is not None
    try:
        assert str(port) in started.stdout.readline()
    finally:
        started.terminate()
        started.wait(timeout=20)
