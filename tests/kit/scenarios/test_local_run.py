"""./deploy/local.sh: one command, a Firestore with the sample data, a function, and an end to all of it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.firestores import Firestore
from tests.kit.functions import ROOT
from tests.kit.projects import copy_of_the_tree

from .local_run import START_SECONDS, LocalRun


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
    # Whatever the first handler makes of it, the call reached it and its arguments fitted.
    assert not [cause for cause in (b"unauthenticated", b"-parameter", b"not-understood") if cause in answer.stdout]
    assert b"fulfillment" in answer.stdout or b'"cause"' in answer.stdout or b"{}" in answer.stdout


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


def run_without_an_environment(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ./deploy/local.sh where nothing is installed yet; fails where it began to install."""
    tree = copy_of_the_tree(tmp_path)
    ran = subprocess.run(["./deploy/local.sh", *arguments], cwd=tree, capture_output=True, text=True, check=False)
    assert not (tree / ".venv").exists()
    return ran


def test_a_taken_port_is_told_before_anything_is_installed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ran = run_without_an_environment(tmp_path, f"--port={port}")
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"Not started: port {port} is taken by process {os.getpid()} (")
    assert len(ran.stderr.splitlines()) == 1


def test_wrong_options_are_told_before_anything_is_installed(tmp_path: Path) -> None:
    ran = run_without_an_environment(tmp_path, "--port", "http")
    assert ran.returncode == 2
    assert "'http' is no port; expected a number from 1 to 65535" in ran.stderr


def test_the_help_installs_nothing(tmp_path: Path) -> None:
    ran = run_without_an_environment(tmp_path, "--help")
    assert ran.returncode == 0
    assert "usage: ./deploy/local.sh" in ran.stdout
    assert "--real-firestore PROJECT" in ran.stdout


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": "dialogflow:it's a long password"}, "curl -u "),
        (
            {"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "X-Webhook-Secret: it's a long secret"},
            "curl -H 'x-webhook-secret",
        ),
    ],
    ids=["basic", "header"],
)
def test_the_curl_line_has_the_credentials_that_are_asked_for(
    environment: dict[str, str], shown: str, tmp_path: Path
) -> None:
    run = LocalRun(tmp_path, environment=environment)
    try:
        run.wait_until_ready()
        line = run.wait_for(r"^  curl .*$").strip()
        assert line.startswith(shown)
        assert status_of(line) not in ("401", "403")
        assert status_of(line.replace("a long", "another")) == "401"
    finally:
        run.end()


def status_of(line: str) -> str:
    command = line.replace("curl ", "curl -s -o /dev/null -w '%{http_code}' ", 1)
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False).stdout


def test_what_the_curl_line_cannot_show_is_told(tmp_path: Path) -> None:
    callers = "service-1@gcp-sa-dialogflow.iam.gserviceaccount.com"
    run = LocalRun(tmp_path, environment={"WEBHOOK_AUTH": "id-token", "WEBHOOK_CALLERS": callers})
    try:
        run.wait_for("^WEBHOOK_AUTH=id-token asks for a token that Google signs besides, which this line cannot show")
    finally:
        run.end()


def test_your_own_variables_reach_your_handlers(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    (tree / "handlers" / "own.py").write_text(
        "import os\n\nfrom fulfillment import on\n\n\n@on.intent('own')\ndef own() -> str:\n"
        "    return os.environ['GREETING']\n"
    )
    run = LocalRun(tmp_path, tree, {"GREETING": "Good day"})
    try:
        run.wait_until_ready()
        body = '{"queryResult": {"intent": {"displayName": "own"}}}'
        asked = ["curl", "-s", "-H", "content-type: application/json", "-d", body, f"http://127.0.0.1:{run.port}/"]
        assert "Good day" in subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    finally:
        run.end()


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
    assert run.said().count("  File ") == 1


def test_a_bad_setting_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADS", "many")
    run = LocalRun(tmp_path)
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
