"""Google's certificates: fetched once, kept as long as Cache-Control says, and never waited for past a deadline."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fulfillment.access import Guard
from fulfillment.access import certificates as module
from fulfillment.access.certificates import Certificates
from fulfillment.problems import Problem
from fulfillment.settings import Settings

AGENT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"
SIX_HOURS = 21600


class Clock:
    """A clock for the age of certificates, moved by hand."""

    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def id_token(guard, clock):
    return guard(clock=clock, auth=("id-token",), callers=frozenset({AGENT}))


def settled(condition, seconds=5.0):
    """Wait until `condition` holds; whether it does."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def status(guard, call):
    try:
        guard.check(call)
    except Problem as problem:
        return problem.status
    return 200


# --- How often


def test_nothing_is_fetched_before_the_first_call(id_token, google):
    assert google.fetches == 0


def test_a_call_without_a_token_fetches_nothing(id_token, google, call, refusal):
    refusal(id_token, call())
    assert google.fetches == 0


def test_a_thousand_calls_fetch_once(id_token, google, bearer):
    token = google.token()
    for _ in range(1000):
        id_token.check(bearer(token))
    assert google.fetches == 1


def test_fifty_first_calls_at_once_fetch_once(id_token, google, bearer):
    google.gate.clear()
    token = google.token()
    together = threading.Barrier(51)

    def first(_):
        together.wait()
        return id_token.check(bearer(token)).email

    with ThreadPoolExecutor(50) as pool:
        emails = pool.map(first, range(50))
        together.wait()
        time.sleep(0.1)
        google.gate.set()
        assert set(emails) == {AGENT}
    assert google.fetches == 1


def test_warming_fetches_without_waiting(id_token, google, bearer):
    google.gate.clear()
    id_token.warm()
    google.gate.set()
    assert id_token.check(bearer(google.token()))
    assert google.fetches == 1


def test_only_id_token_is_warmed(google):
    guard = Guard(Settings(auth=("header",), headers={"x-a": ("b",)}), Certificates(google.url))
    guard.warm()
    time.sleep(0.05)
    assert google.fetches == 0


# --- How long


@pytest.mark.parametrize(
    ("headers", "life"),
    [
        pytest.param({"Cache-Control": "public, max-age=21600, must-revalidate"}, SIX_HOURS, id="max-age"),
        pytest.param({"Cache-Control": "MAX-AGE = 300"}, 300, id="max-age in capitals"),
        pytest.param({"Cache-Control": "public, max-age=21600", "Age": "1600"}, 20000, id="less its age"),
        pytest.param({"Cache-Control": "max-age=600", "Age": "-5"}, 600, id="an age that makes no sense"),
        pytest.param({}, 3600, id="an hour when nothing is said"),
        pytest.param({"Cache-Control": "max-age=soon"}, 3600, id="an hour when it makes no sense"),
        pytest.param({"Cache-Control": "s-maxage=9"}, 3600, id="another directive"),
        pytest.param({"Cache-Control": "max-age=0"}, 60, id="a minute at least"),
        pytest.param({"Cache-Control": "no-store"}, 60, id="a minute for no-store"),
        pytest.param({"Cache-Control": "no-cache, max-age=600"}, 60, id="a minute for no-cache"),
        pytest.param({"Cache-Control": "max-age=31536000"}, 86400, id="a day at most"),
    ],
)
def test_certificates_live_as_long_as_cache_control_says(id_token, google, bearer, refusal, clock, headers, life):
    google.headers = headers
    token = google.token()
    id_token.check(bearer(token))
    google.status = 500
    clock.now += life - 0.5
    assert id_token.check(bearer(token))
    assert settled(lambda: google.fetches == 2)
    clock.now += 1
    assert refusal(id_token, bearer(token)).status == 503


def test_expired_certificates_are_fetched_again(id_token, google, bearer, clock):
    id_token.check(bearer(google.token()))
    clock.now += SIX_HOURS + 1
    assert id_token.check(bearer(google.token()))
    assert google.fetches == 2


