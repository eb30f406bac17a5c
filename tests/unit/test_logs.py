"""Logs: one JSON line a call for Cloud Logging, that nobody can forge and that tells no secrets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from fulfillment import Problem, Reply, Request, Webhook, logs, on
from fulfillment.call import Answer
from fulfillment.routes import Routes
from fulfillment.settings import Settings
from tests.requests import V2, es_body, es_call, es_context, said

SECRET = "s3cret-Utterance-4711"
log = logging.getLogger("handlers.order")


class Terminal(io.StringIO):
    """A stream that a person reads."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the kit logs, as JSON lines."""
    yield from _logging_to(io.StringIO())


@pytest.fixture
def terminal() -> Iterator[io.StringIO]:
    """What the kit logs, as text for a person."""
    yield from _logging_to(Terminal())


def _logging_to(stream: io.StringIO) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.set_up(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


@on.intent("order")
def order(order_id: str, guests: int | None = None) -> Reply:
    return Reply(f"Order {order_id} for {guests}.")


@on.intent("talkative")
def talkative(request: Request) -> str:
    log.info("Looking it up", extra={"order": 7})
    return "Hi"


@on.intent("broken")
def broken() -> str:
    return str(1 / 0)


@on.intent("refused")
def refused() -> str:
    raise Problem(503, "shop-closed", "The shop is closed.", "It is closed on Sundays.")


@on.intent("slow", late="One moment, please.")
def slow() -> str:
    raise Problem(503, "deadline-exceeded", "Too late.")


ROUTES = Routes([order, talkative, broken, refused, slow])


def _answer(body: Any, settings: Settings = V2, **changes: Any) -> Answer:
    return Webhook(ROUTES, settings).answer(es_call(body, **changes))


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_call_is_one_line(stream: io.StringIO) -> None:
    answer = _answer(es_body("order", {"order_id": "A"}))

    (line,) = _lines(stream)
    assert {name: line[name] for name in ("severity", "event", "dialect", "intent", "status", "cause")} == {
        "severity": "INFO",
        "event": "call",
        "dialect": "es",
        "intent": "order",
        "status": 200,
        "cause": "",
    }
    assert line["handler"].endswith(".order")
    assert line["bytes"] == len(answer.body)
    assert line["deadline_milliseconds"] == 4500
    assert 0 < line["milliseconds"] < 4500
    assert "id" not in line


@pytest.mark.parametrize(
    ("intent", "parameters", "severity", "status", "cause"),
    [
        ("nobodys", {}, "WARNING", 404, "no-handler"),
        ("order", {}, "WARNING", 400, "missing-parameter"),
        ("order", {"order_id": {}}, "WARNING", 400, "bad-parameter"),
        ("broken", {}, "ERROR", 500, "handler-failed"),
        ("refused", {}, "ERROR", 503, "shop-closed"),
        ("slow", {}, "WARNING", 200, "deadline-exceeded"),
    ],
)
def test_severity_follows_the_outcome(
    intent: str, parameters: dict[str, Any], severity: str, status: int, cause: str, stream: io.StringIO
) -> None:
    _answer(es_body(intent, parameters))

    (line,) = _lines(stream)
    assert (line["severity"], line["status"], line["cause"]) == (severity, status, cause)


def test_a_call_that_is_not_understood_is_a_line_too(stream: io.StringIO) -> None:
    _answer(b"hello")

    (line,) = _lines(stream)
    assert (line["status"], line["dialect"], line["intent"], line["session"]) == (400, "", "", "")
    assert line["detail"].startswith("Found: the body is not JSON")


def test_the_id_in_the_error_is_the_id_in_the_line(stream: io.StringIO) -> None:
    ids = [said(_answer(es_body("nobodys")))["error"]["id"] for _ in range(50)]

    assert [line["id"] for line in _lines(stream)] == ids
    assert len(set(ids)) == 50


def test_a_handler_that_failed_has_its_stack_in_the_line_and_not_in_the_answer(stream: io.StringIO) -> None:
    answer = _answer(es_body("broken"))

    (line,) = _lines(stream)
    assert "ZeroDivisionError" in line["stack_trace"]
    assert "test_logs.py" in line["stack_trace"]
    assert line["detail"].endswith("broken raised ZeroDivisionError.")
    assert b"Zero" not in answer.body
    assert b"test_logs" not in answer.body


SPAN = "b7ad6b7169203331"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("headers", "trace", "span"),
    [
        ({"x-cloud-trace-context": f"{TRACE}/255;o=1"}, TRACE, "00000000000000ff"),
        ({"x-cloud-trace-context": f"{TRACE}/18446744073709551615"}, TRACE, "f" * 16),
        ({"x-cloud-trace-context": TRACE}, TRACE, None),
        ({"x-cloud-trace-context": f"{TRACE};o=0"}, TRACE, None),
        ({"traceparent": f"00-{TRACE}-{SPAN}-01"}, TRACE, SPAN),
        (
            {"x-cloud-trace-context": f"{'a' * 32}/1", "traceparent": f"00-{TRACE}-{SPAN}-01"},
            "a" * 32,
            "0000000000000001",
        ),
        (
            {"x-cloud-trace-context": "nonsense", "traceparent": f"00-{TRACE}-{SPAN}-01"},
            TRACE,
            "b7ad6b7169203331",
        ),
        ({"traceparent": f"00-{TRACE}-{SPAN}"}, None, None),
        ({"x-cloud-trace-context": f'{TRACE}"\n{{"severity":"ERROR"}}'}, None, None),
        ({}, None, None),
    ],
    ids=str,
)
def test_a_line_joins_the_calls_trace(
    headers: dict[str, str], trace: str | None, span: str | None, stream: io.StringIO
) -> None:
    _answer(es_body("order", {"order_id": "A"}), Settings(project="shop"), headers=headers)

    (line,) = _lines(stream)
    assert line.get("logging.googleapis.com/trace") == (f"projects/shop/traces/{trace}" if trace else None)
    assert line.get("logging.googleapis.com/spanId") == span


