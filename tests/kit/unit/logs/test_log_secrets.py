"""Logs: nobody can forge a line, and none tells what a user said."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest

from fulfillment import logs
from fulfillment.access.header import Header
from fulfillment.settings import Settings
from fulfillment.testing import es_context, es_request
from tests.kit.unit.logs.calls import answer, lines_of, log

SECRET = "s3cret-Utterance-4711"
FORGED = 'x\n{"severity":"ERROR","message":"forged"}\r\n\x1b[2Jy\x00\u2028z\u0085"'


def test_no_name_can_forge_a_json_line(stream: io.StringIO) -> None:
    answer(es_request(FORGED, {FORGED: 1}, action=FORGED, session=f"projects/p/agent/sessions/{FORGED}"))
    log.warning("A handler says %s", FORGED)

    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert json.loads(lines[1])["message"] == f"A handler says {FORGED}"


def test_no_name_can_forge_a_line_on_a_terminal(terminal: io.StringIO) -> None:
    answer(es_request(FORGED, {FORGED: 1}, action=FORGED))
    answer(es_request("order", {"order_id": {FORGED: 1}}))
    log.warning("A handler says %s", FORGED)

    assert not [line for line in terminal.getvalue().split("\n") if line.startswith(("{", "y", "z"))]
    assert not set(terminal.getvalue()) & {"\x1b", "\x00", "\r", "\x85"}


def test_on_a_terminal_a_handler_can_be_pasted(terminal: io.StringIO) -> None:
    answer(es_request("check order", {"id": 1}))

    assert re.match(
        r"\d\d:\d\d:\d\d WARNING es 'check order': 404 no-handler in \d+ ms, id \w{16}\n", terminal.getvalue()
    )
    assert '\n@on.intent("check order")\ndef check_order(id: int) -> Reply:\n' in terminal.getvalue()


def test_on_a_terminal_a_detail_is_set_off(terminal: io.StringIO) -> None:
    answer(es_request("refused"))

    assert terminal.getvalue().endswith("\n        It is closed on Sundays.\n")


def _with_secrets(intent: str, **parameters: Any) -> dict[str, Any]:
    """A request in which everything that a user or an integration says is a secret."""
    context = es_context("order_dialog_params_x", 1, secret=SECRET, **{"x.original": SECRET})
    body = es_request(
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

    answer(body, headers={"authorization": f"Bearer {SECRET}", "cookie": SECRET, "x-secret": SECRET})

    assert output.getvalue()
    assert SECRET not in output.getvalue()


def test_a_refused_credential_is_in_no_line(stream: io.StringIO) -> None:
    settings = Settings(auth=("header",), access=(Header({"x-secret": (f"{SECRET}-right",)}),))

    assert answer(es_request("order"), settings, headers={"x-secret": f"{SECRET}-wrong"}).status in (401, 403)
    assert SECRET not in stream.getvalue()


def test_sessions_and_users_are_told_apart_by_short_hashes(stream: io.StringIO) -> None:
    for session in ("a", "a", "b"):
        body = es_request("order", {"order_id": "A"}, session=f"projects/p/agent/sessions/{session}")
        answer(body | {"originalDetectIntentRequest": {"payload": {"userId": session}}})

    first, again, other = ((line["session"], line["user"]) for line in lines_of(stream))
    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]
    assert all(len(hashed) == 12 for hashed in (*first, *other))


def test_hashes_depend_on_the_webhooks_own_secret(stream: io.StringIO) -> None:
    for secret in ("one", "two"):
        settings = Settings(auth=("header",), access=(Header({"x-secret": (secret,)}),))
        answer(es_request("order", {"order_id": "A"}), settings, headers={"x-secret": secret})

    assert len({line["session"] for line in lines_of(stream)}) == 2


def test_bodies_are_logged_when_asked_for_and_redacted(stream: io.StringIO) -> None:
    body = _with_secrets("order", order_id="A-7", apiKey=SECRET, password=SECRET, note="visible")
    body["queryResult"] |= {"queryText": "where is it", "fulfillmentText": "", "outputContexts": []}
    answer(body, Settings(log_bodies=True))

    (line,) = lines_of(stream)
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
