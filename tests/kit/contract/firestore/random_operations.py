"""Random documents, queries and writes: the same from the same seed, for any Firestore client."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import firestore
from google.cloud.firestore_v1._helpers import decode_value
from google.cloud.firestore_v1.aggregation import AggregationQuery
from google.cloud.firestore_v1.base_query import And, BaseFilter, FieldFilter, Or
from google.cloud.firestore_v1.vector import Vector

FIELDS = ("a", "b", "c", "m.x", "l")
MOMENTS = [datetime(2026, 11, day, 12, 0, 0, 123456, tzinfo=UTC) for day in (1, 2, 3)]

_STRINGS = ["", "a", "A", "aa", "b", "é", "\uff5e", "\U0001f600", "1"]
_NUMBERS = [0, 1, 2, -1, 3, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 0.0, -0.0, 1.0, 1.5, float(2**53), math.nan]
_INFINITE = [math.inf, -math.inf]
_SCALARS = [None, True, False, *_NUMBERS, *_INFINITE, *MOMENTS, *_STRINGS, b"", b"a", b"\xff"]
_GEO = [firestore.GeoPoint(1, 2), firestore.GeoPoint(1, 3), firestore.GeoPoint(-1, 2)]
_VECTORS = [Vector([1.0, 2.0]), Vector([3.0]), Vector([1.0, 1.5])]
_OPERATORS = ["==", "==", "==", "<", "<=", ">", ">=", "!=", "in", "not-in", "array_contains", "array_contains_any"]


class Dice:
    """Random parts of documents, queries and writes for one seed."""

    def __init__(self, seed: int, client: firestore.Client) -> None:
        self.random = random.Random(seed)
        self.client = client

    def value(self, depth: int = 0) -> Any:
        """A value of any type; small integers and strings often, so that values meet."""
        draw = self.random.random()
        if draw < 0.45:
            return self.random.choice([0, 1, 2, 1.0, 1.5, "a", "b", True, None])
        if draw < 0.75 or depth > 2:
            return self.random.choice(_SCALARS)
        if draw < 0.8:
            return self.random.choice(_GEO)
        if draw < 0.83:
            return self.random.choice(_VECTORS)
        if draw < 0.87:
            return self.client.document("random", self.random.choice(["0", "1", "10", "2"]))
        if draw < 0.94:
            return self.array(depth)
        return {name: self.value(depth + 1) for name in self.random.sample(["x", "y", "é"], self.random.randint(0, 2))}

    def array(self, depth: int = 0) -> list[Any]:
        """An array; never one directly in another, nor a vector."""
        elements = [self.value(depth + 1) for _ in range(self.random.randint(0, 3))]
        return [element for element in elements if not isinstance(element, list | Vector)]

    def fields(self) -> dict[str, Any]:
        """A document's fields; each is missing now and then."""
        fields: dict[str, Any] = {}
        for name in ("a", "b", "c"):
            if self.random.random() < 0.8:
                fields[name] = self.value()
        if self.random.random() < 0.6:
            fields["m"] = {"x": self.value(1), "y": self.random.randint(0, 3)}
        if self.random.random() < 0.7:
            fields["l"] = self.array()
        return fields

    def fill(self, batch: firestore.WriteBatch, documents: int) -> None:
        """Set random documents in `random`, and in sub-collections of the same id."""
        for number in range(documents):
            path = ("random", str(number))
            if self.random.random() < 0.2:
                path = ("random", str(self.random.randint(0, 5)), "random", str(number))
            batch.set(self.client.document(*path), self.fields())

    def filter(self, depth: int = 0) -> BaseFilter:
        """A filter, sometimes of several in AND and OR."""
        if depth < 2 and self.random.random() < 0.3:
            kind = self.random.choice([And, Or])
            return kind([self.filter(depth + 1) for _ in range(self.random.randint(1, 3))])
        field, op = self.random.choice(FIELDS), self.random.choice(_OPERATORS)
        if op in ("in", "not-in", "array_contains_any"):
            wanted: Any = [
                self._no_list() for _ in range(self.random.randint(0 if self.random.random() < 0.03 else 1, 4))
            ]
        elif op == "array_contains":
            wanted = self._no_list()
        else:
            wanted = self.value()
        if op not in ("==", "!=") and (wanted is None or wanted != wanted):
            op = "=="
        if self.random.random() < 0.05:
            field, wanted = "__name__", self.client.document("random", str(self.random.randint(0, 20)))
            op = self.random.choice(["==", "<", ">=", "!="])
        return FieldFilter(field, op, wanted)

    def _no_list(self) -> Any:
        value = self.value()
        return 1 if isinstance(value, list) else value

    def query(self) -> firestore.Query:
        """A query on the collection, a sub-collection or the collection group."""
        draw = self.random.random()
        if draw < 0.7:
            query = self.client.collection("random")
        elif draw < 0.8:
            query = self.client.collection("random", "1", "random")
        else:
            query = self.client.collection_group("random")
        query = query.where(filter=self.filter()) if self.random.random() < 0.85 else query
        while self.random.random() < 0.15:
            query = query.where(filter=self.filter(1))
        order = self._order()
        for field, direction in order:
            query = query.order_by(field, direction=direction)
        query = self._cursors(query, order)
        if self.random.random() < 0.15:
            query = query.offset(self.random.randint(0, 5))
        if self.random.random() < 0.3:
            limit = query.limit_to_last if order and self.random.random() < 0.4 else query.limit
            query = limit(self.random.randint(1, 8))
        if self.random.random() < 0.15:
            query = query.select(self.random.choice([["a"], ["b", "m.x"], [], ["m"], ["nothing"], ["__name__"]]))
        return query

    def aggregation(self, query: firestore.Query) -> AggregationQuery:
        """One or several aggregations over a query."""
        field = self.random.choice(FIELDS)
        kind = self.random.choice(["count", "sum", "avg", "all"])
        if kind == "count":
            return query.count()
        if kind == "all":
            return query.count(alias="count").sum(field, alias="sum").avg("a", alias="avg")
        return getattr(query, kind)(field)

    def _order(self) -> list[tuple[str, str]]:
        if self.random.random() < 0.4:
            return []
        fields = self.random.sample([*FIELDS, "__name__"], self.random.randint(1, 2))
        if self.random.random() < 0.9 and "__name__" in fields:
            fields.remove("__name__")
            fields.append("__name__")
        return [(field, self.random.choice(["ASCENDING", "DESCENDING"])) for field in fields]

    def _cursors(self, query: firestore.Query, order: list[tuple[str, str]]) -> firestore.Query:
        known = [field for field, _ in order]
        if not known or self.random.random() < 0.5:
            return query
        known = known[: self.random.randint(1, len(known))]
        for kind in self.random.sample(["start_at", "start_after", "end_at", "end_before"], self.random.randint(1, 2)):
            values = [str(self.random.randint(0, 20)) if field == "__name__" else self.value() for field in known]
            query = getattr(query, kind)(values)
        return query

    def write(self, batch: firestore.WriteBatch, known: dict[str, Any]) -> None:
        """Add a random write to a batch; `known` holds update times for preconditions, by document id."""
        number = str(self.random.randint(0, 7))
        document = self.client.document("random", number)
        kind = self.random.choice(
            ["set", "set", "merge", "merge fields", "update", "update", "create", "delete", "transform"]
        )
        if kind == "set":
            batch.set(document, self.fields())
        elif kind == "merge":
            batch.set(document, self._changes(), merge=True)
        elif kind == "merge fields":
            fields = self.fields()
            names = self.random.sample(sorted(fields), self.random.randint(0, len(fields)))
            batch.set(document, fields, merge=names)
        elif kind == "create":
            batch.create(document, self.fields())
        elif kind == "transform":
            batch.set(document, {self.random.choice("abl"): self.transform()}, merge=True)
        elif kind == "delete":
            batch.delete(document, option=self._option(number, known))
        else:
            option = self._option(number, known) if self.random.random() < 0.5 else None
            batch.update(document, self._updates(), option=option if not _exists(option) else None)

    def _option(self, number: str, known: dict[str, Any]) -> Any:
        draw = self.random.random()
        if draw < 0.3:
            return None
        if draw < 0.5:
            return self.client.write_option(exists=True)
        if draw < 0.75 and known.get(number):
            return self.client.write_option(last_update_time=known[number])
        return self.client.write_option(last_update_time=MOMENTS[0])

    def _changes(self) -> dict[str, Any]:
        changes = self.fields()
        if self.random.random() < 0.5:
            changes[self.random.choice("abc")] = self.transform()
        if self.random.random() < 0.3:
            changes[self.random.choice("abc")] = firestore.DELETE_FIELD
        return changes

    def _updates(self) -> dict[str, Any]:
        updates: dict[str, Any] = {}
        for name in self.random.sample(["a", "b", "c", "m.x", "m.z.q", "l", "a.deep"], self.random.randint(1, 4)):
            if any(name.startswith(f"{other}.") or other.startswith(f"{name}.") for other in updates):
                continue
            draw = self.random.random()
            value = self.transform() if draw < 0.4 else firestore.DELETE_FIELD if draw < 0.55 else self.value()
            updates[name] = value
        return updates

    def transform(self) -> Any:
        """A field transform."""
        number = self.random.choice([*_NUMBERS, *_INFINITE, 1, 1, 5, 0.5])
        kind = self.random.randint(0, 5)
        if kind == 0:
            return firestore.SERVER_TIMESTAMP
        if kind in (1, 2, 3):
            return (firestore.Increment, firestore.Maximum, firestore.Minimum)[kind - 1](number)
        return (firestore.ArrayUnion, firestore.ArrayRemove)[kind - 4](self.array() or [1])