def test_without_a_project_the_trace_is_bare(stream: io.StringIO) -> None:
    _answer(es_body("order", {"order_id": "A"}), headers={"x-cloud-trace-context": TRACE})

    assert _lines(stream)[0]["logging.googleapis.com/trace"] == TRACE


@pytest.mark.parametrize(("sent", "kept"), [("abc-1.2_3", "abc-1.2_3"), ("a b", None), ("x" * 65, None), ("", None)])
def test_the_execution_id_is_kept_when_it_is_one(sent: str, kept: str | None, stream: io.StringIO) -> None:
    _answer(es_body("order", {"order_id": "A"}), headers={"function-execution-id": sent})

    assert _lines(stream)[0].get("execution_id") == kept


def test_a_handlers_own_logging_joins_the_trace(stream: io.StringIO) -> None:
    headers = {"x-cloud-trace-context": f"{TRACE}/1", "function-execution-id": "e1"}
    _answer(es_body("talkative"), headers=headers)
    _answer(es_body("talkative"))

    own, call, later, _ = _lines(stream)
    assert (own["message"], own["severity"], own["logger"], own["order"]) == (
        *("Looking it up", "INFO"),
        *("handlers.order", 7),
    )
    for line in (own, call):
        assert (line["logging.googleapis.com/trace"], line["execution_id"]) == (TRACE, "e1")
    assert "logging.googleapis.com/trace" not in later


FORGED = 'x\n{"severity":"ERROR","message":"forged"}\r\n\x1b[2Jy\x00\u2028z\u0085"'


def test_no_name_can_forge_a_json_line(stream: io.StringIO) -> None:
    _answer(es_body(FORGED, {FORGED: 1}, action=FORGED, session=f"projects/p/agent/sessions/{FORGED}"))
    log.warning("A handler says %s", FORGED)

    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert json.loads(lines[1])["message"] == f"A handler says {FORGED}"


def test_no_name_can_forge_a_line_on_a_terminal(terminal: io.StringIO) -> None:
    _answer(es_body(FORGED, {FORGED: 1}, action=FORGED))
    _answer(es_body("order", {"order_id": {FORGED: 1}}))
    log.warning("A handler says %s", FORGED)

    assert not [line for line in terminal.getvalue().split("\n") if line.startswith(("{", "y", "z"))]
    assert not set(terminal.getvalue()) & {"\x1b", "\x00", "\r", "\x85"}


def test_on_a_terminal_a_handler_can_be_pasted(terminal: io.StringIO) -> None:
    _answer(es_body("check order", {"id": 1}))

    assert terminal.getvalue().startswith("WARNING es 'check order': 404 no-handler in ")
    assert "\n@on.intent('check order')\ndef check_order(id: int) -> Reply:\n" in terminal.getvalue()


def test_on_a_terminal_a_detail_is_set_off(terminal: io.StringIO) -> None:
    _answer(es_body("refused"))

    assert terminal.getvalue().endswith("\n        It is closed on Sundays.\n")


def _with_secrets(intent: str, **parameters: Any) -> dict[str, Any]:
    """A request in which everything that a user or an integration says is a secret."""
    context = es_context("order_dialog_params_x", 1, secret=SECRET, **{"x.original": SECRET})
    body = es_body(
        intent,
        {"note": SECRET, **parameters},
        contexts=[context],
        session=f"projects/p/agent/sessions/{SECRET}",
        queryText=SECRET,
        fulfillmentText=SECRET,
        webhookPayload={"token": SECRET},
    )
    data = {"sender": {"id": SECRET}, "recipient": {"id": "1"}, "message": {"text": SECRET}}
    return body | {"originalDetectIntentRequest": {"source": "facebook", "payload": {"data": data}}}


