"""`fulfillment.testing.outside`: what a user's tests see of the outside, and how they fail."""

from __future__ import annotations

import logging
import textwrap
import time
from collections.abc import Iterator

import pytest
import requests

from fulfillment import Reply, on, outside
from fulfillment.current import varied
from fulfillment.deadline import Deadline
from fulfillment.outside import circuit
from fulfillment.routing.routes import Routes
from fulfillment.testing import Agent
from fulfillment.testing.outside import OutsideAnswers, OutsideBlocked
from tests.kit.functions import ROOT
from tests.kit.outside_servers import raw_server, says

WEATHER = "https://api.example.com/weather"
pytest_plugins = ["pytester"]


@on.intent("weather")
def weather(city: str) -> Reply:
    try:
        return Reply(outside.get(WEATHER, params={"q": city}).json()["sky"])
    except Exception:
        return Reply("I am sorry.")


@pytest.fixture
def answers() -> Iterator[OutsideAnswers]:
    """Without the end's check, which these tests do themselves."""
    given = OutsideAnswers()
    with given:
        yield given
        given._checked = True


def test_a_handler_that_is_called_gets_the_answer(outside_answers: OutsideAnswers) -> None:
    outside_answers.get(WEATHER, json={"sky": "clear"})
    assert weather("Oslo") == Reply("clear")
    assert [(call.method, call.url, call.params) for call in outside_answers.calls] == [("GET", WEATHER, {"q": "Oslo"})]


def test_so_does_one_on_a_webhooks_thread(outside_answers: OutsideAnswers) -> None:
    outside_answers.get(WEATHER, json={"sky": "clear"})
    assert Agent(Routes([weather])).ask("weather", city="Oslo").text == "clear"


def test_an_answer_has_status_body_and_headers(answers: OutsideAnswers) -> None:
    answers.put(f"{WEATHER}/1", status=409, json=["no"], headers={"ETag": "7", "content-type": "application/x+json"})
    answers.head(WEATHER, text="not sent")
    answers.get(WEATHER, text="Grüße", params={"q": "Köln"})
    refused = outside.put(f"{WEATHER}/1", data=b"x")
    assert (refused.status_code, refused.json(), refused.reason, refused.ok) == (409, ["no"], "Conflict", False)
    assert (refused.headers["etag"], refused.headers["Content-Type"]) == ("7", "application/x+json")
    with pytest.raises(
        requests.HTTPError, match=r"409 Client Error: Conflict for url: https://api.example.com/weather/"
    ):
        refused.raise_for_status()
    assert outside.head(WEATHER).content == b""
    told = outside.get(WEATHER, params={"q": "Köln"})
    assert (told.text, told.url) == ("Grüße", "https://api.example.com/weather?q=K%C3%B6ln")
    answers.check()


def test_what_was_sent_is_seen(answers: OutsideAnswers) -> None:
    answers.post("https://pay.example.com/charges", status=201)
    outside.post("https://pay.example.com/charges", json={"cents": 5}, headers={"X-Key": "k"}, idempotency_key="turn-7")
    (call,) = answers.calls
    assert (call.json, call.headers, call.idempotency_key) == ({"cents": 5}, {"X-Key": "k"}, "turn-7")


def test_answers_are_found_by_method_url_and_query_in_whatever_order(answers: OutsideAnswers) -> None:
    answers.get(WEATHER, params={"q": "Oslo", "n": 1}, text="first")
    answers.get(f"{WEATHER}?q=Rome", text="second")
    answers.post(WEATHER, text="third")
    assert outside.post(WEATHER).text == "third"
    assert outside.get(WEATHER, params={"q": "Rome"}).text == "second"
    assert outside.get(f"{WEATHER}?n=1&q=Oslo").text == "first"
    answers.check()


def test_a_call_without_an_answer_says_which_came_and_which_were_expected(answers: OutsideAnswers) -> None:
    answers.post(WEATHER)
    with pytest.raises(AssertionError) as failure:
        outside.get(WEATHER, params={"q": "Oslo"})
    assert str(failure.value) == (
        "outside was called unexpectedly: GET https://api.example.com/weather {'q': 'Oslo'}. "
        "Expected: POST https://api.example.com/weather. To answer it: "
        "outside_answers.get(\"https://api.example.com/weather\", params={'q': 'Oslo'}, json=...)"
    )


