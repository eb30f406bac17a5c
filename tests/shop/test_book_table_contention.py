"""Fifty people want twenty places at once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from google.cloud.firestore import Client

from fulfillment.testing import Turn, es_request

NOT_IN_TIME = {"contention", "firestore-unavailable", "deadline-exceeded", "too-busy", "in-progress"}
Deployed = Callable[[dict[str, Any]], Turn]


def booked(deployed: Deployed, guest: str) -> bool:
    """Book as a caller with time does: asks again when told that it did not work in time."""
    table = {"date": "2026-12-01", "time": "19:00:00", "guests": 1, "name": guest}
    causes = []
    for attempt in range(20):
        turn = deployed(es_request("book_table", table, session=f"projects/p/agent/sessions/{guest}"))
        if turn.status == 200:
            return "Done" in turn.text
        causes.append(turn.cause)
        assert turn.cause in NOT_IN_TIME
        time.sleep(attempt / 20)  # as a person would: who asks again at once meets the same crowd
    raise AssertionError(f"never answered: {causes}")


def test_twenty_are_served_and_every_one_is_told_the_truth(deployed: Deployed, database: Client) -> None:
    names = [f"guest-{number}" for number in range(50)]
    with ThreadPoolExecutor(50) as guests:
        told = dict(zip(names, guests.map(lambda name: booked(deployed, name), names), strict=True))
    reservations = [found.to_dict() or {} for found in database.collection("reservations").stream()]
    assert sorted(entry["name"] for entry in reservations) == sorted(name for name in names if told[name])
    slot = database.document("slots/2026-12-01T19:00").get().to_dict()
    assert slot == {"capacity": 20, "taken": 20}
    assert sum(told.values()) == 20
