"""What is left when a handler fails, its time ends, or others are faster; and the key that goes outside."""

from __future__ import annotations

import datetime
import sys
import threading
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from fulfillment import Context, Raw, Reply, Request, documents, idempotency_key, on, once
from fulfillment.documents import AlreadyThere, Document, Writes
from fulfillment.documents.cache import Cache
from fulfillment.once import Once, records
from fulfillment.once import keys as keys_module

from .conftest import MakeTurns
from .handlers import add_one, all_at_once, counting

# --- Failure, and what is left of it


def test_a_handler_that_raises_changes_nothing_and_the_next_delivery_does_it(turns: MakeTurns) -> None:
    failures = [RuntimeError("once")]

    @on.intent("do")
    @once
    def handler() -> str:
        number = add_one()
        if failures:
            raise failures.pop()
        return f"Number {number}"

    shop = turns(handler)
    assert shop.say() == "500 handler-failed"
    assert shop.count() == 0
    assert shop.record()["state"] == "free"
    assert shop.say() == "Number 1"


def test_a_reply_that_cannot_be_sent_changes_nothing_either(turns: MakeTurns) -> None:
    @on.intent("do")
    @once
    def handler() -> Reply:
        add_one()
        return Reply("Done.", Context("not a name"))

    shop = turns(handler)
    assert shop.say() == "500 invalid-reply"
    assert shop.count() == 0


def test_a_record_whose_time_is_over_counts_as_absent(turns: MakeTurns) -> None:
    shop = turns(counting)
    shop.say()
    shop.end()
    assert shop.say() == "This is number 2."


@pytest.mark.parametrize("behind", [61, 3601])
def test_how_far_the_clock_of_an_instance_is_behind_changes_nothing(
    turns: MakeTurns, monkeypatch: pytest.MonkeyPatch, behind: Any
) -> None:
    shop = turns(counting)
    monkeypatch.setattr(records, "datetime", SimpleNamespace(datetime=late_by(behind), UTC=datetime.UTC))
    assert {shop.say(), shop.say(), shop.say("", x="1"), shop.say("", x="1")} == {
        "This is number 1.",
        "This is number 2.",
    }


def late_by(seconds: float) -> Any:
    class Late(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) - datetime.timedelta(seconds=seconds)

    return Late


def test_what_an_owner_left_undone_is_done_by_the_next_delivery_when_its_time_is_over(turns: MakeTurns) -> None:
    shop = turns(counting)
    shop.say()
    shop.client.collection("counters").document("c").delete()
    shop.change_record(state="running", owner="a process that was killed", lease_seconds=0.0)
    assert shop.say() == "This is number 1."


@pytest.mark.parametrize("outage", ["refuse", "run"])
def test_an_owners_time_is_that_of_its_call_and_a_little_more(turns: MakeTurns, outage: Any) -> None:
    shop = turns(counting, deadline=3.0, once_outage=outage)
    shop.say()
    assert 3.25 < shop.record()["lease_seconds"] <= 3.5


def test_an_owner_whose_turn_was_taken_over_cannot_write_and_says_what_the_other_did(turns: MakeTurns) -> None:
    shop = turns(counting)
    held, go_on = threading.Event(), threading.Event()

    @on.intent("do")
    @once
    def slow() -> str:
        number = add_one()
        if not held.is_set():
            held.set()
            go_on.wait(10)
        return f"Number {number}, {'late' if go_on.is_set() else 'first'}."

    shop = turns(slow)
    said = []
    late = threading.Thread(target=lambda: said.append(shop.say()))
    late.start()
    held.wait(10)
    shop.change_record(lease_seconds=0.0)  # its time is over
    assert shop.say() == "Number 1, first."
    go_on.set()
    late.join()
    assert said == ["Number 1, first."]
    assert shop.count() == 1


def test_an_existing_document_is_told_to_the_handler_even_though_it_writes_later(turns: MakeTurns) -> None:
    @on.intent("do")
    @once
    def handler() -> str:
        def decide(found: Document | None, writes: Writes) -> None:
            writes.save({"count": 5})
            writes.create("names", "taken", {})

        try:
            documents.change("counters", "c", decide)
        except AlreadyThere:
            return "That name is taken."
        return "Done."

    shop = turns(handler)
    shop.client.collection("names").document("taken").set({})
    assert shop.say() == "That name is taken."
    assert shop.count() == 0


def test_changes_of_several_documents_are_made_together(turns: MakeTurns) -> None:
    @on.intent("do")
    @once
    def handler() -> str:
        return f"{add_one('a')} {add_one('b')}"

    shop = turns(handler)
    assert shop.say() == shop.say() == "1 1"
    assert (shop.count("a"), shop.count("b")) == (1, 1)


