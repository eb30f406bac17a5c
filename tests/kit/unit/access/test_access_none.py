"""`none`: programs on this machine only, and nothing that came through a proxy or tunnel."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment.access import Caller, Guard
from fulfillment.call import Call
from fulfillment.settings import Settings, from_environment

from .conftest import Refusal

DIRECT = {"host": "localhost:8080", "user-agent": "curl/8.5.0", "content-type": "application/json"}


@pytest.fixture
def guard() -> Guard:
    return Guard(Settings())


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "::ffff:7f00:2"])
def test_this_machine_may_call(guard: Guard, peer: Any) -> None:
    assert guard.check(Call(headers=DIRECT, peer=peer)) == Caller(("none",))


@pytest.mark.parametrize(
    "host",
    ["localhost", "LocalHost:80", "127.0.0.1:8080", "127.3.4.5", "[::1]", "[::1]:8080", "shop.localhost:8080"],
)
def test_every_loopback_name_will_do(guard: Guard, host: str) -> None:
    assert guard.check(Call(headers={"host": host}, peer="127.0.0.1"))


@pytest.mark.parametrize("origin", ["http://localhost:8081", "https://127.0.0.1", "http://[::1]:3000"])
def test_a_page_served_by_this_machine_may_call(guard: Guard, origin: str) -> None:
    assert guard.check(Call(headers={**DIRECT, "origin": origin}, peer="127.0.0.1"))


@pytest.mark.parametrize("header", ["traceparent", "x-cloud-trace-context", "function-execution-id", "x-tenant"])
def test_a_local_client_may_send_headers_that_no_proxy_betrays_itself_by(guard: Guard, header: str) -> None:
    assert guard.check(Call(headers={**DIRECT, header: "x"}, peer="127.0.0.1"))


def test_none_may_be_chosen_by_name() -> None:
    assert Guard(from_environment({"WEBHOOK_AUTH": "none"})).check(Call(headers=DIRECT, peer="127.0.0.1"))


PROXY_HEADERS = [
    "forwarded",
    "via",
    "cdn-loop",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-proxyuser-ip",
    "x-real-ip",
    "x-forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-forwarded-server",
    "cf-connecting-ip",
    "cf-ray",
    "cf-ipcountry",
    "cf-visitor",
    "x-original-host",
    "x-original-url",
    "ngrok-skip-browser-warning",
    "ngrok-agent-ips",
    "x-ngrok-host",
    "x-envoy-external-address",
    "x-envoy-internal",
    "fastly-client-ip",
    "tailscale-user-login",
    "x-azure-clientip",
    "x-arr-log-id",
    "x-amzn-trace-id",
    "x-ms-proxy-name",
    "x-appengine-user-ip",
    "client-ip",
    "x-remote-addr",
    "x-remote-ip",
    "x-tunnel-authorization",
    "x-tunnel-id",
    "fly-client-ip",
    "fly-forwarded-port",
    "x-vercel-id",
]


@pytest.mark.parametrize("value", ["203.0.113.9", "127.0.0.1", ""])
@pytest.mark.parametrize("header", PROXY_HEADERS)
def test_a_call_through_a_proxy_or_tunnel_is_refused(guard: Guard, refusal: Refusal, header: str, value: Any) -> None:
    problem = refusal(guard, Call(headers={**DIRECT, header: value}, peer="127.0.0.1"))
    assert (problem.status, problem.cause) == (403, "access-not-configured")


@pytest.mark.parametrize(
    "peer",
    ["", "unix:", "10.0.0.7", "172.17.0.1", "203.0.113.9", "::2", "::ffff:10.0.0.1", "0.0.0.0", "localhost", "127.0.0"],
)
def test_a_peer_that_is_not_surely_this_machine_is_refused(guard: Guard, refusal: Refusal, peer: Any) -> None:
    assert refusal(guard, Call(headers=DIRECT, peer=peer)).status == 403


FOREIGN_HOSTS = [
    "",
    "abc.ngrok-free.app",
    "shop.example:8080",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.evil.example",
    "evillocalhost",
    "localhost@evil.example",
    "localhost:8080@evil.example",
    "localhost:8080,evil.example",
    "evil.example,localhost",
    "localhost,localhost",
    "localhost:",
    "localhost:x",
    "localhost:\u0663",
    "localhost ",
    "192.168.0.2",
    "0.0.0.0:8080",
    "[::2]",
    "[::1].evil.example",
    "[::1",
    "::1",
    "::1:8080",
    "127.1",
    "2130706433",
    "loc\xe4lhost",
]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused(guard: Guard, refusal: Refusal, host: str) -> None:
    assert refusal(guard, Call(headers={**DIRECT, "host": host}, peer="127.0.0.1")).status == 403


def test_a_call_without_a_host_is_refused(guard: Guard, refusal: Refusal) -> None:
    assert refusal(guard, Call(peer="127.0.0.1")).status == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://localhost.evil.example", "localhost", "x://localhost"]
)
def test_a_web_page_of_another_origin_is_refused(guard: Guard, refusal: Refusal, origin: str) -> None:
    assert refusal(guard, Call(headers={**DIRECT, "origin": origin}, peer="127.0.0.1")).status == 403


@pytest.mark.parametrize("site", ["cross-site", "Cross-Site ", "", "none, cross-site", "unheard-of"])
def test_a_get_that_another_web_site_makes_a_browser_send_is_refused(guard: Guard, refusal: Refusal, site: str) -> None:
    call = Call(method="GET", headers={**DIRECT, "sec-fetch-site": site, "sec-fetch-mode": "no-cors"}, peer="127.0.0.1")
    assert refusal(guard, call).status == 403


@pytest.mark.parametrize("site", ["none", "same-origin", "same-site"])
def test_an_address_that_somebody_types_and_a_page_of_this_machine_may_call(guard: Guard, site: str) -> None:
    assert guard.check(Call(method="GET", headers={**DIRECT, "sec-fetch-site": site}, peer="127.0.0.1"))


def test_a_page_of_localhost_may_call_127_0_0_1(guard: Guard) -> None:
    headers = {**DIRECT, "host": "127.0.0.1:8080", "origin": "http://localhost:8000", "sec-fetch-site": "cross-site"}
    assert guard.check(Call(headers=headers, peer="127.0.0.1"))


def test_on_google_none_lets_no_front_end_through(refusal: Refusal) -> None:
    guard = Guard(from_environment({"WEBHOOK_AUTH": "none", "K_SERVICE": "webhook"}))
    headers = {"host": "webhook-abc.a.run.app", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    assert refusal(guard, Call(headers=headers, peer="169.254.1.1")).status == 403


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (Call(headers={**DIRECT, "x-forwarded-for": "1"}, peer="127.0.0.1"), "the header x-forwarded*"),
        (Call(headers=DIRECT, peer="172.17.0.1"), "from 172.17.0.1"),
        (Call(headers={"host": "a.example"}, peer="127.0.0.1"), "Host header"),
        (Call(headers={**DIRECT, "origin": "null"}, peer="127.0.0.1"), "another origin"),
    ],
)
def test_the_log_says_what_was_found_and_what_to_set(guard: Guard, refusal: Refusal, call: Call, found: str) -> None:
    detail = refusal(guard, call).detail
    assert found in detail
    assert "WEBHOOK_AUTH=header" in detail


def test_a_refusal_repeats_nothing_that_the_caller_wrote(guard: Guard, refusal: Refusal) -> None:
    for headers in ({**DIRECT, "x-forwarded-ev1l": "ev1l"}, {"host": "ev1l"}, {**DIRECT, "origin": "http://ev1l"}):
        problem = refusal(guard, Call(headers=headers, peer="127.0.0.1"))
        assert "ev1l" not in problem.detail + problem.message
    assert "ev1l" not in refusal(guard, Call(headers=DIRECT, peer="ev1l")).detail
