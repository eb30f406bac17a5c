"""Logs of the real function on Google: no line of a call tells what was said in it, and failures stay readable."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from deploy.local.firestore import LocalFirestore
from fulfillment.testing import cx_request, es_request, v1_request
from fulfillment.testing.requests import CX_AGENT
from tests.kit.functions import ROOT, Function, running

SOURCE = ROOT / "tests" / "kit" / "unit" / "logs" / "function"
SECRET = "0123456789abcdef-of-the-tests"
WORD = "geheim4711wort"
SESSION = "sitzung-88-geheim"
USER = "user-99-geheim"
SAID = f"Bitte öffne {WORD} 'für' Anna Geheimstadt\nund zwar bald"
PLANTED = (WORD, SESSION, USER, "öffne", "\\u00f6ffne", "%C3%B6ffne", "Geheimstadt", "zwar bald")
PROBES = ("convert", "change", "client", "host", "plain_requests", "chained", "own_lines", "thread")


@pytest.fixture(scope="module")
def firestore() -> Iterator[LocalFirestore]:
    with LocalFirestore() as server:
        yield server


def on_google(firestore: LocalFirestore, **more: str) -> Mapping[str, str]:
    return {
        "K_SERVICE": "shop",
        "WEBHOOK_AUTH": "header",
        "WEBHOOK_HEADERS": f"X-Webhook-Secret: {SECRET}",
        "FIRESTORE_EMULATOR_HOST": firestore.address,
        "GOOGLE_CLOUD_PROJECT": "shop-project",
        "PYTHONPATH": str(ROOT),
        "THREADS": "10",
        **more,
    }


@pytest.fixture(scope="module")
def function(firestore: LocalFirestore) -> Iterator[Function]:
    with running(SOURCE, on_google(firestore)) as started:
        yield started


def call(function: Function, probe: str, dialect: str, method: str = "POST", body: Any = None) -> int:
    """Let a user say the planted words to a probe; return the status."""
    path = f"/{probe}" if dialect == "flexible" else "/"
    data = json.dumps(request_of(probe, dialect) if body is None else body).encode() if method == "POST" else b""
    connection = http.client.HTTPConnection("127.0.0.1", function.port, timeout=20)
    try:
        headers = {"content-type": "application/json", "x-webhook-secret": SECRET}
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def request_of(probe: str, dialect: str) -> dict[str, Any]:
    heard = {"word": WORD, "note": {"deep": [SAID]}}
    context = {"name": "order", "parameters": {"word": WORD, "word.original": WORD.title()}}
    if dialect == "es":
        request = es_request(probe, heard, contexts=[context], session=f"projects/p/agent/sessions/{SESSION}")
        request["queryResult"]["queryText"] = SAID
        return request | {"originalDetectIntentRequest": {"payload": {"userId": USER}}}
    if dialect == "v1":
        original = {"source": "x", "data": {"userId": USER}}
        request = v1_request(probe, heard, contexts=[context], original=original, resolvedQuery=SAID)
        return request | {"sessionId": SESSION}
    if dialect == "cx":
        session = {"session": f"{CX_AGENT}/sessions/{SESSION}", "parameters": heard}
        return cx_request(probe, text=SAID, sessionInfo=session, payload={"userId": USER})
    return {"word": WORD, "note": SAID}


def text_of(function: Function) -> str:
    function.log.seek(0)
    return function.log.read()


def lines_after(function: Function, before: int, most: float = 5.0) -> tuple[str, list[dict[str, Any]]]:
    """Return the log since `before` characters: as text, and its lines, once the call's own is there."""
    ends_at = time.monotonic() + most
    while True:
        text = text_of(function)[before:]
        lines = [json.loads(line) for line in text.splitlines()]
        if any(line.get("event") == "call" for line in lines) or time.monotonic() > ends_at:
            return text, lines
        time.sleep(0.01)


