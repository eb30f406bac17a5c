from typing import Any

import pytest

from fulfillment import Reply, outside
from fulfillment.testing import Agent
from fulfillment.testing.outside import OutsideAnswers
from handlers.get_weather import get_weather

URL = "https://api.openweathermap.org/data/2.5/weather"
OSLO = {"weather": [{"description": "light snow"}], "main": {"temp": -3.6}}
SORRY = "I am sorry, the weather service does not answer right now. Please ask me about Oslo later."


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("WEATHER_API_URL", raising=False)
    monkeypatch.setenv("WEATHER_API_KEY", "k3y")
    return "k3y"


def test_the_weather_is_told(
    agent: Agent, outside_answers: OutsideAnswers, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    outside_answers.get(URL, params={"q": "Oslo", "appid": key, "units": "metric"}, json=OSLO)
    assert agent.ask("get_weather", parameters={"geo-city": "Oslo"}).words == ["In Oslo it is -4 °C, light snow."]
    assert key not in caplog.text


def test_without_a_key_it_says_so_and_asks_nobody(
    agent: Agent, outside_answers: OutsideAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEATHER_API_KEY", raising=False)
    assert agent.ask("get_weather", parameters={"geo-city": "Oslo"}).words == [
        "I cannot see the weather yet: nobody has given me a key for the weather service."
    ]
    assert outside_answers.calls == []


# What the words depend on needs no agent: the handler is a function.


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "text": "oops"},
        {"text": "<html>"},
        {"json": {}},
        {"status": 401, "json": {}},
        {"raises": outside.Unavailable},
    ],
)
def test_a_service_that_fails_is_an_honest_apology(outside_answers: OutsideAnswers, answer: dict[str, Any]) -> None:
    outside_answers.get(URL, **answer)
    assert get_weather("Oslo") == Reply(SORRY)


@pytest.mark.usefixtures("key")
def test_an_unknown_place_is_told(outside_answers: OutsideAnswers) -> None:
    outside_answers.get(URL, status=404, json={})
    assert get_weather("Oslo") == Reply("I do not know a place called Oslo.")
