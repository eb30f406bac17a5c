"""Every call is answered before its deadline, whatever a handler does. The kit alone, with the tests' own handlers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fulfillment.testing import Turn, es_request
from tests.kit.functions import Function, free_port, running

DEADLINE = 1.5


@pytest.fixture(scope="module")
def function(own_tree: Path) -> Iterator[Function]:
    environment = {
        "WEBHOOK_DEADLINE": str(DEADLINE),
        "THREADS": "10",
        "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{free_port()}",
        "GOOGLE_CLOUD_PROJECT": "nobody-there",
        "no_grpc_proxy": "127.0.0.1",
    }
    with running(own_tree, environment) as started:
        started.call(es_request("hello"))
        yield started


def timed(
    function: Function, intent: str, parameters: dict[str, Any] | None = None
) -> tuple[float, int, dict[str, Any]]:
    started = time.monotonic()
    status, reply = function.call(es_request(intent, parameters))
    return time.monotonic() - started, status, reply


@pytest.mark.parametrize(("intent", "parameters"), [("sleep", {"seconds": 3}), ("loop", {}), ("loop and hold on", {})])
def test_a_handler_that_does_not_return_is_answered_for(
    function: Function, intent: str, parameters: dict[str, Any]
) -> None:
    seconds, status, reply = timed(function, intent, parameters)
    assert (status, reply["error"]["cause"]) == (503, "deadline-exceeded")
    assert seconds < DEADLINE


def test_a_handler_can_declare_what_is_said_when_it_is_late(function: Function) -> None:
    seconds, status, reply = timed(function, "sleep politely", {"seconds": 3})
    assert (status, Turn(200, reply).text) == (200, "One moment, please ask me again.")
    assert seconds < DEADLINE


def test_a_dead_firestore_is_named_in_time(function: Function) -> None:
    seconds, status, reply = timed(function, "look", {"id": "a"})
    assert (status, reply["error"]["cause"]) == (503, "firestore-unavailable")
    assert seconds < DEADLINE


def test_after_a_loop_was_given_up_the_function_answers_as_before(function: Function) -> None:
    for _ in range(3):
        timed(function, "loop")
    time.sleep(0.5)
    assert timed(function, "hello")[1] == 200


def test_with_all_places_taken_others_are_told_in_time(function: Function) -> None:
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(lambda _: timed(function, "sleep", {"seconds": 0.8}), range(16)))
    causes = {reply["error"]["cause"] for _, status, reply in answers if status != 200}
    assert causes == {"too-busy"}
    assert sum(status == 200 for _, status, _ in answers) >= 8
    assert max(seconds for seconds, status, _ in answers if status != 200) < DEADLINE
