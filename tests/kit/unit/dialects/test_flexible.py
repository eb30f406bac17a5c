"""CX flexible webhooks: Google's page ("Flexible webhooks") and every row of docs/protocol.md 9."""

from __future__ import annotations

import datetime
import json
import sys
from dataclasses import dataclass, field
from types import FrameType
from typing import Annotated, Any
from urllib.parse import quote

import pytest

from fulfillment import Parameter, Reply, Request, on
from fulfillment.call import Answer
from fulfillment.json_text import read_value
from fulfillment.problems import SetupError
from fulfillment.routing.marks import METHODS
from fulfillment.settings import Settings
from fulfillment.testing import cx_request, es_request
from tests.kit.parallel import BUSY
from tests.kit.wire import ask, call_of, webhook_of

ALL = list(METHODS)


@on.route("/echo", methods=ALL)
def echo(request: Request) -> dict[str, Any]:
    return {"parameters": dict(request.parameters), "method": request.method, "path": request.path}


@on.route("/handler", methods=["GET", "POST"])
def handler(
    f: str = "",
    s: int = 0,
    fruit: Annotated[str, Parameter("fruitParameter")] = "",
    size: Annotated[int, Parameter("sizeParameter")] = 0,
) -> dict[str, Any]:
    return {"fruit": f or fruit, "size": s or size}


@dataclass
class Place:
    city: str
    zip: str = ""


@on.route("/types", methods=["GET", "POST"])
def types(
    words: list[str] | None = None,
    place: Place | None = None,
    day: datetime.date | None = None,
    yes: bool | None = None,
    number: float | None = None,
    anything: Any = None,
    text: str = "",
) -> dict[str, Any]:
    return {"words": words, "place": place, "day": day, "yes": yes, "number": number, "any": anything, "text": text}


@on.route("/needs", methods=["GET", "POST"])
def needs(order_id: str, count: int) -> dict[str, Any]:
    return {"order_id": order_id, "count": count}


WEBHOOK = webhook_of(echo, handler, types, needs)


def get(path: str, query: str = "", webhook: Any = WEBHOOK) -> Any:
    status, reply = ask(webhook, b"", method="GET", path=path, query=query)
    assert status == 200, reply
    return reply


def post(path: str, body: Any, query: str = "") -> Any:
    status, reply = ask(WEBHOOK, body, path=path, query=query)
    assert status == 200, reply
    return reply


def answer(method: str, path: str, body: Any = b"", webhook: Any = WEBHOOK) -> Answer:
    found: Answer = webhook.answer(call_of(body, method=method, path=path))
    return found


def test_googles_example_url_works() -> None:
    # https://your-webhook-service.com/handler?f=$session.params.fruit&s=$session.params.size, as it is called
    assert get("/handler", "f=green%20apple&s=3") == {"fruit": "green apple", "size": 3}


def test_googles_example_body_works() -> None:
    assert post("/handler", {"fruitParameter": "apple", "sizeParameter": 3}) == {"fruit": "apple", "size": 3}


@pytest.mark.parametrize("method", ALL)
def test_each_method_that_a_resource_may_choose_reaches_its_handler(method: str) -> None:
    found = answer(method, "/echo")
    assert found.status == 200
    if method != "HEAD":
        assert json.loads(found.body)["method"] == method


def test_head_is_answered_like_get_without_the_body() -> None:
    found, full = answer("HEAD", "/types"), answer("GET", "/types")
    assert (found.status, found.body) == (200, b"")
    assert found.headers["content-length"] == str(len(full.body))


def test_options_tells_the_methods_without_running_a_handler() -> None:
    found = answer("OPTIONS", "/needs")
    assert (found.status, found.body) == (204, b"")
    assert found.headers["allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_that_is_not_listed_is_405_and_tells_those_that_are(method: str) -> None:
    found = answer(method, "/needs")
    assert found.status == 405
    assert found.headers["allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_path_without_a_route_answers_post_only() -> None:
    found = answer("GET", "/nowhere")
    assert (found.status, found.headers["allow"]) == (405, "POST")


def test_a_body_of_no_dialect_is_400_where_there_is_no_route() -> None:
    assert ask(WEBHOOK, {"order_id": "A-1"}, path="/nowhere")[0] == 400


@pytest.mark.parametrize("path", ["/echo/", "/echo"])
def test_a_slash_at_the_end_makes_no_difference(path: str) -> None:
    assert answer("GET", path).status == 200


@pytest.mark.parametrize("body", [es_request("hello"), cx_request("hello")])
def test_a_known_dialect_is_answered_as_such_at_the_path_of_a_route_too(body: dict[str, Any]) -> None:
    @on.intent("hello")
    def hello() -> str:
        return "words"

    status, reply = ask(webhook_of(echo, hello), body, path="/echo")
    assert status == 200
    assert "parameters" not in reply


def test_get_needs_no_content_type_and_no_body() -> None:
    call = call_of(b"", method="GET", path="/echo")
    assert (
        WEBHOOK.answer(type(call)(method="GET", path="/echo", headers={"host": "127.0.0.1"}, peer="127.0.0.1")).status
        == 200
    )


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("a=1&b=two", {"a": "1", "b": "two"}),
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("a=%E8%98%8B", {"a": "蘋"}),
        ("a=", {"a": ""}),
        ("a=$session.params.a", {"a": ""}),
        ("a=%24session.params.geo-city", {"a": ""}),
        ("a=null", {"a": ""}),
        ("", {}),
    ],
)
def test_the_query_gives_text_and_what_is_unset_is_missing(query: str, parameters: dict[str, Any]) -> None:
    assert get("/echo", query)["parameters"] == parameters


