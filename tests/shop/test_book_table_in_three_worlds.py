"""book_table over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment import FormParameter, Webhook
from fulfillment.testing import Agent

TABLE = {"date": "2026-12-01", "time": "19:00:00", "guests": 18, "name": "Ann"}


def test_a_table_is_booked(agent: Agent) -> None:
    assert agent.ask("book_table", form=TABLE).words == [
        "Done, Ann: a table for 18 on 2026-12-01 at 19:00. See you!",
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"date": "2020-01-01"}, "That day is over. Which day would you like?"),
        ({"time": "03:00:00"}, "On that day we are open 10:00-23:00. At what time?"),
        ({"guests": 400}, "We have tables for 1 to 20 guests. How many will you be?"),
    ],
)
def test_a_value_that_cannot_be_is_asked_for_again(agent: Agent, wrong: dict[str, Any], words: str) -> None:
    turn = agent.ask("book_table", form={**TABLE, **wrong})
    assert turn.words == [words]
    if agent.dialect == "cx":
        (name,) = wrong
        assert turn.form == {name: FormParameter(name, state="INVALID")}


def test_cx_objects_for_date_and_time_book_the_same_table(local_shop: Webhook) -> None:
    agent = Agent(local_shop.routes, dialect="cx")
    day, time = {"year": 2026, "month": 12, "day": 1}, {"hours": 19, "minutes": 0, "seconds": 0, "nanos": 0}
    assert agent.ask("book_table", form={**TABLE, "date": day, "time": time}).words == [
        "Done, Ann: a table for 18 on 2026-12-01 at 19:00. See you!"
    ]
