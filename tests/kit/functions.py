"""Starts a function under functions-framework with gunicorn, as the platform does, on a free port of 127.0.0.1."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.kit.parallel import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Function:
    """A running function: its port, gunicorn's master process, and where its log goes."""

    port: int
    process: subprocess.Popen[bytes]
    log: IO[str]

    def call(
        self, body: Any, headers: Mapping[str, str] | None = None, method: str = "POST", timeout: float = 20
    ) -> tuple[int, dict[str, Any]]:
        """Send one webhook call; `body` is JSON-encoded unless it is bytes. Return status and JSON."""
        status, _, data = self.exchange(body, headers, method, timeout)
        return status, json.loads(data)

    def exchange(
        self, body: Any, headers: Mapping[str, str] | None = None, method: str = "POST", timeout: float = 20
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one call and return status, headers and the raw body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            # A body that is refused unread may break off on its way out; the answer is there all the same.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, "/", data, {"content-type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def lines(self) -> list[dict[str, Any]]:
        """Return the log's JSON lines so far."""
        self.log.seek(0)
        return [json.loads(line) for line in self.log.read().splitlines() if line.startswith("{")]

    def worker(self) -> int:
        """Return gunicorn's worker process."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


@contextlib.contextmanager
def running(
    source: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    wait: bool = True,
    options: Sequence[str] = (),
) -> Iterator[Function]:
    """Run `source`/main.py; its environment holds PATH and what is given, nothing else."""
    port = free_port()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "functions-framework"),
                "--target=dialogflow_webhook",
                f"--source={source / 'main.py'}",
                "--host=127.0.0.1",
                f"--port={port}",
                *options,
            ],
            cwd=source,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(source), **(environment or {})},
            stderr=log,
            stdout=log,
        )
        started = Function(port, process, log)
        try:
            if wait:
                wait_until_open(started)
            yield started
        finally:
            process.terminate()
            process.wait(timeout=40)


def wait_until_open(function: Function, seconds: float = 30) -> None:
    """Wait until the function listens; raises `RuntimeError` with its log when it ended instead."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", function.port), 0.2):
            return
        if function.process.poll() is not None:
            break
        time.sleep(0.002)
    function.log.seek(0)
    raise RuntimeError(f"The function does not listen. Its log:\n{function.log.read()}")
