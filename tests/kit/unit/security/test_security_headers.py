"""Headers that arrive doubled, folded or in strange bytes, at the real server."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from tests.kit.functions import ROOT, Function, running, wait_until_open

SOURCE = ROOT / "tests" / "kit" / "chaos" / "function"
SECRET = b"s3cret-5e1f"
BODY = json.dumps({"queryResult": {"intent": {"displayName": "hello"}}}).encode()


@pytest.fixture(scope="module")
def guarded() -> Iterator[Function]:
    environment = {"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": f"X-Webhook-Secret: {SECRET.decode()}", "THREADS": "5"}
    with running(SOURCE, {**environment, "PYTHONPATH": str(ROOT)}) as function:
        wait_until_open(function)
        yield function


def status_of(function: Function, *lines: bytes, body: bytes = BODY, length: bool = True) -> int:
    head = [b"POST / HTTP/1.1", b"host: x", b"content-type: application/json", *lines]
    if length:
        head.append(b"content-length: %d" % len(body))
    with socket.create_connection(("127.0.0.1", function.port), 10) as connection:
        connection.sendall(b"\r\n".join([*head, b"connection: close", b"", b""]) + body)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return int(received.split(b" ")[1]) if received else 0


def test_the_right_header_lets_in(guarded: Function) -> None:
    assert status_of(guarded, b"X-Webhook-Secret: " + SECRET) == 200


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="none"),
        pytest.param([b"X-Webhook-Secret: wrong"], id="wrong"),
        pytest.param([b"X-Webhook-Secret: wrong", b"X-Webhook-Secret: " + SECRET], id="doubled, the second one right"),
        pytest.param([b"X-Webhook-Secret: " + SECRET, b"X-Webhook-Secret: wrong"], id="doubled, the first one right"),
        pytest.param([b"X-Webhook-Secret: " + SECRET] * 2, id="doubled, both right"),
        pytest.param([b"X-Webhook-Secret: wrong\r\n " + SECRET], id="folded"),
        pytest.param([b"X_Webhook_Secret: " + SECRET], id="underscores"),
        pytest.param([b"X-Webhook-Secret : " + SECRET], id="a space before the colon"),
        pytest.param([b"X-Webhook-Secret: " + SECRET + b"\xc3\xa9"], id="UTF-8 behind it"),
        pytest.param([b"X-Webhook-Secret: " + SECRET + b"\xa0"], id="Latin-1 behind it"),
        pytest.param([b"X-Webhook-Secret: " + SECRET + b"\x00"], id="a null behind it"),
        pytest.param([b"X-Webhook-Secret: " + SECRET + b", wrong"], id="a list"),
        pytest.param([b"X-Webhook-\xffSecret: " + SECRET], id="a name in strange bytes"),
    ],
)
def test_no_other_form_of_it_does(guarded: Function, lines: list[bytes]) -> None:
    assert status_of(guarded, *lines) in (400, 401, 403)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([b"content-length: 5", b"content-length: 50"], id="two lengths"),
        pytest.param([b"content-length: 5", b"transfer-encoding: chunked"], id="a length and chunks"),
        pytest.param([b"content-length: -5"], id="a negative length"),
        pytest.param([b"content-length: 0x5"], id="a length in hexadecimal digits"),
        pytest.param([b"transfer-encoding: xchunked"], id="an unknown encoding"),
    ],
)
def test_a_body_whose_end_is_unclear_is_refused(guarded: Function, lines: list[bytes]) -> None:
    smuggled = b"0\r\n\r\nPOST / HTTP/1.1\r\nhost: x\r\n\r\n"
    found = status_of(guarded, b"X-Webhook-Secret: " + SECRET, *lines, body=smuggled, length=False)
    assert found in (0, 400, 501)