def _exists(option: Any) -> bool:
    return option is not None and hasattr(option, "_exists")


def plain(value: Any) -> Any:
    """A value in a form that tells types apart and that two servers' answers can be compared in."""
    if isinstance(value, dict):
        return {name: plain(value[name]) for name in sorted(value)}
    if isinstance(value, Vector):
        return ("vector", tuple(value))
    if isinstance(value, list | tuple):
        return [plain(element) for element in value]
    if isinstance(value, datetime):
        return "now" if datetime.now(UTC) - value < timedelta(hours=1) else value.isoformat()
    if isinstance(value, firestore.DocumentReference):
        return ("reference", value.path)
    if isinstance(value, firestore.GeoPoint):
        return ("geo", value.latitude, value.longitude)
    return (type(value).__name__, repr(value))


def result_of_query(dice: Dice) -> Any:
    """What a random query, now and then an aggregation over one, gives; or the name of the exception."""
    try:
        query = dice.query()
        if dice.random.random() < 0.15:
            (results,) = dice.aggregation(query).get(retry=None, timeout=10)
            return sorted((one.alias, plain(one.value)) for one in results)
        return [(found.reference.path, plain(found.to_dict())) for found in query.get(retry=None, timeout=10)]
    except (GoogleAPICallError, ValueError) as error:
        return type(error).__name__


def result_of_batch(dice: Dice, known: dict[str, Any]) -> Any:
    """What a batch of random writes gives for each of them; or the name of the exception.

    Args:
        dice: where the writes come from.
        known: the update times of the documents there are, by document id.
    """
    batch = dice.client.batch()
    try:
        for _ in range(dice.random.randint(1, 4)):
            dice.write(batch, known)
        results = batch.commit(retry=None, timeout=10)
    except (GoogleAPICallError, ValueError) as error:
        return type(error).__name__
    return [
        (
            plain([decode_value(value, dice.client) for value in one.transform_results]),
            one.update_time == batch.commit_time,
        )
        for one in results
    ]


def state(client: firestore.Client) -> dict[str, tuple[Any, Any]]:
    """Every document that `Dice.write` may have written: its fields in comparable form, and its update time."""
    found = client.collection("random").stream()
    return {
        one.id: ((one.id, plain(one.to_dict()), one.create_time == one.update_time), one.update_time) for one in found
    }
