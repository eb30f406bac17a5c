"""A handler's state between turns: a dataclass that is read from a context and written by a reply."""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from fulfillment import Button, Context, FollowUp, Parameter, Problem, Reply, Request, dialects, on
from fulfillment.dialects import cx
from fulfillment.problems import SetupError
from fulfillment.request import CONTEXT_LIFESPAN
from fulfillment.routing.routes import Routes
from fulfillment.routing.table import main
from fulfillment.testing import cx_request, es_request, v1_request
from tests.kit.wire import ask, call_of, webhook_of, words_of


@dataclass
class Game:
    answer: int
    guesses: int = 0


@dataclass(frozen=True)
class NumberGame:
    answer: int
    guesses: int = 0


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@dataclass(frozen=True)
class Visit:
    day: datetime.date
    at: datetime.time


@dataclass
class Everything:
    day: datetime.date
    when: datetime.datetime
    size: Size
    visit: Visit
    visits: list[Visit]
    named: dict[str, Visit]
    raw: dict[str, Any]
    price: float
    city: Annotated[str, Parameter("geo-city")]
    name: str
    note: str | None
    best: int | None = 3
    words: list[str] = field(default_factory=list)
    made: int = field(default=0, init=False)


FULL = Everything(
    day=datetime.date(2026, 12, 1),
    when=datetime.datetime(2026, 12, 1, 19, 30, tzinfo=datetime.UTC),
    size=Size.LARGE,
    visit=Visit(datetime.date(2026, 12, 2), datetime.time(9)),
    visits=[Visit(datetime.date(2026, 12, 3), datetime.time(10))],
    named={"first": Visit(datetime.date(2026, 12, 4), datetime.time(11))},
    raw={"a": [1, None, {"b": True}]},
    price=3.0,
    city="Oslo",
    name="",
    note=None,
    best=None,
)

SEEN: list[Any] = []


@on.intent("start")
def start() -> Reply:
    return Reply("I have a number.", Game(answer=42))


@on.intent("guess")
def guess(number: int, game: Game) -> Reply:
    game.guesses += 1
    return Reply(f"{number} is not {game.answer}, after {game.guesses}.", game)


@on.intent("look")
def look(anything: Game | None, other: Game = Game(0)) -> str:  # noqa: B008
    SEEN.append((anything, other))
    return "Seen."


