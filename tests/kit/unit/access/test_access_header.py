"""`header`: a secret in a header of the operator's choice."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment.access import Caller, Guard
from fulfillment.access.header import Header
from fulfillment.documents import Document
from fulfillment.settings import Settings, from_environment

from .conftest import Leaks, MakeCall, Refusal

NAME = "x-webhook-secret"
UTF8 = "schlüssel-5e1f-鍵"


@pytest.fixture
def guard() -> Any:
    return Guard(Settings(auth=("header",), access=(Header({NAME: ("one-5e1f", "two-5e1f", UTF8)}),)))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("one-5e1f", id="the first value"),
        pytest.param("two-5e1f", id="an alternative"),
        pytest.param(UTF8.encode().decode("latin-1"), id="UTF-8 as WSGI hands it over"),
        pytest.param(UTF8, id="UTF-8 already decoded"),
    ],
)
def test_any_configured_value_lets_in(guard: Guard, call: MakeCall, value: Any) -> None:
    assert guard.check(call({NAME: value})) == Caller(("header",))


def test_a_configured_name_is_found_in_any_case(call: MakeCall) -> None:
    guard = Guard(Settings(auth=("header",), access=(Header({"X-Webhook-Secret": ("one-5e1f",)}),)))
    assert guard.check(call({NAME: "one-5e1f"}))


def test_a_fixed_authorization_header_works(call: MakeCall) -> None:
    guard = Guard(from_environment({"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "Authorization: Bearer fix-5e1f"}))
    assert guard.check(call({"authorization": "Bearer fix-5e1f"}))


def test_a_secret_that_is_no_utf8_in_the_environment_still_matches(call: MakeCall) -> None:
    value = b"schl\xfcssel".decode("utf-8", "surrogateescape")
    guard = Guard(from_environment({"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": f"X-Webhook-Secret: {value}"}))
    assert guard.check(call({NAME: "schl\xfcssel"}))


ATTEMPTS = {
    "absent": None,
    "empty": "",
    "wrong": "three-5e1f",
    "truncated": "one-5e1",
    "longer": "one-5e1ff",
    "another case": "ONE-5e1f",
    "doubled": "one-5e1f,one-5e1f",
    "doubled with a space": "one-5e1f, one-5e1f",
    "right one first": "one-5e1f,x",
    "right one last": "x,one-5e1f",
    "two alternatives at once": "one-5e1f,two-5e1f",
    "folded": "one-\r\n 5e1f",
    "a space before": " one-5e1f",
    "a space after": "one-5e1f ",
    "a NUL after": "one-5e1f\x00",
    "quoted": '"one-5e1f"',
    "non-ASCII": "\xe4\xf6\xfc-5e1f",
    "beyond latin-1": "\u20ac-5e1f\U0001f600",
    "a lone surrogate": "\udc80-5e1f",
    "latin-1 instead of UTF-8": "schl\xfcssel-5e1f",
    "very long": "one-5e1f" * 5000,
}


@pytest.mark.parametrize("value", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_wrong_value_is_401_and_the_log_names_the_header(
    guard: Guard, call: MakeCall, refusal: Refusal, value: Any
) -> None:
    problem = refusal(guard, call({} if value is None else {NAME: value}))
    assert (problem.status, problem.cause) == (401, "unauthenticated")
    assert problem.detail.startswith("header: x-webhook-secret ")


@pytest.mark.parametrize("value", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_refusal_shows_no_secret(guard: Guard, call: MakeCall, refusal: Refusal, leaks: Leaks, value: Any) -> None:
    made = call({NAME: value or ""})
    assert leaks(refusal(guard, made), made, "one-5e1f", "two-5e1f", UTF8) == []


@pytest.mark.parametrize("name", ["x_webhook_secret", "x-webhook-secret2", "webhook-secret"])
def test_a_header_of_a_similar_name_does_not_count(guard: Guard, call: MakeCall, refusal: Refusal, name: str) -> None:
    assert refusal(guard, call({name: "one-5e1f"})).status == 401


@pytest.mark.parametrize("missing", ["x-a", "x-b"])
def test_every_configured_name_must_match(call: MakeCall, refusal: Refusal, missing: Any) -> None:
    guard = Guard(Settings(auth=("header",), access=(Header({"x-a": ("1",), "x-b": ("2",)}),)))
    headers = {"x-a": "1", "x-b": "2"}
    assert guard.check(call(headers))
    del headers[missing]
    assert missing in refusal(guard, call(headers)).detail


def test_the_value_of_one_header_does_not_do_for_another(call: MakeCall, refusal: Refusal) -> None:
    guard = Guard(Settings(auth=("header",), access=(Header({"x-a": ("1",), "x-b": ("2",)}),)))
    assert refusal(guard, call({"x-a": "2", "x-b": "1"})).status == 401


def test_a_secret_rotates_without_a_gap(call: MakeCall) -> None:
    value = "X-Webhook-Secret: old\nX-Webhook-Secret: new"
    during = Guard(from_environment({"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": value}))
    assert during.check(call({NAME: "old"})) == during.check(call({NAME: "new"})) == Caller(("header",))


def test_every_alternative_is_compared_even_after_a_match(
    guard: Guard, call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def record(found: Document | None, accepted: Any) -> Any:
        compared.append(accepted)
        return found == accepted

    monkeypatch.setattr("fulfillment.access.header.compare_digest", record)
    guard.check(call({NAME: "one-5e1f"}))
    assert len(compared) == 3