CALLS: dict[str, Any] = {
    "answered": _with_secrets("order", order_id=SECRET),
    "unhandled": _with_secrets("nobodys"),
    "missing": _with_secrets("order", order_id=""),
    "wrong type": _with_secrets("order", order_id="A", guests=SECRET),
    "wrong object": _with_secrets("order", order_id={SECRET: SECRET}),
    "failed": _with_secrets("broken"),
    "late": _with_secrets("slow"),
    "cut off": json.dumps(_with_secrets("order", order_id=SECRET)).encode()[:-20],
    "a string": json.dumps(SECRET).encode(),
    "no request": {"text": SECRET},
}


@pytest.mark.parametrize("body", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("kind", ["stream", "terminal"])
def test_what_a_user_said_is_not_in_a_line(body: Any, kind: str, request: pytest.FixtureRequest) -> None:
    output: io.StringIO = request.getfixturevalue(kind)

    _answer(body, headers={"authorization": f"Bearer {SECRET}", "cookie": SECRET, "x-secret": SECRET})

    assert output.getvalue()
    assert SECRET not in output.getvalue()


def test_a_refused_credential_is_in_no_line(stream: io.StringIO) -> None:
    settings = Settings(auth=("header",), headers={"x-secret": (f"{SECRET}-right",)})

    assert _answer(es_body("order"), settings, headers={"x-secret": f"{SECRET}-wrong"}).status in (401, 403)
    assert SECRET not in stream.getvalue()


def test_sessions_and_users_are_told_apart_by_short_hashes(stream: io.StringIO) -> None:
    for session in ("a", "a", "b"):
        body = es_body("order", {"order_id": "A"}, session=f"projects/p/agent/sessions/{session}")
        _answer(body | {"originalDetectIntentRequest": {"payload": {"userId": session}}})

    first, again, other = ((line["session"], line["user"]) for line in _lines(stream))
    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]
    assert all(len(hashed) == 12 for hashed in (*first, *other))


def test_hashes_depend_on_the_webhooks_own_secret(stream: io.StringIO) -> None:
    for secret in ("one", "two"):
        settings = Settings(auth=("header",), headers={"x-secret": (secret,)})
        _answer(es_body("order", {"order_id": "A"}), settings, headers={"x-secret": secret})

    assert len({line["session"] for line in _lines(stream)}) == 2


def test_bodies_are_logged_when_asked_for_and_redacted(stream: io.StringIO) -> None:
    body = _with_secrets("order", order_id="A-7", apiKey=SECRET, password=SECRET, note="visible")
    body["queryResult"] |= {"queryText": "where is it", "fulfillmentText": "", "outputContexts": []}
    _answer(body, Settings(log_bodies=True))

    (line,) = _lines(stream)
    assert line["request_body"]["queryResult"]["parameters"] == {
        "note": "visible",
        "order_id": "A-7",
        "apiKey": "[redacted]",
        "password": "[redacted]",
    }
    assert line["request_body"]["queryResult"]["queryText"] == "where is it"
    assert line["request_body"]["originalDetectIntentRequest"] == {"source": "facebook", "payload": "[redacted]"}
    assert line["reply_body"]["fulfillmentText"] == "Order A-7 for None."
    line["request_body"].pop("session")
    assert SECRET not in json.dumps(line["request_body"])


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "accessToken",
        "id_token",
        "Authorization",
        "api-key",
        "apikey",
        "API_KEY",
        "clientSecret",
        "passwd",
        "Cookie",
    ],
)
def test_members_that_look_like_secrets_are_redacted(name: str) -> None:
    assert logs.redacted({"a": [{name: {"deep": SECRET}}]}) == {"a": [{name: "[redacted]"}]}


def test_other_libraries_log_in_the_same_form(stream: io.StringIO) -> None:
    logging.getLogger("urllib3").warning("Retrying", extra={"attempt": 2})

    (line,) = _lines(stream)
    assert (line["severity"], line["message"], line["logger"], line["attempt"]) == ("WARNING", "Retrying", "urllib3", 2)


def test_setting_up_twice_logs_once(stream: io.StringIO) -> None:
    logs.set_up(stream)
    log.info("Once")

    assert len(_lines(stream)) == 1


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", float("nan"), Exception("x")], ids=type)
def test_an_extra_that_is_no_json_does_not_break_the_line(value: Any, stream: io.StringIO) -> None:
    log.info("Odd", extra={"odd": value})

    assert _lines(stream)[0]["message"] == "Odd"
