"""One process of the function: started on a socket that listens already, awaited until it can answer, ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0
_END_SECONDS = 35.0
"""Longer than gunicorn gives the calls that are under way."""
_COMMAND = ("--target", "dialogflow_webhook", "--host", "127.0.0.1")


def listening_socket(port: int) -> socket.socket:
    """Return a socket that listens on 127.0.0.1. Raises `OSError` where another process has the port."""
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(2048)
    except OSError:
        listening.close()
        raise
    return listening


class RunningFunction:
    """The function in a process of its own, which ends with this one."""

    def __init__(self, listening: socket.socket, environment: Mapping[str, str]) -> None:
        self._ends_by = 0.0
        ready, write = os.pipe()
        self._ready: int | None = ready
        port = str(listening.getsockname()[1])
        try:
            # A session of its own: Ctrl-C reaches this process only, which then ends the function in order. Two
            # interrupts at once, from the terminal and from gunicorn's master, can lock a gunicorn worker up for ever.
            self._process = subprocess.Popen(  # noqa: S603
                [
                    *(sys.executable, "-m", "deploy.local.function"),
                    *(str(listening.fileno()), str(write), str(os.getpid())),
                    *(*_COMMAND, "--port", port),
                ],
                cwd=ROOT,
                env=environment,
                pass_fds=(listening.fileno(), write),
                start_new_session=True,
            )
        finally:
            os.close(write)

    @property
    def status(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.poll()

    def is_ready(self, seconds: float = START_SECONDS) -> bool:
        """Wait until it can answer calls; False where it ended instead, or does not come to it in that time."""
        assert self._ready is not None, "asked once"
        try:
            readable, _, _ = select.select([self._ready], [], [], seconds)
            if not readable:
                return False
            if os.read(self._ready, 1):
                return True
            self.wait(5)  # it is about to end
            return False
        finally:
            os.close(self._ready)
            self._ready = None

    def wait(self, seconds: float) -> int | None:
        """Return its exit status as soon as it has one, None where it still runs after `seconds`."""
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None

    def begin_to_end(self) -> None:
        """Let it accept no more calls, finish those that are under way, and end."""
        if self.status is None:
            self._process.terminate()
            self._ends_by = time.monotonic() + _END_SECONDS

    def has_ended(self) -> bool:
        """Return whether it is gone after `begin_to_end`; kills it when its time is over."""
        if self.status is None and time.monotonic() > self._ends_by:
            self.kill()
        return self.status is not None

    def end(self, seconds: float = 15.0) -> None:
        """End it, and wait until it is gone."""
        self.begin_to_end()
        if self.wait(seconds) is None:
            self.kill()

    def kill(self) -> None:
        """End it at once: for one that has answered nothing yet, or does not end in order."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
