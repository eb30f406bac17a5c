"""A handler that keeps state in a dataclass, as a real function, in every dialect that has turns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fulfillment.testing import Turn, cx_request, es_request, v1_request
from tests.kit.functions import Function, running
from tests.kit.scenarios.conftest import kit_with

GAME = """
from dataclasses import dataclass

from fulfillment import Context, Reply, discover, on


@dataclass
class Game:
    answer: int
    tries: int = 0


@on.intent("start")
def start() -> Reply:
    return Reply("Guess!", Game(42))


@on.intent("guess")
def guess(number: int, game: Game) -> Reply:
    game.tries += 1
    if number == game.answer:
        return Reply(f"Yes, it is {game.answer}, after {game.tries}.", Context.delete(Game))
    return Reply("No.", game)


@on.intent("convert")
def convert(temperature: Context) -> str:
    return f"{temperature.get('amount')}"
"""


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Function]:
    handlers = tmp_path_factory.mktemp("handlers")
    (handlers / "__init__.py").write_text("from fulfillment import discover\n\nroutes = discover(__name__)\n")
    (handlers / "game.py").write_text(GAME)
    with running(kit_with(handlers, tmp_path_factory.mktemp("game")), {"WEBHOOK_AUTH": "none"}) as started:
        yield started


def _es(intent: str, contexts: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return es_request(intent, parameters, contexts=[{"name": n, "parameters": p} for n, p in contexts.items()])


def _cx(intent: str, contexts: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return cx_request(intent, {**contexts, **parameters})


def _v1(intent: str, contexts: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return v1_request(intent, parameters, contexts=[{"name": n, "parameters": p} for n, p in contexts.items()])


WORLDS = pytest.mark.parametrize(("dialect", "request_of"), [("es", _es), ("cx", _cx), ("v1", _v1)])


@WORLDS
def test_a_game_is_played_over_three_turns(
    function: Function, dialect: str, request_of: Callable[..., dict[str, Any]]
) -> None:
    contexts: dict[str, Any] = {}
    told = []
    for intent, more in (("start", {}), ("guess", {"number": 7.0}), ("guess", {"number": 42.0})):
        status, reply = function.call(request_of(intent, contexts, **more))
        assert status == 200, reply
        turn = Turn(status, reply, dialect)
        told.append(turn.text)
        # As Dialogflow gives it back: every number a double.
        found = {name: dict(context.parameters) for name, context in turn.contexts.items()}
        contexts = json.loads(json.dumps(found), parse_int=float)
    assert told == ["Guess!", "No.", "Yes, it is 42, after 2."]
    assert turn.contexts["game"].lifespan == 0


@WORLDS
def test_a_number_in_a_context_is_told_without_a_point(
    function: Function, dialect: str, request_of: Callable[..., dict[str, Any]]
) -> None:
    status, reply = function.call(request_of("convert", {"temperature": {"amount": 42.0}}))
    assert Turn(status, reply, dialect).text == "42"


@WORLDS
def test_the_log_says_which_context_is_not_active(
    function: Function, dialect: str, request_of: Callable[..., dict[str, Any]]
) -> None:
    status, reply = function.call(request_of("convert", {"cart": {"a": 1}}))
    assert (status, reply["error"]["message"]) == (400, "Context not active: temperature.")
    (line,) = [line for line in function.lines() if line.get("id") == reply["error"]["id"]]
    assert "needs context 'temperature', which is not active (active: 'cart')" in json.dumps(line)
    assert "Mark the parameter" not in json.dumps(line)
