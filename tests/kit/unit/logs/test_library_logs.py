"""What urllib3 logs of Google's certificates and of a user's own requests: hosts, and nothing that follows them."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import requests

from fulfillment.access.certificates import Certificates
from fulfillment.library_logs import keep_addresses_out
from fulfillment.problems import Problem
from tests.kit.outside_servers import RawServer, raw_server, says

BROKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon but s3cret\r\n\r\n{}"


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server(says(BROKEN)) as started:
        yield started


def test_a_fetch_of_certificates_is_told_by_its_host(server: RawServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Problem):
        Certificates(f"http://{server.host}/keys").find("1", until=float("inf"))
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("urllib3")]
    assert f"Failed to parse headers (url=http://{server.host}): <HeaderParsingError>" in lines
    assert "s3cret" not in caplog.text
    assert "/keys HTTP" not in caplog.text


def test_so_is_a_request_of_the_users_own(server: RawServer, caplog: pytest.LogCaptureFixture) -> None:
    keep_addresses_out()
    with caplog.at_level(logging.DEBUG):
        requests.get(f"http://{server.host}/w?appid=s3cret", timeout=5)
    assert f'http://{server.host} "GET <path> HTTP/1.1" 200 2' in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("/w?q=Oslo", "<path>"),
        ("http://user:k3y@example.com:81/w?q=Oslo", "http://example.com:81"),
        ("//[broken", "<address>"),
        ("w?q=Oslo", "<path>"),
        (ValueError("Oslo"), "<ValueError>"),
        ("api.example.com", "api.example.com"),
        ("HTTP/1.1", "HTTP/1.1"),
        (503, "503"),
        (None, "None"),
    ],
)
def test_what_is_left_of_a_value(value: object, shown: str, caplog: pytest.LogCaptureFixture) -> None:
    keep_addresses_out()
    logging.getLogger("urllib3.connectionpool").warning("saw %s", value)
    assert caplog.messages == [f"saw {shown}"]
