"""Outside calls end in time, whatever the other side does byte by byte."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
import requests

from fulfillment import deadline, outside
from tests.kit.outside_servers import (
    Behaviour,
    Certificate,
    call_of,
    drips,
    drips_before_it_is_asked,
    floods,
    over_tls,
    raw_server,
    says,
    stalls,
)
from tests.kit.parallel import BUSY

SECONDS = 1.0
IN_TIME = SECONDS - deadline.ANSWER_MARGIN - deadline.OUTSIDE_MARGIN
"""Seconds that outside calls have, of a call that has so many; the handler ends a little later, and must not."""

HANDLER_ENDS = SECONDS - deadline.ANSWER_MARGIN + BUSY

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"Content-Length: 5\r\n\r\nhello"

SLOW: dict[str, Behaviour] = {
    "nothing": stalls,
    "a status line, drop by drop": drips(b"HTTP/1.1 200 ", b"O"),
    "a header line, drop by drop": drips(OK + b"X-Slow: ", b"x"),
    "header lines, drop by drop": drips(OK, b"X-Slow: x\r\n"),
    "100 Continue, drop by drop": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "100 Continue, a flood": floods(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body, drop by drop": drips(OK + b"Content-Length: 9999\r\n\r\n", b"x"),
    "a chunk's size, drop by drop": drips(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "trailers, drop by drop": drips(OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"X-Slow: x\r\n"),
    "a redirect's body, drop by drop": drips(
        b"HTTP/1.1 302 Found\r\nLocation: /v2\r\nContent-Length: 9999\r\n\r\n", b"x"
    ),
}


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """A certificate for 127.0.0.1 that this process trusts."""
    made = Certificate(tmp_path)
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(made.file))
    return made


def seconds_until_unavailable(url: str, method: str = "GET", **options: object) -> float:
    started = time.monotonic()
    with call_of(SECONDS), pytest.raises(outside.Unavailable):
        outside.request(method, url, **options)  # type: ignore[arg-type]
    return time.monotonic() - started


@pytest.mark.parametrize("behaviour", SLOW.values(), ids=SLOW)
def test_a_slow_answer_is_given_up_with_time_to_apologise(behaviour: Behaviour) -> None:
    with raw_server(behaviour) as server:
        assert seconds_until_unavailable(f"http://{server.host}/v1") < HANDLER_ENDS


@pytest.mark.parametrize("kind", ["nothing", "a header line, drop by drop", "100 Continue, a flood"])
def test_so_is_one_to_a_post_which_is_sent_once(kind: str) -> None:
    with raw_server(SLOW[kind]) as server:
        assert seconds_until_unavailable(f"http://{server.host}/v1", "POST") < HANDLER_ENDS
        assert server.accepted == 1


@pytest.mark.parametrize("kind", ["nothing", "header lines, drop by drop", "a body, drop by drop"])
def test_so_is_one_inside_tls(kind: str, certificate: Certificate) -> None:
    with raw_server(over_tls(certificate, SLOW[kind])) as server:
        assert seconds_until_unavailable(f"https://{server.host}/v1") < HANDLER_ENDS


def test_so_is_a_handshake_that_drips() -> None:
    with raw_server(drips_before_it_is_asked) as server:
        assert seconds_until_unavailable(f"https://{server.host}/v1") < HANDLER_ENDS


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_so_is_a_server_that_takes_the_body_drop_by_drop(tls: bool, certificate: Certificate) -> None:
    def sips(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while connection.recv(1024):
            time.sleep(0.05)

    with raw_server(over_tls(certificate, sips) if tls else sips) as server:
        url = f"{'https' if tls else 'http'}://{server.host}/v1"
        assert seconds_until_unavailable(url, "POST", data=b"x" * 50_000_000) < HANDLER_ENDS


def test_so_is_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    # No resolver can be made to hang here: what the C library does is played, all else is real.
    hanging = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hanging.wait(10))
    try:
        assert seconds_until_unavailable("http://nowhere.invalid/v1") < HANDLER_ENDS
    finally:
        hanging.set()


def test_a_caller_without_a_call_around_it_is_not_kept_for_ever_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline.time_left, "UNBOUND_SECONDS", 1.0)
    started = time.monotonic()
    with (
        raw_server(SLOW["a body, drop by drop"]) as server,
        pytest.raises(outside.Unavailable, match=r"^127\.0\.0\.1: ReadTimeoutError$"),
    ):
        outside.get(f"http://{server.host}/v1")
    assert time.monotonic() - started < 1.1


def test_an_answer_that_takes_more_than_a_third_of_the_time_is_an_answer() -> None:
    def thinks(connection: socket.socket) -> None:
        while b"/v1" in (head := connection.recv(65536)):
            time.sleep(0.45 * IN_TIME if b"POST" not in head else 0.8 * IN_TIME)
            connection.sendall(HELLO)

    with raw_server(thinks) as server, call_of(2.2 * SECONDS):
        assert outside.get(f"http://{server.host}/v1").text == "hello"
        assert server.accepted == 1
    with (
        raw_server(thinks) as server,
        call_of(1.3 * SECONDS),
    ):  # once it is sent there is no other attempt to keep time for
        assert outside.post(f"http://{server.host}/v1").text == "hello"


def test_a_connection_serves_many_calls_each_with_time_of_its_own(certificate: Certificate) -> None:
    with raw_server(over_tls(certificate, says(HELLO))) as server:
        for seconds in (0.8, 0.8, 3.0, 0.8):
            with call_of(seconds):
                assert outside.get(f"https://{server.host}/v1").text == "hello"
            time.sleep(0.3)
        assert server.accepted == 1


def test_three_attempts_fit_the_time_left() -> None:
    with raw_server(stalls) as server:
        assert seconds_until_unavailable(f"http://{server.host}/v1") < HANDLER_ENDS
        assert server.accepted == 3


def test_a_post_whose_connection_is_refused_is_tried_again_since_nothing_was_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with raw_server(stalls) as server:
        pass
    seconds_until_unavailable(f"http://{server.host}/v1", "POST")
    assert caplog.messages == [
        f"outside: attempt {number} of 3 for {server.host} after ConnectionRefusedError" for number in (2, 3)
    ]
