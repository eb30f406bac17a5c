"""`@once` on a Firestore whose answers get lost: what took effect is found out, what cannot be is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from fulfillment import documents, on, once
from fulfillment.documents import Document, Writes
from tests.kit.chaos.firestore_proxy import Fault, FirestoreProxy
from tests.kit.firestores import Firestore

from .conftest import Turns


@on.intent("do")
@once
def counting() -> str:
    def decide(found: Document | None, writes: Writes) -> Any:
        count = (found["count"] if found else 0) + 1
        writes.save({"count": count})
        return count

    return f"This is number {documents.change('counters', 'c', decide)}."


@pytest.fixture
def faulty(firestore: Firestore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let the n-th call of a name meet a fault (n = 0: every one); the test's own client does not go through it."""
    client = firestore.client()
    client.document("counters/warm").get()
    proxies = []

    def start(handler: Any = counting, faults: Any = (), **settings: Any) -> Any:
        seen = Counter()

        def choose(call: Any) -> Any:
            seen[call] += 1
            return next(
                (Fault(kind) for name, which, kind in faults if name == call and which in (0, seen[call])), None
            )

        proxies.append(FirestoreProxy(firestore.host, choose))
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", proxies[-1].address)
        documents.reset()
        return Turns(client, handler, **settings)

    yield start
    documents.reset()
    for proxy in proxies:
        proxy.close()


def test_a_record_that_was_made_although_the_answer_was_lost_is_ones_own(faulty: Any) -> None:
    shop = faulty(faults=[("Commit", 1, "lose")])
    assert shop.say() == "This is number 1."


@pytest.mark.parametrize("keeps", ["store", "hash"])
def test_a_commit_that_took_effect_although_its_answer_was_lost_counts(faulty: Any, keeps: Any) -> None:
    shop = faulty(faults=[("Commit", 2, "lose")], once_reply=keeps)
    assert shop.say() == "This is number 1."
    assert shop.count() == 1


def test_a_commit_that_did_not_take_effect_is_made_again(faulty: Any) -> None:
    shop = faulty(faults=[("Commit", 2, "UNAVAILABLE"), ("Commit", 3, "ABORTED")])
    assert shop.say() == "This is number 1."
    assert shop.count() == 1


@pytest.mark.parametrize(
    ("kind", "cause"), [("UNAVAILABLE", "firestore-unavailable"), ("INTERNAL", "firestore-unavailable")]
)
def test_a_firestore_that_takes_no_commit_is_named(faulty: Any, kind: Any, cause: Any) -> None:
    shop = faulty(faults=[("Commit", which, kind) for which in range(2, 100)], deadline=1.2)
    assert shop.say() == f"503 {cause}"
    assert shop.count() == 0


def test_commits_that_conflict_until_the_time_is_over_are_named(faulty: Any) -> None:
    shop = faulty(faults=[("Commit", which, "ABORTED") for which in range(2, 100)], deadline=1.2)
    assert shop.say() == "503 contention"
    assert shop.count() == 0


def test_a_commit_that_firestore_refuses_frees_the_record(faulty: Any) -> None:
    @on.intent("do")
    @once
    def broken() -> str:
        documents.change("counters", "c", lambda _, writes: writes.update("nobody", "__reserved__", {"a": 1}))
        return "Done."

    shop = faulty(broken)
    assert shop.say() == "500 firestore-refused"
    assert shop.record()["state"] == "free"


def test_a_value_that_no_document_can_hold_frees_the_record_too(faulty: Any) -> None:
    @on.intent("do")
    @once
    def broken() -> str:
        documents.change("counters", "c", lambda _, writes: writes.save({"a": object()}))
        return "Done."

    shop = faulty(broken)
    assert shop.say() == "500 handler-failed"
    assert shop.record()["state"] == "free"
