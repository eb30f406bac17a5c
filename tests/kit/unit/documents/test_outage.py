"""A Firestore that is away, silent or back again."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from deploy.local.firestore import LocalFirestore
from fulfillment import Problem, documents, on
from fulfillment.current import varied
from fulfillment.deadline import Deadline
from fulfillment.settings import Settings
from fulfillment.testing import es_request
from tests.kit.parallel import BUSY, free_port
from tests.kit.wire import answer_of, error_of


@contextlib.contextmanager
def call_of(seconds: float) -> Iterator[None]:
    with varied(deadline=Deadline(time.monotonic(), seconds)):
        yield


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    number = free_port()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{number}")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "outage")
    monkeypatch.setenv("no_grpc_proxy", "127.0.0.1")
    documents.reset()
    yield number
    documents.reset()


def test_a_dead_firestore_is_named_before_the_calls_time_is_over(port: int) -> None:
    started = time.monotonic()
    with call_of(1.5), pytest.raises(Problem) as unavailable:
        documents.get("orders", "A")
    assert (unavailable.value.status, unavailable.value.cause) == (503, "firestore-unavailable")
    assert time.monotonic() - started < 1.5 + BUSY


def test_a_silent_firestore_is_named_before_the_calls_time_is_over(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        started = time.monotonic()
        with call_of(1.5), pytest.raises(Problem, match="firestore-unavailable"):
            documents.get("orders", "A")
        assert time.monotonic() - started < 1.5 + BUSY


def test_the_clients_own_retries_end_with_the_call_too(port: int) -> None:
    started = time.monotonic()
    with call_of(1.0), pytest.raises(Problem, match="firestore-unavailable"):
        documents.client().document("orders/A").set({"status": "open"})
    assert time.monotonic() - started < 3


def test_a_change_is_not_attempted_for_longer_than_the_call(port: int) -> None:
    started = time.monotonic()
    with call_of(1.5), pytest.raises(Problem, match="firestore-unavailable"):
        documents.change("orders", "A", lambda order, writes: writes.save({"status": "open"}))
    assert time.monotonic() - started < 1.5 + BUSY


def test_with_no_time_left_nothing_is_sent(port: int) -> None:
    with call_of(0), pytest.raises(Problem, match="firestore-unavailable"):
        documents.get("orders", "A")


def test_the_call_after_its_return_succeeds(port: int) -> None:
    for _ in range(3):
        with call_of(1.0), contextlib.suppress(Problem):
            documents.get("orders", "A")
    server = LocalFirestore()
    server.start(port)
    try:
        with call_of(4.5):
            assert documents.get("orders", "A") is None
    finally:
        server.stop()


def test_a_call_that_began_while_it_was_away_succeeds_when_it_comes_back(port: int) -> None:
    import threading

    server = LocalFirestore()
    threading.Timer(0.7, lambda: server.start(port)).start()
    try:
        with call_of(4.5):
            assert documents.get("orders", "A") is None
    finally:
        server.stop()


def test_what_no_retry_mends_is_told_with_the_next_thing_to_do(port: int) -> None:
    with LocalFirestore() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", server.address)
        documents.reset()
        with pytest.raises(Problem) as refused:
            documents.query("orders", ("a", "!=", 1), ("b", "not-in", [1]))
    assert refused.value.cause == "firestore-refused"
    assert "roles/datastore.user" in refused.value.detail
    assert "roles" not in refused.value.message


def test_without_project_or_credential_the_log_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    documents.reset()
    with pytest.raises(Problem) as refused:
        documents.get("orders", "A")
    documents.reset()
    assert refused.value.status == 503
    assert "./deploy/local.sh" in refused.value.detail


def test_an_outage_inside_the_librarys_own_transaction_is_no_failure_of_the_handler(port: int) -> None:
    from google.cloud import firestore

    @on.intent("book")
    def book() -> str:
        client = documents.client()

        @firestore.transactional
        def work(transaction: firestore.Transaction) -> None:
            transaction.set(client.document("orders/A"), {"status": "open"})

        work(client.transaction(max_attempts=1))
        return "Booked."

    answer = answer_of(es_request("book"), book, settings=Settings(deadline=1.5))
    # The library's own pauses between attempts may sleep over the end of the call: then that is what is told.
    assert answer.status == 503
    assert error_of(answer)["cause"] in ("firestore-unavailable", "deadline-exceeded")
