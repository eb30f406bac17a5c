"""documents.change: read, decide, write; nothing is lost and nothing is written over."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.cloud import firestore as real

from fulfillment import Problem, background, documents
from fulfillment.documents import AlreadyThere, Document, NotThere, Writes
from tests.kit.firestores import Firestore


def test_the_decision_sees_the_document_and_its_result_comes_back(firestore: Firestore) -> None:
    firestore.client().document("orders/A").set({"status": "open"})

    def cancel(order: Document | None, writes: Writes) -> str:
        assert order == {"status": "open"}
        writes.save({"status": "cancelled"})
        return "done"

    assert documents.change("orders", "A", cancel) == "done"
    assert documents.get("orders", "A") == {"status": "cancelled"}


def test_a_decision_that_writes_nothing_changes_nothing(firestore: Firestore) -> None:
    assert documents.change("orders", "A", lambda order, writes: order is None) is True
    assert documents.get("orders", "A") is None


def test_save_creates_the_document_where_there_is_none_and_keeps_other_fields_where_there_is(
    firestore: Firestore,
) -> None:
    documents.change("slots", "s", lambda slot, writes: writes.save({"taken": 1, "capacity": 2}))
    documents.change("slots", "s", lambda slot, writes: writes.save({"taken": 2}))
    assert documents.get("slots", "s") == {"taken": 2, "capacity": 2}


def test_delete_removes_the_watched_document(firestore: Firestore) -> None:
    firestore.client().document("orders/A").set({"status": "open"})
    documents.change("orders", "A", lambda order, writes: writes.delete())
    assert documents.get("orders", "A") is None


def test_all_is_written_or_nothing(firestore: Firestore) -> None:
    firestore.client().document("reservations/r").set({"name": "Ann"})

    def book(slot: Document | None, writes: Writes) -> None:
        writes.save({"taken": 1})
        writes.create("reservations", "r", {"name": "Bob"})

    with pytest.raises(AlreadyThere):
        documents.change("slots", "s", book)
    assert documents.get("slots", "s") is None
    assert documents.get("reservations", "r") == {"name": "Ann"}


def test_a_decision_is_taken_again_when_another_writer_was_faster(firestore: Firestore) -> None:
    firestore.client().document("counters/c").set({"value": 0})
    seen: list[int] = []

    def add(counter: Document | None, writes: Writes) -> None:
        assert counter is not None
        seen.append(counter["value"])
        if len(seen) == 1:
            firestore.client().document("counters/c").set({"value": 10})
        writes.save({"value": counter["value"] + 1})

    documents.change("counters", "c", add)
    assert seen == [0, 10]
    assert documents.get("counters", "c") == {"value": 11}


def test_no_addition_is_lost_among_parallel_ones(firestore: Firestore) -> None:
    def add(counter: Document | None, writes: Writes) -> None:
        writes.save({"value": (counter["value"] if counter else 0) + 1})

    with ThreadPoolExecutor(8) as pool:
        outcomes = [pool.submit(background()(documents.change), "counters", "c", add) for _ in range(16)]
        added = sum(outcome.exception() is None for outcome in outcomes)
    assert documents.get("counters", "c") == {"value": added}
    assert added > 0


def test_a_transform_is_refused_since_a_lost_answer_could_apply_it_twice(local_firestore: Firestore) -> None:
    with pytest.raises(TypeError, match=r"Increment for 'value'.*plain value"):
        documents.change("counters", "c", lambda counter, writes: writes.save({"value": real.Increment(1)}))


@pytest.mark.parametrize("id", ["a/b", "", "..", "__x__"])
def test_a_document_that_cannot_be_is_not_there_and_cannot_be_written(id: str) -> None:
    assert documents.change("orders", id, lambda order, writes: order is None) is True
    with pytest.raises(Problem, match="bad-parameter"):
        documents.change("orders", id, lambda order, writes: writes.save({"status": "new"}))


def test_names_of_fields_are_taken_as_they_stand(firestore: Firestore) -> None:
    for value in (1, 2):
        documents.change("things", "t", lambda thing, writes, value=value: writes.save({"a.b": value, "c-d*": value}))  # type: ignore[misc]
        assert documents.get("things", "t") == {"a.b": value, "c-d*": value}
    documents.change("things", "u", lambda thing, writes: writes.update("things", "t", {"a.b": 3}))
    assert documents.get("things", "t") == {"a.b": 3, "c-d*": 2}


def test_saving_no_fields_makes_a_document_and_leaves_one_alone(firestore: Firestore) -> None:
    for _ in range(2):
        documents.change("things", "t", lambda thing, writes: writes.save({}))
        assert documents.get("things", "t") == {}


def test_an_error_of_the_decision_comes_out_and_nothing_is_written(firestore: Firestore) -> None:
    def fail(order: Document | None, writes: Writes) -> None:
        writes.save({"status": "cancelled"})
        raise LookupError("no")

    with pytest.raises(LookupError):
        documents.change("orders", "A", fail)
    assert documents.get("orders", "A") is None


def test_fifty_takers_of_twenty_places_get_twenty_places(firestore: Firestore) -> None:
    everyone = threading.Barrier(50)

    def take(number: int) -> bool:
        def decide(slot: Document | None, writes: Writes) -> bool:
            taken = slot["taken"] if slot else 0
            if taken >= 20:
                return False
            writes.save({"taken": taken + 1})
            writes.create("reservations", f"r{number}", {"number": number})
            return True

        everyone.wait()
        for _ in range(20):  # a caller with time asks again when others were faster for too long
            with contextlib.suppress(Problem):
                return documents.change("slots", "s", decide)
        raise AssertionError("gave up")

    with ThreadPoolExecutor(50) as pool:
        told = list(pool.map(background()(take), range(50)))
    written = {document.id for document in firestore.client().collection("reservations").stream()}
    assert written == {f"r{number}" for number, taken in enumerate(told) if taken}
    assert len(written) == 20
    assert documents.get("slots", "s") == {"taken": 20}


def test_updating_another_document_that_is_not_there_is_an_error_of_its_own(firestore: Firestore) -> None:
    def book(slot: Document | None, writes: Writes) -> None:
        writes.save({"taken": 1})
        writes.update("reservations", "r", {"name": "Ann"})

    with pytest.raises(NotThere):
        documents.change("slots", "s", book)
    assert documents.get("slots", "s") is None
