"""`--store FILE`: what was acknowledged is there in the next run."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest
from google.cloud import firestore

from deploy.local.firestore import LocalFirestore
from deploy.local.firestore.store_file import StoreUnusable
from tests.kit.unit.local_firestore.command import Run


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "firestore.db"


def samples(tmp_path: Path, fields: dict[str, object]) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    (folder / "orders.json").write_text(json.dumps({"A-1": fields}))
    return folder


def test_documents_are_there_in_the_next_run(run: Run, store: Path) -> None:
    first = run("--store", store)
    first.client().document("x/1").set({"a": [1, {"b": firestore.GeoPoint(1, 2)}]})
    first.end()
    assert run("--store", store).client().document("x/1").get().to_dict() == {"a": [1, {"b": firestore.GeoPoint(1, 2)}]}


def test_times_are_the_same_in_the_next_run(run: Run, store: Path) -> None:
    first = run("--store", store)
    first.client().document("x/1").set({})
    before = first.client().document("x/1").get()
    first.end()
    after = run("--store", store).client().document("x/1").get()
    assert (after.create_time, after.update_time) == (before.create_time, before.update_time)


def test_deleted_documents_stay_deleted(run: Run, store: Path) -> None:
    first = run("--store", store)
    document = first.client().document("x/1")
    document.set({})
    document.delete()
    first.end()
    assert not run("--store", store).client().document("x/1").get().exists


def test_every_project_and_database_is_kept_by_itself(run: Run, store: Path) -> None:
    first = run("--store", store)
    first.client("one").document("x/1").set({"of": "one"})
    first.client("two", database="other").document("x/1").set({"of": "two"})
    first.end()
    second = run("--store", store)
    found = [second.client("one"), second.client("two", database="other"), second.client("two")]
    assert [client.document("x/1").get().to_dict() for client in found] == [{"of": "one"}, {"of": "two"}, None]


def test_what_was_acknowledged_outlives_a_kill_in_the_middle_of_writing(run: Run, store: Path) -> None:
    first = run("--store", store)
    client = first.client()
    acknowledged: list[int] = []

    def write() -> None:
        try:
            for number in range(100_000):
                batch = client.batch()
                batch.set(client.document("x", f"{number}-a"), {"n": number})
                batch.set(client.document("x", f"{number}-b"), {"n": number})
                batch.commit(retry=None, timeout=2)
                acknowledged.append(number)
        except Exception:
            return

    writer = threading.Thread(target=write)
    writer.start()
    while len(acknowledged) < 50:
        pass
    first.end(signal.SIGKILL)
    writer.join()
    found = {document.id for document in run("--store", store).client().collection("x").stream()}
    assert {f"{number}-{half}" for number in acknowledged for half in "ab"} <= found
    assert len(found) % 2 == 0, "half a batch was kept"


def test_a_store_in_use_is_refused(store: Path) -> None:
    with LocalFirestore(store=store), pytest.raises(StoreUnusable, match="in use by another local Firestore"):
        LocalFirestore(store=store)


def test_a_file_that_is_no_store_is_refused(store: Path) -> None:
    store.write_text("this is a letter, no database at all, and rather long for one" * 20)
    with pytest.raises(StoreUnusable, match="is no store of the local Firestore"):
        LocalFirestore(store=store)


def test_a_store_from_the_command_line_that_is_in_use_ends_the_start(run: Run, store: Path) -> None:
    run("--store", store)
    second = run("--store", store)
    assert "in use by another local Firestore" in second.rest()[1]


def test_sample_documents_are_loaded_into_a_store(run: Run, store: Path, tmp_path: Path) -> None:
    run("--store", store, "--data", samples(tmp_path, {"n": 1})).client().document("orders/A-1").get()
    assert run_again(run, store).document("orders/A-1").get().to_dict() is None


def run_again(run: Run, store: Path) -> firestore.Client:
    return run("--store", store.with_name("another.db")).client()


def test_a_changed_sample_document_is_not_overwritten(run: Run, store: Path, tmp_path: Path) -> None:
    data = samples(tmp_path, {"n": 1})
    first = run("--store", store, "--data", data)
    first.client().document("orders/A-1").update({"n": 2})
    first.end()
    assert run("--store", store, "--data", data).client().document("orders/A-1").get().get("n") == 2


def test_a_deleted_sample_document_does_not_come_back(run: Run, store: Path, tmp_path: Path) -> None:
    data = samples(tmp_path, {"n": 1})
    first = run("--store", store, "--data", data)
    first.client().document("orders/A-1").delete()
    first.end()
    assert not run("--store", store, "--data", data).client().document("orders/A-1").get().exists


def test_a_new_sample_document_is_added_to_an_old_store(run: Run, store: Path, tmp_path: Path) -> None:
    data = samples(tmp_path, {"n": 1})
    first = run("--store", store, "--data", data)
    first.client().document("orders/A-1").get()
    first.end()
    (data / "stores.json").write_text('{"main": {"seats": 20}}')
    assert run("--store", store, "--data", data).client().document("stores/main").get().get("seats") == 20
