"""Threads that a handler starts: with the call carried along they work for it, without they may change nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fulfillment import NoCall, background, documents, idempotency_key, in_thread, on, once, outside, seconds_left
from fulfillment.documents import Document, Writes
from fulfillment.routing.routes import Routes
from fulfillment.testing import Agent
from tests.kit.firestores import Firestore


def add_one(name: str = "c") -> Any:
    def decide(found: Document | None, writes: Writes) -> Any:
        count = (found["count"] if found else 0) + 1
        writes.save({"count": count})
        return count

    return documents.change("counters", name, decide)


def on_a_thread(work: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def count_of(firestore: Firestore, name: str = "c") -> Any:
    return (firestore.client().document(f"counters/{name}").get().to_dict() or {}).get("count", 0)


@pytest.fixture
def ask(local_firestore: Firestore) -> Iterator[Any]:
    """Deliver one turn to a handler so many times; return the statuses."""

    def deliver(handler: Any, times: Any = 1) -> Any:
        documents.reset()
        agent = Agent(Routes([on.intent("do")(handler)]))
        body = {
            "responseId": "r1",
            "session": agent.session,
            "queryResult": {"queryText": "do it", "intent": {"displayName": "do"}, "allRequiredParamsPresent": True},
        }
        return [agent.send(body).status for _ in range(times)]

    yield deliver
    documents.reset()


# --- Without the call


@pytest.mark.parametrize(
    "effect",
    [
        lambda: add_one(),
        idempotency_key,
        lambda: outside.post("http://127.0.0.1:9/charges", json={}),
        lambda: outside.google_token("https://www.googleapis.com/auth/calendar"),
    ],
    ids=["documents.change", "idempotency_key", "outside", "google_token"],
)
def test_an_effect_on_a_thread_of_its_own_is_refused_by_name_and_not_made(
    ask: Any, local_firestore: Firestore, caplog: pytest.LogCaptureFixture, effect: Any
) -> None:
    def handler() -> str:
        on_a_thread(effect)
        return "Done."

    assert ask(once(handler), times=3) == [500, 500, 500]
    assert count_of(local_firestore) == 0
    assert "which works for no call" in caplog.text
    assert "fulfillment.in_thread" in caplog.text


def test_the_same_is_refused_where_a_test_calls_the_handler_itself(local_firestore: Firestore) -> None:
    def handler() -> Any:
        return on_a_thread(add_one)

    with pytest.raises(NoCall, match="on thread 'ThreadPoolExecutor"):
        handler()


def test_a_handler_that_a_test_calls_itself_may_change_documents(local_firestore: Firestore) -> None:
    documents.reset()
    assert add_one() == 1


def test_reading_is_allowed_and_keeps_its_time_limit(ask: Any) -> None:
    limits = []

    def handler() -> str:
        limits.append(on_a_thread(seconds_left))
        return str(on_a_thread(lambda: documents.get("counters", "c")))

    assert ask(handler) == [200]
    assert limits == [4.5]


# --- With the call


def test_a_thread_with_the_call_around_it_works_for_the_call(ask: Any, local_firestore: Firestore) -> None:
    keys = []

    def handler() -> str:
        keys.append(idempotency_key())
        keys.append(on_a_thread(in_thread(idempotency_key)))
        on_a_thread(in_thread(add_one))
        if len(keys) == 2:
            raise RuntimeError("after the change")
        return "Done."

    assert ask(once(handler), times=3) == [500, 200, 200]
    assert count_of(local_firestore) == 1
    assert len(set(keys)) == 1


def test_several_threads_at_once_share_one_call(ask: Any, local_firestore: Firestore) -> None:
    def handler() -> str:
        together = threading.Barrier(4)

        def change(name: str) -> Any:
            together.wait(5)
            return add_one(name)

        with ThreadPoolExecutor(4) as pool:
            return str(sum(pool.map(in_thread(change), "abcd")))

    assert ask(once(handler), times=2) == [200, 200]
    assert [count_of(local_firestore, name) for name in "abcd"] == [1, 1, 1, 1]


def test_it_has_the_calls_deadline(ask: Any) -> None:
    left = []

    def handler() -> str:
        left.append(seconds_left() - on_a_thread(in_thread(seconds_left)))
        return "Done."

    assert ask(handler) == [200]
    assert 0 <= left[0] < 1


def test_a_handler_that_a_test_calls_itself_may_use_threads_as_in_a_call(local_firestore: Firestore) -> None:
    documents.reset()

    def handler() -> int:
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(in_thread(add_one), "ab"))

    assert handler() == 2
    assert [count_of(local_firestore, name) for name in "ab"] == [1, 1]


def test_a_thread_without_a_call_has_none_to_carry_along() -> None:
    with pytest.raises(NoCall):
        on_a_thread(lambda: on_a_thread(in_thread(idempotency_key)))


def test_arguments_can_be_given_before_and_at_the_call() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(in_thread(lambda a, b, c=0: (a, b, c), 1, c=3), 2).result() == (1, 2, 3)


def test_the_function_keeps_its_name() -> None:
    assert in_thread(add_one).__name__ == "add_one"


# --- For the program itself


def test_a_thread_that_says_it_works_for_the_program_may_change_documents(local_firestore: Firestore) -> None:
    documents.reset()

    def refresh() -> Any:
        with background():
            return add_one()

    assert on_a_thread(refresh) == 1


def test_a_function_can_be_declared_so_as_a_whole(local_firestore: Firestore) -> None:
    documents.reset()
    assert on_a_thread(background()(add_one)) == 1


def test_the_declaration_ends_with_its_block() -> None:
    def refresh() -> None:
        with background():
            pass
        idempotency_key()

    with pytest.raises(NoCall):
        on_a_thread(refresh)


def test_within_a_call_it_changes_nothing(ask: Any, local_firestore: Firestore) -> None:
    def handler() -> str:
        with background():
            add_one()
        raise RuntimeError("after the change")

    assert ask(once(handler)) == [500]
    assert count_of(local_firestore) == 0