def _es(intent: str, contexts: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return es_request(intent, parameters, contexts=[{"name": n, "parameters": p} for n, p in contexts.items()])


def _cx(intent: str, contexts: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return cx_request(intent, {**contexts, **parameters})


def _v1(intent: str, contexts: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return v1_request(intent, parameters, contexts=[{"name": n, "parameters": p} for n, p in contexts.items()])


def _written(reply: dict[str, Any]) -> dict[str, Any]:
    """The contexts that a reply of any dialect sets."""
    found = dict(reply.get("sessionInfo", {}).get("parameters", {}))
    for context in reply.get("outputContexts", reply.get("contextOut", [])):
        found[context["name"].rpartition("/")[2]] = context["parameters"]
    return found


WORLDS = pytest.mark.parametrize("request_of", [_es, _cx, _v1])
RequestOf = Callable[..., dict[str, Any]]


@WORLDS
def test_a_dataclass_in_a_reply_is_what_the_next_turn_reads(request_of: RequestOf) -> None:
    shop = webhook_of(start, guess)
    contexts = _written(ask(shop, request_of("start", {}))[1])
    assert contexts == {"game": {"answer": 42, "guesses": 0}}
    for turn in (1, 2):
        status, reply = ask(shop, request_of("guess", contexts, number=7.0))
        assert (status, words_of(reply)) == (200, [f"7 is not 42, after {turn}."])
        contexts = _written(reply)


@WORLDS
def test_numbers_come_back_as_dialogflow_sends_them(request_of: RequestOf) -> None:
    _, reply = ask(webhook_of(guess), request_of("guess", {"game": {"answer": 42.0, "guesses": 3.0}}, number=7.0))
    assert words_of(reply) == ["7 is not 42, after 4."]


@WORLDS
def test_defaults_fill_what_a_context_lacks(request_of: RequestOf) -> None:
    _, reply = ask(webhook_of(guess), request_of("guess", {"game": {"answer": 1, "number.original": "x"}}, number=7))
    assert words_of(reply) == ["7 is not 1, after 1."]


@WORLDS
def test_without_the_context_an_optional_one_is_none_or_the_default(request_of: RequestOf) -> None:
    SEEN.clear()
    ask(webhook_of(look), request_of("look", {}))
    assert [(None, Game(0))] == SEEN


@WORLDS
def test_the_class_names_the_context_whatever_the_argument_is_called(request_of: RequestOf) -> None:
    SEEN.clear()
    ask(webhook_of(look), request_of("look", {"game": {"answer": 9}}))
    assert [(Game(9), Game(9))] == SEEN


@WORLDS
def test_a_context_of_the_arguments_own_name_is_read_too(request_of: RequestOf) -> None:
    SEEN.clear()
    ask(webhook_of(look), request_of("look", {"other": {"answer": 9}}))
    assert [(None, Game(9))] == SEEN


@WORLDS
def test_a_named_context_is_the_only_one_that_is_read(request_of: RequestOf) -> None:
    @on.intent("named")
    def named(game: Annotated[Game | None, Parameter("Number-Game")]) -> str:
        return f"{game}"

    shop = webhook_of(named)
    assert words_of(ask(shop, request_of("named", {"game": {"answer": 9}}))[1]) == ["None"]
    assert words_of(ask(shop, request_of("named", {"number-game": {"answer": 9}}))[1]) == [str(Game(9))]


def test_a_parameter_of_that_name_comes_before_the_context() -> None:
    SEEN.clear()
    ask(webhook_of(look), _es("look", {"game": {"answer": 9}}, anything={"answer": 1}, other={"answer": 2}))
    assert [(Game(1), Game(2))] == SEEN


def _refused(handler: Callable[..., Any], body: dict[str, Any]) -> Problem:
    call = call_of(body)
    dialect = dialects.of(body)
    assert dialect is not None
    request = dialect.decode(body, call)
    with pytest.raises(Problem) as refused:
        Routes([handler]).find(request).call(request)
    return refused.value


@WORLDS
def test_a_missing_state_says_that_the_context_is_not_active(request_of: RequestOf) -> None:
    problem = _refused(guess, request_of("guess", {"cart": {"a": 1}}, number=7))
    assert (problem.status, problem.cause) == (400, "missing-parameter")
    assert "'game' may also be kept in context 'game', which is not active (active: 'cart')" in problem.detail
    assert "Mark the parameter as required" not in problem.detail


@WORLDS
def test_a_context_that_holds_something_else_is_named_without_its_values(request_of: RequestOf) -> None:
    problem = _refused(guess, request_of("guess", {"game": {"answer": "my secret"}}, number=7))
    assert (problem.status, problem.cause) == (400, "bad-parameter")
    assert problem.message == "Context game is not of type Game."
    assert "Context 'game': found" in problem.detail
    assert "secret" not in problem.detail


@WORLDS
def test_every_kind_of_member_reads_back_equal(request_of: RequestOf) -> None:
    @on.intent("write")
    def write() -> Reply:
        return Reply("Written.", FULL)

    @on.intent("read")
    def read(everything: Everything) -> str:
        SEEN.append(everything)
        return "Read."

    SEEN.clear()
    shop = webhook_of(write, read)
    contexts = json.loads(json.dumps(_written(ask(shop, request_of("write", {}))[1])), parse_int=float)
    assert contexts["everything"]["geo-city"] == "Oslo"
    assert ask(shop, request_of("read", contexts))[0] == 200
    assert SEEN == [FULL]
    assert type(SEEN[0].price) is float


@pytest.mark.parametrize("kind", [Game, NumberGame])
def test_a_context_of_a_dataclass_has_a_name_and_a_lifespan(kind: Any) -> None:
    name = {"Game": "game", "NumberGame": "number_game"}[kind.__name__]
    game = kind(42)
    assert Context.of(game) == Context(name, CONTEXT_LIFESPAN, {"answer": 42, "guesses": 0})
    assert Context.of(game, name="x", lifespan=20) == Context("x", 20, {"answer": 42, "guesses": 0})
    assert Context.delete(kind) == Context(name, 0)
    assert Reply("Hi", game) == Reply("Hi", Context.of(game)) == Reply("Hi") + game
    assert Reply(game).contexts == {name: Context.of(game)}


@dataclass
class Unreadable:
    value: Any


@pytest.mark.parametrize(
    "value",
    [{1, 2}, {1: 2}, object(), [b"x"], 2**53 + 1, {"id": -(2**60)}],
    ids=["set", "number as name", "object", "bytes", "long id", "long id inside"],
)
def test_a_member_that_could_not_be_read_back_is_refused_where_it_is_written(value: Any) -> None:
    with pytest.raises(TypeError, match=r"Unreadable\.value"):
        Reply("Hi", Unreadable(value))


@pytest.mark.parametrize("part", [3, {"a": 1}, Game, Request(), Parameter("x"), None])
def test_what_is_neither_a_part_nor_a_users_dataclass_is_refused(part: Any) -> None:
    with pytest.raises(TypeError, match=r"Reply\(\.\.\.\) got a"):
        Reply("Hi", part)
    with pytest.raises(TypeError):
        Reply("Hi") + part


@WORLDS
def test_a_button_alone_is_still_no_message(request_of: RequestOf) -> None:
    @on.intent("button")
    def button() -> Reply:
        return Reply("Hi", Button("x"))

    assert ask(webhook_of(button), request_of("button", {}))[1]["error"]["cause"] == "invalid-reply"


def test_a_dataclass_alone_is_no_reply() -> None:
    @on.intent("alone")
    def alone() -> Any:
        return Game(1)

    assert ask(webhook_of(alone), _es("alone", {}))[1]["error"]["cause"] == "no-reply"


def test_a_dataclass_that_no_json_value_can_become_stops_the_start() -> None:
    @dataclass
    class Wrong:
        items: set[str]

    def handler(wrong: Wrong) -> str:
        return str(wrong)

    handler.__annotations__["wrong"] = Wrong
    with pytest.raises(SetupError, match=r"argument 'wrong': type set\[str\] cannot be made from JSON"):
        Routes([handler])


def test_the_handler_of_a_follow_up_event_on_cx_reads_the_state_that_was_just_written() -> None:
    @on.intent("go")
    def go() -> Reply:
        return Reply(FollowUp("went"), Game(5))

    @on.event("went")
    def went(game: Game) -> Reply:
        return Reply(f"{game.answer}", Context.delete(Game))

    _, reply = ask(webhook_of(go, went), cx_request("go"))
    assert words_of(reply) == ["5"]
    assert reply["sessionInfo"]["parameters"] == {"game": None}


def test_the_table_shows_which_context_an_argument_may_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    main(Routes([guess, look]), [])
    assert "number, game (or context game)" in capsys.readouterr().out
    main(Routes([guess]), ["--json"])
    (row,) = json.loads(capsys.readouterr().out)["routes"]
    schema = row["parameters"][1].pop("schema")
    assert row["parameters"][1] == {"name": "game", "type": "Game", "required": True, "context": "game"}
    assert schema["required"] == ["answer"]


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        ({"n": 42.0}, {"n": 42}),
        ({"n": -0.0, "half": 0.5, "list": [1.0, {"in": 2.0}], "deep": {"in": [3.0]}}, None),
        ({"big": 1e300, "edge": 2.0**53, "beyond": 2.0**54}, None),
        ({"true": True, "text": "42.0", "null": None}, None),
    ],
)
def test_a_whole_float_in_a_context_arrives_as_an_int(sent: dict[str, Any], got: dict[str, Any] | None) -> None:
    expected = got or {
        "n": 0, "half": 0.5, "list": [1, {"in": 2}], "deep": {"in": [3]},
        "big": 1e300, "edge": 2**53, "beyond": 2.0**54, "true": True, "text": "42.0", "null": None,
    }  # fmt: skip

    @on.intent("see")
    def see(request: Request) -> str:
        SEEN.append(request)
        return f"{request.contexts['game'].get('n')}"

    for request_of in (_es, _cx, _v1):
        SEEN.clear()
        ask(webhook_of(see), request_of("see", {"game": sent}))
        found = SEEN[0].contexts["game"].parameters
        assert repr(found) == repr({name: expected[name] for name in sent})


def test_session_parameters_and_forms_of_cx_hold_ints_and_the_body_stays_as_sent() -> None:
    call = call_of(cx_request("x", {"n": 42.0}, form=[{"displayName": "g", "value": 4.0, "state": "FILLED"}]))
    request = cx.decode(json.loads(call.body), call)
    assert repr(request.session_parameters) == "{'n': 42}"
    assert request.page is not None
    assert repr(request.page.form["g"].value) == "4"
    assert repr(request.body["sessionInfo"]["parameters"]) == "{'n': 42.0}"


def test_parameters_of_es_stay_as_sent() -> None:
    @on.intent("see")
    def see(request: Request) -> str:
        return f"{request.parameters['n']}"

    assert words_of(ask(webhook_of(see), _es("see", {}, n=42.0))[1]) == ["42.0"]


def test_a_problem_of_a_missing_parameter_and_a_missing_context_names_both() -> None:
    @on.intent("both")
    def both(number: int, order: Context, cart: Context) -> str:
        return f"{number} {order} {cart}"

    problem = _refused(both, _es("both", {"memo": {}}, word="x"))
    assert problem.message == "Missing: number. Contexts not active: order, cart."
    assert "needs 'number'; the request has 'word'. Mark the parameter as required in the agent" in problem.detail
    assert "needs contexts 'order', 'cart', which are not active (active: 'memo')." in problem.detail


def test_a_missing_context_is_no_missing_parameter_to_be_marked() -> None:
    @on.intent("convert")
    def convert(temperature: Context) -> str:
        return f"{temperature}"

    status, reply = ask(webhook_of(convert), _es("convert", {}))
    assert (status, reply["error"]["message"]) == (400, "Context not active: temperature.")
