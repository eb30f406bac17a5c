"""The sample shop through the front door: real function, gunicorn, real client, both Firestores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialogflow import es_request, words
from tests.firestores import Firestore
from tests.functions import ROOT, Function, running

DATA = ROOT / "deploy" / "data"
ORDER_CONTEXT = [{"name": "order", "lifespanCount": 4, "parameters": {"order_id": "A-1002"}}]


@pytest.fixture
def stocked(firestore: Firestore) -> Firestore:
    for file in DATA.glob("*.json"):
        for id, fields in json.loads(file.read_text()).items():
            firestore.client().collection(file.stem).document(id).set(fields)
    return firestore


@pytest.fixture
def shop(stocked: Firestore) -> Iterator[Function]:
    with running(ROOT, stocked.environment()) as function:
        yield function


def ask(shop: Function, intent: str, parameters: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    status, reply = shop.call(es_request(intent, parameters, **more))
    assert status == 200, reply
    return reply


def test_a_customer_talks_to_the_shop(shop: Function, stocked: Firestore) -> None:
    assert "What can I do for you?" in words(ask(shop, "Default Welcome Intent"))
    assert words(ask(shop, "get-agent-name")) == "My name is Dialogflow!"

    order = ask(shop, "check_order", {"order_id": "A-1002"})
    assert words(order) == "Order A-1002 is processing, expected on 2026-12-08."
    assert order["outputContexts"][0]["parameters"] == {"order_id": "A-1002"}
    assert words(ask(shop, "check_order", {"order_id": 1001.0})) == "I cannot find order 1001. Is the number right?"

    assert words(ask(shop, "cancel_order", contexts=ORDER_CONTEXT)) == "Order A-1002 is cancelled."
    assert words(ask(shop, "cancel_order", contexts=ORDER_CONTEXT)) == "Order A-1002 was cancelled already."
    cancelled = stocked.client().document("orders/A-1002").get().to_dict()
    assert cancelled is not None
    assert cancelled["status"] == "cancelled"

    assert words(ask(shop, "check_inventory", {"product": "Beans"})).startswith("We have 42 of Coffee beans")
    assert words(ask(shop, "check_inventory", {"product": "kettle"})) == "Kettle is sold out at the moment."
    assert "do not know a product" in words(ask(shop, "check_inventory", {"product": "unicorn"}))


def test_store_hours_answer_in_the_users_language(shop: Function) -> None:
    saturday = {"store": "harbour", "date": "2026-11-21T12:00:00+01:00"}
    assert words(ask(shop, "store_hours", saturday)) == "Harbour is open 09:00-14:00 / 16:00-20:00 on 2026-11-21."
    assert "營業時間" in words(ask(shop, "store_hours", saturday, language="zh-TW"))
    assert "is open" in words(ask(shop, "store_hours", saturday, language="de"))
    monday = {"store": "harbour", "date": "2026-11-23"}
    assert words(ask(shop, "store_hours", monday)) == "Harbour is closed on 2026-11-23."


def test_an_unknown_store_teaches_the_agent_the_known_ones(shop: Function) -> None:
    reply = ask(shop, "store_hours", {"store": "moon"})
    assert "Harbour" in words(reply)
    assert {entity["value"] for entity in reply["sessionEntityTypes"][0]["entities"]} == {"main", "harbour"}


def test_a_table_is_booked_once_all_is_there(shop: Function, stocked: Firestore) -> None:
    so_far = {"date": "2026-12-01", "time": "19:00:00", "guests": 18, "name": ""}
    assert ask(shop, "book_table", so_far, complete=False) == {}
    assert words(ask(shop, "book_table", {**so_far, "name": "Ann"})).startswith("Done, Ann: a table for 18")

    full = ask(shop, "book_table", {**so_far, "guests": 3, "name": "Bob"})
    assert full["followupEventInput"]["name"] == "table_full"
    offers = ask(shop, "table_full", full["followupEventInput"]["parameters"])
    assert words(offers).endswith("I could offer 18:00, 18:30, 19:30.")

    reservations = [found.to_dict() for found in stocked.client().collection("reservations").stream()]
    assert reservations == [{"slot": "2026-12-01T19:00", "guests": 18, "name": "Ann"}]


@pytest.mark.parametrize(
    ("wrong", "parameter", "told"),
    [
        ({"date": "2020-01-01"}, "date", "That day is over"),
        ({"time": "03:00:00"}, "time", "we are open 10:00-23:00"),
        ({"guests": 400}, "guests", "1 to 20 guests"),
    ],
)
def test_a_value_that_cannot_be_is_asked_for_again(
    shop: Function, wrong: dict[str, Any], parameter: str, told: str
) -> None:
    given = {"date": "2026-12-01", "time": "19:00:00", "guests": 2, "name": "Ann", **wrong}
    event = ask(shop, "book_table", given)["followupEventInput"]
    assert event["name"] == "book_table"
    assert parameter not in event["parameters"]

    again = {name: event["parameters"].get(name, "") for name in given}
    context = {"name": "book_table", "parameters": event["parameters"]}
    assert told in words(ask(shop, "book_table", again, complete=False, contexts=[context]))


def test_a_turn_that_is_delivered_twice_books_once(shop: Function, stocked: Firestore) -> None:
    request = es_request("book_table", {"date": "2026-12-01", "time": "19:00", "guests": 20, "name": "Ann"})
    assert shop.call(request) == shop.call(request)
    assert len(list(stocked.client().collection("reservations").stream())) == 1


def test_after_repeated_misses_a_person_is_offered(shop: Function) -> None:
    counters = [{"name": "__system_counters__", "parameters": {"no-match": 3.0}}]
    assert "a person" in words(ask(shop, "Default Fallback Intent", contexts=counters))
    assert "person" not in words(ask(shop, "Default Fallback Intent"))


def test_the_weather_is_an_honest_apology_without_a_key(shop: Function) -> None:
    assert "nobody has given me a key" in words(ask(shop, "get_weather", {"geo-city": "Oslo"}))


def test_the_sample_data_fits_the_agent_of_the_issue() -> None:
    orders = json.loads(Path(DATA / "orders.json").read_text())
    assert orders["A-1001"]["status"] == "shipped"
    assert orders["A-1001"]["delivery_date"] == "2026-12-01"
    assert orders["A-1002"]["status"] == "processing"
