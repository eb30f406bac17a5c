"""On CX one call runs a turn's follow-up events too: the record covers all of it."""

from __future__ import annotations

import json

import pytest

from fulfillment import Context, FollowUp, Reply, documents, on, once
from fulfillment.call import Call
from fulfillment.routes import Routes
from fulfillment.settings import Settings
from fulfillment.webhook import Webhook

TURN = {
    "detectIntentResponseId": "r1",
    "fulfillmentInfo": {"tag": "begin"},
    "sessionInfo": {"session": "projects/p/locations/l/agents/a/sessions/s"},
}
HEADERS = {"content-type": "application/json", "host": "localhost"}


def count(counter, writes):
    writes.save({"count": (counter["count"] if counter else 0) + 1})


def say_the_count():
    documents.change("counters", "c", count)
    return Reply("Counted.", Context("counted", parameters={"by": "this turn"}))


@pytest.fixture
def deliver_twice(firestore):
    """Deliver one CX turn twice; return both bodies and how often the counter was raised."""

    def deliver(*handlers):
        documents.reset()
        webhook = Webhook(Routes(handlers), Settings(auth=("none",)))
        call = Call(body=json.dumps(TURN).encode(), headers=HEADERS, peer="127.0.0.1")
        bodies = [webhook.answer(call).body for _ in range(2)]
        return bodies, firestore.client().document("counters/c").get().get("count")

    yield deliver
    documents.reset()


def said(body):
    return [message["text"]["text"][0] for message in json.loads(body)["fulfillmentResponse"]["messages"]]


def test_a_handler_that_leads_to_an_event_covers_what_the_event_does(deliver_twice):
    begin = on.tag("begin")(once(lambda: FollowUp("go")))
    (first, second), counted = deliver_twice(begin, on.event("go")(say_the_count))
    assert (said(first), first == second, counted) == (["Counted."], True, 1)


def test_a_protected_event_is_done_once_whoever_leads_to_it(deliver_twice):
    begin = on.tag("begin")(lambda: FollowUp("go"))
    (first, second), counted = deliver_twice(begin, on.event("go")(once(lambda: say_the_count())))
    assert (said(first), first == second, counted) == (["Counted."], True, 1)
