import datetime
from typing import Any

import pytest

from fulfillment.testing import Agent

SATURDAY = datetime.date(2026, 11, 21)
MOON = {"known": False, "store_name": "", "open": False, "hours": []}
HARBOUR = {"known": True, "store_name": "Harbour", "open": True, "hours": ["09:00-14:00", "16:00-20:00"]}


@pytest.mark.parametrize("agent", ["flexible"], indirect=True)
@pytest.mark.parametrize(("store", "day", "answer"), [("harbour", SATURDAY, HARBOUR), ("moon", None, MOON)])
def test_the_hours_of_a_store_are_told(
    agent: Agent, store: str, day: datetime.date | None, answer: dict[str, Any]
) -> None:
    turn = agent.call("/store-hours", store=store, date=day)
    assert (turn.status, turn.body) == (200, answer)
