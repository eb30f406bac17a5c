"""The guard: nothing is open by default, all chosen mechanisms must hold, and no answer tells which one failed."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fulfillment.access import Caller, Guard
from fulfillment.access.header import Header
from fulfillment.call import Call
from fulfillment.problems import Problem
from fulfillment.settings import Settings, from_environment

from .conftest import Google, MakeCall, MakeGuard, Refusal

AGENT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"
SECRET = {"x-webhook-secret": "s3cret-5e1f-a1b2"}
HEADERS = {"x-webhook-secret": ("s3cret-5e1f-a1b2",)}


# --- Nothing chosen


@pytest.mark.parametrize(
    "headers",
    [{}, {"user-agent": "Google-Dialogflow"}, {"authorization": "Bearer a.b.c"}, {"host": "localhost:8080"}],
    ids=str,
)
def test_nothing_chosen_on_google_refuses_every_call(refusal: Refusal, headers: Any) -> None:
    problem = refusal(Guard(from_environment({"K_SERVICE": "webhook"})), Call(headers=headers, peer="127.0.0.1"))
    assert (problem.status, problem.cause) == (403, "access-not-configured")


def test_nothing_chosen_says_in_the_log_what_to_set(refusal: Refusal) -> None:
    problem = refusal(Guard(from_environment({"K_SERVICE": "webhook"})), Call())
    assert "WEBHOOK_AUTH=iam" in problem.detail


def test_settings_that_name_nothing_let_nobody_in_off_google_either(refusal: Refusal) -> None:
    assert refusal(Guard(Settings(auth=())), Call(peer="127.0.0.1", headers={"host": "localhost"})).status == 403


# --- Combinations


def test_every_chosen_mechanism_must_hold(guard: MakeGuard, google: Google, call: MakeCall) -> None:
    both = guard(auth=("iam", "header"), on_google=True, headers=HEADERS)
    caller = both.check(call({**SECRET, "authorization": f"Bearer {google.stripped()}"}))
    assert caller == Caller(("header", "iam"), AGENT)


def test_the_token_alone_does_not_do_where_a_header_is_wanted_too(
    guard: MakeGuard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    both = guard(auth=("iam", "header"), on_google=True, headers=HEADERS)
    assert refusal(both, bearer(google.stripped())).status == 401


def test_the_header_alone_does_not_do_where_a_token_is_wanted_too(
    guard: MakeGuard, call: MakeCall, refusal: Refusal
) -> None:
    both = guard(auth=("iam", "header"), on_google=True, headers=HEADERS)
    assert refusal(both, call(SECRET)).status == 401


def test_an_id_token_with_a_header_gives_both(guard: MakeGuard, google: Google, call: MakeCall) -> None:
    both = guard(auth=("id-token", "header"), callers=frozenset({AGENT}), headers=HEADERS)
    caller = both.check(call({**SECRET, "authorization": f"Bearer {google.token()}"}))
    assert caller == Caller(("header", "id-token"), AGENT)


def test_a_caller_without_the_secret_costs_no_fetch(
    guard: MakeGuard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    both = guard(auth=("id-token", "header"), callers=frozenset({AGENT}), headers=HEADERS)
    refusal(both, bearer(google.token()))
    assert google.fetches == 0


def test_the_answer_is_the_same_whichever_mechanism_failed(
    guard: MakeGuard, google: Google, call: MakeCall, bearer: MakeCall, refusal: Refusal
) -> None:
    both = guard(auth=("iam", "header"), on_google=True, headers=HEADERS)
    texts = {refusal(both, made).message for made in (call(SECRET), bearer(google.stripped()), call())}
    assert len(texts) == 1


def test_the_log_names_the_mechanism_that_failed(
    guard: MakeGuard, google: Google, call: MakeCall, bearer: MakeCall, refusal: Refusal
) -> None:
    both = guard(auth=("iam", "header"), on_google=True, headers=HEADERS)
    assert refusal(both, call(SECRET)).detail.startswith("iam: ")
    assert refusal(both, bearer(google.stripped())).detail.startswith("header: ")


@pytest.mark.parametrize("header", ["user-agent", "x-forwarded-for", "from"])
def test_user_agent_and_addresses_are_no_credentials(call: MakeCall, refusal: Refusal, header: str) -> None:
    guard = Guard(Settings(auth=("header",), access=(Header(HEADERS),)))
    assert refusal(guard, call({header: "Google-Dialogflow"})).status == 401


# --- Whatever arrives


def outcome(guard: Guard, call: Call) -> int:
    try:
        guard.check(call)
    except Problem as problem:
        return problem.status
    return 200


TEXT = st.text(alphabet=st.characters(max_codepoint=255), max_size=60)
SEGMENT = st.one_of(
    TEXT,
    st.binary(max_size=60).map(lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.just("RS256") | st.just("5e1f0000a"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["alg", "kid", "crit", "email", "email_verified", "exp", "iat"]), inner)
        ),
    ).map(lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()),
)
VALUES = st.one_of(
    st.text(max_size=80),
    st.tuples(st.sampled_from(["Basic", "basic", "Bearer", "BEARER", "Digest"]), TEXT).map(" ".join),
    st.tuples(SEGMENT, SEGMENT, SEGMENT | st.just("SIGNATURE_REMOVED_BY_GOOGLE")).map(
        lambda parts: "Bearer " + ".".join(parts)
    ),
)


@pytest.mark.parametrize(
    "settings",
    [
        {"auth": ("basic",), "basic": ("ann:s3cret-5e1f",)},
        {"auth": ("header",), "headers": {"authorization": ("s3cret-5e1f-a1b2",)}},
        {"auth": ("id-token",), "callers": frozenset({AGENT})},
        {"auth": ("iam",), "on_google": True},
        {"auth": ("iam",), "on_google": True, "callers": frozenset({AGENT})},
        {"auth": ("none",)},
    ],
    ids=lambda settings: "-".join(map(str, settings["auth"])) + ("-callers" if "callers" in settings else ""),
)
@hypothesis_settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(value=VALUES)
def test_any_authorization_value_ends_in_a_caller_or_a_problem(
    guard: MakeGuard, call: MakeCall, settings: Any, value: Any
) -> None:
    # Only the platform's own mark can be made up by chance, and only where nobody is listed.
    may_pass = settings["auth"] == ("iam",) and "callers" not in settings
    assert outcome(guard(**settings), call({"authorization": value})) in ({200, 401} if may_pass else {401, 403})


# --- What it costs


def test_importing_access_loads_no_library() -> None:
    program = (
        "import sys, fulfillment.access\n"
        "print([m for m in ('google.auth', 'requests', 'cryptography', 'pyasn1') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
