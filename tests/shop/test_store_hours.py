from tests.kit.requests import words

SATURDAY = {"store": "harbour", "date": "2026-11-21T12:00:00+01:00"}
MONDAY = {"store": "harbour", "date": "2026-11-23"}
NEW_YEAR = {"store": "main", "date": "2027-01-01"}


def test_the_hours_of_a_day_are_told(ask):
    assert words(ask("store_hours", SATURDAY)) == "Harbour is open 09:00-14:00 / 16:00-20:00 on 2026-11-21."


def test_the_answer_is_in_the_users_language(ask):
    assert "營業時間" in words(ask("store_hours", SATURDAY, languageCode="zh-TW"))


def test_a_language_without_texts_falls_back_to_english(ask):
    assert "is open" in words(ask("store_hours", SATURDAY, languageCode="de"))


def test_a_day_off_is_told(ask):
    assert words(ask("store_hours", MONDAY)) == "Harbour is closed on 2026-11-23."
    assert words(ask("store_hours", NEW_YEAR)) == "Main Street is closed on 2027-01-01."


def test_without_a_date_it_is_today(ask):
    assert "Main Street is " in words(ask("store_hours", {"store": "main", "date": ""}))


def test_an_unknown_store_teaches_the_agent_the_known_ones(ask):
    reply = ask("store_hours", {"store": "moon"})
    assert "Harbour" in words(reply)
    assert {entity["value"] for entity in reply["sessionEntityTypes"][0]["entities"]} == {"main", "harbour"}
