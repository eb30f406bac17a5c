"""store_hours: when is a store open? Answers in the user's language, from texts/<language>.toml."""

import datetime

from fulfillment import Entity, Reply, SessionEntities, documents, on, texts
from fulfillment.documents import Document

FIVE_MINUTES = 300
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@on.intent("store_hours")
def store_hours(store: str, date: datetime.date | None = None) -> Reply:
    """Tell the opening hours of that day. For an unknown store, name the known ones and teach them to the agent."""
    found = documents.get("stores", store, cache_seconds=FIVE_MINUTES)
    if found is None:
        known = documents.query("stores", limit=20, cache_seconds=FIVE_MINUTES)
        names = ", ".join(entry["name"] for entry in known)
        entities = [Entity(entry.id, entry["name"], entry.id) for entry in known]
        words = texts("store_unknown", store=store, stores=names)
        return Reply(words, SessionEntities("store", *entities, mode="SUPPLEMENT")) if known else Reply(words)
    day = date or datetime.datetime.now(datetime.UTC).date()
    hours = opening_hours(found, day)
    key = "store_open" if hours else "store_closed"
    return Reply(texts(key, store=found["name"], date=day.isoformat(), hours=" / ".join(hours)))


def opening_hours(store: Document, day: datetime.date) -> list[str]:
    """Return the spans of that day, for example ["10:00-14:00", "15:00-22:00"]; empty when closed."""
    special: dict[str, list[str]] = store.get("special_days", {})
    usual: dict[str, list[str]] = store.get("hours", {})
    return special.get(day.isoformat(), usual.get(WEEKDAYS[day.weekday()], []))


def is_open(store: Document, moment: datetime.datetime) -> bool:
    """Return whether the store is open then; a store without hours always is."""
    if not store.get("hours"):
        return True
    spans = (span.partition("-") for span in opening_hours(store, moment.date()))
    return any(opens <= f"{moment:%H:%M}" < closes for opens, _, closes in spans)