def test_a_withdrawn_key_ends_with_its_certificates(id_token, google, bearer, refusal, clock):
    id_token.check(bearer(google.token()))
    google.certificates = {google.next_key.id: google.next_key.certificate}
    clock.now += SIX_HOURS + 1
    assert refusal(id_token, bearer(google.token())).status == 401


def test_certificates_are_renewed_ahead_and_nobody_waits(id_token, google, bearer, clock):
    token = google.token()
    id_token.check(bearer(token))
    google.gate.clear()
    clock.now += SIX_HOURS * 0.8
    for _ in range(20):
        assert id_token.check(bearer(token))
    google.gate.set()
    assert settled(lambda: google.fetches == 2)


def test_renewed_certificates_start_a_new_life(id_token, google, bearer, clock):
    token = google.token()
    id_token.check(bearer(token))
    clock.now += SIX_HOURS * 0.8
    id_token.check(bearer(token))
    assert settled(lambda: google.fetches == 2 and not certificates_of(id_token)._fetch)
    google.status = 500
    clock.now += SIX_HOURS * 0.7
    assert id_token.check(bearer(token))
    assert google.fetches == 2


def certificates_of(guard):
    return guard._certificates


def test_an_outage_of_the_last_quarter_is_bridged_and_ends_with_the_outage(id_token, google, bearer, clock):
    token = google.token()
    id_token.check(bearer(token))
    google.status = 503
    for _ in range(10):
        clock.now += SIX_HOURS * 0.8 / 10 if clock.now < 1_000_000 + SIX_HOURS * 0.8 else 60
        assert id_token.check(bearer(token))
    google.status = 200
    clock.now = 1_000_000 + SIX_HOURS + 1
    assert settled(lambda: not certificates_of(id_token)._fetch)
    assert id_token.check(bearer(token))


# --- An unknown key id


def test_an_unknown_key_id_fetches_once_more_and_finds_the_new_key(id_token, google, bearer):
    id_token.check(bearer(google.token()))
    google.certificates[google.next_key.id] = google.next_key.certificate
    assert id_token.check(bearer(google.token(google.next_key)))
    assert google.fetches == 2


def test_keys_rotate_without_a_gap(id_token, google, bearer):
    id_token.check(bearer(google.token()))
    google.certificates[google.next_key.id] = google.next_key.certificate
    for _ in range(10):
        assert id_token.check(bearer(google.token(google.next_key)))
        assert id_token.check(bearer(google.token()))
    assert google.fetches == 2


def test_a_flood_of_unknown_key_ids_fetches_once_a_minute(id_token, google, bearer, refusal, clock):
    id_token.check(bearer(google.token()))
    for number in range(50):
        assert refusal(id_token, bearer(google.token(header={"kid": f"made-up-{number}"}))).status == 401
    assert google.fetches == 2
    clock.now += 61
    for number in range(50):
        refusal(id_token, bearer(google.token(header={"kid": f"made-up-{number}"})))
    assert google.fetches == 3


def test_a_flood_of_unknown_key_ids_at_once_fetches_once(id_token, google, bearer):
    id_token.check(bearer(google.token()))
    google.gate.clear()
    tokens = [google.token(header={"kid": f"made-up-{number}"}) for number in range(40)]

    with ThreadPoolExecutor(40) as pool:
        statuses = pool.map(lambda token: status(id_token, bearer(token)), tokens)
        time.sleep(0.1)
        google.gate.set()
        assert set(statuses) == {401}
    assert google.fetches == 2


def test_a_flood_of_unknown_key_ids_does_not_keep_the_agent_waiting(id_token, google, bearer):
    token = google.token()
    id_token.check(bearer(token))
    google.gate.clear()
    flood = threading.Thread(target=status, args=(id_token, bearer(google.token(google.next_key))))
    flood.start()
    assert settled(lambda: google.fetches == 2)
    start = time.monotonic()
    assert id_token.check(bearer(token))
    assert time.monotonic() - start < 0.5
    google.gate.set()
    flood.join()


