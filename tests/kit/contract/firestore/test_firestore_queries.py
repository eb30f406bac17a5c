"""Queries: the same on the local Firestore and on Google's emulator."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import And, FieldFilter, Or
from google.cloud.firestore_v1.vector import Vector

Query = firestore.Query
DOWN = Query.DESCENDING
NAME = "__name__"

PRODUCTS: dict[str, dict[str, Any]] = {
    "apple": {"price": 3, "stock": 10, "tags": ["fruit", "red"], "size": {"cm": 8}},
    "banana": {"price": 2, "stock": 0, "tags": ["fruit", "yellow"], "size": {"cm": 20}},
    "bread": {"price": 4.5, "stock": 7, "tags": ["bakery"], "size": {"cm": 30}},
    "cake": {"price": 12, "stock": None, "tags": ["bakery", "sweet"]},
    "gift": {"price": "free", "stock": math.nan, "tags": []},
    "mystery": {"stock": 7},
}


def where(field: str, op: str, value: Any) -> Callable[[Query], Query]:
    return lambda query: query.where(filter=FieldFilter(field, op, value))


def price(op: str, value: Any) -> FieldFilter:
    return FieldFilter("price", op, value)


def name(query: Query, product: str) -> firestore.DocumentReference:
    return query._client.document("products", product)


QUERIES: dict[str, tuple[Callable[[Query], Query], list[str]]] = {
    "everything comes by name": (lambda q: q, ["apple", "banana", "bread", "cake", "gift", "mystery"]),
    "equal": (where("price", "==", 3), ["apple"]),
    "an integer equals its double": (where("price", "==", 3.0), ["apple"]),
    "equal in a map": (where("size.cm", "==", 20), ["banana"]),
    "equal to a map": (where("size", "==", {"cm": 8}), ["apple"]),
    "equal to an array": (where("tags", "==", ["fruit", "red"]), ["apple"]),
    "less than": (where("price", "<", 4.5), ["banana", "apple"]),
    "at most": (where("price", "<=", 4.5), ["banana", "apple", "bread"]),
    "greater than leaves out other types": (where("price", ">", 3), ["bread", "cake"]),
    "at least": (where("price", ">=", 4.5), ["bread", "cake"]),
    "a range of strings": (where("price", ">=", "f"), ["gift"]),
    "a range leaves out null and NaN": (where("stock", "<", 8), ["banana", "bread", "mystery"]),
    "not equal leaves out missing fields": (where("price", "!=", 3), ["banana", "bread", "cake", "gift"]),
    "not equal leaves out null": (where("stock", "!=", 7), ["gift", "banana", "apple"]),
    "equal to null": (where("stock", "==", None), ["cake"]),
    "not null": (where("stock", "!=", None), ["gift", "banana", "bread", "mystery", "apple"]),
    "equal to NaN": (where("stock", "==", math.nan), ["gift"]),
    "not NaN": (where("stock", "!=", math.nan), ["banana", "bread", "mystery", "apple"]),
    "in": (where("price", "in", [2, 12, 99]), ["banana", "cake"]),
    "in leaves out null": (where("stock", "in", [None, 0]), ["banana"]),
    "not in": (where("price", "not-in", [2, 3]), ["bread", "cake", "gift"]),
    "not in with null finds nothing": (where("price", "not-in", [2, None]), []),
    "array contains": (where("tags", "array_contains", "fruit"), ["apple", "banana"]),
    "array contains any": (where("tags", "array_contains_any", ["red", "sweet"]), ["apple", "cake"]),
    "array contains finds nothing in a scalar": (where("price", "array_contains", 3), []),
    "several filters all hold": (
        lambda q: q.where(filter=And([price(">", 2), FieldFilter("tags", "array_contains", "fruit")])),
        ["apple"],
    ),
    "one of several filters holds": (
        lambda q: q.where(filter=Or([price("==", 12), FieldFilter("stock", "==", 7)])),
        ["bread", "cake", "mystery"],
    ),
    "and within or": (
        lambda q: q.where(filter=Or([And([price(">", 2), price("<", 4)]), price("==", "free")])),
        ["apple", "gift"],
    ),
    "inequalities on two fields order by both names": (
        lambda q: q.where(filter=price(">", 1)).where(filter=FieldFilter("stock", ">=", 0)),
        ["banana", "apple", "bread"],
    ),
    "an order leaves out documents without the field": (
        lambda q: q.order_by("price"),
        ["banana", "apple", "bread", "cake", "gift"],
    ),
    "a descending order": (lambda q: q.order_by("price", direction=DOWN), ["gift", "cake", "bread", "apple", "banana"]),
    "equal values come by name": (
        lambda q: q.order_by("stock"),
        ["cake", "gift", "banana", "bread", "mystery", "apple"],
    ),
    "equal values come by name the way of the last order": (
        lambda q: q.order_by("stock", direction=DOWN),
        ["apple", "mystery", "bread", "banana", "gift", "cake"],
    ),
    "two orders": (
        lambda q: q.order_by("stock", direction=DOWN).order_by("price"),
        ["apple", "bread", "banana", "gift", "cake"],
    ),
    "limit": (lambda q: q.order_by("price").limit(2), ["banana", "apple"]),
    "limit to last": (lambda q: q.order_by("price").limit_to_last(2), ["cake", "gift"]),
    "limit of nothing": (lambda q: q.limit(0), []),
    "offset": (lambda q: q.order_by("price").offset(3), ["cake", "gift"]),
    "offset and limit": (lambda q: q.order_by("price").offset(1).limit(2), ["apple", "bread"]),
    "offset past the end": (lambda q: q.offset(99), []),
    "start at": (lambda q: q.order_by("price").start_at([4.5]), ["bread", "cake", "gift"]),
    "start after": (lambda q: q.order_by("price").start_after([4.5]), ["cake", "gift"]),
    "end at": (lambda q: q.order_by("price").end_at([4.5]), ["banana", "apple", "bread"]),
    "end before": (lambda q: q.order_by("price").end_before([4.5]), ["banana", "apple"]),
    "a cursor in descending order": (
        lambda q: q.order_by("price", direction=DOWN).start_after([4.5]),
        ["apple", "banana"],
    ),
    "a cursor between values": (lambda q: q.order_by("price").start_at([4]), ["bread", "cake", "gift"]),
    "a cursor of another type": (lambda q: q.order_by("price").start_at([""]), ["gift"]),
    "a cursor on the first of two orders": (
        lambda q: q.order_by("stock").order_by("price").start_after([0]),
        ["bread", "apple"],
    ),
    "a cursor on the name": (lambda q: q.order_by(NAME).start_at(["cake"]), ["cake", "gift", "mystery"]),
    "names equal": (lambda q: q.where(filter=FieldFilter(NAME, "==", name(q, "cake"))), ["cake"]),
    "names in": (
        lambda q: q.where(filter=FieldFilter(NAME, "in", [name(q, "cake"), name(q, "apple")])),
        ["apple", "cake"],
    ),
    "names in a range": (
        lambda q: q.where(filter=FieldFilter(NAME, ">", name(q, "bread"))),
        ["cake", "gift", "mystery"],
    ),
}


def fill(client: firestore.Client, documents: dict[str, dict[str, Any]]) -> None:
    batch = client.batch()
    for path, fields in documents.items():
        batch.set(client.document(path), fields)
    batch.commit()


@pytest.fixture
def products(client: firestore.Client) -> firestore.CollectionReference:
    fill(client, {f"products/{product}": fields for product, fields in PRODUCTS.items()})
    return client.collection("products")


@pytest.mark.parametrize("case", QUERIES)
def test_query(products: firestore.CollectionReference, case: str) -> None:
    build, expected = QUERIES[case]
    assert [found.id for found in build(products).get()] == expected


def test_a_cursor_from_a_document_starts_after_it(products: firestore.CollectionReference) -> None:
    bread = products.document("bread").get()
    assert [found.id for found in products.order_by("stock").start_after(bread).get()] == ["mystery", "apple"]


def test_select_brings_only_the_named_fields(products: firestore.CollectionReference) -> None:
    (apple,) = (
        products.where(filter=FieldFilter(NAME, "==", products.document("apple"))).select(["price", "size.cm"]).get()
    )
    assert apple.to_dict() == {"price": 3, "size": {"cm": 8}}


def test_select_of_nothing_brings_names_alone(products: firestore.CollectionReference) -> None:
    assert [found.to_dict() for found in products.select([]).limit(1).get()] == [{}]


def test_a_selected_document_keeps_its_times(products: firestore.CollectionReference) -> None:
    found = products.select(["price"]).limit(1).get()[0]
    assert found.update_time == products.document(found.id).get().update_time


def test_a_query_sees_one_collection_only(client: firestore.Client) -> None:
    fill(client, {"a/1": {}, "a/1/a/2": {}, "b/3": {}})
    assert [found.id for found in client.collection("a").get()] == ["1"]


def test_a_query_on_a_sub_collection_sees_that_only(client: firestore.Client) -> None:
    fill(client, {"a/1/lines/1": {}, "a/2/lines/2": {}})
    assert [found.id for found in client.collection("a", "1", "lines").get()] == ["1"]


def test_a_collection_group_is_every_collection_of_that_id(client: firestore.Client) -> None:
    fill(client, {"lines/0": {}, "a/1/lines/1": {}, "b/2/c/3/lines/2": {}, "a/1/other/9": {}})
    found = [found.reference.path for found in client.collection_group("lines").get()]
    assert found == ["a/1/lines/1", "b/2/c/3/lines/2", "lines/0"]


def test_a_filter_on_a_collection_group(client: firestore.Client) -> None:
    fill(client, {"lines/0": {"n": 1}, "a/1/lines/1": {"n": 2}})
    assert [found.id for found in client.collection_group("lines").where(filter=FieldFilter("n", ">", 1)).get()] == [
        "1"
    ]


def test_a_recursive_query_goes_below_its_collection(client: firestore.Client) -> None:
    fill(client, {"a/1": {}, "a/1/b/2": {}, "a/3/b/4/c/5": {}, "ab/6": {}})
    found = [found.reference.path for found in client.collection("a").recursive().get()]
    assert found == ["a/1", "a/1/b/2", "a/3/b/4/c/5"]


def test_a_query_with_no_result_has_a_read_time(client: firestore.Client) -> None:
    request = {
        "parent": f"{client._database_string}/documents",
        "structured_query": {"from_": [{"collection_id": "a"}]},
    }
    (response,) = client._firestore_api.run_query(request=request)
    assert response.read_time is not None
    assert not response._pb.HasField("document")


def test_a_query_at_a_read_time_sees_the_past(products: firestore.CollectionReference) -> None:
    then = products.document("apple").get().update_time
    products.document("apple").delete()
    products.document("zucchini").set({"price": 1})
    found = [found.id for found in products.where(filter=FieldFilter("price", "<", 4)).get(read_time=then)]
    assert found == ["banana", "apple"]


def test_values_of_all_types_have_one_order(client: firestore.Client) -> None:
    reference = client.document("a/1")
    ordered = [
        None, False, True, math.nan, -math.inf, -(2**63), -1, -0.5, 0, 0.5, 1, 2**53, 2**53 + 1, 2**63 - 1, math.inf,
        datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC),
        "", "A", "a", "aa", "b", "é", "\uff5e", "\U0001f600", b"", b"\x00", b"a", b"\xff",
        client.document("a/0"), reference, client.document("a/1/b/1"), client.document("a/10"),
        firestore.GeoPoint(-1, 2), firestore.GeoPoint(1, -2), firestore.GeoPoint(1, 2),
        [], [None], [1], [1, "a"], [2], ["a"], Vector([3.0]), Vector([1.0, 2.0]), Vector([1.0, 3.0]),
        {}, {"a": 1}, {"a": 1, "b": 1}, {"a": 2}, {"b": 0},
    ]  # fmt: skip
    shuffled = {f"values/{(number * 37) % 101:03}": {"v": value, "n": number} for number, value in enumerate(ordered)}
    fill(client, shuffled)
    assert [found.get("n") for found in client.collection("values").order_by("v").get()] == list(range(len(ordered)))


def test_integers_past_the_doubles_compare_exactly(client: firestore.Client) -> None:
    fill(client, {"v/1": {"n": 2**53}, "v/2": {"n": 2**53 + 1}})
    found = client.collection("v").where(filter=FieldFilter("n", ">", float(2**53))).get()
    assert [one.id for one in found] == ["2"]


def test_zero_equals_minus_zero(client: firestore.Client) -> None:
    fill(client, {"v/1": {"n": 0}, "v/2": {"n": -0.0}})
    assert len(client.collection("v").where(filter=FieldFilter("n", "==", 0.0)).get()) == 2
