"""The long run: `python -m tests.kit.chaos.long_run --firestore local --turns 1000 --kills 50` (see run.sh).

Turns of many users at once, most of them delivered several times, over connections that break, on a Firestore that
fails every now and then, in workers that are killed: half of the times at a step of `@once`, else at any moment.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.firestore import LocalFirestore
from tests.kit.firestores import Emulator, Firestore, why_no_emulator
from tests.kit.functions import ROOT, Function, running, wait_until_open

from . import ledger
from .dialogflow import Delivery, Said, Turn, deliver
from .firestore_proxy import ERRORS, Fault, FirestoreProxy
from .scenario import SOURCE

DEADLINE = 2.0
AT_ONCE = 12
GUESTS_AND_SLOTS = (4, 40)
FAULTS_SHARE = 0.08
STEPS = (
    *("before-record", "record-created", "handler-returned", "before-commit", "after-commit"),
    *("waiting", "replaying", "record-taken-over"),
)


@dataclass
class Chaos:
    """Chance: what goes wrong, when; the seed repeats it as far as threads allow."""

    seed: int
    on: bool = True
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()

    def fault(self, call: str) -> Fault | None:
        """Choose what happens to a call of Firestore."""
        with self._lock:
            if not self.on or self._random.random() > FAULTS_SHARE:
                return None
            kind = self._random.choice(("delay", "delay", "drop", "stall", "lose", "lose", "lose", *ERRORS))
            self.faults[f"{call} {kind}"] += 1
            return Fault(kind, self._random.uniform(0.05, 0.8))

    def deliveries(self) -> list[Delivery]:
        """Choose how often, when and how a turn is delivered."""
        with self._lock:
            count = self._random.choice((1, 2, 2))
            return [
                Delivery(
                    at=self._random.choice((0.0, 0.0, 0.05, 0.5, 2.5)) if number else 0.0,
                    timeout=self._random.choice((0.3, 5.0, 5.0, 5.0)),
                    cut=self._random.choice(("", "", "", "", "", "before", "during", "after")),
                )
                for number in range(count)
            ]


def main() -> int:
    """Run, and say what came of it; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firestore", choices=("local", "emulator"), default="local")
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    if options.firestore == "emulator" and (reason := why_no_emulator()):
        print(f"No run on Google's emulator: {reason}.")
        return 0
    with tempfile.TemporaryDirectory() as folder, started(options.firestore, Path(folder)) as firestore:
        return run(firestore, Chaos(options.seed), options.turns, options.kills, Path(folder))


@contextlib.contextmanager
def started(kind: str, folder: Path) -> Iterator[Firestore]:
    """Run a Firestore of that kind."""
    os.environ["no_grpc_proxy"] = "127.0.0.1"  # noqa: SIM112 - the name that gRPC reads
    if kind == "local":
        with LocalFirestore() as local:
            os.environ["FIRESTORE_EMULATOR_HOST"] = local.address
            yield Firestore(kind, local.address)
        return
    emulator = Emulator(folder)
    try:
        emulator.wait()
        os.environ["FIRESTORE_EMULATOR_HOST"] = emulator.host
        yield Firestore(kind, emulator.host)
    finally:
        emulator.stop()


def run(firestore: Firestore, chaos: Chaos, turns: int, kills: int, folder: Path) -> int:
    """Play all turns, deliver each with a `responseId` once more without faults, and compare the ledger."""
    begun = time.monotonic()
    orders = folder / "kills"
    orders.mkdir()
    with FirestoreProxy(firestore.host, chaos.fault) as proxy:
        environment = {
            **firestore.environment(),
            "FIRESTORE_EMULATOR_HOST": proxy.address,
            "PYTHONPATH": str(ROOT),
            "WEBHOOK_DEADLINE": str(DEADLINE),
            "CHAOS_KILLS": str(orders),
        }
        with running(SOURCE, environment) as function:
            wait_until_open(function)
            users = [_turn(number) for number in range(turns)]
            killer = _Killer(function, orders, kills, turns)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                saids = [said for played in pool.map(lambda turn: _play(turn, chaos, killer), users) for said in played]
            chaos.on = False
            for order in orders.iterdir():  # a step that nobody came by since
                order.unlink(missing_ok=True)
                killer.kill()
                wait_until_open(function)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                last = list(pool.map(lambda turn: _settle(turn, function), [turn for turn in users if turn.named]))
    broken = ledger.violations([*saids, *last], firestore.client(), DEADLINE)
    answered = {said.turn.name for said in [*saids, *last] if said.status == 200}
    broken += [f"{turn.name}: no answer at last" for turn in users if turn.name not in answered]
    _report(firestore.kind, chaos, turns, [*saids, *last], killer.killed, broken, time.monotonic() - begun)
    return 1 if broken else 0


def _turn(number: int) -> Turn:
    guests, slots = GUESTS_AND_SLOTS
    slot = number % slots
    return Turn(f"user-{number}", f"{slot // 2:02}:{slot % 2 * 30:02}", 1 + number % guests, named=number % 5 > 0)


class _Killer:
    """Kills the worker, spread over the turns."""

    def __init__(self, function: Function, orders: Path, kills: int, turns: int) -> None:
        self.function = function
        self._orders = orders
        self._every = max(1, turns // max(1, kills))
        self._left = kills
        self._count = 0
        self._lock = threading.Lock()
        self.killed = 0

    def turn_begins(self) -> None:
        """Count, and kill where it is time."""
        with self._lock:
            self._count += 1
            if self._count % self._every or self.killed >= self._left:
                return
            self.killed += 1
            number = self.killed
        order = self._orders / STEPS[number // 2 % len(STEPS)]
        if number % 2 and not order.exists():
            order.touch()
        else:
            self.kill()

    def kill(self) -> None:
        """Kill the worker now."""
        while True:
            with contextlib.suppress(OSError, IndexError):
                os.kill(self.function.worker(), signal.SIGKILL)
                return
            time.sleep(0.01)


def _play(turn: Turn, chaos: Chaos, killer: _Killer) -> list[Said]:
    killer.turn_begins()
    begun = time.monotonic()

    def send(delivery: Delivery) -> Said:
        time.sleep(max(0.0, delivery.at - (time.monotonic() - begun)))
        return deliver(killer.function.port, turn, delivery)

    deliveries = chaos.deliveries()
    with ThreadPoolExecutor(len(deliveries)) as pool:
        saids = list(pool.map(send, deliveries))
    # Without a `responseId` the same words are the same turn for seconds only: what came of it is asked at once.
    return saids if turn.named else [*saids, _settle(turn, killer.function)]


def _settle(turn: Turn, function: Function) -> Said:
    end = time.monotonic() + 20
    while (said := deliver(function.port, turn, Delivery())).status != 200 and time.monotonic() < end:
        time.sleep(0.2)
    return said


def _report(
    kind: str, chaos: Chaos, turns: int, saids: list[Said], killed: int, broken: list[str], seconds: float
) -> None:
    statuses = Counter(said.status for said in saids)
    print(
        f"{kind}, seed {chaos.seed}: {turns} turns, {len(saids)} deliveries, {killed} kills, "
        f"{sum(chaos.faults.values())} faults of Firestore, {seconds:.0f} s"
    )
    print(f"  answers: {dict(statuses)} (0: no whole answer); slowest {max(said.seconds for said in saids):.2f} s")
    print(f"  broken promises: {len(broken)}")
    for line in broken[:20]:
        print(f"    {line}")


if __name__ == "__main__":
    sys.exit(main())
