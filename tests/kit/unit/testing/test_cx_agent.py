"""`Agent(dialect="cx")`: tags, pages, forms, session parameters and inputs as CX sends them."""

from __future__ import annotations

import datetime

import pytest

from fulfillment import FormParameter, Reply, Request, SessionParameters, TargetFlow, TargetPage, on
from fulfillment.routing.routes import Routes
from fulfillment.testing import Agent

SEEN: list[Request] = []


@on.tag("look")
def look(request: Request) -> str:
    SEEN.append(request)
    return "Seen."


@on.tag("set")
def set_(request: Request) -> Reply:
    return Reply(SessionParameters(order={"id": 7}, count=3, gone=None))


@on.tag("go")
def go(where: str) -> Reply:
    return Reply("Going.", TargetFlow(where[5:]) if where.startswith("flow:") else TargetPage(where))


@on.tag("check")
def check(date: datetime.date | None, guests: int | None) -> Reply:
    if guests == 99:
        return Reply("Nine at most.", FormParameter("guests", value=9))
    if date and date.year < 2026:
        return Reply("That day is over.", FormParameter.invalid("date"))
    return Reply(f"{date} {guests}")


ROUTES = Routes([look, set_, go, check])


@pytest.fixture
def agent() -> Agent:
    SEEN.clear()
    return Agent(ROUTES, dialect="cx", language="de")


def test_a_turn_is_written_as_cx_writes_it(agent: Agent) -> None:
    agent.ask("look", text="a table for four", guests=4)
    request = SEEN[0]
    assert (request.tag, request.intent, request.query_text, request.input_kind) == (
        "look",
        "look",
        "a table for four",
        "text",
    )
    assert (request.language, request.response_id != "", request.original("guests")) == ("de", True, "4")
    assert request.body["sessionInfo"]["parameters"] == {"guests": 4.0}
    assert b'"guests":4.0' in request.raw
    assert request.session.name == agent.session
    assert request.page is not None
    assert (request.page.display_name, request.page.name.rpartition("/")[2]) == ("Start Page", "START_PAGE")


def test_a_tag_may_differ_from_the_intent_and_may_be_empty(agent: Agent) -> None:
    agent.ask("Order status", tag="look")
    agent.ask("", tag="look")
    assert [(request.tag, request.intent) for request in SEEN] == [("look", "Order status"), ("look", "")]
    assert agent.ask("Order status", tag="").cause == "no-handler"


def test_session_parameters_live_until_they_are_deleted(agent: Agent) -> None:
    agent.remember(SessionParameters(gone="x", stays="y"))
    turn = agent.ask("set")
    assert turn.session_parameters == {"order": {"id": 7}, "count": 3, "gone": None}
    assert turn.contexts["order"].parameters == {"id": 7}
    assert agent.session_parameters == {"stays": "y", "order": {"id": 7}, "count": 3}
    agent.ask("look")
    assert repr(SEEN[0].session_parameters) == "{'stays': 'y', 'order': {'id': 7}, 'count': 3}"


def test_dates_and_times_are_cx_objects(agent: Agent) -> None:
    when = datetime.datetime(2026, 12, 1, 19, 30)
    agent.ask("look", date=when.date(), time=when.time(), when=when)
    day, time = {"year": 2026, "month": 12, "day": 1}, {"hours": 19, "minutes": 30, "seconds": 0, "nanos": 0}
    assert SEEN[0].session_parameters == {"date": day, "time": time, "when": day | time}


def test_a_form_has_states_and_what_was_just_collected(agent: Agent) -> None:
    agent.ask(
        "look", page="Book Table", form={"date": None, "guests": 4, "note": FormParameter("note", required=False)}
    )
    agent.ask("look", date="2026-12-01")
    agent.ask("look")
    first, second, third = [dict(request.page.form) for request in SEEN if request.page]
    assert first == {
        "date": FormParameter("date", None, True, "EMPTY"),
        "guests": FormParameter("guests", 4, True, "FILLED", just_collected=True),
        "note": FormParameter("note", None, False, "EMPTY"),
    }
    assert second["date"] == FormParameter("date", "2026-12-01", True, "FILLED", just_collected=True)
    assert second["guests"] == FormParameter("guests", 4, True, "FILLED")
    assert not any(parameter.just_collected for parameter in third.values())
    assert [(request.slot_filling, request.asked_parameter) for request in SEEN] == [
        (True, "date"),
        (False, ""),
        (False, ""),
    ]


