"""`fulfillment.testing`: what a user's own handler tests need."""

from __future__ import annotations

import datetime

import pytest

from fulfillment import (
    Card,
    Context,
    EndSlotFilling,
    FollowUp,
    QuickReplies,
    Raw,
    Reply,
    Request,
    SessionEntities,
    Text,
    on,
)
from fulfillment.routing.routes import Routes
from fulfillment.testing import Agent, check_as_google_does
from tests.kit.wire import V2BETA1

SEEN: list[Request] = []


@on.fallback
@on.intent("look")
def look(request: Request) -> str:
    SEEN.append(request)
    return f"Seen {request.misses} misses."


@on.intent("remember")
def remember(what: str) -> Reply:
    return Reply("Noted.", Context("memo", lifespan=2, parameters={"what": what}))


@on.intent("forget")
def forget() -> Reply:
    return Reply("Forgotten.", Context.delete("memo"))


@on.intent("book.a table", slot_filling=True)
def book(day: datetime.date | None, request: Request) -> Reply:
    SEEN.append(request)
    return Reply(f"Booked for {day}.") if day else Reply.keep()


@on.intent("full")
def full() -> Reply:
    return Reply(FollowUp("table_full", {"guests": 2}))


@on.intent("rich")
def rich() -> Reply:
    return Reply("One", Card("c"), QuickReplies("?", "a"), Text("Line only", platform="LINE"), Text("Two", "Zwei"))


@on.intent("unreadable")
def unreadable() -> Reply:
    return Reply(Raw({"text": "no list"}))


@on.intent("end")
def end() -> Reply:
    return Reply("Fine, no table.", EndSlotFilling(), SessionEntities("fruit", "apple"))


ROUTES = Routes([look, remember, forget, book, full, rich, unreadable, end])


@pytest.fixture
def agent() -> Agent:
    SEEN.clear()
    return Agent(ROUTES)


def test_a_turn_holds_words_messages_and_status(agent: Agent) -> None:
    turn = agent.ask("rich")

    assert (turn.status, turn.text, turn.cause, turn.kept) == (200, "One\nTwo", "", False)
    assert turn.messages[1] == {"card": {"title": "c"}}


def test_parameters_may_have_any_name_and_type(agent: Agent) -> None:
    agent.ask("look", parameters={"geo-city": "Köln"}, day=datetime.date(2026, 11, 27), guests=2)

    assert SEEN[0].parameters == {"geo-city": "Köln", "day": "2026-11-27", "guests": 2}


def test_a_context_lives_as_many_turns_as_it_was_given(agent: Agent) -> None:
    assert agent.ask("remember", what="milk").contexts["memo"] == Context("memo", 2, {"what": "milk"})
    for _ in range(3):
        agent.ask("look")

    assert [request.contexts.get("memo") for request in SEEN] == [
        Context("memo", 1, {"what": "milk"}),
        Context("memo", 0, {"what": "milk"}),
        None,
    ]


def test_a_context_can_be_deleted(agent: Agent) -> None:
    agent.ask("remember", what="milk")
    assert agent.ask("forget").contexts == {"memo": Context("memo", 0)}
    agent.ask("look")

    assert SEEN[0].contexts == {}


def test_contexts_belong_to_their_agent(agent: Agent) -> None:
    agent.ask("remember", what="milk")
    Agent(ROUTES).ask("look")

    assert SEEN[0].contexts == {}


def test_slot_filling_says_what_is_asked_for(agent: Agent) -> None:
    assert agent.ask("book.a table", slot_filling=True, asked="Day", day="").kept
    assert (SEEN[0].slot_filling, SEEN[0].asked_parameter) == (True, "day")
    assert "book_a_table_dialog_params_day" in SEEN[0].contexts
    assert agent.ask("book.a table", day="2026-11-27").text == "Booked for 2026-11-27."


def test_the_end_of_slot_filling_is_seen(agent: Agent) -> None:
    ended = agent.ask("end", slot_filling=True, asked="day").contexts

    assert {name: context.lifespan for name, context in ended.items()} == {
        "end_dialog_context": 0,
        "end_dialog_params_day": 0,
    }


def test_a_follow_up_event_is_seen(agent: Agent) -> None:
    turn = agent.ask("full")

    assert (turn.follow_up, turn.follow_up_parameters) == ("table_full", {"guests": 2})


def test_misses_languages_and_channels_can_be_played(agent: Agent) -> None:
    german = Agent(ROUTES, language="de")
    turn = german.ask("Default Fallback Intent", fallback=True, misses=3, source="facebook", payload={"a": 1})

    assert turn.text == "Seen 3 misses."
    assert (SEEN[0].language, SEEN[0].channel, SEEN[0].payload, SEEN[0].is_fallback) == (
        "de",
        "facebook",
        {"a": 1},
        True,
    )


def test_an_intent_is_no_event(agent: Agent) -> None:
    agent.ask("look")
    assert SEEN[0].event == ""


@pytest.mark.parametrize(
    ("environment", "location", "session"),
    [
        ("", "", "projects/test-project/agent/sessions/"),
        ("prod", "", "projects/test-project/agent/environments/prod/users/-/sessions/"),
        ("", "europe-west1", "projects/test-project/locations/europe-west1/agent/sessions/"),
    ],
)
def test_agents_have_environments_and_locations(environment: str, location: str, session: str) -> None:
    SEEN.clear()
    Agent(ROUTES, environment=environment, location=location).ask("look")

    assert SEEN[0].session.name.startswith(session)
    assert (SEEN[0].session.environment, SEEN[0].session.location) == (environment, location)


def test_a_reply_that_google_could_not_read_fails_the_test(agent: Agent) -> None:
    with pytest.raises(AssertionError, match="Dialogflow could not read this reply"):
        agent.ask("unreadable")


def test_the_api_version_decides_what_google_can_read() -> None:
    check_as_google_does({"endInteraction": True}, "v2beta1")
    with pytest.raises(AssertionError):
        check_as_google_does({"endInteraction": True}, "v2")
    assert Agent(ROUTES, settings=V2BETA1).ask("look").status == 200


def test_a_problem_is_told_by_its_cause(agent: Agent) -> None:
    turn = agent.ask("nobodys")

    assert (turn.status, turn.cause, turn.text) == (404, "no-handler", "")


def test_any_body_can_be_sent(agent: Agent) -> None:
    assert agent.send({"queryResult": {}}).text == "Seen 0 misses."
