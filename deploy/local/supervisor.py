"""Keeps the function running with the files as they are: what changes is checked first, then swapped in.

The socket stays open across a swap, and the old function answers until the new one can: no call is refused. Where the
new files do not work, the old function runs on.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fulfillment.problems import SetupError

from . import watched_files
from .running_function import ROOT, START_SECONDS, RunningFunction, listening_socket
from .watched_files import Snapshot

_POLL_SECONDS = 0.5
_SETTLE_SECONDS = 0.2
_CHECK_SECONDS = 60.0


class CannotStart(Exception):
    """Something on this machine stands in the way; the message says what to do."""


def checked_routes(environment: Mapping[str, str], root: Path = ROOT) -> list[dict[str, Any]]:
    """Return the table of routes, asked in a process of its own. Raises `CannotStart` telling why there is none."""
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "handlers", "--json"],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_CHECK_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise CannotStart(
            f"the handlers cannot be loaded: they are not imported within {_CHECK_SECONDS:g} s. "
            "What takes long belongs into a handler, not into a module."
        ) from None
    if asked.returncode != 0:
        # Of the kit's own errors the words say all; of Python's the traceback shows the line.
        told = asked.stderr.rpartition(f"{SetupError.__module__}.{SetupError.__name__}: ")[2].strip()
        raise CannotStart(f"the handlers cannot be loaded.\n{_own_frames(told, root)}")
    try:
        routes: list[dict[str, Any]] = json.loads(asked.stdout)["routes"]
    except ValueError:
        raise CannotStart(
            "the table of routes cannot be read: python -m handlers --json prints something else too. "
            "A module of handlers/ must not print when it is imported."
        ) from None
    return routes


def _own_frames(traceback: str, root: Path) -> str:
    """Return a traceback without the frames of Python's import and of the kit's search, which every one begins with."""
    kept = [
        entry
        for entry in re.split(r"^(?=  File )", traceback, flags=re.MULTILINE)
        if not re.match(
            rf'  File "(<frozen|[^"]*/importlib/|{re.escape(str(root / "fulfillment"))}/routing/discovery\.py)', entry
        )
        and "discover(__name__)" not in entry
    ]
    return "".join(kept)


class Supervisor:
    """Runs the function on a port of 127.0.0.1 with `environment`, and anew when a file changes."""

    def __init__(self, port: int, environment: Mapping[str, str]) -> None:
        self._port = port
        self._environment = dict(environment)
        self._socket: socket.socket | None = None
        self._function: RunningFunction | None = None
        self._ending: list[RunningFunction] = []
        self._seen: Snapshot = {}
        self._has_swapped = False

    def start(self) -> list[dict[str, Any]]:
        """Check the handlers, start the function, and return the table of routes once it can answer.

        Raises `CannotStart`.
        """
        self._seen = watched_files.snapshot(ROOT)
        routes = checked_routes(self._environment)
        function = self._started()
        if function is None:
            raise CannotStart("the function did not start; its own words stand above")
        self._function = function
        return routes

    def run(self) -> int:
        """Watch until the function ends by itself before any swap; return the exit status, 1."""
        while True:
            if self._function is None:
                time.sleep(_POLL_SECONDS)
            elif (status := self._function.wait(_POLL_SECONDS)) is not None:
                _say(f"The function ended by itself, with status {status}.")
                if not self._has_swapped:
                    return 1
                self._function = None
                self._close_socket()  # callers shall be refused, not wait for nobody
                _say("It is started anew when a file changes. Ctrl-C ends all of it.")
            self._ending = [function for function in self._ending if not function.has_ended()]
            now = watched_files.snapshot(ROOT)
            if now != self._seen:
                self._take_over(self._settled(now))

    def stop(self) -> None:
        """End every process that this one started, calls under way first."""
        for function in self._all():
            function.begin_to_end()
        for function in self._all():
            function.end()
        self._close_socket()

    def kill(self) -> None:
        """End them at once, with the calls under way."""
        for function in self._all():
            function.kill()
        self._close_socket()

    def _all(self) -> list[RunningFunction]:
        return [*self._ending, *([self._function] if self._function else [])]

    def _settled(self, now: Snapshot) -> Snapshot:
        # An editor, git or a formatter writes several files, and each maybe twice.
        while True:
            time.sleep(_SETTLE_SECONDS)
            later = watched_files.snapshot(ROOT)
            if later == now:
                return now
            now = later

    def _take_over(self, now: Snapshot) -> None:
        changes = watched_files.difference(self._seen, now)
        self._seen = now
        documents = {name: what for name, what in changes.items() if name.startswith("deploy/data/")}
        if documents:
            _say(f"{watched_files.told(documents)}: documents are loaded at the start only, by ./deploy/local.sh.")
        changes = {name: what for name, what in changes.items() if name not in documents}
        if changes:
            watched_files.forget_compiled(ROOT, changes)
            self._swap(changes)

    def _swap(self, changes: Mapping[str, str]) -> None:
        began = time.monotonic()
        told = watched_files.told(changes)
        try:
            if "requirements.txt" in changes:
                _install()
            checked_routes(self._environment)
            new = self._started()
            if new is None:
                raise CannotStart("the function does not start with it; its own words stand above.")
        except CannotStart as error:
            kept = "The function runs on as it was" if self._function else "The function does not run"
            _say(f"{told}: {error}\n{kept}. The next change is tried again.")
            return
        old, self._function = self._function, new
        if old:
            old.begin_to_end()
            self._ending.append(old)
        self._has_swapped = True
        _say(f"{told}: started anew, ready again after {time.monotonic() - began:.1f} s.")

    def _started(self) -> RunningFunction | None:
        """Return a function that can answer, None where it does not start. Raises `CannotStart` for a taken port."""
        if self._socket is None:
            try:
                self._socket = listening_socket(self._port)
            except OSError as error:
                raise CannotStart(f"port {self._port} cannot be used: {error.strerror}.") from None
        function = RunningFunction(self._socket, self._environment)
        try:
            if function.is_ready(START_SECONDS):
                return function
        except BaseException:  # Ctrl-C meanwhile
            function.kill()
            raise
        function.kill()
        return None

    def _close_socket(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _install() -> None:
    # In a group of its own, so that all of it can be ended with this process.
    install = subprocess.Popen(["./deploy/local/venv.sh", "requirements.txt"], cwd=ROOT, process_group=0)
    try:
        status = install.wait()
    except BaseException:
        os.killpg(install.pid, signal.SIGTERM)
        install.wait()
        raise
    if status != 0:
        raise CannotStart("it could not be installed; what pip said stands above.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
