"""The kit alone behind functions-framework and gunicorn: statuses, causes, logs, bad handlers."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fulfillment.testing import Turn, es_request
from tests.kit.firestores import Firestore
from tests.kit.functions import Function, running


@pytest.fixture(scope="module")
def function(own_tree: Path) -> Iterator[Function]:
    with running(own_tree) as started:
        yield started


def test_a_call_is_answered_with_json(function: Function) -> None:
    status, headers, _ = function.exchange(es_request("hello"))
    assert (status, headers["content-type"]) == (200, "application/json")


def test_a_handler_reads_a_real_firestore(own_tree: Path, firestore: Firestore) -> None:
    firestore.client().document("things/a").set({"name": "a lamp"})
    with running(own_tree, firestore.environment()) as started:
        assert Turn(200, started.call(es_request("look", {"id": "a"}))[1]).text == "Found a lamp."
        assert Turn(200, started.call(es_request("look", {"id": "../a"}))[1]).text == "Nothing there."


@pytest.mark.parametrize(
    ("intent", "parameters", "status", "cause"),
    [
        ("nobody handles this", {}, 404, "no-handler"),
        ("fail", {}, 500, "handler-failed"),
        ("exit", {}, 500, "handler-failed"),
        ("forget", {}, 500, "no-reply"),
        ("send nonsense", {}, 500, "invalid-reply"),
        ("send a book", {"pages": 70}, 500, "reply-too-large"),
        ("send a book", {"pages": "many"}, 400, "bad-parameter"),
        ("send a book", {"pages": ""}, 400, "missing-parameter"),
    ],
)
def test_what_goes_wrong_has_a_status_and_a_named_cause(
    function: Function, intent: str, parameters: dict[str, object], status: int, cause: str
) -> None:
    found, reply = function.call(es_request(intent, parameters))
    assert (found, reply["error"]["status"], reply["error"]["cause"]) == (status, status, cause)


def test_nothing_of_the_inside_is_in_an_error_body(function: Function) -> None:
    _, reply = function.call(es_request("fail"))
    assert set(reply["error"]) == {"status", "cause", "message", "id"}
    assert "shelf" not in str(reply)
    assert "handlers" not in str(reply)


@pytest.mark.parametrize(
    ("body", "headers", "method", "status"),
    [
        (b"", {}, "POST", 400),
        (b"not json", {}, "POST", 400),
        (b"[]", {}, "POST", 400),
        (b"{}", {}, "POST", 400),
        (b'{"queryResult": NaN}', {}, "POST", 400),
        (b"\xff\xfe", {}, "POST", 400),
        (b"[" * 100_000, {}, "POST", 400),
        (b'{"queryResult": {}, "x": "' + b"x" * 10_000_000 + b'"}', {}, "POST", 413),
        (b"{}", {"content-type": "text/html"}, "POST", 400),
        (b"", {}, "GET", 405),
        (b"{}", {}, "PUT", 405),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bad_input_gets_its_status_and_the_process_lives(
    function: Function, body: bytes, headers: dict[str, str], method: str, status: int
) -> None:
    found, reply = function.call(body, headers, method)
    assert (found, reply["error"]["status"]) == (status, status)
    assert function.call(es_request("hello"))[0] == 200


def test_a_body_that_comes_slowly_uses_up_the_time_of_the_call(own_tree: Path) -> None:
    body = json.dumps(es_request("hello")).encode()
    with running(own_tree) as started, socket.create_connection(("127.0.0.1", started.port), 20) as connection:
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        connection.sendall(f"{head}\r\n\r\n".encode() + body[:10])
        time.sleep(0.4)
        connection.sendall(body[10:])
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        assert started.lines()[-1]["milliseconds"] >= 300


def test_a_body_that_is_too_large_is_not_kept_in_memory(own_tree: Path) -> None:
    with running(own_tree) as started:
        started.call(es_request("hello"))
        before = _most_memory_kib(started.worker())
        assert started.call(b"x" * 60_000_000)[0] == 413
        # Less than the body, and room for Firestore's library, which may be loaded meanwhile.
        assert _most_memory_kib(started.worker()) - before < 45_000


def _most_memory_kib(process: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1])


def test_an_empty_setting_counts_as_not_set(own_tree: Path) -> None:
    names = ("WEBHOOK_AUTH", "WEBHOOK_DEADLINE", "WEBHOOK_API_VERSION", "THREADS", "GOOGLE_CLOUD_PROJECT")
    with running(own_tree, dict.fromkeys(names, "")) as started:
        assert started.call(es_request("hello"))[0] == 200


def test_one_json_line_a_call_that_joins_the_trace(own_tree: Path) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    with running(own_tree, {"GOOGLE_CLOUD_PROJECT": "shop-project"}) as started:
        headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01", "function-execution-id": "abc123"}
        started.call(es_request("hello"), headers)
        started.call(es_request("fail"))
        lines = started.lines()
    of_handler, of_call, of_failure = lines
    assert (of_handler["message"], of_handler["logger"]) == ("said hello to en", "shop")
    for line in (of_handler, of_call):
        assert line["logging.googleapis.com/trace"] == f"projects/shop-project/traces/{trace}"
        assert line["logging.googleapis.com/spanId"] == "b7ad6b7169203331"
        assert line["execution_id"] == "abc123"
    assert (of_call["severity"], of_call["status"], of_call["intent"]) == ("INFO", 200, "hello")
    assert of_call["handler"] == "handlers.well_behaved.hello"
    assert (of_failure["severity"], of_failure["cause"]) == ("ERROR", "handler-failed")
    assert "the shelf is empty" in of_failure["stack_trace"]


def test_the_same_id_is_in_the_answer_and_in_the_log(own_tree: Path) -> None:
    with running(own_tree) as started:
        _, reply = started.call(es_request("fail"))
        assert [line["id"] for line in started.lines()] == [reply["error"]["id"]]
