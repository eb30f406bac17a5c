"""A Firestore that accepts connections and never answers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kit.chaos.tcp import SilentProxy
from tests.kit.firestores import Firestore
from tests.kit.functions import ROOT, Function, running

from .scenario import SOURCE

CONNECTIONS = 32
NOISE = 0.5
"""Seconds by which a busy machine may be late; Dialogflow itself leaves as much after the real deadline."""

THING = {"status": "there"}


def lookup() -> dict[str, object]:
    return {
        "session": "projects/p/agent/sessions/s",
        "queryResult": {
            "intent": {"displayName": "lookup"},
            "allRequiredParamsPresent": True,
            "parameters": {"id": "A-1"},
        },
    }


@pytest.fixture
def stocked(firestore: Firestore) -> Firestore:
    firestore.client().collection("things").document("A-1").set(THING)
    return firestore


@pytest.mark.parametrize("firestore", ["local", pytest.param("emulator", marks=pytest.mark.long)], indirect=True)
def test_three_hundred_calls_are_answered_in_time_and_the_next_one_at_once(stocked: Firestore) -> None:
    stall(stocked, deadline=1.0, calls=300)


def test_with_a_long_deadline_too_the_next_call_is_answered_at_once(local_firestore: Firestore) -> None:
    local_firestore.client().collection("things").document("A-1").set(THING)
    stall(local_firestore, deadline=3.0, calls=CONNECTIONS)


def stall(firestore: Firestore, deadline: float, calls: int) -> None:
    with SilentProxy(firestore.host) as proxy:
        environment = {
            **firestore.environment(),
            "FIRESTORE_EMULATOR_HOST": proxy.address,
            "PYTHONPATH": str(ROOT),
            "THREADS": "40",
            "WEBHOOK_DEADLINE": str(deadline),
        }
        with running(SOURCE, environment) as function:
            _until_found(function)
            proxy.fall_silent()
            answers = _many(function, calls)
            assert len(answers) == calls
            assert {status for status, _, _ in answers} == {503}
            assert {cause for _, cause, _ in answers} <= {"firestore-unavailable", "deadline-exceeded", "too-busy"}
            assert max(seconds for _, _, seconds in answers) < deadline + NOISE
            proxy.speak()
            begun = time.monotonic()
            assert function.call(lookup())[0] == 200
            assert time.monotonic() - begun < 1.0


def _until_found(function: Function) -> None:
    end = time.monotonic() + 10
    while function.call(lookup())[0] != 200:
        assert time.monotonic() < end
        time.sleep(0.05)


def _many(function: Function, calls: int) -> list[tuple[int, str, float]]:
    lock = threading.Lock()
    answers = []

    def call(_: int) -> None:
        begun = time.monotonic()
        status, body = function.call(lookup())
        with lock:
            answers.append((status, str(body.get("error", {}).get("cause")), time.monotonic() - begun))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(call, range(calls)))
    return answers
