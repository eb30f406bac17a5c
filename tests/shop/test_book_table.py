from typing import Any

import pytest
from google.cloud.firestore import Client

from fulfillment import FormParameter
from fulfillment.testing import Agent, es_request

TABLE = {"date": "2026-12-01", "time": "19:00:00", "guests": 18, "name": "Ann"}
DONE = "Done, Ann: a table for 18 on 2026-12-01 at 19:00. See you!"


def reservations(database: Client) -> list[dict[str, Any]]:
    return [found.to_dict() or {} for found in database.collection("reservations").stream()]


def test_while_something_is_missing_the_agent_asks(agent: Agent, database: Client) -> None:
    assert agent.ask("book_table", form={**TABLE, "name": None}).kept
    assert reservations(database) == []


def test_a_table_is_booked_when_all_is_there(agent: Agent, database: Client) -> None:
    assert agent.ask("book_table", form=TABLE).words == [DONE]
    assert reservations(database) == [{"slot": "2026-12-01T19:00", "guests": 18, "name": "Ann"}]
    slot = database.document("slots/2026-12-01T19:00").get().to_dict()
    assert slot == {"capacity": 20, "taken": 18}


@pytest.mark.parametrize("agent", ["cx"], indirect=True)
def test_cx_objects_for_date_and_time_book_the_same_table(agent: Agent) -> None:
    day, time = {"year": 2026, "month": 12, "day": 1}, {"hours": 19, "minutes": 0, "seconds": 0, "nanos": 0}
    assert agent.ask("book_table", form={**TABLE, "date": day, "time": time}).words == [DONE]


@pytest.mark.parametrize("agent", ["es", "v1"], indirect=True)
def test_a_full_slot_leads_to_the_event_table_full(agent: Agent, database: Client) -> None:
    agent.ask("book_table", form=TABLE)
    turn = agent.ask("book_table", form={**TABLE, "guests": 3, "name": "Bob"}, follow=False)
    assert turn.follow_up == "table_full"
    assert turn.follow_up_parameters == {"date": "2026-12-01", "time": "19:00", "guests": 3}


@pytest.mark.parametrize("agent", ["es"], indirect=True)
def test_a_turn_that_is_delivered_twice_books_once(agent: Agent, database: Client) -> None:
    request = es_request("book_table", {**TABLE, "guests": 20})
    assert agent.send(request) == agent.send(request)
    assert len(reservations(database)) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"date": "2020-01-01"}, "That day is over. Which day would you like?"),
        ({"date": "2027-01-01"}, "We are closed on that day. Which other day would you like?"),
        ({"time": "03:00:00"}, "On that day we are open 10:00-23:00. At what time?"),
        ({"guests": 400}, "We have tables for 1 to 20 guests. How many will you be?"),
    ],
)
def test_a_value_that_cannot_be_is_asked_for_again_with_the_reason(
    agent: Agent, wrong: dict[str, Any], words: str
) -> None:
    turn = agent.ask("book_table", form={**TABLE, **wrong})
    assert turn.words == [words]
    (parameter,) = wrong
    if agent.dialect == "cx":
        assert turn.form == {parameter: FormParameter(parameter, state="INVALID")}
    else:
        assert turn.follow_up == "book_table"
        assert parameter not in turn.follow_up_parameters
