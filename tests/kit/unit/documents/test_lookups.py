"""documents.get, get_all, query: what a handler reads, and what never reaches Firestore."""

from __future__ import annotations

import pytest
from google.cloud.firestore import GeoPoint

from fulfillment import Problem, documents
from tests.kit.firestores import Firestore


@pytest.fixture
def shop(firestore: Firestore) -> Firestore:
    orders = firestore.client().collection("orders")
    orders.document("A-1").set({"status": "open", "total": 12.5})
    orders.document("A-2").set({"status": "shipped", "total": 3})
    products = firestore.client().collection("products")
    products.document("cup").set({"name": "Cup", "aliases": ["cup", "mug"], "price": 8})
    products.document("pot").set({"name": "Pot", "aliases": ["pot"], "price": 20})
    return firestore


def test_get_returns_the_fields_with_id_and_time(shop: Firestore) -> None:
    order = documents.get("orders", "A-1")
    assert order == {"status": "open", "total": 12.5}
    assert order is not None
    assert (order.id, order.update_time is not None) == ("A-1", True)


def test_get_returns_none_for_an_absent_document(shop: Firestore) -> None:
    assert documents.get("orders", "A-3") is None


@pytest.mark.parametrize(
    "id", ["", ".", "..", "a/b", "/", "orders/A-1", "__x__", "____", "é" * 751, "x" * 1501, "\ud800"]
)
def test_an_id_that_no_document_can_have_is_not_found_and_never_asked_for(
    id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No Firestore anywhere: a call that was sent would end in firestore-unavailable.
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    documents.reset()
    assert documents.get("orders", id) is None
    assert documents.get_all("orders", [id]) == {}


@pytest.mark.parametrize("id", ["x" * 1500, "é" * 750, "a.b", "__x", "A 1", "訂單"])
def test_an_unusual_but_legal_id_is_looked_up(id: str, local_firestore: Firestore) -> None:
    local_firestore.client().collection("orders").document(id).set({"found": True})
    assert documents.get("orders", id) == {"found": True}


@pytest.mark.parametrize("id", [["A-1"], {"id": "A-1"}, 7, None, True])
def test_an_id_that_is_no_string_is_refused(id: object) -> None:
    with pytest.raises(Problem) as refused:
        documents.get("orders", id)  # type: ignore[arg-type]
    assert (refused.value.status, refused.value.cause) == (400, "bad-parameter")


def test_get_reads_a_subcollection_by_its_path(firestore: Firestore) -> None:
    firestore.client().document("stores/main/tables/7").set({"seats": 4})
    assert documents.get("stores/main/tables", "7") == {"seats": 4}


def test_get_all_returns_what_is_there_in_the_order_asked(shop: Firestore) -> None:
    assert list(documents.get_all("orders", ["A-2", "nope", "A-1", "a/b", "A-2"])) == ["A-2", "A-1"]


def test_query_finds_by_an_array_member(shop: Firestore) -> None:
    assert [found.id for found in documents.query("products", ("aliases", "array_contains", "mug"))] == ["cup"]


def test_query_orders_and_limits(shop: Firestore) -> None:
    assert [found.id for found in documents.query("products", order_by="-price", limit=1)] == ["pot"]


def test_query_joins_its_filters_with_and(shop: Firestore) -> None:
    found = documents.query("products", ("price", ">", 5), ("name", "in", ["Cup", "Kettle"]))
    assert [product.id for product in found] == ["cup"]


def test_query_with_an_empty_list_finds_nothing(shop: Firestore) -> None:
    assert documents.query("products", ("name", "in", [])) == []


@pytest.mark.parametrize("value", [["cup"], {"a": 1}, ("cup",), {"cup"}])
def test_a_list_or_object_where_one_value_belongs_is_refused_before_any_query(value: object) -> None:
    with pytest.raises(Problem) as refused:
        documents.query("products", ("aliases", "array_contains", value))
    assert refused.value.cause == "bad-parameter"


def test_a_list_in_a_list_is_refused() -> None:
    with pytest.raises(Problem, match="bad-parameter"):
        documents.query("products", ("name", "in", [["Cup"]]))


def test_an_unknown_operator_is_named() -> None:
    with pytest.raises(ValueError, match=r"'like'.*array_contains"):
        documents.query("products", ("name", "like", "Cup"))


def test_a_cached_document_is_not_read_again(shop: Firestore) -> None:
    first = documents.get("orders", "A-1", cache_seconds=60)
    shop.client().document("orders/A-1").set({"status": "changed"})
    assert documents.get("orders", "A-1", cache_seconds=60) == first
    assert documents.get("orders", "A-1") == {"status": "changed"}


def test_what_a_handler_does_to_a_cached_document_others_do_not_see(shop: Firestore) -> None:
    mine = documents.query("products", ("aliases", "array_contains", "mug"), cache_seconds=60)
    mine[0]["aliases"].append("broken")
    mine.clear()
    again = documents.query("products", ("aliases", "array_contains", "mug"), cache_seconds=60)
    assert again[0]["aliases"] == ["cup", "mug"]


def test_an_absent_document_is_asked_for_again(shop: Firestore) -> None:
    assert documents.get("orders", "new", cache_seconds=60) is None
    shop.client().document("orders/new").set({"status": "open"})
    assert documents.get("orders", "new", cache_seconds=60) == {"status": "open"}


def test_numbers_and_truth_values_are_different_cache_keys(local_firestore: Firestore) -> None:
    local_firestore.client().document("flags/a").set({"value": True})
    local_firestore.client().document("flags/b").set({"value": 1})
    assert [found.id for found in documents.query("flags", ("value", "==", True), cache_seconds=60)] == ["a"]
    assert [found.id for found in documents.query("flags", ("value", "==", 1), cache_seconds=60)] == ["b"]


def test_a_place_on_the_map_is_a_cache_key_too(local_firestore: Firestore) -> None:
    places = {"here": GeoPoint(1.5, 2), "there": GeoPoint(1.5, 3)}
    for name, place in places.items():
        local_firestore.client().document(f"stores/{name}").set({"place": place})
    for _ in range(2):
        for name, place in places.items():
            assert [found.id for found in documents.query("stores", ("place", "==", place), cache_seconds=60)] == [name]


def test_client_is_the_real_one(firestore: Firestore) -> None:
    from google.cloud.firestore import Client

    assert type(documents.client()) is Client
    assert documents.client() is documents.client()
