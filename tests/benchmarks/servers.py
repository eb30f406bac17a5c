"""Starts a function under functions-framework with gunicorn, on a free port of 127.0.0.1, and ends it again."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BARE = Path(__file__).parent / "bare"
BARE_FIRESTORE = Path(__file__).parent / "bare_firestore"


@dataclass
class Function:
    """A running function: its port, and the process ids of gunicorn's master and worker."""

    port: int
    pid: int

    def worker(self) -> int:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(children[0])

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.worker()}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self) -> float:
        status = Path(f"/proc/{self.worker()}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def function(source: Path, environment: Mapping[str, str]) -> Iterator[Function]:
    """Run `source`/main.py; the environment holds nothing but PATH and what is given."""
    port = free_port()
    process = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "functions-framework"),
            "--target=dialogflow_webhook",
            f"--source={source / 'main.py'}",
            "--host=127.0.0.1",
            f"--port={port}",
        ],
        cwd=source,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(source), **environment},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield Function(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_open(port: int, seconds: float = 20) -> None:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.002)
    raise TimeoutError(f"nothing listens on port {port}")
