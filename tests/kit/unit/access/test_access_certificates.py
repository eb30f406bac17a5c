"""Google's certificates: fetched once, kept as long as Cache-Control says, and never waited for past a deadline."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fulfillment.access import Guard
from fulfillment.access.certificates import Certificates
from fulfillment.access.header import Header
from fulfillment.settings import Settings
from tests.kit.parallel import BUSY

from .conftest import Clock, Google, MakeCall, MakeGuard, Refusal, Settled, Status

AGENT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"
SIX_HOURS = 21600


@pytest.fixture
def id_token(guard: MakeGuard, clock: Clock) -> Any:
    return guard(clock=clock, auth=("id-token",), callers=frozenset({AGENT}))


# --- How often


def test_nothing_is_fetched_before_the_first_call(id_token: Guard, google: Google) -> None:
    assert google.fetches == 0


def test_a_call_without_a_token_fetches_nothing(
    id_token: Guard, google: Google, call: MakeCall, refusal: Refusal
) -> None:
    refusal(id_token, call())
    assert google.fetches == 0


def test_a_thousand_calls_fetch_once(id_token: Guard, google: Google, bearer: MakeCall) -> None:
    token = google.token()
    for _ in range(1000):
        id_token.check(bearer(token))
    assert google.fetches == 1


def test_who_comes_just_after_a_fetch_does_not_fetch_again(google: Google) -> None:
    class Meanwhile:
        """Lets another call fetch between the first look at the keys and the decision to fetch."""

        others = 1
        now = 0.0

        def __call__(self) -> Any:
            if self.others:
                self.others = 0
                certificates.find(google.key.id, time.monotonic() + 5)
            return self.now

    certificates = Certificates(google.url, clock=Meanwhile())
    assert certificates.find(google.key.id, time.monotonic() + 5) == google.key.certificate
    assert google.fetches == 1


def test_fifty_first_calls_at_once_fetch_once(id_token: Guard, google: Google, bearer: MakeCall) -> None:
    google.gate.clear()
    token = google.token()
    together = threading.Barrier(51)

    def first(_: Any) -> Any:
        together.wait()
        return id_token.check(bearer(token)).email

    with ThreadPoolExecutor(50) as pool:
        emails = pool.map(first, range(50))
        together.wait()
        time.sleep(0.1)
        google.gate.set()
        assert set(emails) == {AGENT}
    assert google.fetches == 1


def test_warming_fetches_without_waiting(id_token: Guard, google: Google, bearer: MakeCall) -> None:
    google.gate.clear()
    id_token.warm()
    google.gate.set()
    assert id_token.check(bearer(google.token()))
    assert google.fetches == 1


def test_only_id_token_is_warmed(google: Any) -> None:
    guard = Guard(Settings(auth=("header",), access=(Header({"x-a": ("b",)}),)), Certificates(google.url))
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
def test_certificates_live_as_long_as_cache_control_says(
    id_token: Guard,
    google: Google,
    bearer: MakeCall,
    refusal: Refusal,
    clock: Clock,
    headers: Any,
    life: Any,
    settled: Settled,
) -> None:
    google.headers = headers
    token = google.token()
    id_token.check(bearer(token))
    google.status = 500
    clock.now += life - 0.5
    assert id_token.check(bearer(token))
    assert settled(lambda: google.fetches == 2)
    clock.now += 1
    assert refusal(id_token, bearer(token)).status == 503


def test_expired_certificates_are_fetched_again(
    id_token: Guard, google: Google, bearer: MakeCall, clock: Clock
) -> None:
    id_token.check(bearer(google.token()))
    clock.now += SIX_HOURS + 1
    assert id_token.check(bearer(google.token()))
    assert google.fetches == 2


def test_a_withdrawn_key_ends_with_its_certificates(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock
) -> None:
    id_token.check(bearer(google.token()))
    google.certificates = {google.next_key.id: google.next_key.certificate}
    clock.now += SIX_HOURS + 1
    assert refusal(id_token, bearer(google.token())).status == 401


def test_certificates_are_renewed_ahead_and_nobody_waits(
    id_token: Guard, google: Google, bearer: MakeCall, clock: Clock, settled: Settled
) -> None:
    token = google.token()
    id_token.check(bearer(token))
    google.gate.clear()
    clock.now += SIX_HOURS * 0.8
    for _ in range(20):
        assert id_token.check(bearer(token))
    google.gate.set()
    assert settled(lambda: google.fetches == 2)


def test_renewed_certificates_start_a_new_life(
    id_token: Guard, google: Google, bearer: MakeCall, clock: Clock, settled: Settled
) -> None:
    token = google.token()
    id_token.check(bearer(token))
    clock.now += SIX_HOURS * 0.8
    id_token.check(bearer(token))
    assert settled(lambda: google.fetches == 2 and not id_token._certificates[0]._fetch)
    google.status = 500
    clock.now += SIX_HOURS * 0.7
    assert id_token.check(bearer(token))
    assert google.fetches == 2


def test_an_outage_of_the_last_quarter_is_bridged_and_ends_with_the_outage(
    id_token: Guard, google: Google, bearer: MakeCall, clock: Clock, settled: Settled
) -> None:
    token = google.token()
    id_token.check(bearer(token))
    google.status = 503
    for _ in range(10):
        clock.now += SIX_HOURS * 0.8 / 10 if clock.now < 1_000_000 + SIX_HOURS * 0.8 else 60
        assert id_token.check(bearer(token))
    assert settled(lambda: not id_token._certificates[0]._fetch)
    google.status = 200
    clock.now = 1_000_000 + SIX_HOURS + 1
    assert id_token.check(bearer(token))


# --- An unknown key id


def test_an_unknown_key_id_fetches_once_more_and_finds_the_new_key(
    id_token: Guard, google: Google, bearer: MakeCall
) -> None:
    id_token.check(bearer(google.token()))
    google.certificates[google.next_key.id] = google.next_key.certificate
    assert id_token.check(bearer(google.token(google.next_key)))
    assert google.fetches == 2


def test_keys_rotate_without_a_gap(id_token: Guard, google: Google, bearer: MakeCall) -> None:
    id_token.check(bearer(google.token()))
    google.certificates[google.next_key.id] = google.next_key.certificate
    for _ in range(10):
        assert id_token.check(bearer(google.token(google.next_key)))
        assert id_token.check(bearer(google.token()))
    assert google.fetches == 2


def test_a_flood_of_unknown_key_ids_fetches_once_a_minute(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal, clock: Clock
) -> None:
    id_token.check(bearer(google.token()))
    for number in range(50):
        assert refusal(id_token, bearer(google.token(header={"kid": f"made-up-{number}"}))).status == 401
    assert google.fetches == 2
    clock.now += 61
    for number in range(50):
        refusal(id_token, bearer(google.token(header={"kid": f"made-up-{number}"})))
    assert google.fetches == 3


def test_a_flood_of_unknown_key_ids_at_once_fetches_once(
    id_token: Guard, google: Google, bearer: MakeCall, status: Status
) -> None:
    id_token.check(bearer(google.token()))
    google.gate.clear()
    tokens = [google.token(header={"kid": f"made-up-{number}"}) for number in range(40)]

    with ThreadPoolExecutor(40) as pool:
        statuses = pool.map(lambda token: status(id_token, bearer(token)), tokens)
        time.sleep(0.1)
        google.gate.set()
        assert set(statuses) == {401}
    assert google.fetches == 2


def test_a_flood_of_unknown_key_ids_does_not_keep_the_agent_waiting(
    id_token: Guard, google: Google, bearer: MakeCall, settled: Settled, status: Status
) -> None:
    token = google.token()
    id_token.check(bearer(token))
    google.gate.clear()
    flood = threading.Thread(target=status, args=(id_token, bearer(google.token(google.next_key))))
    flood.start()
    assert settled(lambda: google.fetches == 2)
    start = time.monotonic()
    assert id_token.check(bearer(token))
    assert time.monotonic() - start < BUSY
    google.gate.set()
    flood.join()


def test_an_unknown_key_id_during_an_outage_is_503_and_known_ones_still_pass(
    id_token: Guard, google: Google, bearer: MakeCall, refusal: Refusal
) -> None:
    id_token.check(bearer(google.token()))
    google.status = 500
    assert refusal(id_token, bearer(google.token(google.next_key))).status == 503
    assert id_token.check(bearer(google.token()))