@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        ({"a": 3, "b": [1], "c": {"d": None}}, {"a": 3, "b": [1], "c": {"d": None}}),
        ({"a": None, "b": "", "c": "$session.params.c"}, {"a": "", "b": "", "c": ""}),
        ({"a": "null", "b": "This is a number: 3"}, {"a": "null", "b": "This is a number: 3"}),
        ([1, 2], {"body": [1, 2]}),
        ("text", {"body": "text"}),
        (3, {"body": 3}),
    ],
)
def test_the_body_gives_values_and_what_is_unset_is_missing(body: Any, parameters: dict[str, Any]) -> None:
    assert post("/echo", body)["parameters"] == parameters


def test_the_body_decides_over_the_query() -> None:
    assert post("/echo", {"a": 2}, "a=1&b=1")["parameters"] == {"a": 2, "b": "1"}


@pytest.mark.parametrize("body", [b"{", b"a=1", b"\xff", b'{"a": NaN}'])
def test_a_body_that_is_no_json_is_400(body: bytes) -> None:
    status, reply = ask(WEBHOOK, body, path="/echo")
    assert (status, reply["error"]["cause"]) == (400, "not-understood")


@pytest.mark.parametrize(
    ("name", "in_url", "in_body", "result"),
    [
        ("words", '["a","b"]', ["a", "b"], {"words": ["a", "b"]}),
        ("words", "one", "one", {"words": ["one"]}),
        ("place", '{"city":"Oslo"}', {"city": "Oslo"}, {"place": {"city": "Oslo", "zip": ""}}),
        ("day", '{"year":2026,"month":12,"day":1}', {"year": 2026, "month": 12, "day": 1}, {"day": "2026-12-01"}),
        ("day", "2026-12-01", "2026-12-01T12:00:00+01:00", {"day": "2026-12-01"}),
        ("yes", "true", True, {"yes": True}),
        ("yes", "false", "false", {"yes": False}),
        ("number", "3.5", 3.5, {"number": 3.5}),
        ("anything", '{"a":1}', {"a": 1}, {"any": {"a": 1}}),
        ("anything", "{no json", "{no json", {"any": "{no json"}),
        ("text", '["kept"]', '["kept"]', {"text": '["kept"]'}),
        ("text", "3.0", 3.0, {"text": "3.0"}),
    ],
)
def test_arguments_get_their_types_from_url_and_body_alike(
    name: str, in_url: str, in_body: Any, result: dict[str, Any]
) -> None:
    (member,) = result
    assert get("/types", f"{name}={quote(in_url)}")[member] == result[member]
    expected = "3" if in_body == 3.0 and name == "text" else result[member]
    assert post("/types", {name: in_body})[member] == expected


@pytest.mark.parametrize("query", ["count=1", "order_id=&count=1", "order_id=$session.params.order_id&count=1"])
def test_a_missing_parameter_is_400_and_named(query: str) -> None:
    status, reply = ask(WEBHOOK, b"", method="GET", path="/needs", query=query)
    assert (status, reply["error"]["cause"]) == (400, "missing-parameter")
    assert "order_id" in reply["error"]["message"]


@pytest.mark.parametrize("count", ["many", 1.5, [1], {"a": 1}])
def test_a_parameter_of_the_wrong_type_is_400_and_named(count: Any) -> None:
    status, reply = ask(WEBHOOK, {"order_id": "A-1", "count": count}, path="/needs")
    assert (status, reply["error"]["cause"]) == (400, "bad-parameter")
    assert "count" in reply["error"]["message"]


@dataclass
class Leg:
    distance: dict[str, Any] = field(default_factory=dict)


