"""Bodies on real connections: headers come first, then the guard, then the body within its size and its time."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fulfillment.testing import Turn, es_request
from tests.kit.functions import Function, running

SECRET = {"X-Webhook-Secret": "a1b2c3d4e5f6a7b8c9d0"}
ENVIRONMENT = {
    "WEBHOOK_AUTH": "header",
    "WEBHOOK_HEADERS": "X-Webhook-Secret: a1b2c3d4e5f6a7b8c9d0",
    "WEBHOOK_DEADLINE": "1",
    "WEBHOOK_CX_DEADLINE": "1",
}
HELLO = json.dumps(es_request("hello")).encode()
CHUNKED = {"Transfer-Encoding": "chunked"}


@pytest.fixture(scope="module")
def function(own_tree: Path) -> Iterator[Function]:
    with running(own_tree, ENVIRONMENT) as started:
        yield started


class Client:
    """One connection, on which a test writes what it likes."""

    def __init__(self, function: Function) -> None:
        self.socket = socket.create_connection(("127.0.0.1", function.port), 10)
        self.stream = self.socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.stream.close()
        self.socket.close()

    def head(self, headers: Mapping[str, str], method: str = "POST", path: str = "/", version: str = "1.1") -> None:
        """Send the request line and headers."""
        lines = {"Host": "localhost", "Content-Type": "application/json", **headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.socket.sendall(f"{method} {path} HTTP/{version}\r\n{text}\r\n".encode())

    def send(self, data: bytes) -> bool:
        """Send a piece of a body; False when the other end has gone."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def answer(self, method: str = "POST") -> tuple[int, dict[str, str], Any]:
        """Read one answer: status, headers, and its body as JSON (None for none)."""
        status = int(self.stream.readline().split()[1])
        headers: dict[str, str] = {}
        while line := self.stream.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        length = 0 if method == "HEAD" or status < 200 else int(headers.get("content-length", "0"))
        data = self.stream.read(length)
        return status, headers, json.loads(data) if data else None

    def is_closed(self) -> bool:
        """Wait for the other end to close the connection."""
        with contextlib.suppress(ConnectionResetError):
            return self.stream.read(1) == b""
        return True


@pytest.fixture
def client(function: Function) -> Iterator[Client]:
    with Client(function) as opened:
        yield opened


def refusal(client: Client, method: str = "POST") -> tuple[int, str]:
    """Read an answer that refuses, is JSON, and ends the connection; return its status and cause."""
    status, headers, body = client.answer(method)
    assert headers["content-type"] == "application/json"
    assert headers["connection"] == "close"
    assert client.is_closed()
    return status, body["error"]["cause"]


def hello(function: Function, timeout: float = 5) -> None:
    assert Turn(200, function.call(es_request("hello"), SECRET, timeout=timeout)[1]).text == "Hello!"


def calls_since(function: Function, before: int) -> list[dict[str, Any]]:
    """Wait for the next line of the log, and return all since the first `before`."""
    ends_at = time.monotonic() + 5
    while len(lines := function.lines()) <= before and time.monotonic() < ends_at:
        time.sleep(0.01)
    return lines[before:]


@pytest.mark.parametrize("headers", [{"Content-Length": "1000"}, CHUNKED], ids=["length", "chunks"])
def test_strangers_with_slow_bodies_hold_nobody_up(function: Function, headers: dict[str, str]) -> None:
    strangers = [Client(function) for _ in range(80)]
    for stranger in strangers:
        stranger.head(headers)
        stranger.send(b"3e8\r\n{" if headers is CHUNKED else b"{")

    hello(function)  # while none of the 80 has ended

    assert [refusal(stranger) for stranger in strangers] == [(401, "unauthenticated")] * 80
    for stranger in strangers:
        stranger.close()