def test_one_that_the_handler_held_fails_at_the_end(answers: OutsideAnswers) -> None:
    assert weather("Oslo") == Reply("I am sorry.")
    with pytest.raises(AssertionError, match=r"outside was called unexpectedly: GET .*Expected: no call"):
        answers.check()


def test_an_answer_that_nobody_asked_for_fails_at_the_end() -> None:
    given = OutsideAnswers()
    given.get(WEATHER, params={"q": "Oslo"})
    with (
        pytest.raises(AssertionError, match=r"not called as expected: GET .* \{'q': 'Oslo'\}\. Calls made: none"),
        given,
    ):
        pass
    assert outside.transport is None


def test_the_outside_can_be_unavailable(answers: OutsideAnswers) -> None:
    answers.get(WEATHER, raises=outside.Unavailable)
    answers.get(WEATHER, raises=outside.Unavailable("api.example.com: gaierror"))
    with pytest.raises(outside.Unavailable, match=r"^api\.example\.com: Unavailable in this test$"):
        outside.get(WEATHER)
    with pytest.raises(outside.Unavailable, match="gaierror"):
        outside.get(WEATHER)


def test_urls_circuits_and_the_deadline_hold_as_ever(answers: OutsideAnswers) -> None:
    with pytest.raises(ValueError, match="without http"):
        outside.get("api.example.com/weather")
    with (
        varied(deadline=Deadline(time.monotonic(), 0.4)),
        pytest.raises(outside.Unavailable, match="no time was left"),
    ):
        outside.get(WEATHER)
    for _ in range(circuit.FAILURES):
        answers.get(WEATHER, raises=outside.Unavailable)
        with pytest.raises(outside.Unavailable):
            outside.get(WEATHER)
    with pytest.raises(outside.Unavailable, match="left alone"):
        outside.get(WEATHER)
    assert len(answers.calls) == circuit.FAILURES


def test_a_circuit_that_one_test_opened_is_closed_in_the_next() -> None:
    for _ in range(2):
        with OutsideAnswers() as given:
            for _ in range(circuit.FAILURES):
                given.get(WEATHER, status=503)
                assert outside.get(WEATHER).status_code == 503


def test_a_google_token_is_there_and_opens_nothing(answers: OutsideAnswers) -> None:
    assert outside.google_token("calendar") == "token-for-tests"
    answers.token = "mine"
    assert outside.google_token(["calendar", "drive"]) == "mine"
    assert answers.token_scopes == [("calendar",), ("calendar", "drive")]


def test_blocked_all_calls_fail_at_once_and_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.INFO),
        raw_server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as server,
        OutsideBlocked() as blocked,
    ):
        for _ in range(10):
            with pytest.raises(outside.Unavailable, match=r"^127\.0\.0\.1: blocked in this test$"):
                outside.post(f"http://{server.host}/charges", json={})
        with pytest.raises(outside.Unavailable, match="google_token: blocked"):
            outside.google_token("calendar")
        assert Agent(Routes([weather])).ask("weather", city="Oslo").text == "I am sorry."
        assert (server.accepted, len(blocked.calls), blocked.token_scopes) == (0, 11, [("calendar",)])
    assert outside.transport is None


OWN_TESTS = """
    from fulfillment import outside

    def held():
        try:
            return outside.get("https://api.example.com/weather").text
        except Exception:
            return "sorry"

    def test_expected(outside_answers):
        outside_answers.get("https://api.example.com/weather", text="clear")
        assert held() == "clear"

    def test_held(outside_answers):
        assert held() == "sorry"

    def test_held_and_failed(outside_answers):
        assert held() == "clear"

    def test_let_through(outside_answers):
        outside.get("https://api.example.com/weather")

    def test_never_asked(outside_answers):
        outside_answers.get("https://api.example.com/weather", text="clear")
"""


def test_the_fixture_of_a_users_own_tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest('pytest_plugins = ["fulfillment.testing.fixtures"]')
    pytester.makepyfile(textwrap.dedent(OWN_TESTS))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=4)  # and no errors: each fails once
    result.stdout.fnmatch_lines_random(
        [
            "outside was called unexpectedly: GET https://api.example.com/weather. Expected: no call.*",
            "E       outside was called unexpectedly: *",  # the note of the third
            "outside was not called as expected: GET https://api.example.com/weather. Calls made: none.",
            "E *assert 'sorry' == 'clear'",
        ]
    )
