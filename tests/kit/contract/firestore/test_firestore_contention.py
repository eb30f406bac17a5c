"""Many writers of one document: nothing is lost and nothing is sold twice, on both Firestores."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

from google.api_core import exceptions
from google.api_core.retry import Retry
from google.cloud import firestore
from google.cloud.firestore import Increment

from tests.kit.firestores import Firestore

BUYERS = 50
PLACES = 20


def take_a_place(client: firestore.Client, buyer: int) -> bool:
    """A plain read, then one batch on the condition that the document is still the one read; jittered retries."""
    slot = client.document("slots/today")
    limits = {"timeout": 10.0, "retry": Retry(timeout=10.0)}
    while True:
        found = slot.get(**limits)
        if found.get("taken") >= PLACES:
            return False
        batch = client.batch()
        option = client.write_option(last_update_time=found.update_time)
        batch.update(slot, {"taken": found.get("taken") + 1}, option=option)
        batch.create(client.document("reservations", str(buyer)), {})
        try:
            batch.commit(**limits)
        except (exceptions.FailedPrecondition, exceptions.Aborted):
            time.sleep(random.uniform(0.005, 0.05))
        else:
            return True


def test_fifty_buyers_take_exactly_twenty_places(firestore: Firestore) -> None:
    client = firestore.client()
    client.document("slots/today").set({"taken": 0})
    with ThreadPoolExecutor(BUYERS) as pool:
        sold = list(pool.map(lambda buyer: take_a_place(client, buyer), range(BUYERS)))
    reservations = client.collection("reservations").count().get()[0][0].value
    assert (sum(sold), client.document("slots/today").get().get("taken"), reservations) == (PLACES, PLACES, PLACES)


def test_parallel_increments_all_count(firestore: Firestore) -> None:
    client = firestore.client()
    counter = client.document("counters/one")
    counter.set({"n": 0})
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: counter.update({"n": Increment(1)}), range(100)))
    assert counter.get().get("n") == 100


def test_only_one_of_many_creates_succeeds(firestore: Firestore) -> None:
    client = firestore.client()

    def create(number: int) -> bool:
        try:
            client.document("once/key").create({"by": number})
        except exceptions.AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(create, range(32))) == 1


def test_parallel_transactions_lose_no_update(local_firestore: Firestore) -> None:
    client = local_firestore.client()
    counter = client.document("counters/one")
    counter.set({"n": 0})

    @firestore.transactional
    def add(transaction: firestore.Transaction) -> None:
        transaction.update(counter, {"n": counter.get(transaction=transaction).get("n") + 1})

    def attempt(_: int) -> bool:
        try:
            add(client.transaction(max_attempts=20))
        except ValueError:  # every attempt was aborted
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        succeeded = sum(pool.map(attempt, range(40)))
    assert (counter.get().get("n"), succeeded > 0) == (succeeded, True)


def test_a_reader_never_sees_half_a_batch(local_firestore: Firestore) -> None:
    client = local_firestore.client()
    left, right = client.document("x/left"), client.document("x/right")

    def write(number: int) -> None:
        batch = client.batch()
        batch.set(left, {"n": number})
        batch.set(right, {"n": number})
        batch.commit()

    def read(_: int) -> bool:
        found = [one.get("n") for one in client.get_all([left, right])]
        return len(set(found)) == 1

    write(0)
    with ThreadPoolExecutor(8) as pool:
        writers = pool.map(write, range(200))
        assert all(pool.map(read, range(200)))
        list(writers)