def test_an_unknown_key_id_during_an_outage_is_503_and_known_ones_still_pass(id_token, google, bearer, refusal):
    id_token.check(bearer(google.token()))
    google.status = 500
    assert refusal(id_token, bearer(google.token(google.next_key))).status == 503
    assert id_token.check(bearer(google.token()))


# --- When it fails


def refused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def guard_of(url, clock, deadline=4.5):
    settings = Settings(auth=("id-token",), callers=frozenset({AGENT}), deadline=deadline)
    return Guard(settings, Certificates(url, clock=clock))


def test_a_server_that_is_not_there_is_503(google, bearer, refusal, clock):
    guard = guard_of(f"http://127.0.0.1:{refused_port()}/certs", clock)
    problem = refusal(guard, bearer(google.token()))
    assert (problem.status, problem.cause) == (503, "certificates-unavailable")


def test_tls_is_always_verified(google, bearer, refusal, clock, keys, tmp_path):
    # A server with a certificate of its own making, where https is asked for.
    import ssl

    from cryptography.hazmat.primitives import serialization

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
def test_a_server_that_never_answers_is_503_within_the_deadline(google, bearer, refusal, clock, deadline):
    google.gate.clear()
    guard = guard_of(google.url, clock, deadline)
    made = bearer(google.token())
    assert refusal(guard, made).status == 503
    assert time.monotonic() - made.received_at < min(1.5, deadline / 2) + 0.3


def test_a_call_that_has_no_time_left_does_not_wait(google, bearer, refusal, clock):
    google.gate.clear()
    made = bearer(google.token(), received_at=time.monotonic() - 60)
    start = time.monotonic()
    assert refusal(guard_of(google.url, clock), made).status == 503
    assert time.monotonic() - start < 0.4


def test_what_comes_too_late_for_one_call_serves_the_next(google, bearer, refusal, clock):
    google.gate.clear()
    guard = guard_of(google.url, clock, 0.5)
    refusal(guard, bearer(google.token()))
    google.gate.set()
    assert settled(lambda: certificates_of(guard)._keys is not None)
    assert guard.check(bearer(google.token()))
    assert google.fetches == 1


def test_a_fetch_that_hangs_is_given_up_and_replaced(google, bearer, refusal, clock, monkeypatch):
    monkeypatch.setattr(module, "FETCH_TIMEOUT", 30.0)
    google.gate.clear()
    guard = guard_of(google.url, clock, 0.5)
    refusal(guard, bearer(google.token()))
    refusal(guard, bearer(google.token()))
    assert google.fetches == 1
    clock.now += module.GIVE_UP_AFTER
    refusal(guard, bearer(google.token()))
    assert settled(lambda: google.fetches == 2)


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
def test_an_answer_that_is_no_list_of_certificates_is_503(id_token, google, bearer, refusal, answer, detail):
    for name, value in answer.items():
        setattr(google, name, value)
    problem = refusal(id_token, bearer(google.token()))
    assert problem.status == 503
    assert detail in problem.detail


def test_a_certificate_of_another_kind_is_left_out(id_token, google, bearer, refusal):
    google.certificates[google.elliptic.id] = google.elliptic.certificate
    assert id_token.check(bearer(google.token()))
    assert refusal(id_token, bearer(google.token(google.elliptic))).status == 401


def test_a_failed_fetch_is_not_repeated_for_every_call(id_token, google, bearer, refusal):
    google.status = 500
    for _ in range(20):
        assert refusal(id_token, bearer(google.token())).status == 503
    assert google.fetches == 1


def test_a_second_after_the_failure_the_next_call_succeeds(id_token, google, bearer, refusal, clock):
    google.status = 500
    refusal(id_token, bearer(google.token()))
    google.status = 200
    clock.now += 1.01
    assert id_token.check(bearer(google.token()))


def test_a_failure_is_logged_without_the_token(id_token, google, bearer, refusal, caplog):
    google.status = 500
    token = google.token()
    refusal(id_token, bearer(token))
    assert "status is 500" in caplog.text
    assert token[:20] not in caplog.text
