"""When Google's certificates cannot be had: 503 within the deadline, and back to work soon after."""

from __future__ import annotations

import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from fulfillment.access import Guard
from fulfillment.access import certificates as module
from fulfillment.access.certificates import Certificates
from fulfillment.access.id_token import IdToken
from fulfillment.settings import Settings
from tests.kit.parallel import BUSY, free_port

from .conftest import Clock, Google, Key, Keys, MakeCall, MakeGuard, Refusal, Settled

AGENT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"
SIX_HOURS = 21600


@pytest.fixture
def id_token(guard: MakeGuard, clock: Clock) -> Any:
    return guard(clock=clock, auth=("id-token",), callers=frozenset({AGENT}))


def guard_of(url: Any, clock: Any, deadline: Any = 4.5) -> Any:
    settings = Settings(auth=("id-token",), access=(IdToken(frozenset({AGENT})),), deadline=deadline)
    return Guard(settings, Certificates(url, clock=clock))


def test_a_server_that_is_not_there_is_503(google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock) -> None:
    guard = guard_of(f"http://127.0.0.1:{free_port()}/certs", clock)
    problem = refusal(guard, bearer(google.token()))
    assert (problem.status, problem.cause) == (503, "certificates-unavailable")


def test_tls_is_always_verified(
    google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock, keys: Keys, tmp_path: Path
) -> None:
    # A server with a certificate of its own making, where https is asked for.
    pem = tmp_path / "server.pem"
    private = keys[0].private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + keys[0].certificate.encode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    google.server.socket = context.wrap_socket(google.server.socket, server_side=True)
    problem = refusal(guard_of(google.url.replace("http://", "https://"), clock), bearer(google.token()))
    assert problem.status == 503
    assert "SSLError" in problem.detail
    assert google.fetches == 0


@pytest.mark.parametrize("deadline", [0.5, 4.5])
def test_a_server_that_never_answers_is_503_within_the_deadline(
    google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock, deadline: float
) -> None:
    google.gate.clear()
    guard = guard_of(google.url, clock, deadline)
    made = bearer(google.token())
    assert refusal(guard, made).status == 503
    assert time.monotonic() - made.received_at < min(1.5, deadline / 2) + BUSY


def test_a_call_that_has_no_time_left_does_not_wait(
    google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock
) -> None:
    google.gate.clear()
    made = bearer(google.token(), received_at=time.monotonic() - 60)
    start = time.monotonic()
    assert refusal(guard_of(google.url, clock), made).status == 503
    assert time.monotonic() - start < BUSY


def test_what_comes_too_late_for_one_call_serves_the_next(
    google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock, settled: Settled
) -> None:
    google.gate.clear()
    guard = guard_of(google.url, clock, 0.5)
    refusal(guard, bearer(google.token()))
    google.gate.set()
    assert settled(lambda: guard._certificates[0]._keys is not None)
    assert guard.check(bearer(google.token()))
    assert google.fetches == 1


def test_a_fetch_that_hangs_is_given_up_and_replaced(
    google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock, monkeypatch: pytest.MonkeyPatch, settled: Settled
) -> None:
    monkeypatch.setattr(module, "FETCH_TIMEOUT", 30.0)
    google.gate.clear()
    guard = guard_of(google.url, clock, 0.5)
    refusal(guard, bearer(google.token()))
    refusal(guard, bearer(google.token()))
    assert settled(lambda: google.fetches == 1)
    clock.now += module.GIVE_UP_AFTER
    refusal(guard, bearer(google.token()))
    assert settled(lambda: google.fetches == 2)


def test_a_fetch_that_was_given_up_overwrites_nothing(
    google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock, monkeypatch: pytest.MonkeyPatch, settled: Settled
) -> None:
    monkeypatch.setattr(module, "FETCH_TIMEOUT", 30.0)
    hanging = google.gate = threading.Event()
    guard = guard_of(google.url, clock, 0.5)
    refusal(guard, bearer(google.token()))
    assert settled(lambda: google.fetches == 1)
    google.gate = threading.Event()
    google.gate.set()
    google.certificates = {google.next_key.id: google.next_key.certificate}
    clock.now += module.GIVE_UP_AFTER
    assert guard.check(bearer(google.token(google.next_key)))
    hanging.set()
    assert settled(lambda: not any(thread.name == "certificates" for thread in threading.enumerate()))
    assert guard.check(bearer(google.token(google.next_key)))
    assert google.fetches == 2


