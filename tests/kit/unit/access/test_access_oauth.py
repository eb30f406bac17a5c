"""`oauth`: a JWT of another provider, checked against that provider's keys."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from fulfillment.access import Guard
from fulfillment.access.certificates import Certificates, KeysUnreadable
from fulfillment.access.oauth import keys_of
from fulfillment.problems import SetupError
from fulfillment.settings import Settings, from_environment

from .conftest import Google, MakeCall, Refusal, encoded

CHOSEN = {
    "WEBHOOK_AUTH": "oauth",
    "WEBHOOK_OAUTH_ISSUER": "https://login.example/",
    "WEBHOOK_OAUTH_KEYS": "https://login.example/jwks.json",
    "WEBHOOK_OAUTH_AUDIENCE": "https://shop.example/webhook,other",
    "WEBHOOK_OAUTH_CLIENTS": "dialogflow-agent,second",
}
SOUND = {"iss": "https://login.example/", "client_id": "dialogflow-agent", "email": ..., "azp": ...}


def jwk(key: Any, **changes: Any) -> Any:
    numbers = key.private.public_key().public_numbers()
    if hasattr(numbers, "n"):
        members = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
    else:
        members = {"kty": "EC", "crv": "P-256", "x": number(numbers.x), "y": number(numbers.y)}
    return {**members, "kid": key.id, "use": "sig", **changes}


def number(value: Any) -> Any:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


@pytest.fixture
def provider(google: Google) -> Any:
    google.body = json.dumps({"keys": [jwk(google.key), jwk(google.elliptic)]}).encode()
    return google


@pytest.fixture
def oauth(provider: Any) -> Any:
    return Guard(from_environment(CHOSEN), Certificates(provider.url, parse=keys_of, mechanism="oauth"))


def test_a_token_of_the_provider_for_this_client_is_let_in(oauth: Guard, provider: Any, bearer: MakeCall) -> None:
    assert oauth.check(bearer(provider.token(**SOUND))).mechanisms == ("oauth",)


def test_an_elliptic_key_signs_too(oauth: Guard, provider: Any, bearer: MakeCall) -> None:
    token = provider.token(key=provider.elliptic, header={"alg": "ES256"}, **SOUND)
    assert oauth.check(bearer(token)).mechanisms == ("oauth",)


@pytest.mark.parametrize("claim", ["client_id", "azp", "cid", "appid", "sub"])
def test_the_client_is_found_where_providers_write_it(
    oauth: Guard, provider: Any, bearer: MakeCall, claim: str
) -> None:
    oauth.check(bearer(provider.token(**{**SOUND, "client_id": ..., "sub": ..., claim: "second"})))


def test_one_audience_of_several_is_enough(oauth: Guard, provider: Any, bearer: MakeCall) -> None:
    oauth.check(bearer(provider.token(**{**SOUND, "aud": ["x", "other"]})))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"iss": "https://accounts.google.com"}, 401),
        ({"iss": ...}, 401),
        ({"aud": "https://elsewhere"}, 401),
        ({"aud": []}, 401),
        ({"aud": ...}, 401),
        ({"aud": [None, 3]}, 401),
        ({"exp": 1}, 401),
        ({"exp": ...}, 401),
        ({"iat": 9_999_999_999}, 401),
        ({"client_id": "another"}, 403),
        ({"client_id": ["dialogflow-agent"]}, 403),
        ({"client_id": ..., "sub": "dialogflow-agent-2"}, 403),
    ],
)
def test_a_token_that_does_not_fit_is_refused(
    oauth: Guard, provider: Any, bearer: MakeCall, refusal: Refusal, changes: Any, status: int
) -> None:
    problem = refusal(oauth, bearer(provider.token(**{**SOUND, **changes})))
    assert problem.status == status
    assert problem.detail.startswith("oauth: ")


def test_forged_tokens_are_refused(oauth: Guard, provider: Any, bearer: MakeCall, refusal: Refusal) -> None:
    sound = provider.token(**SOUND)
    unsigned = encoded({"alg": "none", "kid": provider.key.id}) + b"." + encoded(provider.claims(**SOUND)) + b".x"
    for token in (
        provider.token(key=provider.stranger, **SOUND),
        provider.token(header={"alg": "ES256"}, **SOUND),
        provider.token(key=provider.elliptic, **SOUND),
        provider.hs256_with_the_public_key(),
        provider.stripped(**SOUND),
        unsigned.decode(),
        sound[:-8] + "AAAAAAAA",
        "ya29.opaque",
        "",
    ):
        assert refusal(oauth, bearer(token)).status == 401


def test_a_key_that_the_provider_does_not_have_is_told_as_such(
    oauth: Guard, provider: Any, bearer: MakeCall, refusal: Refusal
) -> None:
    problem = refusal(oauth, bearer(provider.token(header={"kid": "unknown"}, **SOUND)))
    assert (problem.status, "has no key with the key id" in problem.detail) == (401, True)


def test_a_key_of_another_kind_than_the_algorithm_is_told_as_such(
    oauth: Guard, provider: Any, bearer: MakeCall, refusal: Refusal
) -> None:
    for token in (
        provider.token(header={"alg": "ES256"}, **SOUND),
        provider.token(key=provider.elliptic, **SOUND),
    ):
        problem = refusal(oauth, bearer(token))
        assert (problem.status, "of another kind than the algorithm" in problem.detail) == (401, True)
    assert "has expired" in refusal(oauth, bearer(provider.token(exp=1, **SOUND))).detail


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("time", [10**400, -(10**400), 1e300], ids=["huge", "hugely negative", "1e300"])
def test_a_time_beyond_all_times_is_401(
    oauth: Guard, provider: Any, bearer: MakeCall, refusal: Refusal, claim: str, time: Any
) -> None:
    assert refusal(oauth, bearer(provider.token(**{**SOUND, claim: time}))).status == 401


def test_a_client_is_no_e_mail_address(oauth: Guard, provider: Any, bearer: MakeCall) -> None:
    assert oauth.check(bearer(provider.token(**SOUND))).email == ""


def test_keys_are_fetched_once_for_many_calls(oauth: Guard, provider: Any, bearer: MakeCall) -> None:
    for _ in range(50):
        oauth.check(bearer(provider.token(**SOUND)))
    assert provider.fetches == 1


def test_without_the_providers_keys_it_is_503(oauth: Guard, provider: Any, bearer: MakeCall, refusal: Refusal) -> None:
    provider.status = 500
    problem = refusal(oauth, bearer(provider.token(**SOUND)))
    assert (problem.status, problem.cause) == (503, "certificates-unavailable")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"keys": 3}', b'{"keys": [3]}', b'{"keys": [{"kid": "a", "kty": "RSA"}]}']
)
def test_what_is_no_set_of_keys_is_told(body: Any) -> None:
    with pytest.raises(KeysUnreadable):
        keys_of(body)


def test_keys_for_encryption_and_unknown_kinds_are_left_out(google: Google) -> None:
    keys = [jwk(google.key), jwk(google.next_key, use="enc"), {"kid": "o", "kty": "oct", "k": "c2VjcmV0"}]
    assert list(keys_of(json.dumps({"keys": keys}).encode())) == [google.key.id]


@pytest.mark.parametrize(
    "purpose",
    [
        {"use": ..., "key_ops": ["encrypt"]},
        {"use": ..., "key_ops": ["wrapKey", "unwrapKey"]},
        {"use": ..., "key_ops": "verify"},
        {"use": ..., "alg": "RSA-OAEP"},
        {"use": ..., "alg": "ES256"},
        {"alg": "RSA-OAEP-256"},
        {"key_ops": []},
    ],
    ids=str,
)
def test_keys_that_are_for_something_else_are_left_out(google: Google, purpose: Any) -> None:
    other = {name: value for name, value in jwk(google.next_key, **purpose).items() if value is not ...}
    keys = [jwk(google.key, key_ops=["verify"], alg="RS256"), other]
    assert list(keys_of(json.dumps({"keys": keys}).encode())) == [google.key.id]


def test_a_key_that_names_no_use_is_one_for_signatures(google: Google) -> None:
    key = jwk(google.key)
    del key["use"]
    assert list(keys_of(json.dumps({"keys": [key]}).encode())) == [google.key.id]


def test_a_short_key_is_left_out(google: Google) -> None:
    short = base64.urlsafe_b64encode((2**1023 + 1).to_bytes(128, "big")).decode().rstrip("=")
    keys = [jwk(google.key), jwk(google.next_key, n=short)]
    assert list(keys_of(json.dumps({"keys": keys}).encode())) == [google.key.id]


@pytest.mark.parametrize("variable", [name for name in CHOSEN if name != "WEBHOOK_AUTH"])
def test_every_setting_is_needed(variable: str) -> None:
    with pytest.raises(SetupError, match=variable):
        from_environment({**CHOSEN, variable: ""})


def test_keys_are_fetched_over_https_only() -> None:
    with pytest.raises(SetupError, match="https://"):
        from_environment({**CHOSEN, "WEBHOOK_OAUTH_KEYS": "http://login.example/jwks.json"})


@pytest.mark.parametrize("other", ["basic", "iam", "id-token", "access-token"])
def test_two_mechanisms_cannot_share_the_authorization_header(other: str) -> None:
    with pytest.raises(SetupError, match="Authorization header"):
        from_environment({**CHOSEN, "WEBHOOK_AUTH": f"oauth,{other}"})


def test_the_guard_makes_its_own_source_of_keys() -> None:
    assert len(Guard(from_environment(CHOSEN))._certificates) == 1
    assert Guard(Settings())._certificates == []
