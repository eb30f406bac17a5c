"""What is kept of a turn, what an outage means, how to watch it, and mistakes that stop the start."""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fulfillment import Context, documents, idempotency_key, on, once, seconds_left
from fulfillment.once import passing
from fulfillment.problems import SetupError
from fulfillment.routing.routes import Routes

from .conftest import MakeTurns
from .handlers import add_one, counting, now

# --- Settings


def test_a_record_holds_the_reply_and_its_end_and_nothing_of_the_request(turns: MakeTurns) -> None:
    shop = turns(counting)
    answer = shop.deliver(x="secret-1", words="secret-2")
    record = shop.record()
    assert record.keys() == {
        *(
            "handler",
            "state",
            "owner",
            "effect",
            "lease_seconds",
            "keep_seconds",
            "fingerprint",
            "expire_at",
            "reply",
            "reply_hash",
        )
    }
    assert record["reply"] == answer.body
    assert "secret" not in repr(shop.records())
    assert 3500 < (record["expire_at"] - now()).total_seconds() <= 3600


def test_a_record_holds_the_replys_hash_in_any_case(turns: MakeTurns) -> None:
    shop = turns(counting, once_reply="hash")
    answer = shop.deliver()
    assert shop.record()["reply_hash"] == hashlib.sha256(answer.body).hexdigest()


def test_how_long_records_are_kept_is_a_setting_and_can_be_said_of_a_handler(turns: MakeTurns) -> None:
    shop = turns(counting, once_keep=120.0)
    shop.say()
    assert 100 < (shop.record()["expire_at"] - now()).total_seconds() <= 120

    @on.intent("do")
    @once(keep_seconds=30)
    def brief() -> str:
        return "Done."

    turns(brief).say("r2")
    assert any((record["expire_at"] - now()).total_seconds() < 31 for record in shop.records().values())


def test_with_only_a_hash_kept_a_later_delivery_does_nothing_and_gets_no_words(turns: MakeTurns) -> None:
    shop = turns(counting, once_reply="hash")
    assert shop.say() == "This is number 1."
    assert shop.say() == "503 answered-before"
    assert shop.count() == 1
    assert shop.record()["reply"] is None


def test_with_only_a_hash_kept_a_handler_can_have_words_for_a_later_delivery(turns: MakeTurns) -> None:
    @on.intent("do")
    @once(again="That is done already.")
    def handler() -> str:
        return f"Number {add_one()}"

    shop = turns(handler, once_reply="hash")
    assert [shop.say(), shop.say()] == ["Number 1", "That is done already."]


# --- An outage of the record store


