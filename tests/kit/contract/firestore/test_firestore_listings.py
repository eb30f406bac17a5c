"""Listings, and batch writes, which tools and administrators use: the same on both Firestores."""

from __future__ import annotations

from typing import Any

import pytest
from google.cloud import firestore

DOCUMENTS = ["x/1", "x/2", "x/3", "x/3/y/1", "x/4/y/1", "x/4/y/2/z/1", "w/1"]


@pytest.fixture
def filled(client: firestore.Client) -> firestore.Client:
    batch = client.batch()
    for path in DOCUMENTS:
        batch.set(client.document(path), {"a": 1, "b": 2})
    batch.commit()
    return client


def call(client: firestore.Client, method: str, under: str = "", **request: Any) -> Any:
    api = getattr(client._firestore_api, method)
    parent = {} if method == "batch_write" else {"parent": f"{client._database_string}/documents{under}"}
    database = {"database": client._database_string} if method == "batch_write" else {}
    return api(request={**parent, **database, **request}, metadata=client._rpc_metadata)


def test_top_level_collections(filled: firestore.Client) -> None:
    assert sorted(collection.id for collection in filled.collections()) == ["w", "x"]


def test_collections_of_a_document(filled: firestore.Client) -> None:
    assert [collection.id for collection in filled.document("x/3").collections()] == ["y"]


def test_collections_of_a_document_that_is_missing(filled: firestore.Client) -> None:
    assert [collection.id for collection in filled.document("x/4").collections()] == ["y"]


def test_collections_of_a_document_without_any(filled: firestore.Client) -> None:
    assert list(filled.document("x/1").collections()) == []


def test_collection_ids_come_in_pages(filled: firestore.Client) -> None:
    first = call(filled, "list_collection_ids", page_size=1)._response
    second = call(filled, "list_collection_ids", page_size=1, page_token=first.next_page_token)._response
    assert [*first.collection_ids, *second.collection_ids] == ["w", "x"]


def test_documents_with_those_that_are_missing_but_have_collections(filled: firestore.Client) -> None:
    assert [document.id for document in filled.collection("x").list_documents()] == ["1", "2", "3", "4"]


def test_documents_come_in_pages(filled: firestore.Client) -> None:
    assert [document.id for document in filled.collection("x").list_documents(page_size=2)] == ["1", "2", "3", "4"]


def test_documents_without_the_missing(filled: firestore.Client) -> None:
    found = call(filled, "list_documents", collection_id="x")
    assert [document.name.rpartition("/")[2] for document in found] == ["1", "2", "3"]


def test_listed_documents_hold_the_fields_of_the_mask(filled: firestore.Client) -> None:
    found = call(filled, "list_documents", collection_id="x", mask={"field_paths": ["a"]})
    assert [list(document.fields) for document in found] == [["a"]] * 3


def test_recursive_delete_leaves_nothing_below(filled: firestore.Client) -> None:
    filled.recursive_delete(filled.collection("x"))
    assert [collection.id for collection in filled.collections()] == ["w"]


def test_batch_write_writes_what_it_can(filled: firestore.Client) -> None:
    def write(document_id: str, **precondition: bool) -> dict[str, Any]:
        name = f"{filled._database_string}/documents/b/{document_id}"
        return {"update": {"name": name}, "current_document": precondition}

    answer = call(filled, "batch_write", writes=[write("1"), write("2", exists=True), write("3", exists=False)])
    assert [status.code for status in answer.status] == [0, 5, 0]


def test_batch_write_refuses_a_document_named_twice(filled: firestore.Client) -> None:
    write = {"delete": f"{filled._database_string}/documents/b/1"}
    with pytest.raises(Exception, match="400"):
        call(filled, "batch_write", writes=[write, write])
