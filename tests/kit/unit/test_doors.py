"""The door hands a call over with its body unread: who reads it, when, and what goes wrong on the way."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest

from fulfillment import Problem, Reply, on
from fulfillment.access.header import Header
from fulfillment.call import Call
from fulfillment.deadline import ANSWER_MARGIN
from fulfillment.doors.body import ConnectionBody, StreamedBody, body_of
from fulfillment.json_text import MAX_BODY
from fulfillment.settings import Settings
from fulfillment.testing import es_request
from tests.kit.wire import call_of, error_of, said, webhook_of

GUARDED = Settings(auth=("header",), access=(Header({"x-secret": ("a1b2c3d4e5f6a7b8c9d0",)}),))
SECRET = {"x-secret": "a1b2c3d4e5f6a7b8c9d0"}


@on.intent("hello")
def hello() -> Reply:
    return Reply("Hello.")


@on.route("/things", methods=["GET", "POST"])
def things(name: str = "nothing") -> dict[str, str]:
    return {"name": name}


class Reader:
    """Reads a body, and notes until when it may take."""

    def __init__(self, body: Any) -> None:
        self.body = call_of(body).body
        self.asked: list[float] = []

    def __call__(self, until: float) -> bytes:
        self.asked.append(until)
        return self.body


def _call(reader: Reader, **changes: Any) -> Call:
    return call_of(b"", read_body=reader, **changes)


def test_a_body_is_read_once_and_answered() -> None:
    reader = Reader(es_request("hello"))

    answer = webhook_of(hello, things, settings=GUARDED).answer(_call(reader, headers=SECRET))

    assert said(answer)["fulfillmentText"] == "Hello."
    assert len(reader.asked) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 401),
        ({"path": "/things"}, 401),
        ({"headers": SECRET, "method": "GET"}, 405),
        ({"headers": {**SECRET, "content-type": "text/html"}}, 400),
    ],
)
def test_what_the_headers_decide_leaves_the_body_unread(changes: dict[str, Any], status: int) -> None:
    reader = Reader(es_request("hello"))

    assert webhook_of(hello, things, settings=GUARDED).answer(_call(reader, **changes)).status == status
    assert reader.asked == []


@pytest.mark.parametrize(("path", "seconds"), [("/", 2.0), ("/things", 7.0)])
def test_a_body_may_take_as_long_as_the_call_less_the_time_for_its_answer(path: str, seconds: float) -> None:
    reader = Reader({"name": "lamp"})
    kit = webhook_of(hello, things, settings=Settings(deadline=2.0, cx_deadline=7.0))

    kit.answer(_call(reader, path=path, received_at=1000.0))

    assert reader.asked == [pytest.approx(1000.0 + seconds - ANSWER_MARGIN)]


def test_a_call_with_its_body_needs_no_reader() -> None:
    call = call_of(es_request("hello"))

    assert call.with_body(0.0) is call


def test_a_problem_of_the_reader_is_the_answer() -> None:
    def read(until: float) -> bytes:
        raise Problem(408, "body-too-slow", "Too slow.")

    answer = webhook_of(hello).answer(call_of(b"", read_body=read))

    assert (answer.status, error_of(answer)["cause"]) == (408, "body-too-slow")


def _streamed(data: bytes, **environ: Any) -> StreamedBody:
    return StreamedBody({"wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": str(len(data)), **environ})


def _soon() -> float:
    return time.monotonic() + 60


def test_a_stream_is_read_to_its_announced_end() -> None:
    assert _streamed(b"abc").read(_soon()) == b"abc"
    assert _streamed(b"abcdef", CONTENT_LENGTH="3").read(_soon()) == b"abc"
    assert _streamed(b"").read(_soon()) == b""
    assert _streamed(b"a" * MAX_BODY).read(_soon()) == b"a" * MAX_BODY
    assert StreamedBody({"wsgi.input": io.BytesIO(b"never announced")}).read(_soon()) == b""


@pytest.mark.parametrize(
    ("body", "seconds", "status", "cause"),
    [
        (_streamed(b"abc", CONTENT_LENGTH="5"), 60, 400, "body-incomplete"),
        (_streamed(b"a" * (MAX_BODY + 1)), 60, 413, "body-too-large"),
        (_streamed(b"a" * 100), -1, 408, "body-too-slow"),
    ],
    ids=["incomplete", "too large", "too slow"],
)
def test_a_stream_that_cannot_be_read_is_a_named_cause(
    body: StreamedBody, seconds: float, status: int, cause: str
) -> None:
    with pytest.raises(Problem) as refused:
        body.read(time.monotonic() + seconds)

    assert (refused.value.status, refused.value.cause) == (status, cause)


def test_a_server_that_is_not_gunicorn_gives_a_stream() -> None:
    def start_response(status: str, headers: list[tuple[str, str]]) -> None: ...

    assert isinstance(body_of({"wsgi.input": io.BytesIO()}, start_response), StreamedBody)
    assert not isinstance(body_of({"wsgi.input": io.BytesIO(), "gunicorn.socket": object()}, []), ConnectionBody)
