"""What CX sends: an ID token for the webhook's URL without its query, or an access token that proves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment.access import Guard
from fulfillment.problems import SetupError
from fulfillment.settings import from_environment

from .conftest import AGENT, Google, MakeCall, MakeGuard, Refusal

BASE = "https://shop.example/fn"
HEADER = {"WEBHOOK_HEADERS": "X-Webhook-Secret: 3f9c"}


@pytest.mark.parametrize("base", [BASE, BASE + "/"])
@pytest.mark.parametrize(
    ("path", "audience"),
    [("/stock", BASE + "/stock"), ("/stock/", BASE + "/stock/"), ("/a/b", BASE + "/a/b")],
)
def test_the_audience_is_the_webhooks_url_without_its_query(
    guard: MakeGuard, google: Google, bearer: MakeCall, base: Any, path: str, audience: str
) -> None:
    checks = guard(auth=("id-token",), callers=frozenset({AGENT}), audience=frozenset({base}))
    call = bearer(google.token(aud=audience), path=path, query="product=beans")
    assert checks.check(call).email == AGENT


@pytest.mark.parametrize(
    ("path", "audience"),
    [
        ("/", BASE + "/"),
        ("/stock", BASE + "/hours"),
        ("/", BASE + "/stock"),
        ("/stock", BASE + "/stock?product=beans"),
        ("/stock", "https://elsewhere/fn/stock"),
        ("/fn", "https://shop.example/fn"[:-3]),
        ("/stock", BASE + "stock"),
    ],
)
def test_a_token_for_another_path_or_place_is_refused(
    guard: MakeGuard, google: Google, bearer: MakeCall, refusal: Refusal, path: str, audience: str
) -> None:
    checks = guard(auth=("id-token",), callers=frozenset({AGENT}), audience=frozenset({BASE}))
    assert refusal(checks, bearer(google.token(aud=audience), path=path)).status == 401


def test_behind_iam_the_path_counts_too(guard: MakeGuard, google: Google, bearer: MakeCall, refusal: Refusal) -> None:
    checks = guard(auth=("iam",), on_google=True, audience=frozenset({BASE}))
    checks.check(bearer(google.stripped(aud=BASE + "/stock"), path="/stock"))
    assert refusal(checks, bearer(google.stripped(aud=BASE + "/hours"), path="/stock")).status == 401


def test_an_access_token_alone_is_refused_at_the_start() -> None:
    with pytest.raises(SetupError, match="nobody else can verify it"):
        from_environment({"WEBHOOK_AUTH": "access-token"})


@pytest.mark.parametrize("other", ["basic", "iam", "id-token", "oauth"])
def test_an_access_token_takes_the_authorization_header(other: str) -> None:
    with pytest.raises(SetupError, match="Authorization header"):
        from_environment({"WEBHOOK_AUTH": f"access-token,{other}"})


@pytest.mark.parametrize("headers", ["Authorization: x"])
def test_a_header_named_authorization_would_replace_it(headers: Any) -> None:
    with pytest.raises(SetupError, match="WEBHOOK_HEADERS"):
        from_environment({"WEBHOOK_AUTH": "access-token,header", "WEBHOOK_HEADERS": headers})


@pytest.fixture
def combined() -> Any:
    return Guard(from_environment({"WEBHOOK_AUTH": "access-token,header", **HEADER}))


def test_combined_both_must_hold(combined: Any, call: MakeCall, refusal: Refusal) -> None:
    secret, token = {"x-webhook-secret": "3f9c"}, {"authorization": "Bearer ya29.opaque"}
    assert combined.check(call({**secret, **token})).mechanisms == ("header", "access-token")
    for headers in (secret, token, {**secret, "authorization": "Bearer "}, {**secret, "authorization": "Basic eA=="}):
        assert refusal(combined, call(headers)).status == 401


def test_an_access_token_names_nobody(guard: MakeGuard, call: MakeCall) -> None:
    checks = guard(auth=("access-token", "header"), headers={"x-webhook-secret": ("3f9c",)})
    sent = call({"authorization": "Bearer ya29.anything", "x-webhook-secret": "3f9c"})
    assert checks.check(sent).email == ""
