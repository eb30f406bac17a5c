"""`Agent` on ES and v1: contexts as Dialogflow keeps them, events of the agent, numbers."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from fulfillment import Context, FollowUp, Reply, Request, on
from fulfillment.routing.routes import Routes
from fulfillment.testing import Agent, check_as_google_does

SEEN: list[Request] = []


@on.intent("look")
def look(request: Request) -> str:
    SEEN.append(request)
    return "Seen."


@on.intent("memo")
def memo(lifespan: int = 1) -> Reply:
    return Reply("Noted.", Context("memo", lifespan, {"what": "milk"}), Context("other", 9))


@on.intent("again")
def again() -> Reply:
    return Reply(FollowUp("fill_again", {"day": "friday"}), Context.delete("other"))


@on.intent("filled", slot_filling=True)
@on.event("fill_again")
def filled(day: str | None, guests: int | None, request: Request) -> Reply:
    SEEN.append(request)
    return Reply(f"{day} {guests}")


ROUTES = Routes([look, memo, again, filled])


@pytest.fixture(params=["es", "v1"])
def agent(request: pytest.FixtureRequest) -> Agent:
    SEEN.clear()
    return Agent(ROUTES, dialect=request.param)


def test_the_current_parameters_are_written_into_every_active_context(agent: Agent) -> None:
    agent.ask("memo", lifespan=5)
    agent.ask("look", color="red")
    agent.ask("look")
    assert [dict(request.contexts["memo"].parameters) for request in SEEN] == 2 * [
        {"what": "milk", "color": "red", "color.original": "red"}
    ]


def test_a_context_with_no_turn_left_is_there_through_the_whole_chain_and_then_gone(agent: Agent) -> None:
    agent.ask("memo")
    agent.ask("again")
    assert {name: context.lifespan for name, context in SEEN[0].contexts.items() if "dialog" not in name} == {
        "memo": 0,
        "fill_again": 0,
    }
    agent.ask("look")
    assert SEEN[1].contexts == {}


def test_a_follow_up_event_fills_the_parameters_of_its_handler_by_name(agent: Agent) -> None:
    turn = agent.ask("again")
    assert turn.text == "friday None"
    assert SEEN[0].parameters == {"day": "friday", "guests": ""}
    assert (SEEN[0].intent, SEEN[0].event, SEEN[0].slot_filling, SEEN[0].asked_parameter) == (
        "filled",
        "fill_again",
        True,
        "guests",
    )


def test_the_agent_tells_which_intent_has_an_event(agent: Agent) -> None:
    mine = Agent(ROUTES, dialect=agent.dialect, events={"WELCOME": "look"})
    assert mine.event("WELCOME").text == "Seen."
    assert mine.event("HELLO_THERE", intent="look").text == "Seen."
    assert [request.event for request in SEEN] == ["WELCOME", "HELLO_THERE"]
    assert mine.event("NOBODYS").cause == "no-handler"


def test_contexts_die_after_twenty_minutes(agent: Agent) -> None:
    for minutes, alive in ((19, True), (20, False)):
        agent.ask("memo", lifespan=9)
        agent.wait(minutes)
        agent.ask("look")
        assert ("memo" in SEEN[-1].contexts) is alive


@pytest.mark.parametrize(
    "body",
    [
        {"speech": ["x"]},
        {"fulfillmentText": "x"},
        {"messages": [{"speech": "x"}]},
        {"contextOut": [{"name": "projects/p/agent/sessions/s/contexts/c", "lifespan": 1}]},
        {"contextOut": [{"name": "c", "lifespanCount": 1}]},
        {"followupEvent": {"name": "e", "parameters": {}}},
        {"messages": {}},
        [],
    ],
)
def test_what_v1_could_not_read_is_refused(body: Any) -> None:
    with pytest.raises(AssertionError, match="Dialogflow could not read this reply"):
        check_as_google_does(body, dialect="v1")


@pytest.mark.parametrize(
    ("dialect", "good", "bad"),
    [
        ("cx", {"sessionInfo": {"parameters": {"a": None}}}, {"outputContexts": []}),
        ("es", {"outputContexts": []}, {"sessionInfo": {}}),
        ("v1", {"speech": "x", "contextOut": [{"name": "c", "lifespan": 1}]}, {"outputContexts": []}),
    ],
)
def test_each_dialect_has_its_judge(dialect: Literal["es", "cx", "v1"], good: Any, bad: Any) -> None:
    check_as_google_does(good, dialect=dialect)
    with pytest.raises(AssertionError):
        check_as_google_does(bad, dialect=dialect)
