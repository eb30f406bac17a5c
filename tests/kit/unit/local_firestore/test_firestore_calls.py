"""Which calls the local Firestore does not answer, and that it says so by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import firestore_v1
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.vector import Vector

from deploy.local.firestore.service import CALLS
from tests.kit.firestores import Firestore


def calls_of_the_protocol() -> list[str]:
    """Every call that the client library knows."""
    metadata = json.loads((Path(firestore_v1.__file__).parent / "gapic_metadata.json").read_text())
    return sorted(metadata["services"]["Firestore"]["clients"]["grpc"]["rpcs"])


@pytest.mark.parametrize("name", [name for name in calls_of_the_protocol() if name not in CALLS])
def test_an_unanswered_call_is_unimplemented_by_name(local_firestore: Firestore, name: str) -> None:
    with grpc.insecure_channel(local_firestore.host) as channel:
        call = channel.unary_unary(f"/google.firestore.v1.Firestore/{name}")
        with pytest.raises(grpc.RpcError) as error:
            call(b"", timeout=5)
    assert (error.value.code(), error.value.details()) == (
        grpc.StatusCode.UNIMPLEMENTED,
        f"The local Firestore does not implement {name}.",
    )


def test_every_answered_call_is_one_of_the_protocol() -> None:
    assert set(CALLS) <= set(calls_of_the_protocol())


def test_a_snapshot_listener_is_unimplemented_by_name(local_firestore: Firestore) -> None:
    api = local_firestore.client()._firestore_api
    with pytest.raises(exceptions.MethodNotImplemented, match="Listen"):
        next(iter(api.listen(requests=iter([{}]))))


def test_a_vector_search_is_unimplemented_by_name(local_firestore: Firestore) -> None:
    products = local_firestore.client().collection("products")
    query = products.find_nearest("v", Vector([1.0]), limit=2, distance_measure=DistanceMeasure.EUCLIDEAN)
    with pytest.raises(exceptions.MethodNotImplemented, match="find_nearest"):
        query.get()


def test_explaining_a_query_is_unimplemented_by_name(local_firestore: Firestore) -> None:
    explain: Any = firestore_v1.query_profile.ExplainOptions(analyze=True)
    with pytest.raises(exceptions.MethodNotImplemented, match="explain_options"):
        list(local_firestore.client().collection("x").stream(explain_options=explain))


def test_a_read_time_in_the_future_is_refused(local_firestore: Firestore) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="future"):
        local_firestore.client().document("x/1").get(read_time=datetime.now(UTC) + timedelta(hours=1))
