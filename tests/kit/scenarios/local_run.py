"""A running ./deploy/local.sh, for tests: what it says, and an end to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.kit.functions import free_port
from tests.kit.projects import copy_of_the_tree, lend_environment

START_SECONDS = 120  # a first run installs


class LocalRun:
    """A running ./deploy/local.sh in a process group of its own; in a given tree without what installs.

    By default in a copy of the project without the user's handlers: the line that it prints is a real call.
    """

    def __init__(
        self,
        folder: Path,
        tree: Path | None = None,
        environment: Mapping[str, str] | None = None,
        installs: bool = False,
    ) -> None:
        self.port, self.firestore_port = free_port(), free_port()
        self.output = folder / f"output-{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("WEBHOOK", "FIRESTORE"))}
        if tree is None:
            tree, installs = copy_of_the_tree(folder), True
            lend_environment(tree)
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [
                    *(["./deploy/local.sh"] if installs else [sys.executable, "-m", "deploy.local"]),
                    *("--port", str(self.port)),
                    *("--firestore-port", str(self.firestore_port)),
                ],
                cwd=tree,
                env=inherited | dict(environment or {}),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """Return its output so far."""
        return self.output.read_text()

    def wait_until_ready(self) -> str:
        """Return the line that starts with "ready"; fails with the output where it does not come."""
        return self.wait_for(r"^ready: .*$")

    def wait_for(self, pattern: str, seconds: float = START_SECONDS, times: int = 1) -> str:
        """Return the `times`-th match of the pattern in the output; fails with the output where it does not come."""
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at and self.process.poll() is None:
            found = list(re.finditer(pattern, self.said(), re.MULTILINE))
            if len(found) >= times:
                return found[times - 1][0]
            time.sleep(0.05)
        raise AssertionError(f"{pattern} is not in:\n{self.said()}")

    def end(self, number: int = signal.SIGINT) -> int:
        """Send the signal to all of it, as a terminal does, and return the exit status."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        return self.process.wait(timeout=40)
