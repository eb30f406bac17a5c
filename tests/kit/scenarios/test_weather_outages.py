"""The sample get_weather in the real function, while its service fails in every way: no log line holds key or place."""

from __future__ import annotations

import compileall
import contextlib
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fulfillment.testing import Turn, es_request
from tests.kit import shipped
from tests.kit.functions import Function, free_port, running
from tests.kit.outside_servers import (
    Behaviour,
    Certificate,
    RawServer,
    Server,
    drips,
    floods,
    over_tls,
    raw_server,
    resets,
    says,
    stalls,
    words,
)
from tests.kit.projects import kit_with

if "get_weather" not in shipped.handlers():
    pytest.skip("the sample handler get_weather was removed or changed", allow_module_level=True)

KEY = "planted-key-0123456789"
WORD = "Geheimstadt"
SECRET = "planted-secret-0123456789"
DEADLINE = 1.5
OK = b"HTTP/1.1 200 OK\r\n"
SORRY = "I am sorry, the weather service does not answer right now."


def redirects(location: str) -> Behaviour:
    return says(
        f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    )


# One request a connection, so that no test gets an answer of the test before.
FAILURES: dict[str, tuple[Behaviour, str]] = {
    "stalled": (stalls, "ReadTimeout"),
    "reset": (resets, "ConnectionResetError"),
    "unavailable": (says(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), "status 503"),
    "dripping status line": (drips(b"HTTP/1.1 200 ", b"O"), "ReadTimeout"),
    "dripping header": (drips(OK + b"X-Slow: ", b"x"), "ReadTimeout"),
    "flood of 100 Continue": (floods(b"HTTP/1.1 100 Continue\r\n\r\n"), "ReadTimeout"),
    "broken header line": (
        says(OK + f"q={WORD} no colon {KEY}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()),
        "",  # it is an answer
    ),
    "redirect loop": (redirects(f"/w?q={WORD}&appid={KEY}"), ""),
    "redirect inside": (redirects(f"http://localhost:1/{WORD}/{KEY}"), ""),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped handlers, compiled: the first call has no more time than the others."""
    folder = tmp_path_factory.mktemp("shop")
    kit_with(shipped.copy_handlers(folder / "shipped"), folder)
    compileall.compile_dir(folder, quiet=1)
    return folder


@contextlib.contextmanager
def asking(shop: Path, url: str) -> Iterator[Function]:
    environment = {
        "K_SERVICE": "kit",
        "WEBHOOK_AUTH": "header",
        "WEBHOOK_HEADERS": f"X-Kit-Secret: {SECRET}",
        "WEBHOOK_DEADLINE": str(DEADLINE),
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
        "GOOGLE_CLOUD_PROJECT": "kit",
        "WEATHER_API_KEY": KEY,
        "WEATHER_API_URL": url,
    }
    with running(shop, environment) as function:
        yield function


def assert_it_apologises_in_time_and_tells_nobody(function: Function, told: str) -> None:
    """Ask once; the log's lines of that call name the attempts, and hold neither key nor word."""
    before = len(function.lines())
    started = time.monotonic()
    body = es_request("get_weather", {"geo-city": WORD})
    status, answer = function.call(body, {"X-Kit-Secret": SECRET})
    assert time.monotonic() - started < DEADLINE + 0.3
    assert status == 200, answer
    assert answer["fulfillmentMessages"][0]["text"]["text"][0].startswith(SORRY)
    lines = function.lines()[before:]
    function.log.seek(0)
    log = function.log.read()
    assert KEY not in log
    assert WORD not in log
    attempts = [line["message"] for line in lines if line["message"].startswith("outside: attempt")]
    assert [attempt.split(" for ")[0] for attempt in attempts] == (
        ["outside: attempt 2 of 3", "outside: attempt 3 of 3"] if told else []
    )
    assert all(re.fullmatch(told, attempt.partition(" after ")[2]) for attempt in attempts), attempts


def test_a_service_that_stumbles_is_asked_again(shop: Path) -> None:
    report = {"weather": [{"description": "light snow"}], "main": {"temp": -3.6}}
    server = Server()
    server.answers = [words("", 503), words(json.dumps(report))]
    with contextlib.closing(server), asking(shop, server.url) as function:
        status, answer = function.call(es_request("get_weather", {"geo-city": WORD}), {"X-Kit-Secret": SECRET})
        function.log.seek(0)
        log = function.log.read()
    assert Turn(status, answer).text == f"In {WORD} it is -4 °C, light snow."
    assert [path for _, path, _ in server.seen] == [f"/v1?q={WORD}&appid={KEY}&units=metric"] * 2
    assert KEY not in log
    assert WORD not in log


@pytest.fixture(scope="module")
def weather(shop: Path) -> Iterator[tuple[RawServer, Function]]:
    """The function, and the service that it asks: a test says how that behaves."""
    with raw_server(stalls) as server, asking(shop, f"http://{server.host}/w") as function:
        yield server, function


@pytest.mark.parametrize(("behaviour", "told"), FAILURES.values(), ids=FAILURES)
def test_a_service_that_fails(behaviour: Behaviour, told: str, weather: tuple[RawServer, Function]) -> None:
    server, function = weather
    server.behaviour = says(OK + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
    function.call(es_request("get_weather", {"geo-city": WORD}), {"X-Kit-Secret": SECRET})  # forgets failures before
    server.behaviour = behaviour
    assert_it_apologises_in_time_and_tells_nobody(function, told)


def test_a_service_that_is_not_there(shop: Path) -> None:
    with asking(shop, f"http://127.0.0.1:{free_port()}/w") as function:
        assert_it_apologises_in_time_and_tells_nobody(function, "ConnectionRefusedError")


def test_a_service_whose_name_leads_nowhere(shop: Path) -> None:
    with asking(shop, "http://nowhere.invalid/w") as function:
        # Where no resolver is there to say no, it is the time that ends.
        assert_it_apologises_in_time_and_tells_nobody(function, "gaierror|ConnectTimeout")


def test_a_service_whose_certificate_nobody_knows(tmp_path: Path, shop: Path) -> None:
    with (
        raw_server(over_tls(Certificate(tmp_path), says(OK))) as server,
        asking(shop, f"https://{server.host}/w") as function,
    ):
        assert_it_apologises_in_time_and_tells_nobody(function, "")
        assert server.accepted == 1


def test_a_service_that_breaks_the_handshake_off(shop: Path) -> None:
    def hangs_up(connection: socket.socket) -> None:
        connection.recv(1)

    with raw_server(hangs_up) as server, asking(shop, f"https://{server.host}/w") as function:
        assert_it_apologises_in_time_and_tells_nobody(function, "ConnectionResetError")
