"""What is kept of a turn, what an outage means, how to watch it, and mistakes that stop the start."""

from __future__ import annotations

import hashlib

import pytest

from fulfillment import Context, documents, on, once, seconds_left
from fulfillment.once import passing
from fulfillment.problems import SetupError
from fulfillment.routes import Routes

from .handlers import add_one, counting, now

# --- Settings


def test_a_record_holds_the_reply_and_its_end_and_nothing_of_the_request(turns):
    shop = turns(counting)
    answer = shop.deliver(x="secret-1", words="secret-2")
    record = shop.record()
    assert record.keys() == {
        *("handler", "state", "owner", "effect", "lease_seconds", "fingerprint", "expire_at", "reply", "reply_hash")
    }
    assert record["reply"] == answer.body
    assert "secret" not in repr(shop.records())
    assert 3500 < (record["expire_at"] - now()).total_seconds() <= 3600


def test_a_record_holds_the_replys_hash_in_any_case(turns):
    shop = turns(counting, once_reply="hash")
    answer = shop.deliver()
    assert shop.record()["reply_hash"] == hashlib.sha256(answer.body).hexdigest()


def test_how_long_records_are_kept_is_a_setting_and_can_be_said_of_a_handler(turns):
    shop = turns(counting, once_keep=120.0)
    shop.say()
    assert 100 < (shop.record()["expire_at"] - now()).total_seconds() <= 120

    @on.intent("do")
    @once(keep_seconds=30)
    def brief() -> str:
        return "Done."

    turns(brief).say("r2")
    assert any((record["expire_at"] - now()).total_seconds() < 31 for record in shop.records().values())


def test_with_only_a_hash_kept_a_later_delivery_does_nothing_and_gets_no_words(turns):
    shop = turns(counting, once_reply="hash")
    assert shop.say() == "This is number 1."
    assert shop.say() == "503 answered-before"
    assert shop.count() == 1
    assert shop.record()["reply"] is None


def test_with_only_a_hash_kept_a_handler_can_have_words_for_a_later_delivery(turns):
    @on.intent("do")
    @once(again="That is done already.")
    def handler() -> str:
        return f"Number {add_one()}"

    shop = turns(handler, once_reply="hash")
    assert [shop.say(), shop.say()] == ["Number 1", "That is done already."]


# --- An outage of the record store


@pytest.fixture
def no_firestore(turns, monkeypatch):
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    documents.reset()


@on.intent("do")
@once
def harmless() -> str:
    return "Done."


def test_without_the_record_store_a_turn_is_refused(turns, no_firestore):
    assert turns(harmless, deadline=1.0).say() == "503 firestore-unavailable"


def test_without_the_record_store_a_turn_is_run_where_the_setting_says_so(turns, no_firestore, caplog):
    @on.intent("do")
    @once
    def needs_time() -> str:
        return "Done." if seconds_left() > 0.2 else "Too late."

    assert turns(needs_time, deadline=2.0, once_outage="run").say() == "Done."
    assert "runs without a record" in caplog.text


# --- Watching it


@pytest.fixture
def steps():
    seen = []
    passing.append(seen.append)
    yield seen
    passing.remove(seen.append)


def test_the_steps_of_a_turn_can_be_watched(turns, steps):
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


def test_a_failure_can_be_watched_too(turns, steps):
    @on.intent("do")
    @once
    def handler() -> str:
        raise RuntimeError("ordered")

    turns(handler).say()
    assert steps == ["before-record", "record-created", "before-free"]


# --- Mistakes that stop the start


def test_a_key_that_is_no_argument_stops_the_start():
    @on.intent("do")
    @once(key="order")
    def handler(order_id: str) -> str:
        return order_id

    with pytest.raises(SetupError, match=r"handler.*names 'order', which is none of its arguments \('order_id'\)"):
        Routes([handler])


def test_a_context_as_key_stops_the_start():
    @on.intent("do")
    @once(key="order")
    def handler(order: Context) -> str:
        return order.name

    with pytest.raises(SetupError, match=r"names a context.*Take out what matters"):
        Routes([handler])
