"""Fifty people want twenty places at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.kit.firestores import Firestore
from tests.kit.functions import Function
from tests.kit.requests import es_body, words

WANTED = {"date": "2026-12-01", "time": "19:00:00", "guests": 1}


def book(shop_function: Function, number: int) -> tuple[int, dict[str, Any]]:
    session = f"projects/p/agent/sessions/guest-{number}"
    return shop_function.call(es_body("book_table", {**WANTED, "name": f"Guest {number}"}, session=session))


def booked(shop_function: Function, number: int) -> bool:
    """Book as a caller with time does: asks again when told that it did not work in time."""
    for _ in range(20):
        status, reply = book(shop_function, number)
        if status == 200:
            return "Done" in words(reply)
        causes = ("contention", "firestore-unavailable", "deadline-exceeded", "too-busy", "in-progress")
        assert reply["error"]["cause"] in causes
    raise AssertionError("never answered")


def test_twenty_are_served_and_every_one_is_told_the_truth(shop_function: Function, firestore: Firestore) -> None:
    with ThreadPoolExecutor(50) as guests:
        told = list(guests.map(lambda number: booked(shop_function, number), range(50)))
    reservations = [found.to_dict() or {} for found in firestore.client().collection("reservations").stream()]
    assert sorted(entry["name"] for entry in reservations) == sorted(
        f"Guest {number}" for number, served in enumerate(told) if served
    )
    slot = firestore.client().document("slots/2026-12-01T19:00").get().to_dict()
    assert slot == {"capacity": 20, "taken": 20}
    assert sum(told) == 20
