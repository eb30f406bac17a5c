"""store_hours over ES, CX and v1: the same handler, the same words in all three."""

from __future__ import annotations

import pytest

from fulfillment.testing import Agent


@pytest.mark.parametrize(("language", "words"), [("en", "is open 09:00-14:00"), ("zh-TW", "營業時間")])
def test_store_hours_are_told_in_the_users_language(agent: Agent, language: str, words: str) -> None:
    agent.language = language
    (told,) = agent.ask("store_hours", store="harbour", date="2026-11-21").words
    assert words in told


def test_an_unknown_store_is_told_the_known_ones(agent: Agent) -> None:
    turn = agent.ask("store_hours", store="moon")
    (told,) = turn.words
    assert told.startswith("I do not know the store moon. Our stores: ")
    assert ("sessionEntityTypes" in turn.body) is (agent.dialect == "es")
