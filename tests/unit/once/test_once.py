"""`@once`: a turn's effects happen once, and every delivery of it gets the same answer."""

from __future__ import annotations

import datetime
import hashlib
import logging
import threading

import pytest

from fulfillment import Context, Reply, documents, idempotency_key, on, once
from fulfillment.documents import AlreadyThere
from fulfillment.once import passing
from fulfillment.problems import SetupError
from fulfillment.routes import Routes


def add_one(name="c"):
    """Count up, and say to how many."""

    def decide(found, writes):
        count = (found["count"] if found else 0) + 1
        writes.save({"count": count})
        return count

    return documents.change("counters", name, decide)


@on.intent("do")
@once
def counting(x: str = "", y: str = "") -> Reply:
    return Reply(f"This is number {add_one()}.")


@on.intent("do")
@once(key="x")
def counting_by_x(x: str = "", y: str = "") -> Reply:
    return Reply(f"This is number {add_one()}.")


# --- One turn, several deliveries


def test_a_second_delivery_gets_the_same_bytes_and_does_nothing(turns):
    shop = turns(counting)
    first, second = shop.deliver(), shop.deliver()
    assert first.status == 200
    assert second.body == first.body
    assert shop.count() == 1


def test_another_turn_is_done_anew(turns):
    shop = turns(counting)
    assert [shop.say("r1"), shop.say("r2")] == ["This is number 1.", "This is number 2."]


def test_the_same_response_id_in_another_session_is_another_turn(turns):
    shop = turns(counting)
    assert shop.say() != shop.say(session="projects/p/agent/sessions/s2")


def test_deliveries_at_the_same_moment_do_it_once_and_say_the_same(turns):
    shop = turns(counting)
    together = threading.Barrier(6)
    said = []

    def deliver():
        together.wait()
        said.append(shop.deliver().body)

    _all(deliver, 6)
    assert len(said) == 6
    assert len(set(said)) == 1
    assert shop.count() == 1


def test_different_turns_that_change_one_document_all_count(turns):
    shop = turns(counting)
    said = []
    _all(lambda: said.append(shop.say(threading.current_thread().name)), 8)
    assert sorted(said) == sorted(f"This is number {number}." for number in range(1, 9))
    assert shop.count() == 8


def test_a_delivery_whose_time_ends_before_the_first_one_is_done_says_so(turns):
    go_on = threading.Event()

    @on.intent("do")
    @once
    def slow() -> str:
        go_on.wait(10)
        return "Done."

    shop = turns(slow, deadline=2.0)
    first = threading.Thread(target=shop.deliver)
    first.start()
    _wait_for(lambda: shop.records())
    assert turns(slow, deadline=0.8).say() == "503 in-progress"
    go_on.set()
    first.join()
    assert shop.say() == "Done."


# --- What a turn is


def test_a_named_argument_is_the_key_whatever_the_response_id(turns):
    shop = turns(counting_by_x)
    assert shop.say("r1", x="7") == shop.say("r2", x="7") == "This is number 1."
    assert shop.say("r3", x="8") == "This is number 2."


def test_arguments_are_compared_as_the_handler_reads_them(turns):
    shop = turns(counting_by_x)
    assert shop.say("r1", x=7.0) == shop.say("r2", x="7") == "This is number 1."


def test_where_the_named_argument_is_missing_the_response_id_is_the_key(turns):
    shop = turns(counting_by_x)
    assert shop.say("r1") == shop.say("r1") == "This is number 1."
    assert shop.say("r2") == "This is number 2."


def test_a_function_can_make_the_key_also_from_a_context(turns):
    @on.intent("do")
    @once(key=lambda order: order.get("id"))
    def handler(order: Context) -> str:
        return f"Number {add_one()}"

    def order(id, lifespan):
        return [{"name": "s/contexts/order", "lifespanCount": lifespan, "parameters": {"id": id}}]

    shop = turns(handler)
    assert shop.say("r1", contexts=order("A", 5)) == shop.say("r2", contexts=order("A", 4)) == "Number 1"
    assert shop.say("r3", contexts=order("B", 5)) == "Number 2"


def test_a_key_function_that_returns_none_leaves_no_record(turns):
    @on.intent("do")
    @once(key=lambda x: x or None)
    def handler(x: str = "") -> str:
        return "What is x?"

    shop = turns(handler)
    assert shop.say() == "What is x?"
    assert shop.records() == {}


def test_while_slots_are_filled_the_agents_prompt_is_kept_and_there_is_no_record(turns):
    @on.intent("do")
    @once
    def handler(x: str) -> str:
        return x

    shop = turns(handler)
    assert shop.deliver(complete=False).body == b"{}"
    assert shop.records() == {}


def test_the_same_key_with_a_different_request_is_refused_and_logged(turns, caplog):
    shop = turns(counting_by_x)
    assert shop.say(x="7", y="a") == "This is number 1."
    with caplog.at_level(logging.WARNING):
        assert shop.say("r2", x="7", y="b") == "400 key-reused"
    (line,) = [vars(record) for record in caplog.records if record.levelno == logging.WARNING]
    assert "the same key came with a different request" in str(line)
    assert shop.count() == 1


