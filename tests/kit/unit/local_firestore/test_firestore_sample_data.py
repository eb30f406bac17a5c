"""`--data DIR`: sample documents as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore

from deploy.local.firestore import LocalFirestore
from deploy.local.firestore.sample_data import BadSample, SampleData
from tests.kit.firestores import Firestore


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "orders.json").write_text(json.dumps({"A-1001": {"status": "shipped"}, "A-1002": {"n": 1.5}}))
    (tmp_path / "orders" / "A-1001").mkdir(parents=True)
    (tmp_path / "orders" / "A-1001" / "lines.json").write_text('{"1": {"product": "tea"}}')
    return tmp_path


@pytest.fixture
def sampled(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firestore]:
    with LocalFirestore(data=data) as server, Firestore("local", server.address) as found:
        found.set_environment(monkeypatch)
        yield found


def test_a_file_is_a_collection(sampled: Firestore) -> None:
    found = {one.id: one.to_dict() for one in sampled.client().collection("orders").stream()}
    assert found == {"A-1001": {"status": "shipped"}, "A-1002": {"n": 1.5}}


def test_a_file_in_folders_is_a_sub_collection(sampled: Firestore) -> None:
    assert sampled.client().document("orders/A-1001/lines/1").get().to_dict() == {"product": "tea"}


def test_every_project_starts_from_the_samples(sampled: Firestore) -> None:
    assert sampled.client(project="another").document("orders/A-1001").get().exists


def test_every_database_starts_from_the_samples(sampled: Firestore) -> None:
    assert sampled.client(database="another").document("orders/A-1001").get().exists


def test_a_change_stays_in_its_project(sampled: Firestore) -> None:
    sampled.client().document("orders/A-1001").delete()
    assert sampled.client(project="another").document("orders/A-1001").get().exists


def test_samples_can_be_updated_on_the_condition_of_their_time(sampled: Firestore) -> None:
    document = sampled.client().document("orders/A-1001")
    time = document.get().update_time
    document.update({"status": "lost"}, option=sampled.client().write_option(last_update_time=time))
    assert document.get().get("status") == "lost"


VALUES: dict[str, tuple[Any, Any]] = {
    "null": (None, None),
    "true": (True, True),
    "an integer": (3, 3),
    "a double": (3.0, 3.0),
    "a string": ("tea", "tea"),
    "a list": ([1, "a"], [1, "a"]),
    "an empty list": ([], []),
    "a map": ({"a": {"b": 1}}, {"a": {"b": 1}}),
    "a moment": ({"$timestamp": "2026-12-01T09:30:00Z"}, datetime(2026, 12, 1, 9, 30, tzinfo=UTC)),
    "a moment with an offset": (
        {"$timestamp": "2026-12-01T09:30:00+08:00"},
        datetime(2026, 12, 1, 9, 30, tzinfo=timezone(timedelta(hours=8))),
    ),
    "a moment without an offset": ({"$timestamp": "2026-12-01T09:30:00"}, datetime(2026, 12, 1, 9, 30, tzinfo=UTC)),
    "a place": ({"$geo": [25.03, 121.56]}, firestore.GeoPoint(25.03, 121.56)),
    "bytes": ({"$bytes": "aGVsbG8="}, b"hello"),
}


@pytest.mark.parametrize("case", VALUES)
def test_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    written, expected = VALUES[case]
    (tmp_path / "x.json").write_text(json.dumps({"1": {"v": written}}))
    with LocalFirestore(data=tmp_path) as server, Firestore("local", server.address) as found:
        found.set_environment(monkeypatch)
        assert found.client().document("x/1").get().get("v") == expected


def test_a_reference_is_to_the_database_of_the_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.json").write_text('{"1": {"v": {"$reference": "stores/main"}}}')
    with LocalFirestore(data=tmp_path) as server, Firestore("local", server.address) as found:
        found.set_environment(monkeypatch)
        client = found.client()
        assert client.document("x/1").get().get("v") == client.document("stores/main")


BAD: dict[str, tuple[str, str]] = {
    "no JSON": ("{", "x.json is not JSON"),
    "a list": ("[]", "x.json: expected"),
    "a document that is no map": ('{"1": 2}', "x.json: expected"),
    "a reserved id": ('{"__x__": {}}', "document x/__x__"),
    "an unknown special value": ('{"1": {"v": {"$when": "now"}}}', "document x/1: \\$when is none of"),
    "a moment that is none": ('{"1": {"v": {"$timestamp": "tomorrow"}}}', "document x/1"),
    "a moment that is a number": ('{"1": {"v": {"$timestamp": 5}}}', "document x/1"),
    "an integer past 64 bits": ('{"1": {"v": 99999999999999999999}}', "document x/1"),
    "an array in an array": ('{"1": {"v": [[1]]}}', "document x/1: An array cannot hold an array"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, case: str) -> None:
    content, message = BAD[case]
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(BadSample, match=message):
        SampleData(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSample, match="nowhere is no folder"):
        SampleData(tmp_path / "nowhere")
