from google.cloud.firestore import Client

from fulfillment.testing import Agent

DAY = "2026-12-01"


def offered(agent: Agent, time: str = "19:00") -> str:
    """What is offered to three guests when that time is full."""
    return agent.event("table_full", date=DAY, time=time, guests=3).words[0]


def test_a_full_table_leads_to_the_nearest_free_times(agent: Agent, database: Client) -> None:
    database.document(f"slots/{DAY}T19:00").set({"capacity": 20, "taken": 18})
    table = {"date": DAY, "time": "19:00:00", "guests": 3, "name": "Ann"}
    assert agent.ask("book_table", form=table).words == [
        "19:00 is fully booked on 2026-12-01. I could offer 18:00, 18:30, 19:30.",
        "Shall I book one of these?",
        "18:00",
        "18:30",
        "19:30",
    ]


def test_the_nearest_free_times_are_offered(agent: Agent) -> None:
    assert offered(agent).endswith("I could offer 18:00, 18:30, 19:30.")


def test_full_neighbours_are_left_out(agent: Agent, database: Client) -> None:
    database.document(f"slots/{DAY}T18:30").set({"capacity": 20, "taken": 18})
    assert offered(agent).endswith("I could offer 18:00, 19:30, 20:00.")


def test_closed_hours_are_not_offered(agent: Agent) -> None:
    assert offered(agent, "22:45").endswith("I could offer 21:15, 21:45, 22:15.")


def test_a_day_without_room_is_told(agent: Agent, database: Client) -> None:
    for hour in range(17, 22):
        for minute in ("00", "30"):
            database.document(f"slots/{DAY}T{hour}:{minute}").set({"capacity": 20, "taken": 20})
    assert "fully booked. Another day?" in offered(agent)