def test_without_a_response_id_the_same_words_are_one_turn_for_a_minute(turns):
    shop = turns(counting)
    assert shop.say("", x="1") == shop.say("", x="1") == "This is number 1."
    assert shop.say("", x="2") == "This is number 2."
    assert shop.say("", "please do it", x="1") == "This is number 3."
    shortly = datetime.timedelta(seconds=61)
    assert all(record["expire_at"] < _now() + shortly for record in shop.records().values())


def test_the_order_of_members_makes_no_other_turn(turns):
    shop = turns(counting)
    assert shop.say("", x="1", y="2") == shop.say("", y="2", x="1")


# --- Failure, and what is left of it


def test_a_handler_that_raises_changes_nothing_and_the_next_delivery_does_it(turns):
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


def test_a_reply_that_cannot_be_sent_changes_nothing_either(turns):
    @on.intent("do")
    @once
    def handler() -> Reply:
        add_one()
        return Reply("Done.", Context("not a name"))

    shop = turns(handler)
    assert shop.say() == "500 invalid-reply"
    assert shop.count() == 0


def test_an_expired_record_counts_as_absent(turns):
    shop = turns(counting)
    shop.say()
    shop.change_record(expire_at=_now() - datetime.timedelta(seconds=1))
    assert shop.say() == "This is number 2."


def test_what_an_owner_left_undone_is_done_by_the_next_delivery_when_its_time_is_over(turns):
    shop = turns(counting)
    shop.say()
    shop.client.collection("counters").document("c").delete()
    shop.change_record(state="running", owner="a process that was killed", lease_seconds=0.0)
    assert shop.say() == "This is number 1."


def test_an_owners_time_is_that_of_its_call_and_a_little_more(turns):
    shop = turns(counting, deadline=3.0)
    shop.say()
    assert 3.0 < shop.record()["lease_seconds"] <= 3.5


def test_an_owner_whose_turn_was_taken_over_cannot_write_and_says_what_the_other_did(turns):
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


def test_an_existing_document_is_told_to_the_handler_even_though_it_writes_later(turns):
    @on.intent("do")
    @once
    def handler() -> str:
        def decide(found, writes):
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


def test_changes_of_several_documents_are_made_together(turns):
    @on.intent("do")
    @once
    def handler() -> str:
        return f"{add_one('a')} {add_one('b')}"

    shop = turns(handler)
    assert shop.say() == shop.say() == "1 1"
    assert (shop.count("a"), shop.count("b")) == (1, 1)


def test_two_changes_of_one_document_are_a_named_mistake(turns, caplog):
    @on.intent("do")
    @once
    def handler() -> str:
        return f"{add_one()} {add_one()}"

    shop = turns(handler)
    assert shop.say() == "500 handler-failed"
    assert "a second time in one call" in caplog.text
    assert shop.count() == 0


# --- Effects outside of Firestore


def test_the_idempotency_key_stays_for_the_turn_and_differs_between_turns(turns):
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


def test_when_a_record_has_expired_the_same_turn_is_another_effect(turns):
    keys = []

    @on.intent("do")
    @once
    def handler() -> str:
        keys.append(idempotency_key())
        return "Done."

    shop = turns(handler)
    shop.say()
    shop.change_record(expire_at=_now() - datetime.timedelta(seconds=1))
    shop.say()
    assert len(set(keys)) == 2


def test_another_request_that_takes_a_freed_key_is_another_effect(turns):
    keys = []

    @on.intent("do")
    @once(key="x")
    def handler(x: str, y: str) -> str:
        keys.append(idempotency_key())
        raise RuntimeError("after the effect")

    shop = turns(handler)
    for y in "aab":
        shop.say(x="7", y=y)
    assert keys[0] == keys[1] != keys[2]


def test_outside_of_a_call_each_idempotency_key_is_new():
    assert idempotency_key() != idempotency_key()


def test_a_handler_is_still_tested_by_calling_it(turns):
    turns(counting)
    assert counting().text == "This is number 1."
    assert counting().text == "This is number 2."


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
    assert 3500 < (record["expire_at"] - _now()).total_seconds() <= 3600


def test_a_record_holds_the_replys_hash_in_any_case(turns):
    shop = turns(counting, once_reply="hash")
    answer = shop.deliver()
    assert shop.record()["reply_hash"] == hashlib.sha256(answer.body).hexdigest()


def test_how_long_records_are_kept_is_a_setting_and_can_be_said_of_a_handler(turns):
    shop = turns(counting, once_keep=120.0)
    shop.say()
    assert 100 < (shop.record()["expire_at"] - _now()).total_seconds() <= 120

    @on.intent("do")
    @once(keep_seconds=30)
    def brief() -> str:
        return "Done."

    turns(brief).say("r2")
    assert any((record["expire_at"] - _now()).total_seconds() < 31 for record in shop.records().values())


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
    assert turns(harmless, deadline=1.5, once_outage="run").say() == "Done."
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


def _all(work, count):
    threads = [threading.Thread(target=work, name=f"turn-{number}") for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _wait_for(what, seconds=10.0):
    end = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if what():
            return
        end.wait(0.02)
    raise AssertionError("it did not come about in time")


def _now():
    return datetime.datetime.now(datetime.UTC)
