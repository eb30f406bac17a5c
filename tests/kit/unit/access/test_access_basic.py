"""`basic`: user and password in the Authorization header."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fulfillment.access import Caller, Guard
from fulfillment.access.basic import Basic
from fulfillment.documents import Document
from fulfillment.settings import Settings, from_environment

from .conftest import Leaks, MakeCall, Refusal


def basic(text: str, scheme: str = "Basic", encoding: str = "utf-8") -> Any:
    return f"{scheme} {base64.b64encode(text.encode(encoding)).decode()}"


@pytest.fixture
def guard() -> Any:
    return Guard(Settings(auth=("basic",), access=(Basic(("ann:pa:ss-5e1f", "bob:new-5e1f", "zoë:pässwörd-5e1f")),)))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(basic("ann:pa:ss-5e1f"), id="a password with a colon"),
        pytest.param(basic("bob:new-5e1f"), id="another line"),
        pytest.param(basic("zoë:pässwörd-5e1f"), id="UTF-8"),
        pytest.param(basic("bob:new-5e1f", "basic"), id="the scheme in lower case"),
        pytest.param(basic("bob:new-5e1f", "BASIC"), id="the scheme in capitals"),
        pytest.param(basic("bob:new-5e1f", "Basic  "), id="more than one space"),
    ],
)
def test_any_configured_line_lets_in(guard: Guard, call: MakeCall, value: Any) -> None:
    assert guard.check(call({"authorization": value})) == Caller(("basic",))


def test_a_line_that_is_no_utf_8_stands_for_the_bytes_that_were_set(call: MakeCall) -> None:
    guard = Guard(Settings(auth=("basic",), access=(Basic(("ann:p\udcff-5e1f",)),)))
    assert guard.check(
        call({"authorization": f"Basic {base64.b64encode(b'ann:p' + bytes([255]) + b'-5e1f').decode()}"})
    )


ATTEMPTS = {
    "absent": (None, "no Authorization"),
    "empty": ("", "no Authorization"),
    "the scheme alone": ("Basic", "not user:password"),
    "the scheme and a space": ("Basic ", "not user:password"),
    "no scheme": (basic("bob:new-5e1f").partition(" ")[2], "another scheme"),
    "another scheme": (basic("bob:new-5e1f", "Bearer"), "another scheme"),
    "a long s in the scheme": (basic("bob:new-5e1f", "Ba\u017fic"), "another scheme"),
    "the wrong password": (basic("bob:old-5e1f"), "match no line"),
    "the wrong user": (basic("eve:new-5e1f"), "match no line"),
    "the user of one line with the password of another": (basic("ann:new-5e1f"), "match no line"),
    "another case": (basic("bob:NEW-5e1f"), "match no line"),
    "truncated": (basic("bob:new-5e1"), "match no line"),
    "truncated base64": (basic("bob:new-5e1f")[:-1], "not base64"),
    "longer": (basic("bob:new-5e1ff"), "match no line"),
    "a newline at the end": (basic("bob:new-5e1f\n"), "match no line"),
    "no colon": (basic("bobnew-5e1f"), "not user:password"),
    "an empty password": (basic("bob:"), "match no line"),
    "two lines as one": (basic("ann:pa:ss-5e1f\nbob:new-5e1f"), "match no line"),
    "latin-1": (basic("zoë:pässwörd-5e1f", encoding="latin-1"), "match no line"),
    "not encoded": ("Basic bob:new-5e1f", "not base64"),
    "doubled": (f"{basic('bob:new-5e1f')},{basic('bob:new-5e1f')}", "not base64"),
    "doubled with a space": (f"{basic('bob:new-5e1f')}, {basic('bob:new-5e1f')}", "not base64"),
    "right one first": (f"{basic('bob:new-5e1f')},{basic('eve:x')}", "not base64"),
    "folded": (basic("bob:new-5e1f").replace(" ", "\r\n "), "another scheme"),
    "folded inside": (basic("bob:new-5e1f")[:12] + "\r\n " + basic("bob:new-5e1f")[12:], "not base64"),
    "a tab for the space": (basic("bob:new-5e1f").replace(" ", "\t"), "another scheme"),
    "a space at the end": (basic("bob:new-5e1f") + " ", "not base64"),
    "base64url": ("Basic " + base64.urlsafe_b64encode(b"bob:\xff\xff\xff5e1f").decode(), "not base64"),
    "junk in the base64": (basic("bob:new-5e1f").replace("m", "m!", 1), "not base64"),
    "non-ASCII": ("Basic \xe4\xf6\xfc", "not base64"),
    "beyond latin-1": ("Basic \u20ac\U0001f600", "not base64"),
    "a lone surrogate": ("Basic \udc80", "not base64"),
    "a NUL": ("Basic \x00", "not base64"),
    "very long": ("Basic " + "QUFB" * 5000, "not user:password"),
}


@pytest.mark.parametrize(("value", "detail"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_wrong_credential_is_401_and_the_log_says_why(
    guard: Guard, call: MakeCall, refusal: Refusal, value: Any, detail: str
) -> None:
    problem = refusal(guard, call({} if value is None else {"authorization": value}))
    assert (problem.status, problem.cause) == (401, "unauthenticated")
    assert problem.detail.startswith("basic: ")
    assert detail in problem.detail


@pytest.mark.parametrize(("value", "detail"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_refusal_shows_no_secret(
    guard: Guard, call: MakeCall, refusal: Refusal, leaks: Leaks, value: Any, detail: str
) -> None:
    made = call({"authorization": value or ""})
    assert leaks(refusal(guard, made), made, "pa:ss-5e1f", "new-5e1f", "pässwörd-5e1f") == []


def test_a_password_rotates_without_a_gap(call: MakeCall) -> None:
    old, new = call({"authorization": basic("bot:old")}), call({"authorization": basic("bot:new")})
    during = Guard(from_environment({"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": "bot:old\nbot:new\n"}))
    assert during.check(old) == during.check(new) == Caller(("basic",))


def test_the_old_password_ends_with_the_rotation(call: MakeCall, refusal: Refusal) -> None:
    after = Guard(from_environment({"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": "bot:new"}))
    assert refusal(after, call({"authorization": basic("bot:old")})).status == 401


def test_every_line_is_compared_even_after_a_match(call: MakeCall, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def record(found: Document | None, accepted: Any) -> Any:
        compared.append(accepted)
        return found == accepted

    monkeypatch.setattr("fulfillment.access.basic.compare_digest", record)
    guard = Guard(Settings(auth=("basic",), access=(Basic(("a:1", "b:2", "c:3")),)))
    guard.check(call({"authorization": basic("a:1")}))
    assert len(compared) == 3
