"""get_weather over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

import pytest

from fulfillment.testing import Agent


def test_the_weather_is_an_honest_apology_without_a_key(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEATHER_API_KEY", raising=False)
    assert agent.ask("get_weather", parameters={"geo-city": "Oslo"}).words == [
        "I cannot see the weather yet: nobody has given me a key for the weather service."
    ]
