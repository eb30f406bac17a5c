"""Handlers that run away, and the end of a worker, under gunicorn as the platform runs it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kit.functions import ROOT, Function, running

SOURCE = ROOT / "tests" / "kit" / "chaos" / "function"


@contextlib.contextmanager
def function(**environment: str) -> Iterator[Function]:
    with running(SOURCE, {"PYTHONPATH": str(ROOT), "THREADS": "10", **environment}) as started:
        until_answered(started, 20)
        yield started


def turn(intent: str, **parameters: Any) -> dict[str, Any]:
    return {
        "session": "projects/p/agent/sessions/s",
        "queryResult": {"intent": {"displayName": intent}, "allRequiredParamsPresent": True, "parameters": parameters},
    }


def until_answered(started: Function, seconds: float) -> float:
    """Call until an answer comes; return how long that took."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        with contextlib.suppress(OSError):
            if started.call(turn("hello"), timeout=1)[0] == 200:
                return time.monotonic() - begun
        time.sleep(0.05)
    raise AssertionError(f"No answer within {seconds} s")


def in_background(started: Function, body: dict[str, Any]) -> tuple[threading.Thread, list[Any]]:
    answers: list[Any] = []

    def call() -> None:
        try:
            answers.append(started.call(body))
        except OSError as error:
            answers.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    return thread, answers


def log_of(started: Function) -> str:
    started.log.seek(0)
    return started.log.read()


def test_a_handler_stuck_in_a_regular_expression_costs_its_worker_and_service_is_back_within_five_seconds() -> None:
    with function() as started:
        before = started.worker()
        begun = time.monotonic()
        stuck, answers = in_background(started, turn("backtrack"))
        time.sleep(0.3)
        until_answered(started, 20)
        assert time.monotonic() - begun < 5
        stuck.join()
        assert isinstance(answers[0], OSError)
        assert started.worker() != before
        assert "in backtrack" in log_of(started)  # the stacks of all threads
        assert "most recent call first" in log_of(started)


def test_a_loop_is_ended_and_its_worker_lives_on() -> None:
    with function(WEBHOOK_DEADLINE="1") as started:
        before = started.worker()
        status, body = started.call(turn("loop"))
        assert (status, body["error"]["cause"]) == (503, "deadline-exceeded")
        time.sleep(2.5)
        assert until_answered(started, 5) < 1
        assert started.worker() == before


def test_a_worker_that_loses_too_many_places_is_replaced_in_order() -> None:
    with function(WEBHOOK_DEADLINE="0.5") as started:  # 8 places, and 2 of them may be lost
        before = started.worker()
        threads = [in_background(started, turn("wait", seconds=60))[0] for _ in range(2)]
        for thread in threads:
            thread.join()
        end = time.monotonic() + 20
        while time.monotonic() < end and "handler places are lost" not in log_of(started):
            time.sleep(0.1)
        until_answered(started, 20)
        assert started.worker() != before
        assert "time.sleep(seconds)" in log_of(started)


def test_a_worker_that_was_frozen_while_idle_goes_on() -> None:
    with function() as started:
        before = started.worker()
        os.kill(before, signal.SIGSTOP)
        time.sleep(3)
        os.kill(before, signal.SIGCONT)
        time.sleep(0.5)
        assert until_answered(started, 5) < 2
        assert started.worker() == before


@pytest.mark.parametrize("seconds", [1.5])
def test_on_sigterm_running_calls_are_finished_and_no_new_ones_are_taken(seconds: float) -> None:
    with function() as started:
        running_call, answers = in_background(started, turn("wait", seconds=seconds))
        time.sleep(0.5)
        started.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with pytest.raises(OSError):  # noqa: PT011
            started.call(turn("hello"), timeout=0.5)
        running_call.join()
        assert answers[0][0] == 200
        assert started.process.wait(timeout=5) == 0