class Unreadable(Mapping):
    def __getitem__(self, name: Any) -> Any:
        raise LookupError(name)

    def __iter__(self) -> Any:
        raise LookupError("inside")

    def __len__(self) -> Any:
        return 1


def test_a_fault_while_a_reply_is_encoded_is_not_blamed_on_the_handler_and_leaves_the_turn_free(
    turns: MakeTurns,
) -> None:
    replies = [Raw(Unreadable()), "Done."]

    @on.intent("do")
    @once
    def handler() -> Any:
        add_one()
        return replies.pop(0)

    shop = turns(handler)
    assert [shop.say(), shop.count()] == ["500 internal-error", 0]
    assert [shop.say(), shop.count()] == ["Done.", 1]


def test_what_a_key_function_raises_is_the_handlers_failure(turns: MakeTurns, caplog: pytest.LogCaptureFixture) -> None:
    @on.intent("do")
    @once(key=lambda x: {}[x], window=60)
    def handler(x: str) -> str:
        return "Done."

    assert turns(handler).say(x="7") == "500 handler-failed"
    assert "KeyError: '7'" in caplog.text


def test_two_changes_of_one_document_are_a_named_mistake(turns: MakeTurns, caplog: pytest.LogCaptureFixture) -> None:
    @on.intent("do")
    @once
    def handler() -> str:
        return f"{add_one()} {add_one()}"

    shop = turns(handler)
    assert shop.say() == "500 handler-failed"
    assert "a second time in one call" in caplog.text
    assert shop.count() == 0


# --- Effects outside of Firestore


def test_the_idempotency_key_stays_for_the_turn_and_differs_between_turns(turns: MakeTurns) -> None:
    keys = []

    @on.intent("do")
    @once
    def handler() -> str:
        keys.append(idempotency_key())
        if len(keys) < 3:
            raise RuntimeError("after the effect")
        return "Done."

    shop = turns(handler)
    for turn in ("r1", "r1", "r1", "r2"):
        shop.say(turn)
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert len(keys) == 4


def test_the_idempotency_key_is_the_turns_own_also_when_its_record_has_ended(turns: MakeTurns) -> None:
    keys = []

    @on.intent("do")
    @once
    def handler() -> str:
        keys.append(idempotency_key())
        return "Done."

    shop = turns(handler)
    shop.say()
    shop.end()
    shop.say()
    assert keys[0] == keys[1]


def test_without_a_response_id_the_same_words_later_have_another_idempotency_key(
    turns: MakeTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []

    @on.intent("do")
    @once
    def handler() -> str:
        keys.append(idempotency_key())
        return "Done."

    shop = turns(handler)
    shop.say("")
    shop.end()
    monkeypatch.setattr(keys_module, "_unnamed_effects", Cache(1))  # ten seconds later
    shop.say("")
    assert keys[0] != keys[1]


def test_deliveries_of_an_unnamed_turn_at_the_same_moment_have_one_idempotency_key() -> None:
    kept = keys_module.Keys(Once(), lambda x="": x, "handler", frozenset())
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for number in range(400):
            request, made, begin = Request(query_text=f"words {number}"), set(), threading.Barrier(4)

            def deliver(request: Any = request, made: Any = made, begin: Any = begin) -> Any:
                begin.wait()
                made.add(kept.turn(request, {"x": "a"}).effect)

            all_at_once(deliver, 4)
            assert len(made) == 1
    finally:
        sys.setswitchinterval(before)


def test_a_key_whose_turn_failed_keeps_its_idempotency_key_for_the_next_turn_within_the_window(
    turns: MakeTurns,
) -> None:
    keys = []

    @on.intent("do")
    @once(key="x", window=60)
    def handler(x: str) -> str:
        keys.append(idempotency_key())
        if len(keys) == 1:
            raise RuntimeError("after the effect outside")
        return "Done."

    shop = turns(handler)
    assert [shop.say("r1", x="7"), shop.say("r2", x="7")] == ["500 handler-failed", "Done."]
    assert keys[0] == keys[1]


def test_another_request_that_takes_a_freed_key_is_another_effect(turns: MakeTurns) -> None:
    keys = []

    @on.intent("do")
    @once(key="x", window=60)
    def handler(x: str, y: str) -> str:
        keys.append(idempotency_key())
        raise RuntimeError("after the effect")

    shop = turns(handler)
    for y in "aab":
        shop.say(x="7", y=y)
    assert keys[0] == keys[1] != keys[2]


def test_outside_of_a_call_each_idempotency_key_is_new() -> None:
    assert idempotency_key() != idempotency_key()


def test_a_handler_is_still_tested_by_calling_it(turns: MakeTurns) -> None:
    turns(counting)
    assert counting().text == "This is number 1."
    assert counting().text == "This is number 2."
