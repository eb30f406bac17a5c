"""Runs one scenario file: a turn, its deliveries, faults of Firestore, and steps at which the process is killed.

    story = "The answer of the commit is lost, and it took effect"
    deliveries = [{ at = 0.0 }, { at = 0.2 }]
    faults = [{ call = "Commit", which = 2, kind = "lose" }]
    kills = ["before-commit"]

`which` counts the calls of that name from 1. At last every turn is delivered once more, without faults: then it must be
known what came of it.
"""

from __future__ import annotations

import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.kit.firestores import Firestore
from tests.kit.functions import ROOT, Function, running

from . import ledger
from .dialogflow import Delivery, Said, Turn, deliver
from .firestore_proxy import Fault, FirestoreProxy

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.toml"))
SOURCE = ROOT / "tests" / "kit" / "chaos" / "function"
DEADLINE = 1.0
LEASE_IS_OVER = DEADLINE + 1.0
"""Seconds after which nobody owns a turn any more that a killed process owned."""


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario: broken promises, and what each delivery was told."""

    violations: list[str]
    saids: list[Said]
    kills_left: list[str]
    faults_left: list[str]


class _Script:
    """Chooses faults by the scenario's list, and none between scenarios."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()
        self._left: list[dict[str, Any]] = []

    def begin(self, faults: list[dict[str, Any]]) -> None:
        """Count calls from here."""
        with self._lock:
            self._seen.clear()
            self._left = list(faults)

    def end(self) -> list[str]:
        """Return what did not happen."""
        with self._lock:
            left, self._left = self._left, []
            return [str(fault) for fault in left]

    def choose(self, call: str) -> Fault | None:
        with self._lock:
            self._seen[call] += 1
            for fault in self._left:
                if fault["call"] == call and fault["which"] == self._seen[call]:
                    self._left.remove(fault)
                    return Fault(fault["kind"], fault.get("seconds", 0.0))
            return None


def groups() -> list[list[Path]]:
    """Return the files in groups that may run side by side; a kill takes the other calls of its process along."""
    killing = [file for file in FILES if tomllib.loads(file.read_text()).get("kills")]
    return [[file for file in FILES if file not in killing], killing[::2], killing[1::2]]


def run(files: Sequence[Path], firestore: Firestore, named: bool = True) -> dict[Path, Outcome]:
    """Play the files one after the other, on one function and one Firestore; `named` turns have a `responseId`."""
    script = _Script()
    with tempfile.TemporaryDirectory() as orders, FirestoreProxy(firestore.host, script.choose) as proxy:
        environment = {
            **firestore.environment(),
            "FIRESTORE_EMULATOR_HOST": proxy.address,
            "PYTHONPATH": str(ROOT),
            "WEBHOOK_DEADLINE": str(DEADLINE),
            "THREADS": "20",
            "CHAOS_KILLS": orders,
        }
        with running(SOURCE, environment) as function:
            _warm(function)
            client = firestore.client()
            return {
                file: _run(
                    file, f"{number // 2:02}:{number % 2 * 30:02}", function, script, Path(orders), client, named
                )
                for number, file in enumerate(files)
            }


def _run(
    file: Path, time_of_day: str, function: Function, script: _Script, orders: Path, client: Any, named: bool
) -> Outcome:
    scenario = {"named": named} | tomllib.loads(file.read_text())
    kills = scenario.get("kills", [])
    for step in kills:
        (orders / step).touch()
    script.begin(scenario.get("faults", []))
    saids = _play(scenario, file.stem, time_of_day, function)
    faults_left = script.end()
    saids += _settle(saids, function)
    broken = ledger.violations(saids, client, DEADLINE)
    if saids[-1].status != 200:
        broken.append(f"the last delivery, without faults, was answered {saids[-1]}")
    return Outcome(broken, saids, [step for step in kills if (orders / step).exists()], faults_left)


def _warm(function: Function) -> None:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        said = deliver(function.port, Turn("warm-up", "23:30", 1), Delivery())
        if said.status == 200:
            return
        time.sleep(0.1)
    raise AssertionError("The function does not answer")


def _play(scenario: Mapping[str, Any], name: str, time_of_day: str, function: Function) -> list[Said]:
    turn = Turn(name, time_of_day, 9, scenario.get("intent", "book_table"), scenario["named"])
    turns = [turn, *(replace(turn, name=f"{name}-{number}") for number in range(scenario.get("others", 0)))]
    begun = time.monotonic()

    def send(work: tuple[Turn, Delivery]) -> Said:
        time.sleep(max(0.0, work[1].at - (time.monotonic() - begun)))
        return deliver(function.port, *work)

    deliveries = [Delivery(**entry) for entry in scenario["deliveries"]]
    work = [(one, delivery) for one in turns for delivery in deliveries]
    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(send, work))


def _settle(saids: list[Said], function: Function) -> list[Said]:
    """Deliver every turn once more, until it is answered."""
    last = []
    for turn in {said.turn: None for said in saids}:
        end = time.monotonic() + 15
        while (said := deliver(function.port, turn, Delivery())).status != 200 and time.monotonic() < end:
            last.append(said)
            time.sleep(0.2)
        last.append(said)
    return last
