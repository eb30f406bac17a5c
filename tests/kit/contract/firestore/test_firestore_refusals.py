"""What Firestore refuses: the same exception from the local one and from Google's emulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.api_core.exceptions import FailedPrecondition, InvalidArgument
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter, Or
from google.cloud.firestore_v1.vector import Vector

Client = firestore.Client


def maps(levels: int) -> Any:
    return {"m": maps(levels - 1)} if levels else 1


def put(fields: dict[str, Any]) -> Callable[[Client], Any]:
    return lambda client: client.document("x/1").set(fields, retry=None)


def name(document_id: str, collection: str = "x") -> Callable[[Client], Any]:
    return lambda client: client.document(collection, document_id).set({}, retry=None)


def raw(fields: dict[str, Any], **rest: Any) -> Callable[[Client], Any]:
    def call(client: Client) -> Any:
        write = {"update": {"name": f"{client._database_string}/documents/x/1", "fields": fields}, **rest}
        request = {"database": client._database_string, "writes": [write]}
        return client._firestore_api.commit(request=request, retry=None)

    return call


def query(*filters: tuple[str, str, Any], order: str = "", down: bool = False) -> Callable[[Client], Any]:
    def call(client: Client) -> Any:
        found = client.collection("x")
        for one in filters:
            found = found.where(filter=FieldFilter(*one))
        if order:
            found = found.order_by(order, direction="DESCENDING" if down else "ASCENDING")
        return found.get(retry=None)

    return call


def on_names(op: str) -> Callable[[Client], Any]:
    return lambda client: query(("__name__", op, client.document("x/1")), ("a", ">", 1))(client)


REFUSED: dict[str, tuple[Callable[[Client], Any], type[Exception]]] = {
    "a reserved document id": (name("__x__"), InvalidArgument),
    "a reserved collection id": (name("1", "__x__"), InvalidArgument),
    "a document id of a dot": (name("."), InvalidArgument),
    "a document id of two dots": (name(".."), InvalidArgument),
    "a document id of 1,501 bytes": (name("a" * 1501), InvalidArgument),
    "a document id of 1,502 bytes in 751 characters": (name("é" * 751), InvalidArgument),
    "a document over 1 MiB": (put({"a": "b" * 600_000, "c": "d" * 500_000}), InvalidArgument),
    "a value over 1,048,487 bytes": (put({"a": "b" * 1_048_488}), InvalidArgument),
    "an array in an array": (put({"a": [[1]]}), InvalidArgument),
    "a vector in an array": (put({"a": [Vector([1.0])]}), InvalidArgument),
    "a field of 21 levels of maps": (put({"a": maps(21)}), InvalidArgument),
    "a reserved field name": (put({"__a__": 1}), InvalidArgument),
    "a reserved field name in a map": (put({"m": {"__a__": 1}}), InvalidArgument),
    "an empty field name": (raw({"": {"integer_value": 1}}), InvalidArgument),
    "a field name of 1,501 bytes": (put({"a" * 1501: 1}), InvalidArgument),
    "a value of no type": (raw({"a": {}}), InvalidArgument),
    "a reference to no document": (raw({"a": {"reference_value": "nonsense"}}), InvalidArgument),
    "a latitude of 91": (raw({"a": {"geo_point_value": {"latitude": 91}}}), InvalidArgument),
    "a mask with a bad field path": (raw({}, update_mask={"field_paths": ["a..b"]}), InvalidArgument),
    "an increment by a string": (
        raw({}, update_transforms=[{"field_path": "a", "increment": {"string_value": "1"}}]),
        InvalidArgument,
    ),
    "a write that says nothing": (
        lambda client: client._firestore_api.commit(request={"database": client._database_string, "writes": [{}]}),
        InvalidArgument,
    ),
    "a negative limit": (lambda client: client.collection("x").limit(-1).get(retry=None), InvalidArgument),
    "a negative offset": (lambda client: client.collection("x").offset(-1).get(retry=None), InvalidArgument),
    "an empty in": (query(("a", "in", [])), InvalidArgument),
    "an in of 31 values": (query(("a", "in", list(range(31)))), InvalidArgument),
    "a not-in of 11 values": (query(("a", "not-in", list(range(11)))), InvalidArgument),
    "an OR of 31 filters": (
        lambda client: client.collection("x").where(filter=Or([FieldFilter("a", "==", n) for n in range(31)])).get(),
        InvalidArgument,
    ),
    "36 disjunctions of two ins": (query(("a", "in", list(range(6))), ("b", "in", list(range(6)))), InvalidArgument),
    "two array-contains": (query(("a", "array_contains", 1), ("b", "array_contains", 1)), InvalidArgument),
    "two !=": (query(("a", "!=", 1), ("b", "!=", 1)), InvalidArgument),
    "!= with is-not-null": (query(("a", "!=", 1), ("b", "!=", None)), InvalidArgument),
    "not-in with in": (query(("a", "not-in", [1]), ("b", "in", [1])), InvalidArgument),
    "not-in with array-contains-any": (query(("a", "not-in", [1]), ("b", "array_contains_any", [1])), InvalidArgument),
    "equal names with an inequality elsewhere": (on_names("=="), InvalidArgument),
    "a name compared with a string": (
        lambda client: client.collection("x").where(filter=FieldFilter("a.__name__", "==", "1")).get(),
        InvalidArgument,
    ),
    "an inequality after an order by name": (query(("a", ">", 1), order="__name__"), InvalidArgument),
    "names in descending order": (query(order="__name__", down=True), FailedPrecondition),
    "a field ordered by twice": (
        lambda client: client.collection("x").order_by("a").order_by("a").get(),
        InvalidArgument,
    ),
    "a sum of names": (lambda client: client.collection("x").sum("__name__").get(), InvalidArgument),
    "a sum with a select": (lambda client: client.collection("x").select(["a"]).sum("a").get(), InvalidArgument),
    "an unknown transaction": (
        lambda client: client._firestore_api.commit(
            request={"database": client._database_string, "transaction": b"unknown"}, retry=None
        ),
        InvalidArgument,
    ),
    "a missing document by GetDocument": (
        lambda client: client._firestore_api.get_document(
            request={"name": f"{client._database_string}/documents/x/missing"}, retry=None
        ),
        exceptions.NotFound,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(client: Client, case: str) -> None:
    call, error = REFUSED[case]
    with pytest.raises(error):
        call(client)


ACCEPTED: dict[str, Callable[[Client], Any]] = {
    "a document id of 1,500 bytes": name("a" * 1500),
    "a document id with a space, a dot and a quote": name('a b."c"'),
    "a value of a million bytes": put({"a": "b" * 1_000_000}),
    "a field of 20 levels of maps": put({"a": maps(20)}),
    "an array in a map in an array": put({"a": [{"b": [1]}]}),
    "a field name of 1,500 bytes": put({"a" * 1500: 1}),
    "an in of 30 values": query(("a", "in", list(range(30)))),
    "a not-in of 10 values": query(("a", "not-in", list(range(10)))),
    "30 disjunctions of two ins": query(("a", "in", list(range(5))), ("b", "in", list(range(6)))),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(client: Client, case: str) -> None:
    assert ACCEPTED[case](client) is not None
