"""Cold start: from exec to the first 200, the kit against a bare function, in turn."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.kit.functions import running

from .calls import Connection, webhook_request
from .figures import BARE, BARE_FIRESTORE, shop

ROUNDS = 12


def welcome() -> dict[str, float]:
    """The welcome as the very first call."""
    request = webhook_request("Default Welcome Intent", {})
    return _compared({}, request, BARE)


def check_order(firestore: Mapping[str, str]) -> dict[str, float]:
    """A lookup as the very first call."""
    return _compared(firestore, webhook_request("check_order", {"order_id": "A-1001"}), BARE_FIRESTORE)


def _compared(environment: Mapping[str, str], request: bytes, bare: Path) -> dict[str, float]:
    _first_answer(shop(), environment, request)  # compiles what is not compiled yet
    _first_answer(bare, environment, request)
    pairs = [
        (_first_answer(shop(), environment, request), _first_answer(bare, environment, request)) for _ in range(ROUNDS)
    ]
    return {
        "kit ms": statistics.median(ours for ours, _ in pairs),
        "bare ms": statistics.median(theirs for _, theirs in pairs),
        "kit/bare": statistics.median(ours / theirs for ours, theirs in pairs),
    }


def _first_answer(source: Path, environment: Mapping[str, str], request: bytes) -> float:
    started = time.perf_counter()
    with running(source, environment, wait=False) as function:
        while True:
            try:
                status, body = Connection(function.port).send(request)
                break
            except OSError:
                time.sleep(0.001)
        taken = (time.perf_counter() - started) * 1000
        assert status == 200, body
        try:
            function.process.terminate()
            function.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            function.process.kill()
    return taken
