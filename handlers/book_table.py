"""book_table: asks for day, time, guests and name (slot filling), and never sells a place twice."""

import datetime

from fulfillment import FollowUp, Reply, Request, documents, idempotency_key, on, once
from fulfillment.documents import Document, Writes

from .store_hours import FIVE_MINUTES, is_open, opening_hours

STORE = "main"
SEATS = 20


@on.intent("book_table", slot_filling=True)
@on.event("book_table")
@once
def book_table(
    date: datetime.date | None,
    time: datetime.time | None,
    guests: int | None,
    name: str | None,
    request: Request,
) -> Reply:
    """Check what is there on every turn; book when all is there."""
    store = documents.get("stores", STORE, cache_seconds=FIVE_MINUTES) or Document({}, STORE, None)
    if problem := _problem(store, date, time, guests):
        return _ask_again(request, *problem)
    if date and time and guests and name:
        return _book(store, f"{date.isoformat()}T{time:%H:%M}", guests, name)
    restarted = request.contexts.get("book_table")
    if restarted and restarted.get("problem"):
        return Reply(str(restarted.get("problem")))
    return Reply.keep() if request.slot_filling else Reply("For which day and time, how many guests, and what name?")


def _problem(
    store: Document, date: datetime.date | None, time: datetime.time | None, guests: int | None
) -> tuple[str, str] | None:
    """Return the parameter that cannot be, and what to say about it."""
    seats = store.get("seats", SEATS)
    # The day is the agent's, the clock here is UTC: a day of tolerance, rather than refusing "today" somewhere.
    if date and date < datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1):
        return "date", "That day is over. Which day would you like?"
    if date and store.get("hours") and not opening_hours(store, date):
        return "date", "We are closed on that day. Which other day would you like?"
    if date and time and not is_open(store, datetime.datetime.combine(date, time)):
        return "time", f"On that day we are open {' and '.join(opening_hours(store, date))}. At what time?"
    if guests is not None and not 1 <= guests <= seats:
        return "guests", f"We have tables for 1 to {seats} guests. How many will you be?"
    return None


def _ask_again(request: Request, parameter: str, words: str) -> Reply:
    # Dialogflow has no way to empty one slot: start the intent over with the good values, and say why there.
    good = {name: value for name, value in request.parameters.items() if name != parameter and value != ""}
    return Reply(FollowUp("book_table", {**good, "problem": words}))


def _book(store: Document, slot: str, guests: int, name: str) -> Reply:
    def take_places(found: Document | None, writes: Writes) -> bool:
        capacity = found["capacity"] if found else store.get("seats", SEATS)
        taken = found["taken"] if found else 0
        if taken + guests > capacity:
            return False
        writes.save({"capacity": capacity, "taken": taken + guests})
        writes.create("reservations", idempotency_key(), {"slot": slot, "guests": guests, "name": name})
        return True

    if not documents.change("slots", slot, take_places):
        day, _, time = slot.partition("T")
        return Reply(FollowUp("table_full", {"date": day, "time": time, "guests": guests}))
    return Reply(f"Done, {name}: a table for {guests} on {slot.replace('T', ' at ')}. See you!")