def route_that_returns(result: Any) -> Any:
    @on.route("/", methods=["GET"])
    def returned() -> Any:
        return result

    return webhook_of(returned)


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ({"a": 1}, {"a": 1}),
        ({}, {}),
        ([1, "a"], [1, "a"]),
        (Leg({"value": 3321004}), {"distance": {"value": 3321004}}),
        ([Leg()], [{"distance": {}}]),
        ({"day": datetime.date(2026, 12, 1), "t": datetime.time(9, 30)}, {"day": "2026-12-01", "t": "09:30:00"}),
        ({"x": ("a", None)}, {"x": ["a", None]}),
    ],
)
def test_a_dictionary_a_dataclass_or_a_list_goes_back_as_json(result: Any, body: Any) -> None:
    assert get("/", webhook=route_that_returns(result)) == body


@pytest.mark.parametrize("result", [None, "text", 3, True, Reply("words")])
def test_anything_else_is_a_named_error(result: Any) -> None:
    status, reply = ask(route_that_returns(result), b"", method="GET")
    assert (status, reply["error"]["cause"]) == (500, "no-reply")


@pytest.mark.parametrize(
    ("result", "cause"),
    [
        ({"a": object()}, "invalid-reply"),
        ({"a": float("nan")}, "invalid-reply"),
        ({"a": "x" * 66_000}, "reply-too-large"),
    ],
)
def test_what_dialogflow_could_not_read_is_not_sent(result: Any, cause: str) -> None:
    status, reply = ask(route_that_returns(result), b"", method="GET")
    assert (status, reply["error"]["cause"]) == (500, cause)


def test_a_handler_that_fails_is_a_named_500() -> None:
    @on.route("/", methods=["GET"])
    def fails() -> dict[str, Any]:
        raise LookupError

    assert ask(webhook_of(fails), b"", method="GET")[1]["error"]["cause"] == "handler-failed"


def test_a_flexible_call_has_the_deadline_of_cx() -> None:
    import time

    @on.route("/", methods=["GET"])
    def slow() -> dict[str, Any]:
        time.sleep(5)
        return {}

    began = time.monotonic()
    assert ask(webhook_of(slow, settings=Settings(cx_deadline=0.6)), b"", method="GET")[0] == 503
    assert time.monotonic() - began < 0.6 + BUSY


def test_a_handler_reads_headers_query_and_the_raw_body() -> None:
    @on.route("/raw", methods=["PUT"])
    def raw(request: Request) -> dict[str, Any]:
        return {"host": request.headers["host"], "query": dict(request.query), "raw": request.raw.decode()}

    status, reply = ask(webhook_of(raw), b"[1]", method="PUT", path="/raw", query="a=1")
    assert status == 200
    assert reply == {"host": "localhost", "query": {"a": "1"}, "raw": "[1]"}


@pytest.mark.parametrize("body", [{"n": 1}, es_request("hello")], ids=["its own", "of ES"])
def test_a_body_is_parsed_once_at_the_path_of_a_flexible_webhook(body: dict[str, Any]) -> None:
    @on.intent("hello")
    def hello() -> str:
        return "Hello."

    @on.route("/")
    def route() -> dict[str, Any]:
        return {}

    webhook = webhook_of(hello, route)
    parsed: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is read_value.__code__:
            parsed.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        status, _ = ask(webhook, body)
    finally:
        sys.setprofile(None)

    assert (status, parsed) == (200, ["read_value"])


def test_one_path_may_have_a_handler_for_each_method() -> None:
    @on.route("/both", methods=["GET"])
    def reads() -> dict[str, Any]:
        return {"by": "reads"}

    @on.route("/both", methods=["POST"])
    def writes() -> dict[str, Any]:
        return {"by": "writes"}

    webhook = webhook_of(reads, writes)
    assert get("/both", webhook=webhook) == {"by": "reads"}
    assert ask(webhook, {}, path="/both")[1] == {"by": "writes"}


def test_two_handlers_for_one_path_and_method_stop_the_start() -> None:
    @on.route("/both", methods=["GET"])
    def one() -> dict[str, Any]:
        return {}

    @on.route("/both/", methods=["POST", "GET"])
    def two() -> dict[str, Any]:
        return {}

    with pytest.raises(SetupError, match="GET /both"):
        webhook_of(one, two)


@pytest.mark.parametrize(("path", "methods"), [("stock", ["GET"]), ("/stock", ["get"]), ("/stock", ["TRACE"])])
def test_a_mark_that_cannot_work_stops_the_start(path: str, methods: list[str]) -> None:
    with pytest.raises(SetupError, match="route"):
        on.route(path, methods=methods)
