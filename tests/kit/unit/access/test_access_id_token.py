"""`id-token`: a JWT that Google signed for one of the listed callers, verified by the function itself."""

from __future__ import annotations

import time
from typing import Any

import pytest

from fulfillment.access import Caller, Guard

from .conftest import Google, Leaks, MakeCall, MakeGuard, Refusal

AGENT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"
CALLERS = frozenset({AGENT, "second@shop.example"})
AUDIENCE = "https://shop.example/webhook"


@pytest.fixture
def id_token(guard: MakeGuard) -> Any:
    return guard(auth=("id-token",), callers=CALLERS)


RIGHT = {
    "the agent's token": {},
    "the short issuer": {"iss": "accounts.google.com"},
    "another listed caller": {"email": "second@shop.example"},
    "the e-mail in another case": {"email": AGENT.upper()},
    "any audience, when none is set": {"aud": "https://elsewhere.example"},
    "no audience, when none is set": {"aud": ...},
    "expired within the clocks' difference": {"exp": int(time.time()) + 1 - 5},
    "issued within the clocks' difference": {"iat": int(time.time()) + 5},
    "a fraction of a second": {"iat": time.time() - 1.5},
    "no typ": {"header": {"typ": ...}},
}


@pytest.mark.parametrize("changes", RIGHT.values(), ids=RIGHT.keys())
def test_a_sound_token_of_a_listed_caller_lets_in(
    id_token: Guard, google: Google, bearer: MakeCall, changes: Any
) -> None:
    if "exp" in changes:  # The table is built long before the last test runs.
        changes = {"exp": int(time.time()) - 5}
    caller = id_token.check(bearer(google.token(**changes)))
    assert caller == Caller(("id-token",), changes.get("email", AGENT).lower())


@pytest.mark.parametrize("seconds", [0, 5])
def test_a_token_may_begin_now_or_within_the_clocks_difference(
    id_token: Guard, google: Google, bearer: MakeCall, seconds: float
) -> None:
    assert id_token.check(bearer(google.token(nbf=int(time.time()) + seconds))).email == AGENT


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -16), ("iat", 18), ("nbf", 18)])
def test_more_than_ten_seconds_between_the_clocks_are_too_many(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal, claim: str, seconds: float
) -> None:
    assert refusal(id_token, bearer(google.token(**{claim: int(time.time()) + seconds}))).status == 401


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_is_read_in_any_case(id_token: Guard, google: Google, call: MakeCall, scheme: str) -> None:
    assert id_token.check(call({"authorization": f"{scheme} {google.token()}"}))


def test_a_listed_caller_may_be_written_in_any_case(guard: MakeGuard, google: Google, bearer: MakeCall) -> None:
    checks = guard(auth=("id-token",), callers=frozenset({AGENT.title()}))
    assert checks.check(bearer(google.token())).email == AGENT


def cut(token: str, start: Any, end: Any) -> Any:
    return token[:start] + token[end:]


