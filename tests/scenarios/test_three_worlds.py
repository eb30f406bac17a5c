"""The sample shop asked over ES, CX and v1: the same handlers, the same words in all three.

What a dialect says otherwise stands in `fulfillment.dialects.conversions`: cards and quick replies are richContent on
CX, follow-up events run in the same call there, session entities cannot be said.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fulfillment import Webhook
from fulfillment.dialects.cx.request import MISSES
from tests.conversations import ask, cx_request, es_request, filled, v1_request, words_of

WORLDS = ("es", "cx", "v1")


class World:
    """A conversation with the shop in one dialect: keeps what the agent would keep from turn to turn."""

    def __init__(self, dialect: str, shop: Webhook) -> None:
        self.dialect = dialect
        self._shop = shop
        self._contexts: dict[str, dict[str, Any]] = {}
        self._session: dict[str, Any] = {}
        self._misses = 0
        self.reply: dict[str, Any] = {}

    def say(self, intent: str, language: str = "en", missed: bool = False, **parameters: Any) -> list[str]:
        """Let the user say something that matches `intent`; return the words of the answer."""
        self._misses = self._misses + 1 if missed else 0
        if self.dialect == "cx":
            self._session.update(parameters)
            event = {"triggerEvent": "sys.no-match-default"} if missed else {}
            form = filled(**parameters) if intent == "book_table" else ()
            body = cx_request(intent, self._session, form=form, languageCode=language, **event)
        else:
            body = self._flat(intent, parameters, language)
        self._answer(body)
        while event_name := self._followed_up():
            name, data = event_name
            self._answer(self._flat(name, data, language, event=name))
        return words_of(self.reply)

    def _flat(self, intent: str, parameters: Mapping[str, Any], language: str, event: str = "") -> dict[str, Any]:
        contexts = [{"name": name, **context} for name, context in self._contexts.items()]
        if self._misses:
            contexts.append({"name": "__system_counters__", "parameters": {"no-match": self._misses}})
        if event:
            contexts.append({"name": event, "parameters": parameters})
        if self.dialect == "v1":
            return v1_request(intent, parameters, contexts=contexts, language=language)
        return es_request(intent, parameters, contexts=contexts, language=language)

    def _answer(self, body: dict[str, Any]) -> None:
        status, self.reply = ask(self._shop, body)
        assert status == 200, self.reply
        for name, value in self.reply.get("sessionInfo", {}).get("parameters", {}).items():
            if value is None:
                self._session.pop(name, None)
            else:
                self._session[name] = value
        for context in self.reply.get("outputContexts", self.reply.get("contextOut", [])):
            name = context["name"].rpartition("/")[2]
            if context.get("lifespanCount", context.get("lifespan", 0)):
                self._contexts[name] = {"parameters": context.get("parameters", {}), "lifespanCount": 1, "lifespan": 1}
            else:
                self._contexts.pop(name, None)

    def _followed_up(self) -> tuple[str, dict[str, Any]] | None:
        event = self.reply.get("followupEventInput", self.reply.get("followupEvent"))
        return (event["name"], event.get("parameters", event.get("data", {}))) if event else None


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest, local_shop: Webhook) -> World:
    return World(request.param, local_shop)


def test_the_shop_greets_and_offers_what_it_can_do(world: World) -> None:
    assert world.say("Default Welcome Intent") == [
        "Hello, this is the shop. What can I do for you?",
        "I can help with:",
        "My order",
        "Store hours",
        "Book a table",
        "Is it in stock?",
    ]


def test_the_agent_has_a_name(world: World) -> None:
    assert world.say("get-agent-name") == ["My name is Dialogflow!"]


def test_an_order_is_found_with_a_card_to_track_it(world: World) -> None:
    assert world.say("check_order", order_id="A-1001") == [
        "Order A-1001 is shipped, expected on 2026-12-01.",
        "Order A-1001",
        "Track it",
    ]


def test_an_order_that_does_not_exist_is_a_helpful_no(world: World) -> None:
    assert world.say("check_order", order_id=1001.0) == ["I cannot find order 1001. Is the number right?"]


def test_an_order_is_remembered_cancelled_once_and_forgotten(world: World) -> None:
    assert world.say("cancel_order") == ["Which order shall I cancel? Please tell me its number first."]
    world.say("check_order", order_id="A-1002")
    assert world.say("cancel_order") == ["Order A-1002 is cancelled."]
    assert world.say("cancel_order") == ["Which order shall I cancel? Please tell me its number first."]


@pytest.mark.parametrize(
    ("product", "words"),
    [
        ("Beans", "We have 42 of Coffee beans in stock, at"),
        ("kettle", "Kettle is sold out at the moment."),
        ("unicorn", "I do not know a product called unicorn."),
    ],
)
def test_the_stock_of_a_product_is_told(world: World, product: str, words: str) -> None:
    assert world.say("check_inventory", product=product)[0].startswith(words)


@pytest.mark.parametrize(("language", "words"), [("en", "is open 09:00-14:00"), ("zh-TW", "營業時間")])
def test_store_hours_are_told_in_the_users_language(world: World, language: str, words: str) -> None:
    (told,) = world.say("store_hours", language=language, store="harbour", date="2026-11-21")
    assert words in told


def test_an_unknown_store_is_told_the_known_ones(world: World) -> None:
    (told,) = world.say("store_hours", store="moon")
    assert told.startswith("I do not know the store moon. Our stores: ")
    assert ("sessionEntityTypes" in world.reply) is (world.dialect == "es")


TABLE = {"date": "2026-12-01", "time": "19:00:00", "guests": 18, "name": "Ann"}


def test_a_table_is_booked(world: World) -> None:
    assert world.say("book_table", **TABLE) == [
        "Done, Ann: a table for 18 on 2026-12-01 at 19:00. See you!",
    ]


def test_a_full_table_leads_to_the_nearest_free_times(world: World) -> None:
    world.say("book_table", **TABLE)
    assert world.say("book_table", **{**TABLE, "guests": 3}) == [
        "19:00 is fully booked on 2026-12-01. I could offer 18:00, 18:30, 19:30.",
        "Shall I book one of these?",
        "18:00",
        "18:30",
        "19:30",
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"date": "2020-01-01"}, "That day is over. Which day would you like?"),
        ({"time": "03:00:00"}, "On that day we are open 10:00-23:00. At what time?"),
        ({"guests": 400}, "We have tables for 1 to 20 guests. How many will you be?"),
    ],
)
def test_a_value_that_cannot_be_is_asked_for_again(world: World, wrong: dict[str, Any], words: str) -> None:
    assert world.say("book_table", **{**TABLE, **wrong}) == [words]
    if world.dialect == "cx":
        (name,) = wrong
        assert world.reply["pageInfo"]["formInfo"]["parameterInfo"] == [{"displayName": name, "state": "INVALID"}]


def test_cx_objects_for_date_and_time_book_the_same_table(local_shop: Webhook) -> None:
    world = World("cx", local_shop)
    day, time = {"year": 2026, "month": 12, "day": 1}, {"hours": 19, "minutes": 0, "seconds": 0, "nanos": 0}
    assert world.say("book_table", **{**TABLE, "date": day, "time": time}) == [
        "Done, Ann: a table for 18 on 2026-12-01 at 19:00. See you!"
    ]


def test_after_repeated_misses_a_person_is_offered(world: World) -> None:
    for _ in range(2):
        assert "in other words" in world.say("Default Fallback Intent", missed=True)[0]
    assert "a person" in world.say("Default Fallback Intent", missed=True)[0]
    if world.dialect == "cx":
        assert world.reply["fulfillmentResponse"]["messages"][1] == {"liveAgentHandoff": {}}
        assert world.reply["sessionInfo"]["parameters"] == {MISSES: 3}


def test_an_understood_turn_starts_the_count_of_misses_again(world: World) -> None:
    for _ in range(2):
        world.say("Default Fallback Intent", missed=True)
    world.say("get-agent-name")
    assert "in other words" in world.say("Default Fallback Intent", missed=True)[0]


def test_the_weather_is_an_honest_apology_without_a_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEATHER_API_KEY", raising=False)
    assert world.say("get_weather", **{"geo-city": "Oslo"}) == [
        "I cannot see the weather yet: nobody has given me a key for the weather service."
    ]


def test_every_sample_handler_of_an_intent_has_a_scenario_here(local_shop: Webhook) -> None:
    story = Path(__file__).read_text()
    marks = [mark for mark, _ in local_shop.routes.table()]
    follow_ups = {mark.name for mark in marks if mark.kind == "event"}
    named = {mark.name for mark in marks if mark.kind == "intent"} - follow_ups
    assert [name for name in named if f'"{name}"' not in story] == []
