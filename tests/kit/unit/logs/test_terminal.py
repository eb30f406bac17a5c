"""Logs on a terminal: one readable line a call, what was said where the switch says so, and a failure's own frames."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fulfillment import Card, Chip, Chips, Context, Problem, Reply, RichContent, SimpleResponse, json_text, logs, on
from fulfillment.logs.exchange import answered
from fulfillment.logs.tracebacks import traceback_text
from fulfillment.settings import Settings
from fulfillment.testing import cx_request, es_request, v1_request
from tests.kit.functions import ROOT, Function, free_port, wait_until_open
from tests.kit.unit.logs.calls import answer, log
from tests.kit.wire import PRODUCTION, ask, call_of, webhook_of

BODIES = Settings(log_bodies=True)
CALL = re.compile(r"\d\d:\d\d:\d\d (\w+) +(.*?)(?: in \d+ ms)(.*)")


def read_number(word: str) -> int:
    return int(word)


@on.intent("fail")
@on.route("/fail", methods=["POST", "GET"])
def fail(word: str) -> dict[str, int]:
    return {"number": read_number(word)}


@on.intent("library")
def library(word: str) -> str:
    return json.loads(word)


@on.intent("rich")
@on.route("/rich", methods=["POST", "GET", "PUT"])
def rich(word: str = "") -> Reply:
    return Reply(f"You said {word}.", "And\nmore.", Card(title="Order"), Context("order", 5, {"word": word}))


@on.route("/list", methods=["POST", "GET"])
def a_list(body: list | None = None) -> list[int]:
    return [len(body or [])]


ALL = webhook_of(fail, library, rich, a_list)
WITH_BODIES = webhook_of(fail, library, rich, a_list, settings=Settings(log_bodies=True))


def call_line(terminal: io.StringIO) -> str:
    found = CALL.fullmatch(terminal.getvalue().splitlines()[0])
    assert found, terminal.getvalue()
    return "".join(found.groups()[1:])


@pytest.mark.parametrize(
    ("body", "request_line", "line"),
    [
        (es_request("rich", {"word": "x"}), {}, "es 'rich' -> {home}.rich: 200"),
        (cx_request("rich", {"word": "x"}), {}, "cx 'rich' -> {home}.rich: 200"),
        (v1_request("rich", {"word": "x"}), {}, "v1 'rich' -> {home}.rich: 200"),
        (b"", {"method": "GET", "path": "/list"}, "flexible 'GET /list' -> {home}.a_list: 200"),
        (es_request("nobodys"), {}, "es 'nobodys': 404 no-handler, id {id}"),
        (es_request("fail", {"word": "x"}), {}, "es 'fail' -> {home}.fail: 500 handler-failed, id {id}"),
        (b"xx", {}, "call: 400 not-understood, id {id}"),
    ],
)
def test_a_call_is_one_readable_line(body: Any, request_line: Any, line: str, terminal: io.StringIO) -> None:
    _, reply = ask(ALL, body, **request_line)

    assert call_line(terminal) == line.format(home=__name__, id=reply["error"]["id"] if "error" in reply else "")


def test_what_once_did_is_shown_where_it_did_not_run(terminal: io.StringIO) -> None:
    members = {"dialect": "es", "intent": "book", "handler": "h", "status": 200, "cause": "", "milliseconds": 7.2}
    for once in ("ran", "", "replayed", "taken-over"):
        record = logging.LogRecord("x", logging.INFO, "", 0, "", None, None)
        setattr(record, logs.CALL_MEMBERS, members | {"once": once})
        logging.getLogger().handle(record)

    told = [line.partition(": ")[2] for line in terminal.getvalue().splitlines()]
    assert told == ["200 in 7 ms", "200 in 7 ms", "200 in 7 ms, replayed", "200 in 7 ms, taken-over"]


def test_other_lines_have_time_and_severity(terminal: io.StringIO) -> None:
    log.warning("Look\nhere")

    assert re.fullmatch(r"\d\d:\d\d:\d\d WARNING Look\n {8}here\n", terminal.getvalue())


@pytest.mark.parametrize(
    ("body", "request_line", "said", "reply"),
    [
        (
            es_request("rich", {"word": "x", "password": "p", "none": ""}, queryText="say x\nto me"),
            {},
            "say x / to me (word='x', password='[redacted]')",
            "You said x. / And / more. + card, outputContexts",
        ),
        (cx_request("rich", {"word": "x"}), {}, "some words (word='x')", "You said x. / And / more. + payload"),
        (
            v1_request("rich", {"word": "x"}),
            {},
            "some words (word='x')",
            "You said x. / And / more. + card, contextOut",
        ),
        (es_request("nobodys", queryText=""), {}, "(nothing)", "no-handler: No handler answers this intent."),
        ([1, 2], {"path": "/list"}, "(body=[1, 2])", "[2]"),
        (b"", {"path": "/list", "method": "GET", "query": "q=a+b"}, "(q='a b')", "[0]"),
        (b"", {"path": "/list", "method": "HEAD"}, "(nothing)", "(no body)"),
    ],
)
def test_with_the_bodies_switch_it_shows_what_was_said(
    body: Any, request_line: Any, said: str, reply: str, terminal: io.StringIO
) -> None:
    ask(WITH_BODIES, body, **request_line)

    _, second, third, *_ = terminal.getvalue().splitlines()
    assert second == f"        said: {said}"
    assert third.startswith(f"        answered: {reply}")


def test_long_texts_are_cut_in_what_was_said(terminal: io.StringIO) -> None:
    ask(WITH_BODIES, es_request("rich", {"word": "x" * 5000}))

    assert max(map(len, terminal.getvalue().splitlines())) < 350


def test_without_the_switch_nothing_of_it_is_shown(terminal: io.StringIO) -> None:
    ask(ALL, es_request("rich", {"word": "geheim"}))

    assert len(terminal.getvalue().splitlines()) == 1
    assert "geheim" not in terminal.getvalue()


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((SimpleResponse("Hello"),), "Hello"),
        ((RichContent([Chips(Chip("Yes"))]),), "payload"),
    ],
)
def test_messages_of_channels_are_named_too(parts: tuple[Any, ...], shown: str, terminal: io.StringIO) -> None:
    @on.intent("channel")
    def channel() -> Reply:
        return Reply(*parts)

    body = es_request("channel") | {"originalDetectIntentRequest": {"source": "google", "payload": {}}}
    webhook_of(channel, settings=BODIES).answer(call_of(body))

    assert shown in terminal.getvalue().splitlines()[2]


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ({}, "(the agent's own response)"),
        (None, "(no body)"),
        ({"outputContexts": []}, "(no words) + outputContexts"),
        ({"known": True}, '{"known": true}'),
        ({"fulfillmentMessages": ["odd", {"text": 7}, {"text": {"text": []}}]}, "(no words) + text, text"),
        (
            {"payload": {"google": {"richResponse": {"items": [{"simpleResponse": {"textToSpeech": "Hi"}}]}}}},
            "Hi + payload",
        ),
    ],
)
def test_any_reply_is_told_in_a_line(reply: Any, shown: str) -> None:
    assert answered(reply) == shown


# --- Failures


def test_a_failure_shows_the_users_own_frames(terminal: io.StringIO) -> None:
    ask(ALL, es_request("fail", {"word": "x"}))

    lines = [line.strip() for line in terminal.getvalue().splitlines()[1:]]
    frames = [line for line in lines if line.startswith("File ")]
    assert [frame.rpartition(" in ")[2] for frame in frames] == ["fail", "read_number"]
    assert "ValueError: invalid literal for int() with base 10: 'x'" in lines
    (folded,) = [line for line in lines if "left out" in line]
    assert re.fullmatch(
        r"\(\d+ frames? of the kit and of libraries left out; WEBHOOK_LOG_BODIES=true shows (it|them)\)", folded
    )


def test_frames_of_libraries_are_left_out_and_those_that_led_there_are_not(terminal: io.StringIO) -> None:
    ask(ALL, es_request("library", {"word": "x"}))

    frames = [line for line in terminal.getvalue().splitlines() if "File " in line]
    assert [frame.rpartition(" in ")[2] for frame in frames] == ["library"]
    assert "json.decoder.JSONDecodeError: Expecting value" in terminal.getvalue()


def test_with_the_bodies_switch_all_frames_are_there(terminal: io.StringIO) -> None:
    ask(WITH_BODIES, es_request("fail", {"word": "x"}))

    assert "fulfillment/routing/handler.py" in terminal.getvalue()
    assert "left out" not in terminal.getvalue()


def test_a_fault_of_the_kit_shows_all_frames() -> None:
    with pytest.raises(Problem) as caught:
        json_text.read(b"x")
    trace = caught.tb.tb_next  # without the frame of this test

    text = traceback_text((Problem, caught.value, trace), fold=True)

    assert "fulfillment/json_text.py" in text
    assert "left out" not in text


def raise_group() -> None:
    try:
        json.loads("x")
    except ValueError as error:
        raise ExceptionGroup("several", [error, KeyError("y")]) from error


def raise_deep(number: int = 0) -> int:
    return raise_deep(number + 1)


@pytest.mark.parametrize("fault", [raise_group, raise_deep])
def test_groups_and_deep_recursion_are_folded_as_well(fault: Callable[[], Any], terminal: io.StringIO) -> None:
    @on.intent("odd")
    def odd() -> str:
        return str(fault())

    ask(webhook_of(odd), es_request("odd"))

    text = terminal.getvalue()
    assert "in odd" in text
    assert "pool.py" not in text
    assert "ExceptionGroup: several (2 sub-exceptions)" in text or "[Previous line repeated" in text
    assert len(text.splitlines()) < 60


def test_on_google_a_terminal_keeps_words_out_as_well(terminal: io.StringIO) -> None:
    body = es_request("refused", {"day": "geheimtag"})
    answer(body, PRODUCTION, headers={"x-secret": "s3cret-header-5e1f"})
    webhook_of(fail, settings=PRODUCTION).answer(
        call_of(es_request("fail", {"word": "geheim"}), headers={"x-secret": "s3cret-header-5e1f"})
    )

    assert "int() with base 10: '<word>'" in terminal.getvalue()
    assert "geheim" not in terminal.getvalue()


# --- The real one


@contextlib.contextmanager
def on_a_terminal(source: Path, **environment: str) -> Iterator[tuple[Function, Callable[[str], str]]]:
    """Run the function with a terminal for its log; the second value reads it until it holds a text."""
    ours, its = os.openpty()
    port = free_port()
    command = [str(Path(sys.executable).parent / "functions-framework"), "--target=dialogflow_webhook"]
    command += [f"--source={source / 'main.py'}", "--host=127.0.0.1", f"--port={port}"]
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
    process = subprocess.Popen(command, cwd=ROOT, env=known, stdout=subprocess.DEVNULL, stderr=its)
    os.close(its)
    os.set_blocking(ours, False)
    shown = ""

    def read_until(text: str) -> str:
        nonlocal shown
        ends_at = time.monotonic() + 10
        while text not in shown and time.monotonic() < ends_at:
            with contextlib.suppress(BlockingIOError):
                shown += os.read(ours, 65536).decode()
            time.sleep(0.01)
        return shown.replace("\r\n", "\n")

    started = Function(port, process, io.StringIO())
    try:
        wait_until_open(started)
        yield started, read_until
    finally:
        process.terminate()
        process.wait(timeout=40)
        os.close(ours)


def test_the_real_function_on_a_real_terminal() -> None:
    with on_a_terminal(ROOT / "tests" / "kit" / "unit" / "logs" / "function", WEBHOOK_LOG_BODIES="true") as (
        function,
        shown,
    ):
        _, reply = function.call(es_request("convert", {"word": "A-7"}, queryText="make A-7 a number"))
        text = shown("raised ValueError")

    assert "es 'convert' -> main.convert: 500 handler-failed in " in text or ".convert: 500 handler-failed in " in text
    assert (
        f"id {reply['error']['id']}\n        said: make A-7 a number (word='A-7')\n        answered: handler-failed"
        in text
    )
