"""Aggregations: the same on the local Firestore and on Google's emulator."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter


@pytest.fixture
def sales(client: firestore.Client) -> firestore.CollectionReference:
    batch = client.batch()
    documents: list[dict[str, Any]] = [{"n": 1, "m": 5}, {"n": 2}, {"n": 3.5, "m": 7}, {"n": "four", "m": 1}, {"m": 2}]
    for number, fields in enumerate(documents):
        batch.set(client.document("sales", str(number)), fields)
    batch.commit()
    return client.collection("sales")


def values(aggregation: Any) -> dict[str, Any]:
    return {result.alias: result.value for result in aggregation.get()[0]}


def test_count_counts_documents(sales: firestore.CollectionReference) -> None:
    assert values(sales.count(alias="all")) == {"all": 5}


def test_count_of_a_filtered_query(sales: firestore.CollectionReference) -> None:
    assert values(sales.where(filter=FieldFilter("n", ">", 1)).count(alias="all")) == {"all": 2}


def test_count_stops_at_the_limit(sales: firestore.CollectionReference) -> None:
    assert values(sales.limit(3).count(alias="all")) == {"all": 3}


def test_count_of_nothing_is_zero(client: firestore.Client) -> None:
    assert values(client.collection("nothing").count(alias="all")) == {"all": 0}


def test_sum_adds_numbers_only(sales: firestore.CollectionReference) -> None:
    assert values(sales.sum("n", alias="total")) == {"total": 6.5}


def test_sum_of_integers_is_an_integer(sales: firestore.CollectionReference) -> None:
    (total,) = values(sales.sum("m", alias="total")).values()
    assert (total, type(total)) == (15, int)


def test_sum_of_nothing_is_zero(sales: firestore.CollectionReference) -> None:
    assert values(sales.sum("nothing", alias="total")) == {"total": 0}


def test_average_is_of_numbers_only(sales: firestore.CollectionReference) -> None:
    assert values(sales.avg("n", alias="mean")) == {"mean": pytest.approx(6.5 / 3)}


def test_sum_past_the_integers_is_a_double(client: firestore.Client) -> None:
    for number in range(2):
        client.document("big", str(number)).set({"n": 2**63 - 1})
    assert values(client.collection("big").sum("n", alias="total")) == {"total": 2.0**64}


def test_sum_with_nan_is_nan(client: firestore.Client) -> None:
    for number, value in enumerate([1, math.nan]):
        client.document("odd", str(number)).set({"n": value})
    assert math.isnan(values(client.collection("odd").sum("n", alias="total"))["total"])


def test_several_aggregations_see_only_documents_with_all_their_fields(sales: firestore.CollectionReference) -> None:
    found = values(sales.count(alias="all").sum("n", alias="total").avg("m", alias="mean"))
    assert found == {"all": 3, "total": 4.5, "mean": pytest.approx(13 / 3)}


def test_a_limit_takes_the_first_by_the_summed_field(sales: firestore.CollectionReference) -> None:
    assert values(sales.limit(2).sum("m", alias="total")) == {"total": 3}
