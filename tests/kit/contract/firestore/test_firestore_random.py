"""Random documents, queries and writes: the local Firestore gives the same results as Google's emulator.

Every seed is 100 queries, or 25 batches of one to four writes. Four seeds of each always run, 20 under --long, and N
with --long and FIRESTORE_SEEDS=N.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from google.cloud import firestore

from deploy.local.firestore import LocalFirestore
from tests.kit.contract.firestore.random_operations import Dice, result_of_batch, result_of_query, state
from tests.kit.firestores import Emulator, Firestore

ALWAYS = 4
SEEDS = [
    seed if seed < ALWAYS else pytest.param(seed, marks=pytest.mark.long)
    for seed in range(int(os.environ.get("FIRESTORE_SEEDS", "20")))
]
QUERIES = 100
BATCHES = 25


@pytest.fixture
def clients(
    request: pytest.FixtureRequest, local_server: LocalFirestore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[firestore.Client, firestore.Client]]:
    """A client on the local Firestore and one on Google's emulator, on projects of the same name."""
    request.node.user_properties.append(("firestore", "emulator"))
    emulator: Emulator = request.getfixturevalue("emulator")
    with (
        Firestore("local", local_server.address) as local,
        Firestore("emulator", emulator.host, local.project) as other,
    ):
        local.set_environment(monkeypatch)
        first = local.client()
        other.set_environment(monkeypatch)
        yield first, other.client()
    emulator.check()


@pytest.mark.parametrize("seed", SEEDS)
def test_queries_give_the_same_results(clients: tuple[firestore.Client, firestore.Client], seed: int) -> None:
    dice = [Dice(seed, client) for client in clients]
    for one, client in zip(dice, clients, strict=True):
        batch = client.batch()
        one.fill(batch, documents=40)
        batch.commit()
    for number in range(QUERIES):
        local, emulator = (result_of_query(one) for one in dice)
        assert local == emulator, f"query {number}"


@pytest.mark.parametrize("seed", SEEDS)
def test_writes_give_the_same_results(clients: tuple[firestore.Client, firestore.Client], seed: int) -> None:
    dice = [Dice(seed, client) for client in clients]
    known: list[dict[str, Any]] = [{}, {}]
    for number in range(BATCHES):
        local, emulator = (result_of_batch(one, update_times) for one, update_times in zip(dice, known, strict=True))
        assert local == emulator, f"batch {number}"
        now = [state(client) for client in clients]
        assert fields(now[0]) == fields(now[1]), f"documents after batch {number}"
        assert changed(known[0], now[0]) == changed(known[1], now[1]), f"update times after batch {number}"
        known = [times(one) for one in now]


def fields(documents: dict[str, tuple[Any, Any]]) -> list[Any]:
    return [fields for fields, _ in documents.values()]


def times(documents: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    return {name: time for name, (_, time) in documents.items()}


def changed(before: dict[str, Any], documents: dict[str, tuple[Any, Any]]) -> set[str]:
    return {name for name, time in times(documents).items() if before.get(name) != time}