def test_strangers_who_do_not_hang_up_hold_nobody_up(function: Function) -> None:
    strangers = [Client(function) for _ in range(20)]
    for stranger in strangers:
        stranger.head({"Connection": "close"}, method="GET")

    hello(function)

    assert [refusal(stranger) for stranger in strangers] == [(401, "unauthenticated")] * 20
    for stranger in strangers:
        stranger.close()


@pytest.mark.parametrize(("headers", "status"), [({}, 401), (SECRET, 413)], ids=["stranger", "caller"])
def test_an_endless_body_is_cut_off(function: Function, headers: dict[str, str], status: int) -> None:
    with Client(function) as client:
        client.head({**CHUNKED, **headers})
        piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        sent = 0
        while sent < 100 and client.send(piece):
            sent += 1
            time.sleep(0.001)

        assert client.answer()[0] == status
        assert sent < 100


def test_a_body_that_announces_too_much_is_refused_before_it_comes(client: Client) -> None:
    client.head({"Content-Length": str(1024 * 1024 + 1), **SECRET})

    assert refusal(client) == (413, "body-too-large")


@pytest.mark.parametrize("path", ["/", "/things"])
@pytest.mark.parametrize("headers", [{"Content-Length": "1000"}, CHUNKED], ids=["length", "chunks"])
def test_a_body_that_drips_ends_with_the_calls_time(function: Function, path: str, headers: dict[str, str]) -> None:
    before = len(function.lines())
    with Client(function) as client:
        began = time.monotonic()
        client.head({**headers, **SECRET}, path=path)
        ended = threading.Event()

        def drip() -> None:
            while not ended.wait(0.05) and client.send(b"1\r\n{\r\n" if headers is CHUNKED else b"{"):
                pass

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert refusal(client) == (408, "body-too-slow")
        finally:
            ended.set()
            dripping.join()
        assert 0.5 < time.monotonic() - began < 5

    (line,) = calls_since(function, before)
    assert (line["severity"], line["status"], line["cause"]) == ("WARNING", 408, "body-too-slow")


@pytest.mark.parametrize("path", ["/", "/things"])
@pytest.mark.parametrize(
    "chunks", [b"zz\r\nx", b"5\r\nabcdeXX", b"-1\r\n", b"5;\x01\r\nabcde\r\n", b"0\r\nbroken\r\n\r\n"]
)
def test_broken_chunks_are_a_named_cause(function: Function, path: str, chunks: bytes) -> None:
    before = len(function.lines())
    with Client(function) as client:
        client.head({**CHUNKED, **SECRET}, path=path)
        client.send(chunks)
        assert refusal(client) == (400, "body-incomplete")

    (line,) = calls_since(function, before)
    assert (line["event"], line["severity"], line["cause"]) == ("call", "WARNING", "body-incomplete")
    assert "stack_trace" not in line


def test_a_stranger_with_broken_chunks_is_a_stranger(function: Function, client: Client) -> None:
    before = len(function.lines())
    client.head(CHUNKED)
    client.send(b"zz\r\nx")

    assert refusal(client) == (401, "unauthenticated")
    (line,) = calls_since(function, before)
    assert (line["severity"], line["status"]) == ("WARNING", 401)


@pytest.mark.parametrize(
    ("headers", "part"), [({"Content-Length": "1000"}, b"{"), (CHUNKED, b"5\r\nab")], ids=["length", "chunks"]
)
def test_a_caller_that_goes_away_leaves_one_line(function: Function, headers: dict[str, str], part: bytes) -> None:
    before = len(function.lines())
    with Client(function) as client:
        client.head({**headers, **SECRET})
        client.send(part)

    (line,) = calls_since(function, before)
    assert (line["event"], line["severity"], line["cause"]) == ("call", "WARNING", "body-incomplete")
    hello(function)


def test_a_caller_that_stops_sending_is_told_so(client: Client) -> None:
    client.head({"Content-Length": "1000", **SECRET})
    client.send(b"{")
    client.socket.shutdown(socket.SHUT_WR)

    assert refusal(client) == (400, "body-incomplete")


