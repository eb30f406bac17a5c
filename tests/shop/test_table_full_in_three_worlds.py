"""table_full over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

from fulfillment.testing import Agent

TABLE = {"date": "2026-12-01", "time": "19:00:00", "guests": 18, "name": "Ann"}


def test_a_full_table_leads_to_the_nearest_free_times(agent: Agent) -> None:
    agent.ask("book_table", form=TABLE)
    assert agent.ask("book_table", form={**TABLE, "guests": 3}).words == [
        "19:00 is fully booked on 2026-12-01. I could offer 18:00, 18:30, 19:30.",
        "Shall I book one of these?",
        "18:00",
        "18:30",
        "19:30",
    ]
