"""A run of the local Firestore's command: a process that a test may end, or kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from google.cloud import firestore

ROOT = Path(__file__).parents[4]


class Command:
    """A run of `python -m deploy.local.firestore` that has printed its first lines, or ended.

    Attributes:
        first_line: what it printed first; "" when it ended without a word.
        address: where it says clients find it.
    """

    def __init__(self, *arguments: object) -> None:
        chosen = [str(argument) for argument in arguments]
        port = [] if "--port" in chosen else ["--port", "0"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.firestore", *port, *chosen],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().rstrip()
        self.address = ""
        if self.first_line:
            self.address = self.process.stdout.readline().rstrip().partition("export FIRESTORE_EMULATOR_HOST=")[2]

    @property
    def port(self) -> int:
        return int(self.address.partition(":")[2])

    def client(self, project: str = "demo", **options: Any) -> firestore.Client:
        os.environ["FIRESTORE_EMULATOR_HOST"] = self.address
        return firestore.Client(project=project, **options)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(timeout=10)

    def rest(self) -> tuple[str, str]:
        """What it printed after its first lines, and its errors, once it has ended."""
        return self.process.communicate(timeout=10)


Run = Callable[..., Command]
