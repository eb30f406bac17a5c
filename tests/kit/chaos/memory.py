"""`python -m tests.kit.chaos.memory`: memory of a worker after 30,000 calls of which 5 % meet a fault.

Prints the resident memory after 3,000 and after 30,000 calls; 1 when it grew by more than a tenth in between.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.kit.functions import ROOT, Function, running, wait_until_open

from .dialogflow import Delivery, Turn, deliver
from .firestore_proxy import Fault, FirestoreProxy
from .long_run import started
from .scenario import SOURCE

AT_ONCE = 8
FAULTS_SHARE = 0.05
MOST_GROWTH = 1.1


def main() -> int:
    """Run; 1 when memory grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=30_000)
    calls = parser.parse_args().calls
    chance, lock = random.Random(1), threading.Lock()

    def choose(_: str) -> Fault | None:
        with lock:
            if chance.random() > FAULTS_SHARE / 4:  # a booking makes four calls
                return None
            return Fault(chance.choice(("delay", "UNAVAILABLE", "ABORTED", "lose", "stall")), 0.1)

    with (
        tempfile.TemporaryDirectory() as folder,
        started("local", Path(folder)) as firestore,
        FirestoreProxy(firestore.host, choose) as proxy,
    ):
        environment = {**firestore.environment(), "FIRESTORE_EMULATOR_HOST": proxy.address, "WEBHOOK_DEADLINE": "1"}
        with running(SOURCE, {**environment, "PYTHONPATH": str(ROOT)}) as function:
            wait_until_open(function)
            return _measure(function, calls)


def _measure(function: Function, calls: int) -> int:
    begun = time.monotonic()
    _calls(function, 0, calls // 10)
    early = _resident(function)
    _calls(function, calls // 10, calls)
    late = _resident(function)
    print(
        f"{early / 1024:.1f} MiB after {calls // 10} calls, {late / 1024:.1f} MiB after {calls}: "
        f"{100 * (late / early - 1):+.1f} %, {time.monotonic() - begun:.0f} s"
    )
    return 0 if late <= early * MOST_GROWTH else 1


def _calls(function: Function, first: int, last: int) -> None:
    def call(number: int) -> None:
        cut = ("before", "during", "after")[number % 3] if number % 40 == 0 else ""
        turn = Turn(f"user-{number}", f"{number % 24:02}:{number // 24 % 60:02}", intent=_intent(number))
        deliver(function.port, turn, Delivery(cut=cut))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(call, range(first, last)):
            pass


def _intent(number: int) -> str:
    return ("book_table", "hello", "hello", "nobody-handles-this")[number % 4]


def _resident(function: Function) -> int:
    """Return the worker's resident memory in KiB."""
    status = Path(f"/proc/{function.worker()}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")))


if __name__ == "__main__":
    sys.exit(main())
