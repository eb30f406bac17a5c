from tests.kit.requests import words

FULL = {"date": "2026-12-01", "time": "19:00", "guests": 3}


def test_the_nearest_free_times_are_offered(ask):
    assert words(ask("table_full", FULL)).endswith("I could offer 18:00, 18:30, 19:30.")


def test_full_neighbours_are_left_out(ask, stocked):
    stocked.client().document("slots/2026-12-01T18:30").set({"capacity": 20, "taken": 18})
    assert words(ask("table_full", FULL)).endswith("I could offer 18:00, 19:30, 20:00.")


def test_closed_hours_are_not_offered(ask):
    assert words(ask("table_full", {**FULL, "time": "22:45"})).endswith("I could offer 21:15, 21:45, 22:15.")


def test_a_day_without_room_is_told(ask, stocked):
    for minutes in range(17 * 60, 21 * 60 + 1, 30):
        slot = f"2026-12-01T{minutes // 60:02}:{minutes % 60:02}"
        stocked.client().document(f"slots/{slot}").set({"capacity": 20, "taken": 20})
    assert "fully booked. Another day?" in words(ask("table_full", FULL))
