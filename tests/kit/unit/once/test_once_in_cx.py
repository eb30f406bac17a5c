"""On CX one call runs a turn's follow-up events too: the record covers all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from fulfillment import Context, FollowUp, Reply, documents, on, once
from fulfillment.call import Call
from fulfillment.documents import Writes
from fulfillment.routing.routes import Routes
from fulfillment.settings import Settings
from fulfillment.webhook import Webhook
from tests.kit.firestores import Firestore

TURN: dict[str, Any] = {
    "detectIntentResponseId": "r1",
    "fulfillmentInfo": {"tag": "begin"},
    "sessionInfo": {"session": "projects/p/locations/l/agents/a/sessions/s"},
}
ORDER = {"order_id": "A-1"}
HEADERS = {"content-type": "application/json", "host": "localhost"}


def count(counter: Any, writes: Writes) -> None:
    writes.save({"count": (counter["count"] if counter else 0) + 1})


def say_the_count() -> Any:
    documents.change("counters", "c", count)
    return Reply("Counted.", Context("counted", parameters={"by": "this turn"}))


@pytest.fixture
def deliver_twice(firestore: Firestore) -> Iterator[Any]:
    """Deliver one CX turn twice; return both bodies and how often the counter was raised."""

    firestore.client().document("counters/warm").get()  # an emulator's first answer can take longer than a call may

    def deliver(*handlers: Any) -> Any:
        documents.reset()
        webhook = Webhook(Routes(handlers), Settings(auth=("none",)))
        call = Call(body=json.dumps(TURN).encode(), headers=HEADERS, peer="127.0.0.1")
        bodies = [webhook.answer(call).body for _ in range(2)]
        return bodies, firestore.client().document("counters/c").get().get("count")

    yield deliver
    documents.reset()


@pytest.fixture
def webhook_of(firestore: Firestore) -> Iterator[Any]:
    """Return a way to deliver turns by their response ids, and how often the counter was raised."""

    firestore.client().document("counters/warm").get()

    def begin(*handlers: Any, **settings: Any) -> Any:
        documents.reset()
        webhook = Webhook(Routes(handlers), Settings(auth=("none",), **settings))

        def deliver(
            response_id: Any, tag: Any = "begin", intent: Any = "", whole: Any = False, **parameters: Any
        ) -> Any:
            turn = {**TURN, "detectIntentResponseId": response_id, "fulfillmentInfo": {"tag": tag}}
            turn["intentInfo"] = {"displayName": intent}
            turn["sessionInfo"] = {**TURN["sessionInfo"], "parameters": parameters}
            answer = webhook.answer(Call(body=json.dumps(turn).encode(), headers=HEADERS, peer="127.0.0.1"))
            if whole:
                return json.loads(answer.body)
            return said(answer.body) if answer.status == 200 else json.loads(answer.body)["error"]["cause"]

        return deliver, lambda: (firestore.client().document("counters/c").get().to_dict() or {}).get("count", 0)

    yield begin
    documents.reset()


def said(body: Any) -> Any:
    return [message["text"]["text"][0] for message in json.loads(body)["fulfillmentResponse"]["messages"]]


def test_a_handler_that_leads_to_an_event_covers_what_the_event_does(deliver_twice: Any) -> None:
    begin = on.tag("begin")(once(lambda: FollowUp("go")))
    (first, second), counted = deliver_twice(begin, on.event("go")(say_the_count))
    assert (said(first), first == second, counted) == (["Counted."], True, 1)


def test_a_protected_event_is_done_once_whoever_leads_to_it(deliver_twice: Any) -> None:
    begin = on.tag("begin")(lambda: FollowUp("go"))
    (first, second), counted = deliver_twice(begin, on.event("go")(once(lambda: say_the_count())))
    assert (said(first), first == second, counted) == (["Counted."], True, 1)


def test_a_protected_event_keeps_its_own_key_and_joins_the_commit_of_what_led_to_it(
    webhook_of: Any, firestore: Firestore
) -> None:
    begin = on.tag("begin")(once(lambda: FollowUp("go", {"order_id": "A-1"})))
    deliver, counted = webhook_of(begin, on.event("go")(once(key="order_id", window=60)(say_the_count_of)))
    assert [deliver(turn) for turn in ("o1", "o1", "o2", "o3")] == [["Counted."]] * 4
    assert counted() == 1
    states = [record.to_dict()["state"] for record in firestore.client().collection("fulfillment_once").stream()]
    assert states == ["done"] * 4  # three turns and one key


def test_another_key_of_a_protected_event_is_another_effect(webhook_of: Any) -> None:
    def lead(order_id: str) -> FollowUp:
        return FollowUp("go", {"order_id": order_id})

    begin = on.tag("begin")(once(lead))
    deliver, counted = webhook_of(begin, on.event("go")(once(key="order_id", window=60)(say_the_count_of)))
    for turn, order_id in (("o1", "A-1"), ("o2", "A-2"), ("o3", "A-1")):
        deliver(turn, order_id=order_id)
    assert counted() == 2


def test_within_its_window_a_key_is_the_same_effect_whatever_led_to_it(webhook_of: Any) -> None:
    """On CX the last matched intent stays; and a second tap may come from another page."""

    @on.tag("begin")
    @on.tag("again")
    @on.event("go")
    @once(key="order_id", window=60)
    def cancel(order_id: str) -> Reply:
        return say_the_count()

    deliver, counted = webhook_of(cancel, on.tag("lead")(once(lambda: FollowUp("go", {"order_id": "A-1"}))))
    ways = (("o1", "begin", "order.cancel"), ("o2", "again", ""), ("o3", "begin", "yes"), ("o4", "lead", ""))
    said_each_time = [deliver(turn, tag, intent, order_id="A-1") for turn, tag, intent in ways]
    assert [said_each_time, counted()] == [[["Counted."]] * 4, 1]


def test_when_a_protected_event_fails_neither_the_turn_nor_its_key_is_taken(
    webhook_of: Any, firestore: Firestore
) -> None:
    failures = [RuntimeError("once")]

    def fail_once(order_id: str) -> Reply:
        reply = say_the_count()
        if failures:
            raise failures.pop()
        return reply

    begin = on.tag("begin")(once(lambda: FollowUp("go", {"order_id": "A-1"})))
    deliver, counted = webhook_of(begin, on.event("go")(once(key="order_id", window=60)(fail_once)))
    assert [deliver("o1"), counted()] == ["handler-failed", 0]
    assert [deliver("o2"), counted()] == [["Counted."], 1]


def test_the_key_of_an_event_is_freed_where_a_second_run_no_longer_leads_to_it(
    webhook_of: Any, firestore: Firestore
) -> None:
    client = firestore.client()
    runs = []

    def lead() -> Reply:
        runs.append(1)
        documents.change("counters", "other", lambda found, writes: count(found, writes))
        if len(runs) == 1:
            client.document("counters/other").set({"count": 7})  # somebody else is faster
            return Reply(FollowUp("go", {"order_id": "A-1"}))
        return Reply("Not this time.")

    deliver, counted = webhook_of(
        on.tag("begin")(once(lead)), on.event("go")(once(key="order_id", window=60)(say_the_count_of))
    )
    assert [deliver("o1"), counted(), len(runs)] == [["Not this time."], 0, 2]
    states = [record.to_dict()["state"] for record in client.collection("fulfillment_once").stream()]
    assert sorted(states) == ["done", "free"]


def test_what_is_said_again_for_a_key_ends_the_turn_that_led_there(webhook_of: Any) -> None:
    begin = on.tag("begin")(once(lambda: Reply(Context("led", parameters={"by": "begin"}), FollowUp("go", ORDER))))
    protected = once(key="order_id", window=60, again="It is done already.")(say_the_count_of)
    deliver, counted = webhook_of(begin, on.event("go")(protected), once_reply="hash")
    deliver("o1")
    body = deliver("o2", whole=True)
    assert (said(json.dumps(body)), counted()) == (["It is done already."], 1)
    assert body["sessionInfo"]["parameters"] == {"led": {"by": "begin"}}


def say_the_count_of(order_id: str) -> Reply:
    return say_the_count()