def test_a_connection_serves_one_complete_call_after_the_other(client: Client) -> None:
    chunked = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (7, HELLO[:7], len(HELLO) - 7, HELLO[7:])
    for _ in range(3):
        client.head({"Content-Length": str(len(HELLO)), **SECRET})
        client.send(HELLO)
        assert client.answer()[0] == 200
        client.head({**CHUNKED, **SECRET})
        client.send(chunked)
        assert client.answer()[0] == 200
        client.head(SECRET, method="GET", path="/things?name=lamp")
        assert client.answer()[2] == {"name": "lamp"}


def test_calls_that_come_in_one_piece_are_answered_one_by_one(client: Client) -> None:
    head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Webhook-Secret: a1b2c3d4e5f6a7b8c9d0\r\n"
    call = f"{head}Content-Type: application/json\r\nContent-Length: {len(HELLO)}\r\n\r\n".encode() + HELLO
    client.send(call * 3)

    assert [client.answer()[0] for _ in range(3)] == [200, 200, 200]


def test_a_refused_call_whose_body_is_there_leaves_its_connection_open(client: Client) -> None:
    for headers in ({"Content-Length": str(len(HELLO))}, CHUNKED):
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(HELLO), HELLO)
        for _ in range(2):
            text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            body = chunks if headers is CHUNKED else HELLO
            client.send(f"POST / HTTP/1.1\r\nHost: localhost\r\n{text}\r\n".encode() + body)
            assert client.answer()[0] == 401

    client.head({"Content-Length": str(len(HELLO)), **SECRET})
    client.send(HELLO)
    assert client.answer()[0] == 200


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("OPTIONS", 204), ("DELETE", 405)])
def test_methods_without_a_body_need_none(client: Client, method: str, status: int) -> None:
    for _ in range(2):
        client.head(SECRET, method=method, path="/things")
        assert client.answer(method)[0] == status


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_method_that_is_not_answered_has_no_body_to_wait_for(function: Function, method: str) -> None:
    with Client(function) as client:
        client.head({"Content-Length": "1000", **SECRET}, method=method)
        status, headers, _ = client.answer(method)
        assert (status, headers["connection"]) == (405, "close")


def test_a_caller_that_asks_first_is_told_to_go_on(client: Client) -> None:
    for _ in range(2):
        client.head({"Expect": "100-continue", "Content-Length": str(len(HELLO)), **SECRET})
        assert client.answer()[0] == 100
        client.send(HELLO)
        assert client.answer()[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Length": "10"}, 401), ({"Content-Length": "9999999", **SECRET}, 413)],
    ids=["stranger", "too large"],
)
def test_a_caller_that_asks_first_and_is_refused_is_not_told_to_go_on(
    client: Client, headers: dict[str, str], status: int
) -> None:
    client.head({"Expect": "100-continue", **headers})

    assert refusal(client)[0] == status


def test_the_time_that_a_body_took_is_missing_from_its_handler(function: Function) -> None:
    with Client(function) as client:
        client.head({"Content-Length": str(len(HELLO)), **SECRET})
        client.send(HELLO[:10])
        time.sleep(0.3)
        client.send(HELLO[10:])
        assert client.answer()[0] == 200
    assert function.lines()[-1]["milliseconds"] >= 250


def test_flasks_own_server_reads_bodies_too(own_tree: Path) -> None:
    with running(own_tree, ENVIRONMENT, options=["--debug"]) as function:
        hello(function)
        assert function.call(es_request("hello"))[0] == 401
        assert function.call(b"x" * (1024 * 1024 + 1), SECRET)[0] == 413
        with Client(function) as client:
            client.head({"Content-Length": "1000", **SECRET})
            client.send(b"{")
            client.socket.shutdown(socket.SHUT_WR)
            status, _, body = client.answer()
            assert (status, body["error"]["cause"]) == (400, "body-incomplete")
