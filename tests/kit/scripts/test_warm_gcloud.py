"""The gcloud that forks says and sends what a gcloud does that is started anew."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from bench import PROJECT, Bench, Ran
from deployments import Deployment, deployment, requests

SECRET = ("--secret=weather-api-key", f"--project={PROJECT}")
COMMANDS = {
    "output": ("gcloud", "projects", "describe", PROJECT, "--format=value(projectNumber)"),
    "a refusal": ("gcloud", "secrets", "describe", "none", f"--project={PROJECT}"),
    "a wrong flag": ("gcloud", "functions", "describe", "--nonsense"),
    "no network": ("gcloud", "auth", "print-access-token"),
    "input": ("gcloud", "secrets", "create", "new", f"--project={PROJECT}", "--data-file=-"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_says_and_sends_the_same(bench: Bench, command: tuple[str, ...]) -> None:
    bench.cloud.apis[PROJECT].add("secretmanager.googleapis.com")
    before = bench.cloud.snapshot()

    def run(**environment: str) -> tuple[Ran, list[object]]:
        bench.cloud.restore(before)
        return bench.run(*command, stdin="s3cret", **environment), requests(bench.cloud.seen)

    warm, again, cold = run(), run(), run(COLD_GCLOUD="yes")
    assert warm == cold
    assert again == cold


@pytest.mark.long
def test_a_whole_deployment_sends_the_same(bench: Bench, first: Deployment) -> None:
    cold = deployment(bench, "./deploy/deploy.sh", COLD_GCLOUD="yes")
    assert cold.ran.code == 0, cold.ran.text
    assert requests(cold.seen) == requests(first.seen)
    assert seconds_apart(cold.ran.text) == seconds_apart(first.ran.text)


def seconds_apart(text: str) -> str:
    return re.sub(r"\d+\.\d s ", "", text)


def test_a_command_that_is_ended_from_outside_is_over(bench: Bench, tmp_path: Path) -> None:
    """A script that is killed leaves no gcloud behind that would go on with its work."""
    bench.cloud.fail("GET", "projects/", 503, times=10_000)  # gcloud tries again, for minutes
    command = ["env", "-i", *(f"{k}={v}" for k, v in bench.environment().items()), *COMMANDS["output"]]
    process = bench.island.run(lambda: subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE))
    while not bench.cloud.seen:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    # The fork holds the other end of standard error as long as it lives.
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGKILL
