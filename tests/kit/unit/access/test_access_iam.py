"""`iam`: the platform has checked the token and removed its signature."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment.access import Caller, Guard
from fulfillment.call import Call
from fulfillment.problems import Problem

from .conftest import Google, Leaks, MakeCall, MakeGuard, Refusal

AGENT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"


@pytest.fixture
def iam(guard: MakeGuard) -> Any:
    """Leaves the decision to the platform."""
    return guard(auth=("iam",), on_google=True)


@pytest.fixture
def listed(guard: MakeGuard) -> Any:
    """Lets only the agent in."""
    return guard(auth=("iam",), on_google=True, callers=frozenset({AGENT}))


def test_without_a_list_the_platform_decides(iam: Guard, google: Google, bearer: MakeCall) -> None:
    assert iam.check(bearer(google.stripped(email="anyone@shop.example"))) == Caller(("iam",), "anyone@shop.example")


def test_without_a_list_an_unverified_address_is_not_passed_on(iam: Guard, google: Google, bearer: MakeCall) -> None:
    assert iam.check(bearer(google.stripped(email_verified=False))) == Caller(("iam",), "")


def test_a_listed_caller_may_call(listed: Guard, google: Google, bearer: MakeCall) -> None:
    assert listed.check(bearer(google.stripped())) == Caller(("iam",), AGENT)


def test_claims_are_read_without_fetching_certificates(listed: Guard, google: Google, bearer: MakeCall) -> None:
    listed.check(bearer(google.stripped()))
    assert google.fetches == 0


# What arrives under a list of callers -> status, words of the detail.
ATTEMPTS = {
    "absent": (lambda google: None, 401, "is missing"),
    "empty": (lambda google: "", 401, "is missing"),
    "Basic": (lambda google: "Basic YTpi", 401, "another scheme"),
    "a token with its signature": (lambda google: f"Bearer {google.token()}", 401, "still has a signature"),
    "a stranger's token": (lambda google: f"Bearer {google.token(google.stranger)}", 401, "still has a signature"),
    "alg none": (
        lambda google: "Bearer " + google.token(header={"alg": "none"}).rpartition(".")[0] + ".",
        401,
        "three parts",
    ),
    "an access token": (lambda google: "Bearer ya29.a0AfH6SMBx5e1f", 401, "three parts"),
    "the mark in another case": (lambda google: "Bearer " + google.stripped()[:-6] + "google", 401, "signature"),
    "the mark truncated": (lambda google: "Bearer " + google.stripped()[:-1], 401, "signature"),
    "the mark with more": (lambda google: "Bearer " + google.stripped() + "A", 401, "signature"),
    "doubled": (lambda google: f"Bearer {google.stripped()},Bearer {google.stripped()}", 401, "three parts"),
    "folded": (lambda google: "Bearer\r\n " + google.stripped(), 401, "another scheme"),
    "non-ASCII": (lambda google: f"Bearer \xe4{google.stripped()}", 401, "three parts"),
    "claims that are a list": (lambda google: "Bearer " + google.stripped(payload=[AGENT]), 401, "claims"),
    "claims that are no JSON": (lambda google: "Bearer a.b.SIGNATURE_REMOVED_BY_GOOGLE", 401, "claims"),
    "claims of deep nesting": (lambda google: "Bearer " + google.stripped(payload=b"[" * 9000), 401, "claims"),
    "the wrong e-mail": (lambda google: f"Bearer {google.stripped(email='eve@evil.example')}", 403, "eve@evil"),
    "an unverified e-mail": (lambda google: f"Bearer {google.stripped(email_verified=False)}", 403, "email_verified"),
    "email_verified as text": (lambda google: f"Bearer {google.stripped(email_verified='true')}", 403, "verified"),
    "no e-mail": (lambda google: f"Bearer {google.stripped(email=...)}", 403, "names no e-mail"),
}


@pytest.mark.parametrize(("value", "status", "detail"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_any_other_call_is_refused_and_the_log_says_why(
    listed: Guard, google: Google, call: MakeCall, refusal: Refusal, value: Any, status: int, detail: str
) -> None:
    text = value(google)
    problem = refusal(listed, call({} if text is None else {"authorization": text}))
    assert (problem.status, problem.cause) == (status, "unauthenticated" if status == 401 else "not-allowed")
    assert problem.detail.startswith("iam: ")
    assert detail in problem.detail


@pytest.mark.parametrize(("value", "status", "detail"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_refusal_shows_nothing_of_the_token(
    listed: Guard, google: Google, call: MakeCall, refusal: Refusal, leaks: Leaks, value: Any, status: int, detail: str
) -> None:
    made = call({"authorization": value(google) or ""})
    assert leaks(refusal(listed, made), made) == []


@pytest.mark.parametrize("make", [lambda google: "", lambda google: google.token()], ids=["absent", "signed"])
def test_without_a_list_a_call_that_the_platform_has_not_checked_is_401_too(
    iam: Guard, google: Google, bearer: MakeCall, refusal: Refusal, make: Any
) -> None:
    assert refusal(iam, bearer(make(google))).status == 401


# --- X-Serverless-Authorization: the platform checks it instead of Authorization


def test_the_header_that_the_platform_checked_is_the_one_that_is_read(
    listed: Guard, google: Google, call: MakeCall
) -> None:
    headers = {
        "x-serverless-authorization": f"Bearer {google.stripped()}",
        "authorization": f"Bearer {google.stripped(email='ignored@shop.example')}",
    }
    assert listed.check(call(headers)).email == AGENT


def test_a_forged_authorization_beside_it_gives_nobody_elses_rights(
    listed: Guard, google: Google, call: MakeCall, refusal: Refusal
) -> None:
    headers = {
        "x-serverless-authorization": f"Bearer {google.stripped(email='invoker@shop.example')}",
        "authorization": f"Bearer {google.stripped()}",
    }
    assert refusal(listed, call(headers)).status == 403


@pytest.mark.parametrize("value", ["", "Bearer x", "Basic YTpi"])
def test_an_authorization_beside_an_unsound_one_does_not_count(
    listed: Guard, google: Google, call: MakeCall, refusal: Refusal, value: Any
) -> None:
    headers = {"x-serverless-authorization": value, "authorization": f"Bearer {google.stripped()}"}
    assert refusal(listed, call(headers)).status == 401


# --- Audience


def test_a_listed_audience_lets_in(guard: MakeGuard, google: Google, bearer: MakeCall) -> None:
    iam = guard(auth=("iam",), on_google=True, audience=frozenset({"https://shop.example/webhook"}))
    assert iam.check(bearer(google.stripped()))


def test_another_audience_is_401_where_one_is_set(
    guard: MakeGuard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    iam = guard(auth=("iam",), on_google=True, audience=frozenset({"https://other.example"}))
    assert refusal(iam, bearer(google.stripped())).status == 401


@pytest.mark.parametrize(
    ("peer", "host", "let_in"), [("127.0.0.1", "localhost", True), ("203.0.113.9", "a.example", False)]
)
def test_off_google_nobody_checks_tokens_so_only_this_machine_may_call(
    guard: MakeGuard, google: Google, peer: Any, host: str, let_in: Any
) -> None:
    at_home = guard(auth=("iam",), on_google=False)
    call = Call(peer=peer, headers={"host": host, "authorization": f"Bearer {google.stripped()}"})
    if let_in:
        assert at_home.check(call).mechanisms == ("iam",)
    else:
        with pytest.raises(Problem, match="access-not-configured"):
            at_home.check(call)