NOW = int(time.time())
HOUR = 3600
# What arrives (from the stand-in for Google) -> status, words of the detail.
ATTEMPTS = {
    # No token, or none in one piece
    "absent": (lambda google: None, 401, "is missing"),
    "empty": (lambda google: "", 401, "is missing"),
    "the scheme alone": (lambda google: "Bearer", 401, "three parts"),
    "no scheme": (lambda google: google.token(), 401, "another scheme"),
    "Basic": (lambda google: f"Basic {google.token()}", 401, "another scheme"),
    "an access token": (lambda google: "Bearer ya29.a0AfH6SMBx5e1f", 401, "access token"),
    "doubled": (lambda google: f"Bearer {google.token()},Bearer {google.token()}", 401, "doubled"),
    "doubled with a space": (lambda google: f"Bearer {google.token()}, Bearer {google.token()}", 401, "doubled"),
    "followed by a comma": (lambda google: f"Bearer {google.token()},", 401, "three parts"),
    "folded": (lambda google: "Bearer " + google.token()[:40] + "\r\n " + google.token()[40:], 401, "three parts"),
    "a tab for the space": (lambda google: f"Bearer\t{google.token()}", 401, "another scheme"),
    "a newline at the end": (lambda google: f"Bearer {google.token()}\n", 401, "three parts"),
    "padding in the signature": (lambda google: f"Bearer {google.token()}==", 401, "three parts"),
    "non-ASCII": (lambda google: f"Bearer {google.token()}\xe4", 401, "three parts"),
    "a look-alike letter": (lambda google: "Bearer " + google.token()[:-1] + "\u212a", 401, "three parts"),
    "very long": (lambda google: "Bearer " + "a" * 9000 + "." + "b" * 9000 + ".c", 401, "three parts"),
    "two parts": (lambda google: "Bearer " + google.token().rpartition(".")[0], 401, "three parts"),
    "four parts": (lambda google: f"Bearer {google.token()}.x", 401, "three parts"),
    "parts that are no JSON": (lambda google: "Bearer aaaa.bbbb.cccc", 401, "JSON objects"),
    "a header that is a list": (
        lambda google: "Bearer W10." + google.token().partition(".")[2],
        401,
        "JSON objects",
    ),
    "claims that are a list": (lambda google: "Bearer " + google.token(payload=[]), 401, "JSON objects"),
    "claims of deep nesting": (lambda google: "Bearer " + google.token(payload=b"[" * 9000), 401, "JSON objects"),
    "claims of bad UTF-8": (lambda google: "Bearer " + google.token(payload=b'{"a":"\xff"}'), 401, "JSON objects"),
    "a number of 5,000 digits": (
        lambda google: "Bearer " + google.token(payload=b'{"exp":' + b"9" * 5000 + b"}"),
        401,
        "JSON objects",
    ),
    # Not signed by Google with RS256
    "truncated": (lambda google: f"Bearer {google.token()[:-4]}", 401, "signature"),
    "another case": (lambda google: f"Bearer {google.token().swapcase()}", 401, "JSON objects"),
    "a changed signature": (
        lambda google: "Bearer " + google.token().rpartition(".")[0] + "." + "A" * 342,
        401,
        "signature",
    ),
    "the signature of another token": (
        lambda google: (
            "Bearer " + google.token(email="x@y.example").rpartition(".")[0] + "." + google.token().rpartition(".")[2]
        ),
        401,
        "signature",
    ),
    "a stranger's key under Google's key id": (
        lambda google: f"Bearer {google.token(google.stranger)}",
        401,
        "signature",
    ),
    "alg none without a signature": (
        lambda google: "Bearer " + google.token(header={"alg": "none"}).rpartition(".")[0] + ".",
        401,
        "three parts",
    ),
    "alg none with a signature": (lambda google: "Bearer " + google.token(header={"alg": "none"}), 401, "RS256"),
    "alg None": (lambda google: "Bearer " + google.token(header={"alg": "None"}), 401, "RS256"),
    "no alg": (lambda google: "Bearer " + google.token(header={"alg": ...}), 401, "RS256"),
    "alg null": (lambda google: "Bearer " + google.token(header={"alg": None}), 401, "RS256"),
    "alg a list": (lambda google: "Bearer " + google.token(header={"alg": ["RS256"]}), 401, "RS256"),
    "alg in lower case": (lambda google: "Bearer " + google.token(header={"alg": "rs256"}), 401, "RS256"),
    "alg RS512": (lambda google: "Bearer " + google.token(header={"alg": "RS512"}), 401, "RS256"),
    "HS256 with the public key": (lambda google: f"Bearer {google.hs256_with_the_public_key()}", 401, "RS256"),
    "HS256 with the certificate": (
        lambda google: "Bearer " + google.hs256_with_the_public_key(google.key.certificate.encode()),
        401,
        "RS256",
    ),
    "ES256": (lambda google: "Bearer " + google.token(google.elliptic, header={"alg": "ES256"}), 401, "RS256"),
    "an elliptic signature called RS256": (lambda google: "Bearer " + google.token(google.elliptic), 401, "no key"),
    "a crit header": (lambda google: "Bearer " + google.token(header={"crit": ["b64"], "b64": False}), 401, "crit"),
    "an empty crit header": (lambda google: "Bearer " + google.token(header={"crit": []}), 401, "crit"),
    "no key id": (lambda google: "Bearer " + google.token(header={"kid": ...}), 401, "kid"),
    "an empty key id": (lambda google: "Bearer " + google.token(header={"kid": ""}), 401, "kid"),
    "a key id that is a list": (lambda google: "Bearer " + google.token(header={"kid": ["a"]}), 401, "kid"),
    "an unknown key id": (lambda google: "Bearer " + google.token(google.next_key), 401, "no key of Google's"),
    "a key of its own in the header": (
        lambda google: "Bearer " + google.token(google.stranger, header={"jwk": {"kty": "RSA", "n": "", "e": "AQAB"}}),
        401,
        "signature",
    ),
    "stripped by the platform": (lambda google: f"Bearer {google.stripped()}", 401, "WEBHOOK_AUTH=iam"),
    "forged as stripped, alg none": (
        lambda google: "Bearer " + google.stripped(header={"alg": "none"}),
        401,
        "removed the signature",
    ),
    # Not now
    "expired": (lambda google: f"Bearer {google.token(iat=NOW - HOUR, exp=NOW - 60)}", 401, "expired"),
    "not yet valid": (lambda google: f"Bearer {google.token(iat=NOW + HOUR, exp=NOW + 2 * HOUR)}", 401, "not come yet"),
    "nbf in the future": (lambda google: f"Bearer {google.token(nbf=NOW + HOUR)}", 401, "nbf"),
    "no exp": (lambda google: f"Bearer {google.token(exp=...)}", 401, "exp"),
    "no iat": (lambda google: f"Bearer {google.token(iat=...)}", 401, "iat"),
    "exp as text": (lambda google: f"Bearer {google.token(exp=str(NOW + HOUR))}", 401, "exp"),
    "exp null": (lambda google: f"Bearer {google.token(exp=None)}", 401, "exp"),
    "exp NaN": (lambda google: f"Bearer {google.token(exp=float('nan'))}", 401, "no number"),
    "exp infinite": (lambda google: f"Bearer {google.token(exp=float('inf'))}", 401, "no number"),
    "iat NaN": (lambda google: f"Bearer {google.token(iat=float('nan'))}", 401, "no number"),
    "iat a truth value": (lambda google: f"Bearer {google.token(iat=True)}", 401, "no number"),
    "nbf as text": (lambda google: f"Bearer {google.token(nbf='0')}", 401, "no number"),
    # Not from Google's accounts
    "the wrong issuer": (lambda google: f"Bearer {google.token(iss='https://evil.example')}", 401, "iss"),
    "an issuer that begins like Google's": (
        lambda google: f"Bearer {google.token(iss='https://accounts.google.com.evil.example')}",
        401,
        "iss",
    ),
    "an issuer with a slash": (lambda google: f"Bearer {google.token(iss='https://accounts.google.com/')}", 401, "iss"),
    "a Firebase issuer": (lambda google: f"Bearer {google.token(iss='https://securetoken.google.com/x')}", 401, "iss"),
    "issuers as a list": (lambda google: f"Bearer {google.token(iss=['accounts.google.com'])}", 401, "iss"),
    "no issuer": (lambda google: f"Bearer {google.token(iss=...)}", 401, "iss"),
    # Not somebody who may call
    "the wrong e-mail": (lambda google: f"Bearer {google.token(email='eve@evil.example')}", 403, "eve@evil.example"),
    "another project's agent": (
        lambda google: f"Bearer {google.token(email=AGENT.replace('123', '124'))}",
        403,
        "project number",
    ),
    "an e-mail that ends like the agent's": (lambda google: f"Bearer {google.token(email='x' + AGENT)}", 403, "not in"),
    "an e-mail with a space": (lambda google: f"Bearer {google.token(email=AGENT + ' ')}", 403, "not in"),
    "an e-mail with a look-alike letter": (
        lambda google: "Bearer " + google.token(email="second@shop.example".replace("s", "\u017f")),
        403,
        "not in",
    ),
    "e-mails as a list": (lambda google: f"Bearer {google.token(email=[AGENT])}", 403, "names no e-mail"),
    "no e-mail": (lambda google: f"Bearer {google.token(email=...)}", 403, "names no e-mail"),
    "an empty e-mail": (lambda google: f"Bearer {google.token(email='')}", 403, "names no e-mail"),
    "an unverified e-mail": (lambda google: f"Bearer {google.token(email_verified=False)}", 403, "email_verified"),
    "email_verified as text": (lambda google: f"Bearer {google.token(email_verified='true')}", 403, "email_verified"),
    "email_verified as a number": (lambda google: f"Bearer {google.token(email_verified=1)}", 403, "email_verified"),
    "no email_verified": (lambda google: f"Bearer {google.token(email_verified=...)}", 403, "email_verified"),
}


