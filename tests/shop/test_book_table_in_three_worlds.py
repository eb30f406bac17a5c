"""book_table over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment import Webhook
from tests.worlds import World

TABLE = {"date": "2026-12-01", "time": "19:00:00", "guests": 18, "name": "Ann"}


def test_a_table_is_booked(world: World) -> None:
    assert world.say("book_table", **TABLE) == [
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
