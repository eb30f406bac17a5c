"""A circuit per host: opens after repeated failures, lets one trial call through after a while, and logs both."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict

from ..problems import outside as problems

log = logging.getLogger(__name__)

FAILURES = 5
OPEN_SECONDS = 5.0
LONGEST_OPEN_SECONDS = 60.0
_HOSTS = 500


class Circuit:
    """What is known of one host: failures in a row, and until when it is left alone."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = OPEN_SECONDS
        self._open_until = 0.0
        self._open = False
        self._on_trial = False

    def lets_through(self) -> bool:
        """Return whether a call may be made; of those that come when the pause is over, one may."""
        with self._lock:
            if not self._open:
                return True
            now = time.monotonic()
            if now < self._open_until:
                return False
            self._open_until = now + self._pause  # others wait for what the trial shows
            self._on_trial = True
            return True

    def note(self, worked: bool) -> None:
        """Remember how a call ended."""
        with self._lock:
            if worked:
                if self._open:
                    log.warning(problems.circuit_closed(self._host))
                self._failures, self._open, self._on_trial, self._pause = 0, False, False, OPEN_SECONDS
                return
            self._failures += 1
            if self._open and not self._on_trial:  # a call that was under way when the circuit opened
                return
            if self._failures >= FAILURES:
                self._open_now()

    def _open_now(self) -> None:
        if self._open:
            self._pause = min(LONGEST_OPEN_SECONDS, self._pause * 2)
        self._open, self._on_trial = True, False
        self._open_until = time.monotonic() + self._pause
        log.error(problems.circuit_opened(self._host, self._failures, self._pause))


_circuits: OrderedDict[str, Circuit] = OrderedDict()
_lock = threading.Lock()


def circuit_of(host: str) -> Circuit:
    """Return the circuit of a host (with its port), shared by all threads of this process."""
    with _lock:
        circuit = _circuits.get(host)
        if circuit is None:
            circuit = _circuits[host] = Circuit(host)
            while len(_circuits) > _HOSTS:
                _circuits.popitem(last=False)
        return circuit


def forget() -> None:
    """Know nothing of any host, as at the start of the process; for tests."""
    with _lock:
        _circuits.clear()