@pytest.fixture
def no_firestore(turns: MakeTurns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    documents.reset()


@on.intent("do")
@once
def harmless() -> str:
    return "Done."


def test_without_the_record_store_a_turn_is_refused(turns: MakeTurns, no_firestore: Any) -> None:
    assert turns(harmless, deadline=1.0).say() == "503 firestore-unavailable"


def test_without_the_record_store_a_turn_is_run_where_the_setting_says_so(
    turns: MakeTurns, no_firestore: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @on.intent("do")
    @once
    def needs_time() -> str:
        return "Done." if seconds_left() > 0.2 else "Too late."

    assert turns(needs_time, deadline=2.0, once_outage="run").say() == "Done."
    assert "runs without a record" in caplog.text


@pytest.mark.parametrize("response_id", ["r1", ""], ids=["named", "unnamed"])
def test_without_the_record_store_all_deliveries_of_a_turn_have_one_idempotency_key(
    turns: MakeTurns, no_firestore: Any, response_id: str
) -> None:
    keys = collect_keys(turns(collecting, deadline=1.0, once_outage="run"), [response_id, response_id], "7")
    assert keys[0] == keys[1]


def test_with_and_without_the_record_store_a_turn_has_the_same_idempotency_key(
    turns: MakeTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = collect_keys(turns(collecting), ["r1"], "8")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    documents.reset()
    assert collect_keys(turns(collecting, deadline=1.0, once_outage="run"), ["r1", "r2"], "8")[:1] == keys


def test_without_the_record_store_another_turn_has_another_idempotency_key(turns: MakeTurns, no_firestore: Any) -> None:
    keys = collect_keys(turns(collecting, deadline=1.0, once_outage="run"), ["r1", "r2"], "9")
    assert keys[0] != keys[1]


collected: list[str] = []


@on.intent("do")
@once
def collecting(x: str) -> str:
    collected.append(idempotency_key())
    return "Done."


def collect_keys(shop: Any, response_ids: Any, x: Any) -> Any:
    collected.clear()
    assert {shop.say(response_id, x=x) for response_id in response_ids} == {"Done."}
    return list(collected)


# --- Watching it


@pytest.fixture
def steps() -> Iterator[Any]:
    seen = []
    passing.append(seen.append)
    yield seen
    passing.remove(seen.append)


def test_the_steps_of_a_turn_can_be_watched(turns: MakeTurns, steps: Any) -> None:
    shop = turns(counting)
    shop.say()
    assert steps == ["before-record", "record-created", "handler-returned", "before-commit", "after-commit"]
    steps.clear()
    shop.say()
    assert steps == ["before-record", "replaying"]
    steps.clear()
    shop.change_record(state="free")
    shop.say()
    assert steps[:3] == ["before-record", "record-taken-over", "handler-returned"]


def test_a_failure_can_be_watched_too(turns: MakeTurns, steps: Any) -> None:
    @on.intent("do")
    @once
    def handler() -> str:
        raise RuntimeError("ordered")

    turns(handler).say()
    assert steps == ["before-record", "record-created", "before-free"]


# --- What the log says of a delivery


def once_of(caplog: pytest.LogCaptureFixture) -> Any:
    return [vars(record)["fulfillment_call"].get("once") for record in caplog.records if record.name.endswith(".call")]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.INFO)
    return lambda: once_of(caplog)


def test_a_delivery_that_did_it_and_one_that_repeats_the_answer_are_told_apart(turns: MakeTurns, logged: Any) -> None:
    shop = turns(counting)
    shop.say()
    shop.say()
    assert logged() == ["ran", "replayed"]


def test_a_delivery_that_waited_for_anothers_answer_says_so(turns: MakeTurns, logged: Any) -> None:
    begun, go_on = threading.Event(), threading.Event()

    @on.intent("do")
    @once
    def slow() -> str:
        begun.set()
        go_on.wait(10)
        return "Done."

    shop = turns(slow)
    passing.append(lambda step: go_on.set() if step == "waiting" else None)
    try:
        first = threading.Thread(target=shop.deliver)
        first.start()
        begun.wait(10)
        assert shop.say() == "Done."
        first.join()
    finally:
        passing.pop()
    assert sorted(logged()) == ["ran", "waited"]


def test_a_delivery_that_does_what_another_one_left_says_so(turns: MakeTurns, logged: Any) -> None:
    shop = turns(counting)
    shop.say()
    shop.change_record(state="running", owner="a process that was killed", lease_seconds=0.0)
    shop.say()
    assert logged() == ["ran", "taken-over"]


def test_a_handler_without_the_mark_says_nothing_of_it(turns: MakeTurns, logged: Any) -> None:
    turns(on.intent("do")(lambda: "Hello.")).say()
    assert logged() == [None]


# --- Records of version 1.0.0


def test_what_version_1_0_0_noted_is_still_read(turns: MakeTurns) -> None:
    shop = turns(counting)
    name = "tests.kit.unit.once.handlers.counting"
    place = json.dumps([name, "es", "projects/p/agent/sessions/s1", ["response", "r1"]], sort_keys=True)
    asked = json.dumps(["do", "", "", {}, "do it"], sort_keys=True)
    record = {
        "handler": name,
        "state": "done",
        "owner": "0" * 32,
        "effect": "1" * 32,
        "lease_seconds": 5.0,
        "fingerprint": hashlib.sha256(asked.encode()).hexdigest()[:40],
        "expire_at": now() + datetime.timedelta(seconds=3600),
        "reply": b'{"fulfillmentText":"Done by 1.0.0."}',
        "reply_hash": "2" * 64,
    }
    id = hashlib.sha256(place.encode()).hexdigest()[:40]
    shop.client.collection("fulfillment_once").document(id).set(record)
    assert shop.say() == "Done by 1.0.0."


# --- Mistakes that stop the start


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ({"key": "x"}, r"@once\(key=...\) has no window=.*write '@once'.*window=30"),
        ({"window": 30}, r"@once\(window=...\) has no key="),
        ({"key": "x", "window": 0}, r"@once\(window=0\); expected a number of seconds over 0"),
        ({"key": "x", "window": -5}, r"@once\(window=-5\)"),
        ({"keep_seconds": 0}, r"@once\(keep_seconds=0\); expected 10 seconds or more"),
        ({"keep_seconds": -5}, r"@once\(keep_seconds=-5\)"),
        ({"keep_seconds": 9.9}, r"@once\(keep_seconds=9.9\)"),
        ({"keep_seconds": "60"}, r"@once\(keep_seconds='60'\); expected 10 seconds or more"),
        ({"keep_seconds": float("inf")}, r"@once\(keep_seconds=inf\); .*at most 2592000"),
        ({"key": "x", "window": 1e12}, r"@once\(window=1000000000000.0\); .*at most 2592000"),
        ({"key": "x", "window": True}, r"@once\(window=True\)"),
    ],
    ids=[
        *("no window", "no key", "window 0", "window -5", "keep 0", "keep -5", "keep 9.9"),
        *("keep as text", "keep for ever", "window for ever", "window that is no number"),
    ],
)
def test_a_mark_that_protects_nothing_stops_the_start(mark: Any, words: Any) -> None:
    @on.intent("do")
    @once(**mark)
    def handler(x: str) -> str:
        return x

    with pytest.raises(SetupError, match=words):
        Routes([handler])


def test_a_key_that_is_no_argument_stops_the_start() -> None:
    @on.intent("do")
    @once(key="order", window=60)
    def handler(order_id: str) -> str:
        return order_id

    with pytest.raises(SetupError, match=r"handler.*names 'order', which is none of its arguments \('order_id'\)"):
        Routes([handler])


def test_a_context_as_key_stops_the_start() -> None:
    @on.intent("do")
    @once(key="order", window=60)
    def handler(order: Context) -> str:
        return order.name

    with pytest.raises(SetupError, match=r"names a context.*Take out what matters"):
        Routes([handler])
