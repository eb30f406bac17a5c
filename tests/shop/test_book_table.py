import pytest

from tests.kit.requests import es_body, es_context, words

SO_FAR = {"date": "2026-12-01", "time": "19:00:00", "guests": 18, "name": ""}
ALL = {**SO_FAR, "name": "Ann"}


def reservations(firestore):
    return [found.to_dict() for found in firestore.client().collection("reservations").stream()]


def test_while_something_is_missing_the_agent_asks(ask, stocked):
    assert ask("book_table", SO_FAR, complete=False) == {}
    assert reservations(stocked) == []


def test_a_table_is_booked_when_all_is_there(ask, stocked):
    assert words(ask("book_table", ALL)) == "Done, Ann: a table for 18 on 2026-12-01 at 19:00. See you!"
    assert reservations(stocked) == [{"slot": "2026-12-01T19:00", "guests": 18, "name": "Ann"}]
    slot = stocked.client().document("slots/2026-12-01T19:00").get().to_dict()
    assert slot == {"capacity": 20, "taken": 18}


def test_a_full_slot_leads_to_the_event_table_full(ask):
    ask("book_table", ALL)
    event = ask("book_table", {**ALL, "guests": 3, "name": "Bob"})["followupEventInput"]
    assert (event["name"], event["parameters"]) == (
        "table_full",
        {"date": "2026-12-01", "time": "19:00", "guests": 3},
    )


def test_a_turn_that_is_delivered_twice_books_once(shop, stocked):
    request = es_body("book_table", {**ALL, "guests": 20})
    assert shop.call(request) == shop.call(request)
    assert len(reservations(stocked)) == 1


@pytest.mark.parametrize(
    ("wrong", "parameter", "told"),
    [
        ({"date": "2020-01-01"}, "date", "That day is over"),
        ({"date": "2027-01-01"}, "date", "We are closed on that day"),
        ({"time": "03:00:00"}, "time", "we are open 10:00-23:00"),
        ({"guests": 400}, "guests", "1 to 20 guests"),
    ],
)
def test_a_value_that_cannot_be_is_asked_for_again_with_the_reason(ask, wrong, parameter, told):
    event = ask("book_table", {**ALL, **wrong})["followupEventInput"]
    assert (event["name"], parameter in event["parameters"]) == ("book_table", False)

    again = {name: event["parameters"].get(name, "") for name in ALL}
    context = es_context("book_table", **event["parameters"])
    assert told in words(ask("book_table", again, complete=False, contexts=[context]))
