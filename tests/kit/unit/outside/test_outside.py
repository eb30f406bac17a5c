"""HTTP calls to third parties: in time, repeated only where that is safe, and never led astray."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
import requests

from fulfillment import outside
from fulfillment.outside import circuit
from tests.kit.outside_servers import Answer, Server, call_of, cut, words


def trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"x")
        time.sleep(0.1)


def silence(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(5)


def test_an_answer_is_returned_whatever_its_status(server: Server) -> None:
    server.answers = [words('{"sky": "clear"}'), words("gone", 410)]
    assert outside.get(server.url, params={"q": "Berlin"}, headers={"X-Key": "k"}).json() == {"sky": "clear"}
    assert outside.get(server.url).status_code == 410
    assert server.seen[0][1] == "/v1?q=Berlin"
    assert server.seen[0][2]["x-key"] == "k"


# --- Repetition


@pytest.mark.parametrize("fault", [cut, words("", 502), words("", 503), words("", 504)])
def test_a_get_is_repeated_after_a_failure(server: Server, fault: Answer) -> None:
    server.answers = [fault, fault, words("at last")]
    assert outside.get(server.url).text == "at last"


def test_a_post_is_sent_once(server: Server) -> None:
    server.answers = [cut]
    with pytest.raises(outside.Unavailable, match=r"127\.0\.0\.1: "):
        outside.post(server.url, json={"a": 1})
    assert len(server.seen) == 1


def test_a_post_with_an_idempotency_key_is_repeated_with_that_key(server: Server) -> None:
    server.answers = [cut, words("", 503), words("charged")]
    assert outside.post(server.url, json={"a": 1}, idempotency_key="turn-7").text == "charged"
    assert [headers["idempotency-key"] for _, _, headers in server.seen] == ["turn-7"] * 3


def test_a_put_is_repeated_since_http_says_it_may_be(server: Server) -> None:
    server.answers = [cut, words("stored")]
    assert outside.put(server.url, data=b"x").text == "stored"


# --- Time


def test_a_silent_server_is_given_up_before_the_calls_time_is_over(server: Server) -> None:
    server.answers = [silence]
    started = time.monotonic()
    with call_of(2.0), pytest.raises(outside.Unavailable, match=r"^127.0.0.1: \w+$"):
        outside.get(server.url)
    assert time.monotonic() - started < 1.9


def test_a_server_that_sends_a_byte_now_and_then_is_given_up_too(server: Server) -> None:
    server.answers = [trickle]
    started = time.monotonic()
    with call_of(1.8), pytest.raises(outside.Unavailable, match="ReadTimeoutError"):
        outside.get(server.url)
    assert time.monotonic() - started < 1.8


def test_without_time_nothing_is_sent(server: Server) -> None:
    server.answers = [words("")]
    with call_of(0.5), pytest.raises(outside.Unavailable, match="no time was left"):
        outside.get(server.url)
    assert server.seen == []


def test_an_answer_over_a_mebibyte_is_refused(server: Server) -> None:
    server.answers = [words("x" * (1024 * 1024 + 1))]
    with pytest.raises(outside.Unavailable, match="TooLong"):
        outside.get(server.url)


def test_what_failed_is_told_without_the_query_which_may_hold_a_key(server: Server) -> None:
    server.answers = [cut]
    with pytest.raises(outside.Unavailable) as failure:
        outside.get(server.url, params={"appid": "s3cret"})
    assert "s3cret" not in str(failure.value)


# --- The circuit


def test_after_repeated_failures_calls_fail_at_once_until_a_trial_call_works(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(circuit, "OPEN_SECONDS", 0.3)
    server.answers = [cut]
    for _ in range(circuit.FAILURES):
        with pytest.raises(outside.Unavailable):
            outside.post(server.url)
    asked = len(server.seen)
    with pytest.raises(outside.Unavailable, match="left alone"):
        outside.post(server.url)
    assert len(server.seen) == asked
    assert "failed 5 times in a row" in caplog.text

    server.answers = [words("back")]
    time.sleep(0.35)
    assert outside.post(server.url).text == "back"
    assert outside.post(server.url).text == "back"
    assert "a trial call was answered" in caplog.text


def test_a_trial_call_that_fails_doubles_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "OPEN_SECONDS", 0.1)
    host = circuit.Circuit("h")
    for _ in range(circuit.FAILURES + 3):  # the last ones were under way when it opened
        host.note(worked=False)
    assert not host.lets_through()
    time.sleep(0.12)
    assert host.lets_through()
    assert not host.lets_through()  # one trial at a time
    host.note(worked=False)
    time.sleep(0.12)
    assert not host.lets_through()
    time.sleep(0.12)
    assert host.lets_through()


@pytest.mark.parametrize("status", [404, 429, 500, 501])
def test_a_host_that_says_no_is_there(server: Server, status: int) -> None:
    server.answers = [words("", status)]
    for _ in range(circuit.FAILURES + 1):
        assert outside.get(server.url).status_code == status


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_host_behind_which_nobody_answers_is_left_alone(server: Server, status: int) -> None:
    server.answers = [words("", status)]
    for _ in range(circuit.FAILURES):
        assert outside.post(server.url).status_code == status
    with pytest.raises(outside.Unavailable, match="left alone"):
        outside.post(server.url)


def test_one_users_odd_input_closes_the_host_to_nobody(server: Server) -> None:
    server.answers = [words("x" * (1024 * 1024 + 1)), words("", 302, location="http://localhost:1/"), words("")]
    for _ in range(circuit.FAILURES):
        with pytest.raises(outside.Unavailable):
            outside.get(server.url, headers={"X-Name": "Ada\nBob"})  # such a header cannot be sent
    for _ in range(2):
        with pytest.raises(outside.Unavailable):
            outside.get(server.url)
    assert outside.get(server.url).status_code == 200


# --- Redirects


def test_a_redirect_within_the_host_is_followed(server: Server) -> None:
    server.answers = [words("", 302, location="/v2"), words("here")]
    assert outside.get(server.url, headers={"X-Key": "k"}).text == "here"
    assert server.seen[1][2]["x-key"] == "k"


def test_a_redirect_to_a_private_address_is_refused(servers: Callable[[], Server]) -> None:
    inside, asked = servers(), servers()
    inside.answers = [words("the metadata server's token")]
    asked.answers = [words("", 302, location=inside.url)]
    with pytest.raises(outside.Unavailable):
        outside.get(asked.url)
    assert inside.seen == []


def test_a_redirect_to_a_name_that_leads_to_a_private_address_is_refused(servers: Callable[[], Server]) -> None:
    inside, asked = servers(), servers()
    inside.answers = [words("")]
    asked.answers = [words("", 302, location=f"http://localhost:{inside.port}/")]
    with pytest.raises(outside.Unavailable):
        outside.get(asked.url)
    assert inside.seen == []


def test_a_redirect_of_a_post_is_not_followed(server: Server) -> None:
    server.answers = [words("", 307, location="/elsewhere")]
    assert outside.post(server.url, json={}).status_code == 307
    assert len(server.seen) == 1


@pytest.mark.parametrize("scheme", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1"])
def test_a_redirect_to_another_scheme_is_refused(server: Server, scheme: str) -> None:
    server.answers = [words("", 302, location=scheme)]
    with pytest.raises(outside.Unavailable):
        outside.get(server.url)


@pytest.mark.parametrize(
    "target", ["http://[bad/?key=k", "http://u:k@host:k/", "http://127.0.0.1:99999/", "http://u:k@℀.com/"]
)
def test_a_redirect_to_what_is_no_url_is_told_without_it(server: Server, target: str) -> None:
    server.answers = [words("", 302, location=target.encode().decode("latin-1"))]
    with pytest.raises(outside.Unavailable, match=r"^127\.0\.0\.1: InvalidURL$") as caught:
        outside.get(server.url)
    assert caught.value.__cause__ is None
    assert not caught.value.outage


def test_where_a_redirect_of_a_post_leads_makes_no_difference(server: Server) -> None:
    server.answers = [words("made", 303, location="http://[bad/")]
    assert outside.post(server.url, json={}).status_code == 303


def test_endless_redirects_end(server: Server) -> None:
    server.answers = [words("", 302, location="/again")]
    with pytest.raises(outside.Unavailable, match="TooManyRedirects"):
        outside.get(server.url)


# --- Unavailable


@pytest.mark.parametrize("usual", [requests.RequestException, OSError, outside.Unavailable])
def test_the_usual_except_catches_it(server: Server, usual: type[Exception]) -> None:
    server.answers = [cut]
    with pytest.raises(usual) as failure:
        outside.post(server.url)
    assert type(failure.value) is outside.Unavailable
    assert str(failure.value) == "127.0.0.1: RemoteDisconnected"


def test_it_can_be_imported_and_pickled() -> None:
    from fulfillment.outside import Unavailable

    copied = pickle.loads(pickle.dumps(Unavailable("h: Timeout", outage=False)))
    assert (type(copied), str(copied), copied.outage) == (outside.Unavailable, "h: Timeout", False)
    assert f"{Unavailable.__module__}.{Unavailable.__qualname__}" == "fulfillment.outside.Unavailable"
    with pytest.raises(AttributeError, match="has no attribute 'Unavailible'"):
        outside.Unavailible  # noqa: B018


def test_handlers_that_name_it_do_not_load_requests() -> None:
    handler = "def ask():\n    try:\n        return 1\n    except outside.Unavailable:\n        return 2"
    code = f"import sys\nfrom fulfillment import outside\n{handler}\nask()\nprint('requests' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


# --- What urllib3 says


def test_what_urllib3_says_holds_no_address_at_any_level(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    def broken(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nBerl1n no colon k3y\r\nContent-Length: 2\r\n\r\n{}")
        handler.close_connection = True

    server.answers = [cut, words("", 503), words("", 302, location="/v2/Berl1n?appid=k3y"), words(""), broken]
    with caplog.at_level(logging.DEBUG):
        for _ in range(2):
            outside.get(f"{server.url}/Berl1n", params={"q": "Berl1n", "appid": "k3y"})
    assert server.seen[0][1] == "/v1/Berl1n?q=Berl1n&appid=k3y"
    lines = [(record.name, record.getMessage(), record.exc_text) for record in caplog.records]
    assert "Berl1n" not in caplog.text
    assert "k3y" not in caplog.text
    said = [message for name, message, _ in lines if name == "urllib3.connectionpool"]
    assert f'http://127.0.0.1:{server.port} "GET <path> HTTP/1.1" 503 0' in said
    assert (
        "urllib3.connection",
        f"Failed to parse headers (url=http://127.0.0.1:{server.port}): <HeaderParsingError>",
        None,
    ) in lines


# --- Cookies, and mistakes


def test_no_cookie_of_one_call_is_sent_in_the_next(server: Server) -> None:
    server.answers = [words("", set_cookie="session=1")]
    outside.get(server.url)
    outside.get(server.url)
    assert "cookie" not in server.seen[1][2]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "example.com", "http:///x"])
def test_a_url_without_a_web_host_is_a_mistake(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        outside.get(url)
