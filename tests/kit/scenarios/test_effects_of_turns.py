"""What a user's turns do, through the real function: one effect a turn, another turn another effect."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fulfillment.testing import es_request
from tests.kit.firestores import Firestore
from tests.kit.functions import Function, running

from .conftest import kit_with

HANDLERS = """
from concurrent.futures import ThreadPoolExecutor

from fulfillment import discover, documents, in_thread, on, once


def write(word):
    def decide(found, writes):
        written = [*(found["words"] if found else []), word]
        writes.save({"words": written})

    documents.change("texts", "t", decide)


@on.intent("write")
@once
def write_word(word: str) -> str:
    write(word)
    return f"Wrote {word}."


@on.intent("write on a thread")
@once
def write_on_a_thread(word: str) -> str:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(write, word).result()
    return "Done."


@on.intent("write on a thread of the call")
@once
def write_on_a_thread_of_the_call(word: str) -> str:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(in_thread(write), word).result()
    raise LookupError("after the change")


routes = discover(__name__)
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    handlers = tmp_path_factory.mktemp("handlers")
    (handlers / "__init__.py").write_text(HANDLERS)
    return kit_with(handlers, tmp_path_factory.mktemp("tree"))


@pytest.fixture
def function(tree: Path, local_firestore: Firestore) -> Iterator[Function]:
    with running(tree, local_firestore.environment()) as started:
        yield started


def written(firestore: Firestore) -> list[str]:
    found = firestore.client().document("texts/t").get().to_dict() or {}
    return list(found.get("words", []))


def turn(intent: str, word: str, response_id: str) -> dict[str, Any]:
    return es_request(intent, {"word": word}, response_id=response_id)


def test_hello_bye_hello_is_written_as_said_and_the_first_turn_again_changes_nothing(
    function: Function, local_firestore: Firestore
) -> None:
    turns = [turn("write", word, f"r{number}") for number, word in enumerate(("hello", "bye", "hello"))]
    for number, body in enumerate(turns):
        assert function.call(body)[1]["fulfillmentText"] == f"Wrote {('hello', 'bye', 'hello')[number]}."
        time.sleep(2.0 if number == 1 else 0.0)
    assert written(local_firestore) == ["hello", "bye", "hello"]
    assert function.call(turns[0])[1]["fulfillmentText"] == "Wrote hello."
    assert written(local_firestore) == ["hello", "bye", "hello"]
    assert [line["once"] for line in function.lines() if line.get("event") == "call"] == ["ran"] * 3 + ["replayed"]


def test_three_deliveries_of_a_turn_that_works_on_threads_have_no_effect_more_than_once(
    function: Function, local_firestore: Firestore
) -> None:
    for intent in ("write on a thread", "write on a thread of the call"):
        for _ in range(3):
            assert function.call(turn(intent, "x", "r1"))[0] == 500
    assert written(local_firestore) == []
    traces = [line.get("stack_trace", "") for line in function.lines() if line.get("event") == "call"]
    assert all("NoCall" in trace for trace in traces[:3])
