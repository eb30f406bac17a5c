"""What the log says of a fetch of certificates that failed: the host and the reason, never the rest of the address."""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from fulfillment import logs
from fulfillment.access.certificates import Certificates
from fulfillment.problems import Problem
from tests.kit.functions import ROOT, running

PATH = "/tenant-geheim/keys?apikey=APIKEY-0123456789abcdef"
PLANTED = ("tenant-geheim", "apikey", "APIKEY", "0123456789abcdef")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, down to the last detail."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    logs.set_up(stream, logging.DEBUG)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


@contextlib.contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve every connection by `serve`; give the address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = listener.accept()[0]
                with contextlib.suppress(OSError), connection:
                    serve(connection)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stall(connection: socket.socket) -> None:
    connection.settimeout(10)
    while connection.recv(4096):
        pass


def answering(answer: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    return serve


SERVERS: dict[str, Callable[[socket.socket], None]] = {
    "reset": reset,
    "stalled": stall,
    "no HTTP": answering(b"hello\r\n\r\n"),
    "broken headers": answering(b"HTTP/1.1 200 OK\r\n\xff bad header\r\nContent-Length: 2\r\n\r\n{}"),
    "unavailable": answering(b"HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"),
    "redirected": answering(b"HTTP/1.1 302 Go\r\nLocation: " + PATH.encode() + b"\r\nContent-Length: 0\r\n\r\n"),
    "cut off": answering(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{"),
    "no keys": answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
}


def refusal(address: str) -> str:
    certificates = Certificates(f"{address}{PATH}")
    with pytest.raises(Problem) as caught:
        certificates.find("key", time.monotonic() + 20)
    return caught.value.detail


@pytest.mark.parametrize("kind", SERVERS)
def test_the_log_names_the_host_alone(kind: str, log: io.StringIO) -> None:
    with server(SERVERS[kind]) as address:
        detail = refusal(address)
        ends_at = time.monotonic() + 10
        while "could not be fetched" not in log.getvalue() and time.monotonic() < ends_at:
            time.sleep(0.01)

    assert "Certificates could not be fetched from 127.0.0.1: " in log.getvalue()
    assert [planted for planted in PLANTED if planted in log.getvalue() + detail] == []
    assert "from 127.0.0.1: " in detail


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://nowhere.invalid"])
def test_so_it_is_where_nobody_listens(address: str, log: io.StringIO) -> None:
    detail = refusal(address)

    assert "could not be fetched from " in log.getvalue()
    assert [planted for planted in PLANTED if planted in log.getvalue() + detail] == []


def test_so_it_is_in_the_function() -> None:
    settings = {
        "K_SERVICE": "shop",
        "WEBHOOK_AUTH": "oauth",
        "WEBHOOK_OAUTH_ISSUER": "https://login.example/",
        "WEBHOOK_OAUTH_KEYS": f"https://127.0.0.1:1{PATH}",
        "WEBHOOK_OAUTH_AUDIENCE": "https://shop.example/webhook",
        "WEBHOOK_OAUTH_CLIENTS": "dialogflow-agent",
        "PYTHONPATH": str(ROOT),
    }
    with running(environment=settings) as function:
        header = "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogImtleSJ9"  # {"alg": "RS256", "kid": "key"}
        status, _ = function.call({}, {"authorization": f"Bearer {header}.e30.c2lnbmF0dXJl"})
        function.log.seek(0)
        text = function.log.read()

    assert status in (401, 503)
    assert "could not be fetched from 127.0.0.1: the request failed with ConnectionError" in text
    assert [planted for planted in PLANTED if planted in text] == []
