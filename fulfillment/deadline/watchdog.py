"""Ends a worker in which no Python code can run any more, and writes the stack of every thread before that.

A regular expression that backtracks, or C code that holds the interpreter lock, cannot be ended by an exception, and no
Python thread can even tell. So a timer of the operating system is armed while calls run, and moved on by each call and
by a heartbeat. When it ends, its signal is handled by `faulthandler` in C: stacks to standard error, then the signal's
default, which ends the process. The server replaces the worker; the worker's other calls are lost with it.

While no call runs the timer is off: a platform that freezes an idle instance does not make it die when it goes on.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
import time

_BEATS = 5
_STANDARD_ERROR = 2


def server_replaces_workers() -> bool:
    """Return whether this process is a worker that its server replaces when it ends: gunicorn says that it serves."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn")


class Watchdog:
    """Ends this process when nothing has moved for `seconds` while something ran. Idle until `start`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running = 0
        self._started = False

    @property
    def started(self) -> bool:
        """Whether it watches."""
        return self._started

    def start(self) -> None:
        """Begin to watch this process, once. To be called in the process that serves, after any fork."""
        with self._lock:
            if self._started:
                return
            self._started = True
        faulthandler.register(signal.SIGALRM, file=_STANDARD_ERROR, all_threads=True, chain=True)
        threading.Thread(target=self._beat, name="watchdog", daemon=True).start()

    def enter(self) -> None:
        """Something begins to run: a call, or what is left of one. Costs a system call."""
        if not self._started:
            return
        with self._lock:
            self._running += 1
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def leave(self) -> None:
        """It has ended."""
        if not self._started:
            return
        with self._lock:
            # What entered before the start leaves without having been counted.
            self._running = max(0, self._running - 1)
            if not self._running:
                signal.setitimer(signal.ITIMER_REAL, 0)

    def _beat(self) -> None:
        while True:
            time.sleep(self._seconds / _BEATS)
            with self._lock:
                if self._running:
                    signal.setitimer(signal.ITIMER_REAL, self._seconds)
