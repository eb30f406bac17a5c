"""Documents through the real client: the same on the local Firestore and on Google's emulator."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.vector import Vector

from tests.kit.firestores import Firestore

VALUES = {
    "null": None,
    "boolean": True,
    "integer": 2**63 - 1,
    "double": 1.5,
    "timestamp": datetime(2026, 12, 1, 9, 30, 0, 123456, tzinfo=UTC),
    "string": "é \U0001f600",
    "empty string": "",
    "bytes": b"\x00\xff",
    "geo point": firestore.GeoPoint(25.03, 121.56),
    "array": [1, "two", {"three": 3}],
    "empty array": [],
    "map": {"a": {"b": 1}},
    "empty map": {},
    "vector": Vector([1.0, 2.0]),
}


@pytest.fixture
def order(client: firestore.Client) -> firestore.DocumentReference:
    return client.document("orders", "A-1001")


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_comes_back_as_it_was_set(order: firestore.DocumentReference, kind: str) -> None:
    order.set({"value": VALUES[kind]})
    assert order.get().get("value") == VALUES[kind]


def test_a_reference_comes_back_as_a_reference(client: firestore.Client, order: firestore.DocumentReference) -> None:
    order.set({"store": client.document("stores", "main")})
    assert order.get().get("store").path == "stores/main"


def test_a_timestamp_is_cut_to_microseconds(client: firestore.Client, order: firestore.DocumentReference) -> None:
    write = {
        "update": {
            "name": order._document_path,
            "fields": {"at": {"timestamp_value": "2026-01-01T00:00:00.123456789Z"}},
        }
    }
    client._firestore_api.commit(request={"database": client._database_string, "writes": [write]})
    assert order.get().get("at").rfc3339() == "2026-01-01T00:00:00.123456Z"


def test_a_missing_document_does_not_exist(order: firestore.DocumentReference) -> None:
    assert not order.get().exists


def test_set_replaces_the_whole_document(order: firestore.DocumentReference) -> None:
    order.set({"a": 1, "b": 2})
    order.set({"c": 3})
    assert order.get().to_dict() == {"c": 3}


def test_set_with_merge_keeps_the_other_fields(order: firestore.DocumentReference) -> None:
    order.set({"a": 1, "m": {"x": 1, "y": 2}})
    order.set({"m": {"x": 3}}, merge=True)
    assert order.get().to_dict() == {"a": 1, "m": {"x": 3, "y": 2}}


def test_set_with_merge_of_named_fields_takes_only_those(order: firestore.DocumentReference) -> None:
    order.set({"a": 1, "b": 1})
    order.set({"a": 2, "b": 2}, merge=["a"])
    assert order.get().to_dict() == {"a": 2, "b": 1}


def test_set_with_merge_makes_a_missing_document(order: firestore.DocumentReference) -> None:
    order.set({"a": 1}, merge=True)
    assert order.get().to_dict() == {"a": 1}


def test_create_makes_a_document(order: firestore.DocumentReference) -> None:
    order.create({"a": 1})
    assert order.get().to_dict() == {"a": 1}


def test_create_of_an_existing_document_is_refused(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    with pytest.raises(exceptions.AlreadyExists):
        order.create({"a": 2})


def test_update_changes_only_the_named_fields(order: firestore.DocumentReference) -> None:
    order.set({"a": 1, "m": {"x": 1, "y": 2}})
    order.update({"m.x": 9})
    assert order.get().to_dict() == {"a": 1, "m": {"x": 9, "y": 2}}


def test_update_of_a_missing_document_is_refused(order: firestore.DocumentReference) -> None:
    with pytest.raises(exceptions.NotFound):
        order.update({"a": 1})


def test_update_deletes_a_field(order: firestore.DocumentReference) -> None:
    order.set({"a": 1, "m": {"x": 1, "y": 2}})
    order.update({"a": firestore.DELETE_FIELD, "m.x": firestore.DELETE_FIELD})
    assert order.get().to_dict() == {"m": {"y": 2}}


def test_update_deletes_a_field_that_is_not_there(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    order.update({"b.c": firestore.DELETE_FIELD})
    assert order.get().to_dict() == {"a": 1}


def test_update_of_a_path_through_a_scalar_puts_a_map_there(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    order.update({"a.b": 2})
    assert order.get().to_dict() == {"a": {"b": 2}}


def test_update_of_a_path_through_a_vector_puts_a_map_there(order: firestore.DocumentReference) -> None:
    order.set({"a": Vector([1.0])})
    order.update({"a.b": 2})
    assert order.get().to_dict() == {"a": {"b": 2}}


def test_field_names_with_special_characters_are_quoted(order: firestore.DocumentReference) -> None:
    order.set({"a.b": 1, "c`d\\": 2, "0": 3})
    order.update({"`a.b`": 4, "`c\\`d\\\\`": 5, "`0`": 6})
    assert order.get().to_dict() == {"a.b": 4, "c`d\\": 5, "0": 6}


def test_delete_removes_a_document(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    order.delete()
    assert not order.get().exists


def test_delete_of_a_missing_document_is_no_error(order: firestore.DocumentReference) -> None:
    assert order.delete() is not None


def test_delete_of_a_document_keeps_its_sub_collections(order: firestore.DocumentReference) -> None:
    order.set({})
    order.collection("lines").document("1").set({"a": 1})
    order.delete()
    assert order.collection("lines").document("1").get().exists


def test_get_with_field_paths_brings_only_those(order: firestore.DocumentReference) -> None:
    order.set({"a": 1, "m": {"x": 1, "y": 2}, "c": 3})
    assert order.get(["a", "m.x", "nothing"]).to_dict() == {"a": 1, "m": {"x": 1}}


def test_get_all_brings_found_and_missing_documents_once(client: firestore.Client) -> None:
    there, absent = client.document("x/there"), client.document("x/absent")
    there.set({})
    assert {one.id: one.exists for one in client.get_all([there, absent, there])} == {"there": True, "absent": False}


def test_a_new_document_is_created_and_updated_at_the_same_time(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    snapshot = order.get()
    assert snapshot.create_time == snapshot.update_time


def test_a_change_moves_the_update_time_only(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    before = order.get()
    order.set({"a": 2})
    after = order.get()
    assert (after.create_time, after.update_time > before.update_time) == (before.create_time, True)


def test_a_write_that_changes_nothing_keeps_the_update_time(order: firestore.DocumentReference) -> None:
    order.set({"a": 1, "b": {"c": [1, 2]}})
    before = order.get().update_time
    order.set({"b": {"c": [1, 2]}, "a": 1})
    assert order.get().update_time == before


def test_one_and_one_point_zero_are_a_change(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    before = order.get().update_time
    order.set({"a": 1.0})
    assert order.get().update_time > before


def test_a_document_made_again_has_a_new_create_time(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    before = order.get().create_time
    order.delete()
    order.set({"a": 1})
    assert order.get().create_time > before


def test_a_write_result_holds_the_update_time(order: firestore.DocumentReference) -> None:
    assert order.set({"a": 1}).update_time == order.get().update_time


def test_a_document_is_read_no_earlier_than_it_was_written(order: firestore.DocumentReference) -> None:
    written = order.set({"a": 1}).update_time
    assert order.get().read_time >= written


def test_last_update_time_lets_an_update_through(client: firestore.Client, order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    order.update({"a": 2}, option=client.write_option(last_update_time=order.get().update_time))
    assert order.get().get("a") == 2


def test_another_last_update_time_refuses_an_update(
    client: firestore.Client, order: firestore.DocumentReference
) -> None:
    order.set({"a": 1})
    before = order.get().update_time
    order.set({"a": 2})
    with pytest.raises(exceptions.FailedPrecondition):
        order.update({"a": 3}, option=client.write_option(last_update_time=before))


def test_last_update_time_of_a_missing_document_refuses_a_delete(
    client: firestore.Client, order: firestore.DocumentReference
) -> None:
    with pytest.raises(exceptions.FailedPrecondition):
        order.delete(option=client.write_option(last_update_time=datetime(2026, 1, 1, tzinfo=UTC)))


def test_delete_with_exists_refuses_a_missing_document(
    client: firestore.Client, order: firestore.DocumentReference
) -> None:
    with pytest.raises(exceptions.NotFound):
        order.delete(option=client.write_option(exists=True))


def test_a_batch_is_all_or_nothing(client: firestore.Client) -> None:
    batch = client.batch()
    batch.set(client.document("x/1"), {"a": 1})
    batch.update(client.document("x/missing"), {"a": 1})
    with pytest.raises(exceptions.NotFound):
        batch.commit()
    assert not client.document("x/1").get().exists


def test_a_batch_gives_all_its_documents_one_time(client: firestore.Client) -> None:
    batch = client.batch()
    batch.set(client.document("x/1"), {"a": 1})
    batch.set(client.document("x/2"), {"a": 1})
    batch.commit()
    assert client.document("x/1").get().update_time == client.document("x/2").get().update_time == batch.commit_time


def test_writes_of_one_document_in_a_batch_follow_each_other(client: firestore.Client) -> None:
    batch, document = client.batch(), client.document("x/1")
    batch.set(document, {"a": 1})
    batch.update(document, {"a": firestore.Increment(1), "b": 1})
    batch.commit()
    assert document.get().to_dict() == {"a": 2, "b": 1}


def test_a_batch_may_delete_and_create_a_document(client: firestore.Client) -> None:
    batch, document = client.batch(), client.document("x/1")
    document.set({"a": 1})
    batch.delete(document)
    batch.create(document, {"b": 1})
    batch.commit()
    assert document.get().to_dict() == {"b": 1}


def test_a_batch_may_not_create_what_it_has_set(client: firestore.Client) -> None:
    batch, document = client.batch(), client.document("x/1")
    batch.set(document, {"a": 1})
    batch.create(document, {"b": 1})
    with pytest.raises(exceptions.InvalidArgument):
        batch.commit()


def test_five_hundred_and_one_writes_fit_in_a_batch(client: firestore.Client) -> None:
    batch = client.batch()
    for number in range(501):
        batch.set(client.document("x", str(number)), {})
    assert len(batch.commit()) == 501


def test_projects_do_not_see_each_other(firestore: Firestore) -> None:
    firestore.client().document("x/1").set({"a": 1})
    assert not firestore.client(project=f"{firestore.project}-other").document("x/1").get().exists


def test_databases_of_a_project_do_not_see_each_other(firestore: Firestore) -> None:
    firestore.client().document("x/1").set({"a": 1})
    assert not firestore.client(database="other").document("x/1").get().exists


def test_a_read_time_shows_the_document_as_it_was(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    then = order.get().update_time
    order.set({"a": 2})
    assert order.get(read_time=then).to_dict() == {"a": 1}


def test_a_read_time_shows_a_deleted_document(order: firestore.DocumentReference) -> None:
    order.set({"a": 1})
    then = order.get().update_time
    order.delete()
    assert order.get(read_time=then).exists


def test_bulk_writer_writes_each_document(client: firestore.Client) -> None:
    writer = client.bulk_writer()
    for number in range(30):
        writer.set(client.document("x", str(number)), {"n": number})
    writer.close()
    assert client.collection("x").count().get()[0][0].value == 30
