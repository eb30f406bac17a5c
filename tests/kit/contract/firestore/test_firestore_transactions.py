"""Transactions: what holds on the local Firestore and on Google's emulator, whichever of them locks or retries."""

from __future__ import annotations

from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from tests.kit.firestores import Firestore


def call(client: firestore.Client, method: str, **request: Any) -> Any:
    """A call of the protocol that the client's own classes do not make alone."""
    api = getattr(client._firestore_api, method)
    return api(request={"database": client._database_string, **request}, retry=None, timeout=10)


def begin(client: firestore.Client, **options: Any) -> bytes:
    transaction: bytes = call(client, "begin_transaction", options=options).transaction
    return transaction


def test_a_transaction_reads_and_writes(client: firestore.Client) -> None:
    document = client.document("x/1")
    document.set({"n": 1})

    @firestore.transactional
    def add(transaction: firestore.Transaction) -> int:
        found: int = document.get(transaction=transaction).get("n")
        transaction.update(document, {"n": found + 1})
        return found

    assert (add(client.transaction()), document.get().get("n")) == (1, 2)


def test_a_transaction_that_raises_writes_nothing(client: firestore.Client) -> None:
    document = client.document("x/1")

    @firestore.transactional
    def fail(transaction: firestore.Transaction) -> None:
        transaction.set(document, {"n": 1})
        raise KeyError("no")

    with pytest.raises(KeyError):
        fail(client.transaction())
    assert not document.get().exists


def test_a_transaction_whose_write_is_refused_raises_that_refusal(client: firestore.Client) -> None:
    document = client.document("x/1")
    document.set({})

    @firestore.transactional
    def create(transaction: firestore.Transaction) -> None:
        document.get(transaction=transaction)
        transaction.create(document, {})

    with pytest.raises(exceptions.AlreadyExists):
        create(client.transaction())


def test_a_transaction_runs_queries(client: firestore.Client) -> None:
    for number in range(3):
        client.document("x", str(number)).set({"n": number})

    @firestore.transactional
    def total(transaction: firestore.Transaction) -> int:
        query = client.collection("x").where(filter=FieldFilter("n", ">", 0))
        found = sum(document.get("n") for document in query.stream(transaction=transaction))
        transaction.set(client.document("totals/x"), {"n": found})
        return found

    assert (total(client.transaction()), client.document("totals/x").get().get("n")) == (3, 3)


def test_a_transaction_begun_by_a_read_is_named_in_the_first_answer(client: firestore.Client) -> None:
    names = [f"{client._database_string}/documents/x/{number}" for number in range(2)]
    answers = list(call(client, "batch_get_documents", documents=names, new_transaction={"read_write": {}}))
    assert [bool(answer.transaction) for answer in answers] == [True] + [False] * (len(answers) - 1)


def test_a_read_only_transaction_sees_one_moment(client: firestore.Client) -> None:
    document = client.document("x/1")
    document.set({"n": 1})
    transaction = client.transaction(read_only=True)
    transaction._begin()
    before = document.get(transaction=transaction).get("n")
    document.set({"n": 2})
    after = document.get(transaction=transaction).get("n")
    transaction._rollback()
    assert (before, after) == (1, 1)


def test_a_read_only_transaction_cannot_write(client: firestore.Client) -> None:
    write = {"update": {"name": f"{client._database_string}/documents/x/1"}}
    with pytest.raises(exceptions.InvalidArgument):
        call(client, "commit", transaction=begin(client, read_only={}), writes=[write])


def test_a_committed_transaction_cannot_commit_again(client: firestore.Client) -> None:
    transaction = begin(client, read_write={})
    call(client, "commit", transaction=transaction)
    with pytest.raises(exceptions.InvalidArgument):
        call(client, "commit", transaction=transaction)


def test_a_rolled_back_transaction_cannot_commit(client: firestore.Client) -> None:
    transaction = begin(client, read_write={})
    call(client, "rollback", transaction=transaction)
    with pytest.raises(exceptions.InvalidArgument):
        call(client, "commit", transaction=transaction)


def test_a_rolled_back_transaction_may_be_rolled_back_again(client: firestore.Client) -> None:
    transaction = begin(client, read_write={})
    call(client, "rollback", transaction=transaction)
    assert call(client, "rollback", transaction=transaction) is None


def test_an_unknown_transaction_cannot_be_rolled_back(client: firestore.Client) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        call(client, "rollback", transaction=b"unknown")


def transaction_that_reads(client: firestore.Client, read: Any) -> firestore.Transaction:
    transaction = client.transaction()
    transaction._begin()
    read(transaction)
    transaction.set(client.document("x/written"), {})
    return transaction


def test_a_document_changed_after_it_was_read_aborts_the_commit(local_firestore: Firestore) -> None:
    client = local_firestore.client()
    document = client.document("x/1")
    transaction = transaction_that_reads(client, lambda one: document.get(transaction=one))
    document.set({"n": 1})
    with pytest.raises(exceptions.Aborted):
        transaction._commit()


def test_a_query_result_changed_after_it_was_read_aborts_the_commit(local_firestore: Firestore) -> None:
    client = local_firestore.client()
    query = client.collection("x").where(filter=FieldFilter("n", ">", 0))
    transaction = transaction_that_reads(client, lambda one: list(query.stream(transaction=one)))
    client.document("x/new").set({"n": 1})
    with pytest.raises(exceptions.Aborted):
        transaction._commit()


def test_a_change_that_was_not_read_does_not_abort_the_commit(local_firestore: Firestore) -> None:
    client = local_firestore.client()
    query = client.collection("x").where(filter=FieldFilter("n", ">", 0))
    transaction = transaction_that_reads(client, lambda one: list(query.stream(transaction=one)))
    client.document("x/new").set({"n": -1})
    assert len(transaction._commit()) == 1


def test_an_aborted_transaction_is_run_again_by_the_client(local_firestore: Firestore) -> None:
    client = local_firestore.client()
    document = client.document("x/1")
    document.set({"n": 0})
    runs = []

    @firestore.transactional
    def add(transaction: firestore.Transaction) -> None:
        found = document.get(transaction=transaction).get("n")
        runs.append(found)
        if len(runs) == 1:
            document.set({"n": 10})
        transaction.update(document, {"n": found + 1})

    add(client.transaction())
    assert (runs, document.get().get("n")) == ([0, 10], 11)