@pytest.mark.parametrize("dialect", ["es", "cx", "v1", "flexible"])
@pytest.mark.parametrize("probe", PROBES)
def test_no_line_of_a_call_holds_what_was_said_in_it(function: Function, probe: str, dialect: str) -> None:
    before = len(text_of(function))

    status = call(function, probe, dialect)

    text, lines = lines_after(function, before)
    assert [planted for planted in PLANTED if planted.lower() in text.lower()] == []
    own = next(line for line in lines if line.get("event") == "call")
    assert (own["status"], own["handler"].rpartition(".")[2]) == (status, probe)
    assert own["route" if dialect == "flexible" else "intent"].rpartition("/")[2].rpartition(" ")[2] == probe
    assert "<" in text


def failure(function: Function, probe: str) -> dict[str, Any]:
    before = len(text_of(function))
    assert call(function, probe, "es") >= 500
    return next(line for line in lines_after(function, before)[1] if line.get("event") == "call")


def test_a_failure_can_still_be_understood(function: Function) -> None:
    trace = failure(function, "convert")["stack_trace"]

    assert trace.endswith("\nValueError: invalid literal for int() with base 10: '<word>'")
    assert f'File "{SOURCE / "main.py"}", line ' in trace
    assert "return str(int(word))" in trace


def test_a_document_is_named_by_its_collection(function: Function) -> None:
    line = failure(function, "client")

    assert "/documents/orders/<word>" in line["detail"] + line["stack_trace"]
    assert "shop-project" in line["detail"] + line["stack_trace"]


def test_the_links_of_a_chain_keep_their_types(function: Function) -> None:
    trace = failure(function, "chained")["stack_trace"]

    assert "\nKeyError: '<word>'\n<word>: this was wanted\n" in trace
    assert "NotSold: no '<word>' of projects/p/agent/sessions/<session>, <user_id>" in trace
    assert "The above exception was the direct cause" in trace


def test_a_users_own_lines_keep_their_places(function: Function) -> None:
    before = len(text_of(function))
    call(function, "own_lines", "es")
    _, lines = lines_after(function, before)

    first, second, third, *_ = lines
    assert first["message"] == 'Heard <word> in "<note>"'
    assert (second["message"], second["heard"]) == ("Heard", "<word>")
    assert second["raw"].endswith(" bytes)")
    assert third["fields"]["parameters"]["word"] == "<word>"
    assert any(line["message"].startswith("A line for the log could not be formatted (TypeError)") for line in lines)


def test_what_ends_a_thread_is_a_line_of_its_own(function: Function) -> None:
    before = len(text_of(function))
    call(function, "thread", "es")
    _, lines = lines_after(function, before)

    failed = next(line for line in lines if "stack_trace" in line)
    assert failed["severity"] == "ERROR"
    assert failed["stack_trace"].endswith("ValueError: invalid literal for int() with base 10: '<word>'")


def test_with_the_bodies_switch_words_are_there(firestore: LocalFirestore) -> None:
    with running(SOURCE, on_google(firestore, WEBHOOK_LOG_BODIES="true")) as function:
        call(function, "convert", "es")
        text, _ = lines_after(function, 0)

    assert f"base 10: '{WORD}'" in text


@pytest.mark.parametrize("method", ["HEAD", "GET", "POST"])
def test_with_the_bodies_switch_a_flexible_call_keeps_its_line(firestore: LocalFirestore, method: str) -> None:
    with running(SOURCE, on_google(firestore, WEBHOOK_LOG_BODIES="true")) as function:
        status = call(function, "list", "flexible", method, body=[1, {"password": "x"}])
        _, (line, *others) = lines_after(function, 0)

    assert (status, line["status"], line["route"], others) == (200, 200, f"{method} /list", [])
    assert line["request_body"] == ([1, {"password": "[redacted]"}] if method == "POST" else {})
    assert line.get("reply_body") == {"HEAD": None, "GET": {"length": 0}, "POST": {"length": 2}}[method]
