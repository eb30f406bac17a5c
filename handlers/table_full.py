"""table_full: comes by follow-up event when a slot is full; offers the nearest free times of that day."""

import datetime

from fulfillment import QuickReplies, Reply, documents, on
from fulfillment.documents import Document

from .book_table import SEATS, STORE
from .store_hours import FIVE_MINUTES, is_open

NEAREST_MINUTES = (-30, 30, -60, 60, -90, 90, -120, 120)
OFFERS = 3


@on.intent("table_full")
@on.event("table_full")
def table_full(date: datetime.date, time: datetime.time, guests: int = 1) -> Reply:
    """Look all neighbouring slots up in one call."""
    store = documents.get("stores", STORE, cache_seconds=FIVE_MINUTES) or Document({}, STORE, None)
    wanted = datetime.datetime.combine(date, time)
    times = [wanted + datetime.timedelta(minutes=minutes) for minutes in NEAREST_MINUTES]
    open_times = [moment for moment in times if moment.date() == date and is_open(store, moment)]
    slots = documents.get_all("slots", [f"{moment:%Y-%m-%dT%H:%M}" for moment in open_times])
    free = [moment for moment in open_times if _has_room(slots.get(f"{moment:%Y-%m-%dT%H:%M}"), guests, store)]
    if not free:
        return Reply(f"I am sorry, {date.isoformat()} around {time:%H:%M} is fully booked. Another day?")
    offers = [f"{moment:%H:%M}" for moment in sorted(free[:OFFERS])]
    return Reply(
        f"{time:%H:%M} is fully booked on {date.isoformat()}. I could offer {', '.join(offers)}.",
        QuickReplies("Shall I book one of these?", *offers),
    )


def _has_room(slot: Document | None, guests: int, store: Document) -> bool:
    if slot is None:
        return guests <= int(store.get("seats", SEATS))
    return int(slot["taken"]) + guests <= int(slot["capacity"])