@pytest.mark.parametrize(("value", "status", "detail"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_any_other_token_is_refused_and_the_log_says_why(
    id_token: Guard, google: Google, call: MakeCall, refusal: Refusal, value: Any, status: int, detail: str
) -> None:
    text = value(google)
    problem = refusal(id_token, call({} if text is None else {"authorization": text}))
    assert (problem.status, problem.cause) == (status, "unauthenticated" if status == 401 else "not-allowed")
    assert problem.detail.startswith("id-token: ")
    assert detail in problem.detail


@pytest.mark.parametrize(("value", "status", "detail"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_refusal_shows_nothing_of_the_token(
    id_token: Guard,
    google: Google,
    call: MakeCall,
    refusal: Refusal,
    leaks: Leaks,
    value: Any,
    status: int,
    detail: str,
) -> None:
    made = call({"authorization": value(google) or ""})
    assert leaks(refusal(id_token, made), made) == []


def test_a_refusal_keeps_no_error_of_the_library(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    for token in (google.token(google.stranger), google.token(exp=1), "aaaa.bbbb.cccc"):
        assert refusal(id_token, bearer(token)).__context__ is None


def test_an_address_that_only_lower_case_makes_equal_is_another(
    guard: MakeGuard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    checks = guard(auth=("id-token",), callers=frozenset({"kate@shop.example"}))
    assert refusal(checks, bearer(google.token(email="\u212aate@shop.example"))).status == 403


def test_a_strange_e_mail_cannot_forge_a_log_line(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    detail = refusal(id_token, bearer(google.token(email="a@b\n{severity: EMERGENCY}\x1b[2J" + "x" * 5000))).detail
    assert "\n" not in detail
    assert "\x1b" not in detail
    assert len(detail) < 500


# --- Audience


@pytest.fixture
def with_audience(guard: MakeGuard) -> Any:
    return guard(auth=("id-token",), callers=CALLERS, audience=frozenset({AUDIENCE, "other"}))


def test_a_listed_audience_lets_in(with_audience: Guard, google: Google, bearer: MakeCall) -> None:
    assert with_audience.check(bearer(google.token(aud=AUDIENCE)))


@pytest.mark.parametrize(
    "audience",
    ["https://elsewhere.example", AUDIENCE + "/", AUDIENCE + "?query=1", AUDIENCE.upper(), [AUDIENCE], "", None, ...],
    ids=str,
)
def test_another_audience_is_401_where_one_is_set(
    with_audience: Guard, google: Google, bearer: MakeCall, refusal: Refusal, audience: str
) -> None:
    problem = refusal(with_audience, bearer(google.token(aud=audience)))
    assert problem.status == 401
    assert "WEBHOOK_AUDIENCE" in problem.detail
