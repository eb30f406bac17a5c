"""Compares what users were told with what stands in Firestore."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from google.cloud import firestore

from .dialogflow import Said

NOISE = 0.5
"""Seconds by which a busy machine may be late; Dialogflow itself leaves as much after the real deadline."""


def violations(saids: Iterable[Said], client: firestore.Client, deadline: float) -> list[str]:
    """Return every broken promise, in words.

    Promises: every booking that a user was told is confirmed exists exactly once, none that was refused exists, nothing
    is oversold, every delivery of one turn got the same words, no answer came after its deadline.
    """
    found: list[str] = []
    words: dict[str, set[bytes]] = defaultdict(set)
    for said in saids:
        if said.status and said.seconds > deadline + NOISE:
            found.append(f"{said.turn.name}: answered {said.status} after {said.seconds:.2f} s")
        if said.status == 200:
            words[said.turn.name].add(said.body)
        elif said.status not in (0, 503, *((500,) if said.turn.intent == "stumble" else ())):
            found.append(f"{said.turn.name}: answered {said.status} {said.body[:200]!r}")
    reservations = [one.to_dict() or {} for one in client.collection("reservations").stream()]
    booked = Counter(one["name"] for one in reservations)
    for name, bodies in words.items():
        if len(bodies) > 1:
            found.append(f"{name}: was told {len(bodies)} different things: {bodies}")
        confirmed = any(_confirms(body) for body in bodies)
        if confirmed and booked[name] != 1:
            found.append(f"{name}: was told it is confirmed, and it is there {booked[name]} times")
        if not confirmed and booked[name]:
            found.append(f"{name}: was refused, and it is there {booked[name]} times")
    found += [f"{name}: is there {count} times" for name, count in booked.items() if count > 1]
    return found + _oversold(reservations, client)


def _confirms(body: bytes) -> bool:
    return str(json.loads(body).get("fulfillmentText", "")).startswith("Done")


def _oversold(reservations: list[dict[str, Any]], client: firestore.Client) -> list[str]:
    found = []
    places: Counter[str] = Counter()
    for one in reservations:
        places[one["slot"]] += one["guests"]
    slots = {one.id: one.to_dict() or {} for one in client.collection("slots").stream()}
    for id, slot in slots.items():
        if slot["taken"] != places[id] or slot["taken"] > slot["capacity"]:
            found.append(f"slot {id}: {places[id]} places are reserved, {slot['taken']} taken of {slot['capacity']}")
    return found + [f"slot {id}: reserved, and not there" for id in places if id not in slots]
