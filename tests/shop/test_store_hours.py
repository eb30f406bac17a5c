import pytest

from fulfillment.testing import Agent

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("day", ["2026-11-21", "2026-11-21T12:00:00+01:00"])
def test_the_hours_of_a_day_are_told(agent: Agent, day: str) -> None:
    turn = agent.ask("store_hours", store="harbour", date=day)
    assert turn.words == ["Harbour is open 09:00-14:00 / 16:00-20:00 on 2026-11-21."]


@pytest.mark.parametrize(("language", "words"), [("zh-TW", "營業時間"), ("de", "is open")])
def test_the_answer_is_in_the_users_language_or_in_english(agent: Agent, language: str, words: str) -> None:
    agent.language = language
    assert words in agent.ask("store_hours", store="harbour", date="2026-11-21").text


@pytest.mark.parametrize(
    ("store", "name", "day"), [("harbour", "Harbour", "2026-11-23"), ("main", "Main Street", "2027-01-01")]
)
def test_a_day_off_is_told(agent: Agent, store: str, name: str, day: str) -> None:
    assert agent.ask("store_hours", store=store, date=day).words == [f"{name} is closed on {day}."]


def test_without_a_date_it_is_today(agent: Agent) -> None:
    assert "Main Street is " in agent.ask("store_hours", store="main", date="").text


def test_an_unknown_store_teaches_the_agent_the_known_ones(agent: Agent) -> None:
    turn = agent.ask("store_hours", store="moon")
    assert turn.text.startswith("I do not know the store moon. Our stores: ")
    assert "Harbour" in turn.text
    taught = turn.body.get("sessionEntityTypes", [])  # only ES can be taught
    assert [{entity["value"] for entity in one["entities"]} for one in taught] == (
        [{"main", "harbour"}] if agent.dialect == "es" else []
    )