def test_an_answer_that_drips_is_cut_off(
    google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FETCH_TIMEOUT", 0.4)
    google.piece = 50
    assert "too slow" in refusal(guard_of(google.url, clock), bearer(google.token())).detail


def test_renewing_ahead_is_tried_again_every_half_minute(
    id_token: Guard, google: Google, bearer: MakeCall, clock: Clock, settled: Settled
) -> None:
    token = google.token()
    id_token.check(bearer(token))
    google.status = 500
    clock.now += SIX_HOURS * 0.8
    for _ in range(3):
        id_token.check(bearer(token))
        assert settled(lambda: not id_token._certificates[0]._fetch)
        clock.now += 5
    assert google.fetches == 2
    clock.now += 30
    id_token.check(bearer(token))
    assert settled(lambda: google.fetches == 3)


BAD_ANSWERS = {
    "500": ({"status": 500}, "status is 500"),
    "404": ({"status": 404}, "status is 404"),
    "a redirect": ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}, "status is 302"),
    "no JSON": ({"body": b"<html>"}, "not a JSON object"),
    "a list": ({"body": b"[]"}, "not a JSON object"),
    "deep nesting": ({"body": b"[" * 100_000}, ""),
    "no certificates": ({"body": b"{}"}, "no RSA certificate"),
    "JWKs": ({"body": b'{"keys": [{"kid": "5e1f0000a", "n": "", "e": "AQAB"}]}'}, "no RSA certificate"),
    "broken certificates": ({"body": b'{"5e1f0000a": "-----BEGIN CERTIFICATE-----", "b": 5}'}, "no RSA certificate"),
    "far too much": ({"body": b" " * 300_000}, "too large"),
    "not what its encoding says": ({"headers": {"Content-Encoding": "gzip"}}, ""),
}


@pytest.mark.parametrize(("answer", "detail"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_an_answer_that_is_no_list_of_certificates_is_503(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal, answer: Any, detail: str
) -> None:
    for name, value in answer.items():
        setattr(google, name, value)
    problem = refusal(id_token, bearer(google.token()))
    assert problem.status == 503
    assert detail in problem.detail


def test_a_certificate_of_an_unknown_algorithm_does_not_spoil_the_others(
    id_token: Guard, google: Google, bearer: MakeCall
) -> None:
    # The object identifier of RSA keys (1.2.840.113549.1.1.1) becomes one that nobody has given away.
    der = ssl.PEM_cert_to_DER_cert(google.next_key.certificate)
    known = bytes.fromhex("06092a864886f70d010101")
    assert known in der
    google.certificates[google.next_key.id] = ssl.DER_cert_to_PEM_cert(der.replace(known, known[:-1] + b"\x7f"))
    assert id_token.check(bearer(google.token()))


def test_a_certificate_of_another_kind_is_left_out(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    google.certificates[google.elliptic.id] = google.elliptic.certificate
    assert id_token.check(bearer(google.token()))
    assert refusal(id_token, bearer(google.token(google.elliptic))).status == 401


def test_a_failed_fetch_is_not_repeated_for_every_call(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    google.status = 500
    for _ in range(20):
        assert refusal(id_token, bearer(google.token())).status == 503
    assert google.fetches == 1


def test_a_second_after_the_failure_the_next_call_succeeds(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock
) -> None:
    google.status = 500
    refusal(id_token, bearer(google.token()))
    google.status = 200
    clock.now += 1.01
    assert id_token.check(bearer(google.token()))


def test_a_failure_is_logged_without_the_token(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal, caplog: pytest.LogCaptureFixture
) -> None:
    google.status = 500
    token = google.token()
    refusal(id_token, bearer(token))
    assert "status is 500" in caplog.text
    assert token[:20] not in caplog.text


def test_a_key_that_is_too_short_to_be_safe_is_not_used(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    short = Key("5e1f0000c", rsa.generate_private_key(65537, 1024))
    google.certificates[short.id] = short.certificate
    assert refusal(id_token, bearer(google.token(short))).status == 401
    assert id_token.check(bearer(google.token()))
