"""`@once`: a turn's effects happen once, and every delivery of it gets the same answer."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import logging
import threading
import time
from typing import Any

import pytest

from fulfillment import Context, FollowUp, Reply, documents, on, once
from fulfillment.testing import v1_request
from tests.kit.wire import ask

from .conftest import MakeTurns
from .handlers import add_one, all_at_once, counting, counting_by_x, wait_for

# --- One turn, several deliveries


def test_a_second_delivery_gets_the_same_bytes_and_does_nothing(turns: MakeTurns) -> None:
    shop = turns(counting)
    first, second = shop.deliver(), shop.deliver()
    assert first.status == 200
    assert second.body == first.body
    assert shop.count() == 1


def test_another_turn_is_done_anew(turns: MakeTurns) -> None:
    shop = turns(counting)
    assert [shop.say("r1"), shop.say("r2")] == ["This is number 1.", "This is number 2."]


def test_what_the_user_asks_for_again_on_purpose_is_done_again(turns: MakeTurns) -> None:
    @on.intent("do")
    @once
    def write(word: str) -> str:
        documents.change("counters", "c", lambda found, writes: writes.save({"word": word}))
        return f"Wrote {word}."

    def word() -> Any:
        return shop.client.document("counters/c").get().get("word")

    shop = turns(write)
    assert [shop.say(turn, word=word) for turn, word in (("r1", "hello"), ("r2", "bye"))] == [
        "Wrote hello.",
        "Wrote bye.",
    ]
    time.sleep(2.0)
    assert (shop.say("r3", word="hello"), word()) == ("Wrote hello.", "hello")
    shop.say("r4", word="bye")
    assert (shop.say("r1", word="hello"), word()) == ("Wrote hello.", "bye")  # the first turn, delivered late


def test_the_same_response_id_in_another_session_is_another_turn(turns: MakeTurns) -> None:
    shop = turns(counting)
    assert shop.say() != shop.say(session="projects/p/agent/sessions/s2")


def test_a_reply_is_never_given_to_a_call_of_another_dialect(turns: MakeTurns) -> None:
    shop = turns(counting_by_x)
    assert shop.say(session="", x="order-1") == "This is number 1."
    body = {**v1_request("do", {"x": "order-1"}, resolvedQuery="do it"), "sessionId": ""}
    status, reply = ask(shop.webhook, body)
    assert (status, reply["speech"]) == (200, "This is number 2.")


def test_deliveries_at_the_same_moment_do_it_once_and_say_the_same(turns: MakeTurns) -> None:
    shop = turns(counting)
    together = threading.Barrier(6)
    said = []

    def deliver() -> None:
        together.wait()
        said.append(shop.deliver().body)

    all_at_once(deliver, 6)
    assert len(said) == 6
    assert len(set(said)) == 1
    assert shop.count() == 1


def test_different_turns_that_change_one_document_all_count(turns: MakeTurns) -> None:
    shop = turns(counting)
    said = []
    all_at_once(lambda: said.append(shop.say(threading.current_thread().name)), 8)
    assert sorted(said) == sorted(f"This is number {number}." for number in range(1, 9))
    assert shop.count() == 8


def test_a_delivery_whose_time_ends_before_the_first_one_is_done_says_so(turns: MakeTurns) -> None:
    go_on = threading.Event()

    @on.intent("do")
    @once
    def slow() -> str:
        go_on.wait(10)
        return "Done."

    shop = turns(slow, deadline=4.5)
    first = threading.Thread(target=shop.deliver)
    first.start()
    wait_for(lambda: shop.records())
    assert turns(slow, deadline=1.5).say() == "503 in-progress"
    go_on.set()
    first.join()
    assert shop.say() == "Done."


# --- What a turn is


def test_one_turn_may_reach_a_handler_again_with_other_values(turns: MakeTurns) -> None:
    shop = turns(counting)
    assert [shop.say(x="7"), shop.say(x="8")] == ["This is number 1.", "This is number 2."]
    assert [shop.say(x="8"), shop.say(x="7")] == ["This is number 2.", "This is number 1."]
    assert shop.count() == 2


def test_a_follow_up_event_to_the_same_handler_is_an_effect_of_its_own(turns: MakeTurns) -> None:
    @on.intent("do")
    @once
    def handler(x: str) -> Reply:
        if x == "wrong":
            return Reply(FollowUp("do", {"x": "good"}))
        return Reply(f"This is number {add_one()}.")

    shop = turns(handler)
    assert shop.deliver(x="wrong").status == 200
    assert shop.say(words="do", x="good") == "This is number 1."
    assert shop.say(words="do", x="good") == "This is number 1."


def test_without_a_response_id_the_same_words_are_one_turn_for_ten_seconds(turns: MakeTurns) -> None:
    shop = turns(counting)
    assert shop.say("", x="1") == shop.say("", x="1") == "This is number 1."
    assert shop.say("", x="2") == "This is number 2."
    assert shop.say("", "please do it", x="1") == "This is number 3."
    assert {record["keep_seconds"] for record in shop.records().values()} == {10.0}
    shop.end()
    assert shop.say("", x="1") == "This is number 4."


def test_the_order_of_members_makes_no_other_turn(turns: MakeTurns) -> None:
    shop = turns(counting)
    assert shop.say("", x="1", y="2") == shop.say("", y="2", x="1")


def test_while_slots_are_filled_the_agents_prompt_is_kept_and_there_is_no_record(turns: MakeTurns) -> None:
    @on.intent("do")
    @once
    def handler(x: str) -> str:
        return x

    shop = turns(handler)
    assert shop.deliver(complete=False).body == b"{}"
    assert shop.records() == {}


# --- A key, and how long it counts


def test_within_the_window_the_same_key_is_the_same_effect_whatever_the_response_id(turns: MakeTurns) -> None:
    shop = turns(counting_by_x)
    assert shop.say("r1", x="7") == shop.say("r2", x="7") == "This is number 1."
    assert shop.say("r3", x="8") == "This is number 2."


def test_after_the_window_the_same_key_is_another_effect(turns: MakeTurns) -> None:
    @on.intent("do")
    @once(key="x", window=0.3)
    def handler(x: str) -> str:
        return f"This is number {add_one()}."

    shop = turns(handler)
    assert shop.say("r1", x="7") == "This is number 1."
    time.sleep(0.5)
    assert shop.say("r2", x="7") == "This is number 2."
    assert [shop.say("r1", x="7"), shop.say("r2", x="7")] == ["This is number 1.", "This is number 2."]


def test_a_turn_that_was_answered_by_its_key_stays_answered_after_the_window(turns: MakeTurns) -> None:
    @on.intent("do")
    @once(key="x", window=0.5)
    def handler(x: str) -> str:
        return f"This is number {add_one()}."

    shop = turns(handler)
    assert shop.say("r1", x="7") == shop.say("r2", x="7") == "This is number 1."
    time.sleep(0.7)
    assert shop.say("r2", x="7") == "This is number 1."
    assert shop.say("r3", x="7") == "This is number 2."


def test_repetitions_do_not_lengthen_the_window(turns: MakeTurns) -> None:
    @on.intent("do")
    @once(key="x", window=1.0)
    def handler(x: str) -> str:
        return f"This is number {add_one()}."

    shop = turns(handler)
    for turn in ("r1", "r2", "r1"):
        assert shop.say(turn, x="7") == "This is number 1."
        time.sleep(0.4)
    assert shop.say("r3", x="7") == "This is number 2."


def test_the_same_key_in_another_session_is_another_effect(turns: MakeTurns) -> None:
    shop = turns(counting_by_x)
    assert shop.say("r1", x="7") != shop.say("r2", x="7", session="projects/p/agent/sessions/s2")


def test_two_turns_with_one_key_at_the_same_moment_have_one_effect(turns: MakeTurns) -> None:
    shop = turns(counting_by_x)
    said = []
    all_at_once(lambda: said.append(shop.say(threading.current_thread().name, x="7")), 5)
    assert (set(said), shop.count()) == ({"This is number 1."}, 1)


def test_arguments_are_compared_as_the_handler_reads_them(turns: MakeTurns) -> None:
    shop = turns(counting_by_x)
    assert shop.say("r1", x=7.0) == shop.say("r2", x="7") == "This is number 1."


def test_where_the_named_argument_is_missing_only_the_turn_counts(turns: MakeTurns) -> None:
    shop = turns(counting_by_x)
    assert shop.say("r1") == shop.say("r1") == "This is number 1."
    assert shop.say("r2") == "This is number 2."


def test_a_function_can_make_the_key_also_from_a_context(turns: MakeTurns) -> None:
    @on.intent("do")
    @once(key=lambda order: order.get("id"), window=60)
    def handler(order: Context) -> str:
        return f"Number {add_one()}"

    def order(id: Any, lifespan: Any) -> Any:
        return [{"name": "s/contexts/order", "lifespanCount": lifespan, "parameters": {"id": id}}]

    shop = turns(handler)
    assert shop.say("r1", contexts=order("A", 5)) == shop.say("r2", contexts=order("A", 4)) == "Number 1"
    assert shop.say("r3", contexts=order("B", 5)) == "Number 2"


def test_a_key_function_that_returns_none_leaves_no_record(turns: MakeTurns) -> None:
    @on.intent("do")
    @once(key=lambda x: x or None, window=60)
    def handler(x: str = "") -> str:
        return "What is x?"

    shop = turns(handler)
    assert shop.say() == "What is x?"
    assert shop.records() == {}


def test_the_same_key_with_a_different_request_is_refused_and_logged(
    turns: MakeTurns, caplog: pytest.LogCaptureFixture
) -> None:
    shop = turns(counting_by_x)
    assert shop.say(x="7", y="a") == "This is number 1."
    with caplog.at_level(logging.WARNING):
        assert shop.say("r2", x="7", y="b") == "400 key-reused"
    (line,) = [vars(record) for record in caplog.records if record.levelno == logging.WARNING]
    assert "the same key came with a different request" in str(line)
    assert shop.count() == 1


@dataclasses.dataclass
class Talk:
    about: str = ""


def test_what_the_talk_was_about_is_no_part_of_what_a_key_stands_for(turns: MakeTurns) -> None:
    @on.intent("do")
    @once(key="x", window=60)
    def handler(x: str, talk: Talk | None) -> str:
        return f"Number {add_one()}, {talk.about if talk else 'nothing'}"

    def talk(about: Any) -> Any:
        return [{"name": "s/contexts/talk", "lifespanCount": 5, "parameters": {"about": about}}]

    shop = turns(handler)
    assert shop.say("r1", x="7", contexts=talk("a")) == shop.say("r2", x="7", contexts=talk("b")) == "Number 1, a"


class Size(enum.Enum):
    SMALL = 1


@dataclasses.dataclass
class Tags:
    names: set[str]


@dataclasses.dataclass(repr=False)
class Table:
    """Python shows it by its address in memory."""

    seats: int


@dataclasses.dataclass
class Order:
    id: str = dataclasses.field(repr=False)


@pytest.mark.parametrize(
    "key",
    [
        ("text", 7, 1.5, True, None),
        {"day": datetime.date(2026, 12, 1), "at": datetime.time(19, 0)},
        [Size.SMALL],
    ],
    ids=["plain", "moments", "enum"],
)
def test_plain_values_dates_and_enum_members_make_a_key(turns: MakeTurns, key: Any) -> None:
    shop = turns(keyed(lambda: key))
    assert shop.say("r1") == shop.say("r2") == "This is number 1."


def test_a_dataclass_is_a_key_by_its_members_however_python_shows_it(turns: MakeTurns) -> None:
    shop = turns(keyed(lambda x: [Table(int(x)), Order(x)]))
    assert [shop.say(turn, x=x) for turn, x in (("r1", "2"), ("r2", "2"), ("r3", "3"))] == [
        *(["This is number 1."] * 2),
        "This is number 2.",
    ]


def test_an_argument_that_python_shows_by_its_address_is_the_same_in_the_next_delivery(turns: MakeTurns) -> None:
    @on.intent("do")
    @once(key="x", window=60)
    def handler(x: str, table: Table) -> str:
        return f"This is number {add_one()}."

    shop = turns(handler)
    assert [shop.say(turn, x="7", table={"seats": 2}) for turn in ("r1", "r1", "r2")] == ["This is number 1."] * 3


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ({"a", "b"}, "a set, whose order differs between processes"),
        (object(), "a object, which says nothing of itself but its address"),
        ([lambda: None], "a function, which says nothing of itself but its address"),
        (Context("order"), "a Context, which changes from turn to turn"),
        (Tags({"a"}), "a set"),
        ({7: "a"}, "a dictionary with names that are no text"),
    ],
    ids=["set", "object", "function", "context", "dataclass", "names"],
)
def test_a_key_that_would_differ_between_deliveries_is_refused_with_the_reason(
    turns: MakeTurns, caplog: pytest.LogCaptureFixture, key: Any, found: str
) -> None:
    shop = turns(keyed(lambda: key))
    assert shop.say() == "500 bad-once-key"
    assert found in str([vars(record) for record in caplog.records])
    assert shop.count() == 0


def keyed(key: Any) -> Any:
    @on.intent("do")
    @once(key=key, window=60)
    def handler(x: str = "") -> str:
        return f"This is number {add_one()}."

    return handler