def test_a_refused_value_is_asked_for_again(agent: Agent) -> None:
    turn = agent.ask("check", form={"date": datetime.date(2020, 1, 1), "guests": 4})
    assert turn.form == {"date": FormParameter("date", None, None, "INVALID")}
    assert agent.form["date"] == FormParameter("date", None, True, "INVALID")
    assert "date" not in agent.session_parameters
    assert agent.ask("check", date=datetime.date(2026, 12, 1)).text == "2026-12-01 4"


def test_a_changed_value_stays_changed(agent: Agent) -> None:
    assert agent.ask("check", form={"date": None, "guests": 99}).form["guests"].value == 9
    assert agent.ask("check").text == "None 9"


@pytest.mark.parametrize(
    ("where", "page", "flow"),
    [
        ("Book Table", "Book Table", "f-1"),
        ("END_SESSION", "START_PAGE", "f-1"),
        ("END_FLOW", "START_PAGE", "f-1"),
        ("CURRENT_PAGE", "Menu", "f-1"),
        ("PREVIOUS_PAGE", "START_PAGE", "f-1"),
        ("flow:f-2", "START_PAGE", "f-2"),
    ],
)
def test_the_page_moves_with_the_reply(agent: Agent, where: str, page: str, flow: str) -> None:
    agent.ask("look", page="START_PAGE", flow="f-1")
    agent.ask("look", page="Menu", form={"dish": "soup"})
    turn = agent.ask("go", where=where)
    assert (turn.target_flow if where.startswith("flow:") else turn.target_page).endswith(where.removeprefix("flow:"))
    assert agent.page == page
    assert ("dish" in agent.form) is (where == "CURRENT_PAGE")
    agent.ask("look")
    assert SEEN[-1].page is not None
    assert SEEN[-1].page.name.endswith(f"/flows/{flow}/pages/{page}")


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ({"transcript": "four"}, "transcript", "four"),
        ({"dtmf": "4#"}, "dtmf", "4#"),
        ({"text": "four"}, "text", "four"),
    ],
)
def test_words_are_typed_spoken_or_dialled(agent: Agent, said: dict[str, str], kind: str, words: str) -> None:
    agent.ask("look", parameters={}, **said)  # type: ignore[arg-type]
    assert (SEEN[0].input_kind, SEEN[0].query_text) == (kind, words)


@pytest.mark.parametrize("event", ["sys.no-input-default", "sys.no-match-default", "my_event"])
def test_events_come_with_the_tag_of_their_handler(agent: Agent, event: str) -> None:
    agent.event(event, tag="look", page="Menu", reason="late")
    request = SEEN[0]
    assert (request.event, request.tag, request.intent, request.input_kind) == (event, "look", "", "event")
    assert request.session_parameters == {"reason": "late"}
    assert request.is_fallback is (event == "sys.no-match-default")
    assert request.page is not None
    assert request.page.display_name == "Menu"


def test_environments_locations_and_the_phone_show(agent: Agent) -> None:
    Agent(ROUTES, dialect="cx", environment="prod", location="eu", channel="phone", user_id="+49").ask("look")
    request = SEEN[0]
    assert (request.session.environment, request.session.location) == ("prod", "eu")
    assert (request.channel, request.user_id) == ("google_telephony", "+49")


def test_a_page_has_its_form_no_more_when_it_is_left(agent: Agent) -> None:
    agent.ask("look", page="Menu", form={"dish": "soup"})
    agent.ask("look", page="Till")
    assert SEEN[1].page is not None
    assert SEEN[1].page.form == {}
    assert SEEN[1].session_parameters == {"dish": "soup"}
