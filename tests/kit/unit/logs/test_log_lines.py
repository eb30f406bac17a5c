"""Logs: one JSON line a call for Cloud Logging, in the trace of the call."""

from __future__ import annotations

import io
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fulfillment import logs
from fulfillment.settings import Settings
from fulfillment.testing import es_request
from tests.kit.unit.logs.calls import answer, lines_of, log
from tests.kit.wire import said


def test_a_call_is_one_line(stream: io.StringIO) -> None:
    found = answer(es_request("order", {"order_id": "A"}))

    (line,) = lines_of(stream)
    assert {name: line[name] for name in ("severity", "event", "dialect", "intent", "status", "cause")} == {
        "severity": "INFO",
        "event": "call",
        "dialect": "es",
        "intent": "order",
        "status": 200,
        "cause": "",
    }
    assert line["handler"].endswith(".order")
    assert line["bytes"] == len(found.body)
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
    answer(es_request(intent, parameters))

    (line,) = lines_of(stream)
    assert (line["severity"], line["status"], line["cause"]) == (severity, status, cause)


def test_a_call_that_is_not_understood_is_a_line_too(stream: io.StringIO) -> None:
    answer(b"hello")

    (line,) = lines_of(stream)
    assert (line["status"], line["dialect"], line["intent"], line["session"]) == (400, "", "", "")
    assert line["detail"].startswith("Found: the body is not JSON")


def test_the_id_in_the_error_is_the_id_in_the_line(stream: io.StringIO) -> None:
    ids = [said(answer(es_request("nobodys")))["error"]["id"] for _ in range(50)]

    assert [line["id"] for line in lines_of(stream)] == ids
    assert len(set(ids)) == 50


def test_a_handler_that_failed_has_its_stack_in_the_line_and_not_in_the_answer(stream: io.StringIO) -> None:
    found = answer(es_request("broken"))

    (line,) = lines_of(stream)
    assert "ZeroDivisionError" in line["stack_trace"]
    assert "calls.py" in line["stack_trace"]
    assert line["detail"].endswith("broken raised ZeroDivisionError.")
    assert b"Zero" not in found.body
    assert b"calls.py" not in found.body


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
    answer(es_request("order", {"order_id": "A"}), Settings(project="shop"), headers=headers)

    (line,) = lines_of(stream)
    assert line.get("logging.googleapis.com/trace") == (f"projects/shop/traces/{trace}" if trace else None)
    assert line.get("logging.googleapis.com/spanId") == span


def test_without_a_project_the_trace_is_bare(stream: io.StringIO) -> None:
    answer(es_request("order", {"order_id": "A"}), headers={"x-cloud-trace-context": TRACE})

    assert lines_of(stream)[0]["logging.googleapis.com/trace"] == TRACE


@pytest.mark.parametrize(("sent", "kept"), [("abc-1.2_3", "abc-1.2_3"), ("a b", None), ("x" * 65, None), ("", None)])
def test_the_execution_id_is_kept_when_it_is_one(sent: str, kept: str | None, stream: io.StringIO) -> None:
    answer(es_request("order", {"order_id": "A"}), headers={"function-execution-id": sent})

    assert lines_of(stream)[0].get("execution_id") == kept


def test_a_handlers_own_logging_joins_the_trace(stream: io.StringIO) -> None:
    headers = {"x-cloud-trace-context": f"{TRACE}/1", "function-execution-id": "e1"}
    answer(es_request("talkative"), headers=headers)
    answer(es_request("talkative"))

    own, call, later, _ = lines_of(stream)
    assert (own["message"], own["severity"], own["logger"], own["order"]) == (
        *("Looking it up", "INFO"),
        *("handlers.order", 7),
    )
    for line in (own, call):
        assert (line["logging.googleapis.com/trace"], line["execution_id"]) == (TRACE, "e1")
    assert "logging.googleapis.com/trace" not in later


def test_other_libraries_log_in_the_same_form(stream: io.StringIO) -> None:
    logging.getLogger("urllib3").warning("Retrying", extra={"attempt": 2})

    (line,) = lines_of(stream)
    assert (line["severity"], line["message"], line["logger"], line["attempt"]) == ("WARNING", "Retrying", "urllib3", 2)


def test_setting_up_twice_logs_once(stream: io.StringIO) -> None:
    logs.set_up(stream)
    log.info("Once")

    assert len(lines_of(stream)) == 1


HOLDS_ITSELF: list[Any] = []
HOLDS_ITSELF.append(HOLDS_ITSELF)


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, b"x", float("nan"), Exception("x"), {("a", 1): 2}, HOLDS_ITSELF],
    ids=lambda value: type(value).__name__,
)
def test_an_extra_that_is_no_json_does_not_break_the_line(value: Any, stream: io.StringIO) -> None:
    log.info("Odd", extra={"odd": value})

    assert lines_of(stream)[0]["message"] == "Odd"
    assert "NaN" not in stream.getvalue()


def test_an_extra_may_have_any_name(stream: io.StringIO, terminal: io.StringIO) -> None:
    log.info("Odd", extra={"members": "three", "severity": "EMERGENCY"})

    assert "INFO    Odd" in terminal.getvalue()


def test_a_dictionary_that_is_logged_cannot_pass_for_a_line_of_its_own(stream: io.StringIO) -> None:
    parameters = {
        "severity": "EMERGENCY",
        "event": "call",
        "status": 200,
        "time": "2020-01-01T00:00:00Z",
        "logger": "x",
    }
    log.info(parameters)

    (line,) = lines_of(stream)
    assert line["fields"] == parameters
    assert (line["severity"], line["logger"], "event" in line, "time" in line) == (
        "INFO",
        "handlers.order",
        False,
        False,
    )


def test_severity_and_logger_are_the_records_own(stream: io.StringIO) -> None:
    log.info("Odd", extra={"severity": "EMERGENCY", "logger": "x", "members": "three"})

    (line,) = lines_of(stream)
    assert (line["severity"], line["logger"], line["members"]) == ("INFO", "handlers.order", "three")


def test_calls_at_the_same_time_keep_their_traces_apart(stream: io.StringIO) -> None:
    traces = [f"{number:032x}" for number in range(1, 41)]

    def call(trace: str) -> None:
        answer(es_request("talkative"), headers={"x-cloud-trace-context": trace, "function-execution-id": trace})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, traces))

    lines = lines_of(stream)
    assert sorted(line["execution_id"] for line in lines) == sorted(traces * 2)
    assert all(line["logging.googleapis.com/trace"] == line["execution_id"] for line in lines)
