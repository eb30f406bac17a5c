"""Field transforms: the same on the local Firestore and on Google's emulator."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from google.cloud import firestore

MAX, MIN = 2**63 - 1, -(2**63)

# What is in the field (... for nothing), the transform, what is in the field afterwards.
TRANSFORMS: dict[str, tuple[Any, Any, Any]] = {
    "increment adds": (2, firestore.Increment(3), 5),
    "increment of a missing field sets it": (..., firestore.Increment(3), 3),
    "increment of a string sets the number": ("2", firestore.Increment(3), 3),
    "increment by a double makes a double": (2, firestore.Increment(0.5), 2.5),
    "increment of a double by an integer stays a double": (2.5, firestore.Increment(1), 3.5),
    "increment stops at the largest integer": (MAX, firestore.Increment(1), MAX),
    "increment stops at the least integer": (MIN, firestore.Increment(-1), MIN),
    "maximum takes the larger": (2, firestore.Maximum(3), 3),
    "maximum keeps the larger": (4, firestore.Maximum(3), 4),
    "maximum of a missing field sets it": (..., firestore.Maximum(3), 3),
    "maximum of a string sets the number": ("9", firestore.Maximum(3), 3),
    "maximum keeps the stored type of equal numbers": (3, firestore.Maximum(3.0), 3),
    "minimum takes the smaller": (4, firestore.Minimum(3), 3),
    "minimum keeps the smaller": (2, firestore.Minimum(3), 2),
    "minimum keeps the stored type of equal numbers": (3.0, firestore.Minimum(3), 3.0),
    "array union adds what is missing, in order": ([1, 2], firestore.ArrayUnion([2, 3, 1, 4]), [1, 2, 3, 4]),
    "array union adds a doubled element once": ([], firestore.ArrayUnion(["a", "a"]), ["a"]),
    "array union takes one and one point zero for equal": ([1], firestore.ArrayUnion([1.0]), [1]),
    "array union of a missing field makes an array": (..., firestore.ArrayUnion([1]), [1]),
    "array union of a string makes an array": ("a", firestore.ArrayUnion([1]), [1]),
    "array union compares maps": ([{"a": 1}], firestore.ArrayUnion([{"a": 1}, {"a": 2}]), [{"a": 1}, {"a": 2}]),
    "array remove takes every equal element": ([1, 2, 1.0, 3], firestore.ArrayRemove([1]), [2, 3]),
    "array remove of a missing field makes an empty array": (..., firestore.ArrayRemove([1]), []),
    "array remove of a string makes an empty array": ("a", firestore.ArrayRemove([1]), []),
}


@pytest.fixture
def document(client: firestore.Client) -> firestore.DocumentReference:
    return client.document("x/1")


@pytest.mark.parametrize("case", TRANSFORMS)
def test_transform(document: firestore.DocumentReference, case: str) -> None:
    before, transform, after = TRANSFORMS[case]
    document.set({} if before is ... else {"v": before})
    document.update({"v": transform})
    found = document.get().get("v")
    assert (found, type(found)) == (after, type(after))


@pytest.mark.parametrize("transform", [firestore.Maximum(1), firestore.Minimum(1)])
def test_maximum_and_minimum_with_nan_are_nan(document: firestore.DocumentReference, transform: Any) -> None:
    document.set({"v": math.nan})
    document.update({"v": transform})
    assert math.isnan(document.get().get("v"))


def test_server_timestamp_is_the_time_of_the_commit(document: firestore.DocumentReference) -> None:
    document.set({"at": firestore.SERVER_TIMESTAMP})
    found = document.get()
    assert abs(found.update_time - found.get("at")) < timedelta(seconds=1)


def test_server_timestamp_is_in_milliseconds(document: firestore.DocumentReference) -> None:
    document.set({"at": firestore.SERVER_TIMESTAMP})
    assert document.get().get("at").microsecond % 1000 == 0


def test_server_timestamps_of_one_commit_are_equal(client: firestore.Client) -> None:
    batch = client.batch()
    batch.set(client.document("x/1"), {"at": firestore.SERVER_TIMESTAMP})
    batch.set(client.document("x/2"), {"m": {"at": firestore.SERVER_TIMESTAMP}})
    batch.commit()
    assert client.document("x/1").get().get("at") == client.document("x/2").get().get("m.at")


def test_the_result_of_a_write_holds_the_new_numbers(document: firestore.DocumentReference) -> None:
    document.set({"n": 1})
    result = document.update({"n": firestore.Increment(4), "l": firestore.ArrayUnion([1])})
    kinds = [value._pb.WhichOneof("value_type") for value in result.transform_results]
    assert sorted(kinds) == ["integer_value", "null_value"]


def test_a_transform_in_a_nested_field_makes_the_maps_above_it(document: firestore.DocumentReference) -> None:
    document.set({})
    document.update({"a.b.c": firestore.Increment(1)})
    assert document.get().to_dict() == {"a": {"b": {"c": 1}}}


def test_set_with_a_transform_makes_a_missing_document(document: firestore.DocumentReference) -> None:
    document.set({"n": firestore.Increment(1)}, merge=True)
    assert document.get().to_dict() == {"n": 1}


def test_fields_and_transforms_go_together_in_one_update(document: firestore.DocumentReference) -> None:
    document.set({"a": 1, "n": 1})
    document.update({"a": 2, "n": firestore.Increment(1)})
    assert document.get().to_dict() == {"a": 2, "n": 2}


def test_an_increment_by_zero_keeps_the_update_time(document: firestore.DocumentReference) -> None:
    document.set({"n": 1})
    before = document.get().update_time
    document.update({"n": firestore.Increment(0)})
    assert document.get().update_time == before
