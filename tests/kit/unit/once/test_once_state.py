"""`@once` and state: a delivery that comes again gets the same state, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fulfillment import Reply, documents, on, once
from fulfillment.routing.routes import Routes
from fulfillment.testing import Agent, es_request
from tests.kit.firestores import Firestore

CALLS: list[int] = []


@pytest.fixture(autouse=True)
def own_client(local_firestore: Firestore) -> Iterator[None]:
    documents.reset()
    yield
    documents.reset()


@dataclass
class Basket:
    items: int = 0


@on.intent("add")
@once
def add(basket: Basket | None) -> Reply:
    CALLS.append(1)
    return Reply("Added.", Basket((basket or Basket()).items + 1))


def test_a_repeated_delivery_writes_the_same_state() -> None:
    CALLS.clear()
    agent = Agent(Routes([add]))
    body = es_request("add", contexts=[{"name": "basket", "parameters": {"items": 2.0}}], response_id="r-1")
    turns = [agent.send(body) for _ in range(2)]
    assert [turn.contexts["basket"].parameters for turn in turns] == [{"items": 3}, {"items": 3}]
    assert CALLS == [1]


def test_the_next_turn_goes_on_from_there() -> None:
    agent = Agent(Routes([add]))
    assert [agent.ask("add").contexts["basket"].parameters["items"] for _ in range(3)] == [1, 2, 3]
