"""/store-hours: a CX flexible webhook. Session parameters `store` and `date` in, opening hours out."""

import datetime
from typing import TypedDict

from fulfillment import documents, on

from .store_hours import FIVE_MINUTES, opening_hours


class Hours(TypedDict):
    """Opening hours of one day, for example ["10:00-14:00"]; `known` is false for a store that does not exist."""

    known: bool
    store_name: str
    open: bool
    hours: list[str]


@on.route("/store-hours", methods=["POST"])
def hours_of_store(store: str, date: datetime.date | None = None) -> Hours:
    """Take today where the agent sends no date."""
    found = documents.get("stores", store, cache_seconds=FIVE_MINUTES)
    if found is None:
        return {"known": False, "store_name": "", "open": False, "hours": []}
    hours = opening_hours(found, date or datetime.datetime.now(datetime.UTC).date())
    return {"known": True, "store_name": found["name"], "open": bool(hours), "hours": hours}
