"""`Agent` holds the same conversation in ES, CX and v1: one test, three wire formats."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from fulfillment import (
    Button,
    Card,
    Chip,
    Chips,
    Context,
    EndInteraction,
    FollowUp,
    HandOff,
    Payload,
    QuickReplies,
    Raw,
    Reply,
    Request,
    RichContent,
    Text,
    on,
)
from fulfillment.routing.routes import Routes
from fulfillment.settings import Settings
from fulfillment.testing import Agent, Turn
from tests.kit.wire import V2BETA1

SEEN: list[Request] = []


@dataclass
class Game:
    answer: int
    tries: int = 0


@on.fallback
@on.intent("look")
def look(request: Request) -> str:
    SEEN.append(request)
    return f"Seen {request.misses} misses."


@on.intent("start")
def start() -> Reply:
    return Reply("Guess!", Game(42))


@on.intent("guess")
def guess(number: int, game: Game) -> Reply:
    game.tries += 1
    if number == game.answer:
        return Reply(f"Yes, after {game.tries}.", Context.delete(Game))
    return Reply("No.", game)


@on.intent("memo")
def memo() -> Reply:
    return Reply("Noted.", Context("memo", lifespan=2, parameters={"count": 3}))


@on.intent("tell")
def tell(memo: Context | None) -> str:
    return f"{memo.get('count')}" if memo else "nothing"


@on.intent("rich")
def rich() -> Reply:
    return Reply(
        Text("One", "Another"),
        Card("Title", buttons=[Button("Go", "https://x.example")]),
        QuickReplies("Which?", "A", "B"),
        Text("Line only", platform="LINE"),
        Payload(facebook={"text": "F"}),
        "Two",
    )


@on.intent("full")
def full(guests: int = 2) -> Reply:
    return Reply(FollowUp("table_full", {"guests": guests}), Context("asked", parameters={"by": "full"}))


@on.intent("no table")
@on.event("table_full")
def table_full(guests: int, asked: Context, request: Request) -> Reply:
    SEEN.append(request)
    return Reply(f"No table for {guests}, {asked.get('by')}.")


@on.intent("loop")
@on.event("loop_on")
def loop(n: int = 0) -> Reply:
    return Reply(FollowUp("loop_on", {"n": n + 1}))


@on.event("WELCOME")
def welcome(request: Request, name: str = "you") -> str:
    SEEN.append(request)
    return f"Hello {name}."


@on.intent("book", slot_filling=True)
def book(date: datetime.date | None, guests: int | None, request: Request) -> Reply:
    SEEN.append(request)
    if request.slot_filling:
        return Reply(f"Asks for {request.asked_parameter}.")
    return Reply(f"{date} {guests}")


@on.intent("deal")
def deal() -> Reply:
    return Reply(FollowUp("dealt", {"guests": 3}), Game(7), Context("asked"))


@on.intent("dealt", slot_filling=True)
@on.event("dealt")
def dealt(guests: int, game: Game, asked: Context, request: Request) -> Reply:
    return Reply(f"{guests} {game.answer} {asked.name} {request.slot_filling}")


@on.intent("bye")
def bye() -> Reply:
    return Reply("Bye.", EndInteraction())


@on.intent("person")
def person() -> Reply:
    return Reply("One moment.", HandOff())


@on.intent("keep")
def keep() -> Reply:
    return Reply.keep()


@on.intent("unreadable")
def unreadable(words: str) -> Reply:
    return Reply(Raw({"text": words}))


ROUTES = Routes(
    [
        look,
        start,
        guess,
        memo,
        tell,
        rich,
        full,
        table_full,
        loop,
        welcome,
        book,
        deal,
        dealt,
        bye,
        person,
        keep,
        unreadable,
    ]
)

Dialect = Literal["es", "cx", "v1"]


@pytest.fixture(params=["es", "cx", "v1"])
def agent(request: pytest.FixtureRequest) -> Agent:
    SEEN.clear()
    return Agent(ROUTES, dialect=request.param)


def test_the_handler_sees_the_dialect(agent: Agent) -> None:
    assert agent.ask("look").dialect == agent.dialect
    assert SEEN[0].dialect == agent.dialect


def test_the_users_words_are_read_the_same_way(agent: Agent) -> None:
    turn = agent.ask("rich")
    assert (turn.status, turn.kept, turn.cause) == (200, False, "")
    assert turn.text.splitlines()[0] == "One"
    assert turn.text.splitlines()[-1] == "Two"
    assert turn.words == ["One", "Title", "Go", "Which?", "A", "B", "Two"]
    assert turn.payload["facebook"] == {"text": "F"}


def test_state_lives_from_turn_to_turn_and_ends(agent: Agent) -> None:
    assert agent.ask("guess", number=1).cause == "missing-parameter"
    assert agent.ask("start").contexts["game"].parameters == {"answer": 42, "tries": 0}
    assert [agent.ask("guess", number=number).text for number in (1, 2, 42)] == ["No.", "No.", "Yes, after 3."]
    assert agent.ask("guess", number=1).cause == "missing-parameter"


def test_numbers_come_as_dialogflow_sends_them_and_are_read_as_ints(agent: Agent) -> None:
    agent.ask("memo")
    assert agent.ask("tell").text == "3"
    agent.ask("look")
    assert b'"count":3.0' in SEEN[0].raw


def test_an_earlier_turn_can_be_made_up(agent: Agent) -> None:
    agent.remember(Context("memo", parameters={"count": 7}), Game(1))
    assert agent.ask("tell").text == "7"
    assert agent.ask("guess", number=1).text == "Yes, after 1."


def test_parameters_reach_the_handler_with_the_users_own_words(agent: Agent) -> None:
    agent.remember(Context("memo"))
    agent.ask("look", parameters={"geo-city": "Köln"}, guests=2)
    assert dict(SEEN[0].parameters) | {"geo-city": "Köln", "guests": 2} == SEEN[0].parameters
    assert (SEEN[0].original("geo-city"), SEEN[0].original("guests")) == ("Köln", "2")


def test_a_follow_up_event_is_followed(agent: Agent) -> None:
    turn = agent.ask("full", guests=5)
    assert turn.text == "No table for 5, full."
    assert turn.contexts["asked"].parameters == {"by": "full"}
    assert SEEN[0].event == "table_full"
    assert SEEN[0].contexts["table_full"].get("guests") == 5
    if agent.dialect != "cx":
        assert (turn.follow_up, turn.follow_up_parameters) == ("table_full", {"guests": 5})
        assert SEEN[0].intent == "no table"
        (first,) = turn.before
        assert first.text == ""
        assert "asked" in first.contexts


def test_what_is_kept_in_contexts_is_no_slot_to_fill_for_the_handler_of_an_event(agent: Agent) -> None:
    assert agent.ask("deal").text == "3 7 asked False"


def test_following_can_be_left_to_the_test(agent: Agent) -> None:
    turn = agent.ask("full", guests=5, follow=False)
    if agent.dialect == "cx":  # the webhook itself follows there
        assert turn.text == "No table for 5, full."
    else:
        assert (turn.text, turn.follow_up, turn.before) == ("", "table_full", ())
    assert turn.follow_up_parameters == ({} if agent.dialect == "cx" else {"guests": 5})


def test_more_than_three_links_are_refused(agent: Agent) -> None:
    if agent.dialect == "cx":
        assert agent.ask("loop").cause == "follow-up-loop"
        return
    with pytest.raises(AssertionError, match="Dialogflow follows 3 in one turn at most"):
        agent.ask("loop")


def test_an_event_happens_with_parameters(agent: Agent) -> None:
    assert agent.event("WELCOME", name="Ann").text == "Hello Ann."
    assert (SEEN[0].event, SEEN[0].input_kind) == ("WELCOME", "event" if agent.dialect == "cx" else "")
    if agent.dialect != "cx":
        assert SEEN[0].query_text == "WELCOME"
        assert SEEN[0].contexts["welcome"].parameters == {"name": "Ann"}


def test_a_form_is_filled_turn_by_turn(agent: Agent) -> None:
    assert agent.ask("book", form={"date": None, "guests": None}).text == "Asks for date."
    date = datetime.date(2026, 12, 1)
    assert agent.ask("book", form={"date": date, "guests": None}).text == "Asks for guests."
    assert agent.ask("book", form={"date": date, "guests": 4}).text == "2026-12-01 4"
    assert [request.slot_filling for request in SEEN] == [True, True, False]


def test_slot_filling_can_be_said_without_a_form(agent: Agent) -> None:
    assert agent.ask("book", slot_filling=True, asked="guests", date="2026-12-01", guests="").text == "Asks for guests."


def test_misses_are_counted(agent: Agent) -> None:
    told = [agent.ask("Default Fallback Intent", fallback=True).text for _ in range(2)]
    assert told == ["Seen 1 misses.", "Seen 2 misses."]
    agent.ask("keep")
    assert agent.ask("Default Fallback Intent", fallback=True).text == "Seen 1 misses."
    assert agent.ask("Default Fallback Intent", fallback=True, misses=7).text == "Seen 7 misses."


def test_the_end_and_a_person(agent: Agent) -> None:
    agent = Agent(ROUTES, dialect=agent.dialect, settings=V2BETA1)
    assert [agent.ask("bye").ended, agent.ask("keep").ended] == [True, False]
    assert agent.ask("person").handed_off is (agent.dialect != "v1")
    assert agent.ask("keep").kept


def test_time_passes(agent: Agent) -> None:
    agent.ask("memo")
    agent.wait(19)
    assert agent.ask("tell").text == "3"
    agent.ask("memo")
    agent.wait(31)
    assert agent.ask("tell").text == "nothing"


def test_a_reply_that_dialogflow_could_not_read_fails_the_test(agent: Agent) -> None:
    with pytest.raises(AssertionError, match="Dialogflow could not read this reply"):
        agent.ask("unreadable", words="no object")


def test_a_problem_is_told_by_its_cause(agent: Agent) -> None:
    turn = agent.ask("nobodys")
    assert (turn.status, turn.cause, turn.text, turn.words, turn.contexts) == (404, "no-handler", "", [], {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "hi"),
        ("text", ""),
        ("misses", 0),
        ("follow", "me"),
        ("misses", 2),
        ("source", "line"),
        ("payload", {"a": 1}),
        ("fallback", True),
        ("asked", "day"),
    ],
)
def test_a_parameter_that_is_called_like_an_option_is_never_swallowed(agent: Agent, name: str, value: Any) -> None:
    source = f"def translate({name}: object = None) -> str:\n    return str({name})\n"
    scope: dict[str, Any] = {"__name__": __name__}
    exec(source, scope)  # the argument's name is the case
    mine = Agent(Routes([on.intent("translate")(scope["translate"])]), dialect=agent.dialect)
    with pytest.raises(TypeError, match=rf"parameters=\{{'{name}': \.\.\.\}}"):
        mine.ask("translate", **{name: value})
    assert mine.ask("translate", parameters={name: "hello"}).text == "hello"
    assert mine.ask("translate", parameters={name: "hello"}, **{name: value}).text == "hello"
    assert mine.ask("translate", parameters={}, **{name: value}).status == 200


def test_an_option_of_another_dialect_is_refused(agent: Agent) -> None:
    wrong = {"action": "x"} if agent.dialect == "cx" else {"page": "x"}
    with pytest.raises(TypeError, match=r"is for dialect .* this agent speaks"):
        agent.ask("look", **wrong)  # type: ignore[arg-type]
    agent.ask("look", parameters=wrong)
    assert list(SEEN[0].parameters) == list(wrong)


def test_any_body_of_any_dialect_can_be_sent(agent: Agent) -> None:
    from fulfillment.testing import cx_request, es_request, v1_request

    for body, dialect in ((es_request("rich"), "es"), (cx_request("rich"), "cx"), (v1_request("rich"), "v1")):
        turn = agent.send(body)
        assert (turn.dialect, turn.words[:2]) == (dialect, ["One", "Title"])


@pytest.mark.parametrize("dialect", ["es", "v1"])
def test_the_looks_of_integrations(dialect: Literal["es", "v1"]) -> None:
    @on.intent("where")
    def where(request: Request) -> Reply:
        SEEN.append(request)
        return Reply(RichContent(Chips(Chip("Yes"))) if request.dialect == "es" else "no", QuickReplies("?", "a"))

    def seen(**how: Any) -> tuple[Request, Turn]:
        SEEN.clear()
        turn = Agent(Routes([where]), dialect=dialect, **how).ask("where")
        return SEEN[0], turn

    for channel in ("facebook", "line", "slack", "telegram", "twilio", "google"):
        request, _ = seen(channel=channel, user_id="u-1")
        assert (request.channel, request.user_id) == (channel, "u-1")
    assert seen(channel="console")[0].channel == "dialogflow_console"
    phone, _ = seen(channel="phone", user_id="+4930")
    assert (phone.channel, phone.user_id) == ("google_telephony", "+4930")
    request, turn = seen(channel="messenger", user_id="u-1")
    assert (request.channel, request.user_id) == ("", "u-1")
    assert request.session.id.startswith("dfMessenger-")
    if dialect == "es":
        assert turn.rich_content[0] == {"type": "chips", "options": [{"text": "Yes"}]}
        assert not any("quickReplies" in message for message in turn.messages)


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 'es', 'cx', 'flexible' or 'v1'"):
        Agent(ROUTES, dialect="ccai")  # type: ignore[arg-type]


def test_settings_hold_in_every_dialect(agent: Agent) -> None:
    strict = Agent(ROUTES, dialect=agent.dialect, settings=Settings(on_google=True, auth=()))
    assert strict.ask("look").cause == "access-not-configured"
