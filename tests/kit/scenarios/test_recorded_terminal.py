"""The terminal that README.md shows is the one that people see: the local run and a pasted call, recorded anew."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.kit import shipped
from tests.kit.contract.pages import blocks
from tests.kit.parallel import free_port
from tests.kit.projects import copy_of_the_tree, lend_environment


class Terminal:
    """What a program in a terminal of its own has written so far."""

    def __init__(self, controlling: int) -> None:
        self._controlling = controlling
        self.text = ""

    def wait_for(self, pattern: str, seconds: float = 60) -> str:
        """Return what matches; fails with all that was written where it does not come."""
        ends_at = time.monotonic() + seconds
        while not (found := re.search(pattern, self.text, re.MULTILINE)):
            assert time.monotonic() < ends_at, self.text
            with contextlib.suppress(BlockingIOError):
                self.text += os.read(self._controlling, 65536).decode().replace("\r\n", "\n")
            time.sleep(0.02)
        return found[0]


@contextlib.contextmanager
def in_a_terminal(tree: Path, command: list[str]) -> Iterator[Terminal]:
    controlling, terminal = pty.openpty()
    os.set_blocking(controlling, False)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WEBHOOK", "FIRESTORE"))}
    process = subprocess.Popen(
        command, cwd=tree, env=environment, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    )
    try:
        yield Terminal(controlling)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=40)
        os.close(controlling)
        os.close(terminal)


def as_recorded(text: str) -> str:
    """Return a terminal's text with the time, the milliseconds and the ports of README.md's."""
    text = re.sub(r"^\d\d:\d\d:\d\d", "14:02:31", text, flags=re.MULTILINE)
    return re.sub(r"\d+ ms$", "34 ms", text, flags=re.MULTILINE)


def test_the_terminal_that_the_readme_shows(tmp_path: Path) -> None:
    recorded = [block.text for block in blocks("text") if block.text.startswith("ready: ")]
    tree = copy_of_the_tree(tmp_path)
    lend_environment(tree)
    port, firestore_port = free_port(), free_port()
    command = ["./deploy/local.sh", "--port", str(port), "--firestore-port", str(firestore_port)]
    with in_a_terminal(tree, command) as terminal:
        curl = terminal.wait_for(r"^  curl .*$")
        terminal.wait_for(r"^Ctrl-C ends it\..*\n")
        subprocess.run(["bash", "-c", f"{curl} -s"], check=True, capture_output=True)
        terminal.wait_for(r" in \d+ ms\n")
        seen = as_recorded(terminal.text).replace(str(firestore_port), "8081").replace(str(port), "8080")
    if "check_order" not in shipped.handlers():  # another handler is called then, and its lines differ
        seen, *recorded = (re.sub(r"^(  curl|14:).*\n", "", text, flags=re.MULTILINE) for text in (seen, *recorded))
    assert recorded in ([seen], [])  # none where a user has a README of their own
