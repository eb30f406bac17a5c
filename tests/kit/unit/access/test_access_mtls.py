"""`mtls`: what a Google load balancer says about the client certificate."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from fulfillment.access import Caller, Guard
from fulfillment.access.client_certificates import ClientCertificate
from fulfillment.settings import Settings

from .conftest import Leaks, MakeCall, Refusal

PRESENT = "x-client-cert-present"
VERIFIED = "x-client-cert-chain-verified"
SUBJECT = "x-client-cert-subject-dn"


def attribute(oid: Any, value: Any, kind: Any = None) -> Any:
    return x509.NameAttribute(oid, value, kind) if kind else x509.NameAttribute(oid, value)


def cn(value: Any, kind: Any = None) -> Any:
    return attribute(NameOID.COMMON_NAME, value, kind)


def der(*attributes: Any) -> Any:
    return x509.Name(list(attributes)).public_bytes()


def subject(*attributes: Any) -> Any:
    return base64.b64encode(der(*attributes)).decode()


GOOGLE = subject(
    attribute(NameOID.COUNTRY_NAME, "US"),
    attribute(NameOID.STATE_OR_PROVINCE_NAME, "California"),
    attribute(NameOID.ORGANIZATION_NAME, "Google LLC"),
    cn("Google LLC"),
)
PASSED = {PRESENT: "true", VERIFIED: "true", SUBJECT: GOOGLE}


@pytest.fixture
def guard() -> Guard:
    return Guard(Settings(auth=("mtls",)))


RIGHT = {
    "Dialogflow's certificate": GOOGLE,
    "the name alone": subject(cn("Google LLC")),
    "the legacy certificate": subject(cn("*.dialogflow.com")),
    "a printable string": subject(cn("Google LLC", _ASN1Type.PrintableString)),
    "several attributes in one set": base64.b64encode(
        x509.Name(
            [x509.RelativeDistinguishedName([cn("Google LLC"), attribute(NameOID.ORGANIZATION_NAME, "x")])]
        ).public_bytes()
    ).decode(),
}


@pytest.mark.parametrize("name", RIGHT.values(), ids=RIGHT.keys())
def test_a_verified_certificate_of_an_accepted_name_lets_in(guard: Guard, call: MakeCall, name: str) -> None:
    assert guard.check(call({**PASSED, SUBJECT: name})) == Caller(("mtls",))


def without(name: str) -> Any:
    return {header: value for header, value in PASSED.items() if header != name}


NAME = der(cn("Google LLC"))
ATTEMPTS = {
    # No certificate that the balancer trusts
    "nothing": ({}, 401, PRESENT),
    "no presence": (without(PRESENT), 401, PRESENT),
    "not present": ({**PASSED, PRESENT: "false"}, 401, PRESENT),
    "present in another case": ({**PASSED, PRESENT: "True"}, 401, PRESENT),
    "presence doubled": ({**PASSED, PRESENT: "true,true"}, 401, PRESENT),
    "no word on the chain": (without(VERIFIED), 401, VERIFIED),
    "the chain is not verified": ({**PASSED, VERIFIED: "false"}, 401, "trust store"),
    "the chain's word in another case": ({**PASSED, VERIFIED: "TRUE"}, 401, VERIFIED),
    "the chain's word doubled": ({**PASSED, VERIFIED: "true,false"}, 401, VERIFIED),
    "the chain's word empty": ({**PASSED, VERIFIED: ""}, 401, VERIFIED),
    # No subject that can be read
    "no subject": (without(SUBJECT), 401, "custom headers"),
    "an empty subject": ({**PASSED, SUBJECT: ""}, 401, "custom headers"),
    "the subject as text": ({**PASSED, SUBJECT: "CN=Google LLC"}, 401, "not base64"),
    "the subject doubled": ({**PASSED, SUBJECT: f"{GOOGLE},{GOOGLE}"}, 401, "not base64"),
    "the subject truncated": ({**PASSED, SUBJECT: GOOGLE[:-8]}, 401, "not a DER name"),
    "half a base64 group": ({**PASSED, SUBJECT: GOOGLE[:-1]}, 401, ""),
    "non-ASCII": ({**PASSED, SUBJECT: "\xe4\u20ac"}, 401, "not base64"),
    "bytes after the name": ({**PASSED, SUBJECT: base64.b64encode(NAME + b"\x05\x00").decode()}, 401, "bytes after"),
    "another ASN.1 type": ({**PASSED, SUBJECT: base64.b64encode(b"\x02\x01\x05").decode()}, 401, "not a DER name"),
    "indefinite length": (
        {**PASSED, SUBJECT: base64.b64encode(b"\x30\x80" + NAME[2:] + b"\x00\x00").decode()},
        401,
        "not a DER name",
    ),
    "deep nesting": ({**PASSED, SUBJECT: base64.b64encode(b"\x30\x80" * 700).decode()}, 401, "not a DER name"),
    "very long": ({**PASSED, SUBJECT: "QUFB" * 5000}, 401, "longer than"),
    "no name at all": ({**PASSED, SUBJECT: base64.b64encode(b"\x30\x00").decode()}, 401, "holds 0 common names"),
    "no common name": (
        {**PASSED, SUBJECT: subject(attribute(NameOID.ORGANIZATION_NAME, "Google LLC"))},
        401,
        "holds 0 common names",
    ),
    "two common names": ({**PASSED, SUBJECT: subject(cn("evil"), cn("Google LLC"))}, 401, "holds 2 common names"),
    "the same common name twice": (
        {**PASSED, SUBJECT: subject(cn("Google LLC"), cn("Google LLC"))},
        401,
        "holds 2 common names",
    ),
    "two common names in one set": (
        {
            **PASSED,
            SUBJECT: base64.b64encode(
                x509.Name([x509.RelativeDistinguishedName([cn("Google LLC"), cn("evil")])]).public_bytes()
            ).decode(),
        },
        401,
        "holds 2 common names",
    ),
    "a common name of an outdated type": (
        {**PASSED, SUBJECT: subject(cn("Google LLC", _ASN1Type.BMPString))},
        401,
        "neither a UTF8String",
    ),
    "a common name of bad UTF-8": (
        {**PASSED, SUBJECT: base64.b64encode(NAME.replace(b"Google", b"Goog\xff\xfe")).decode()},
        401,
        "not a DER name",
    ),
    # Somebody else
    "another name": ({**PASSED, SUBJECT: subject(cn("evil.example"))}, 403, "evil.example"),
    "another case": ({**PASSED, SUBJECT: subject(cn("google llc"))}, 403, "not in"),
    "a name that begins so": ({**PASSED, SUBJECT: subject(cn("Google LLC Fan Club"))}, 403, "not in"),
    "a name with a NUL": ({**PASSED, SUBJECT: subject(cn("Google LLC\x00.evil"))}, 403, "not in"),
    "a name that the star would match as a pattern": (
        {**PASSED, SUBJECT: subject(cn("x.dialogflow.com"))},
        403,
        "not in",
    ),
    "the name as text inside another attribute": (
        {**PASSED, SUBJECT: subject(attribute(NameOID.ORGANIZATION_NAME, "CN=Google LLC"), cn("evil"))},
        403,
        "not in",
    ),
}


@pytest.mark.parametrize(("headers", "status", "detail"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_any_other_call_is_refused_and_the_log_says_why(
    guard: Guard, call: MakeCall, refusal: Refusal, headers: Any, status: int, detail: str
) -> None:
    problem = refusal(guard, call(headers))
    assert (problem.status, problem.cause) == (status, "unauthenticated" if status == 401 else "not-allowed")
    assert problem.detail.startswith("mtls: ")
    assert detail in problem.detail


@pytest.mark.parametrize(("headers", "status", "detail"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_refusal_repeats_no_header_value(
    guard: Guard, call: MakeCall, refusal: Refusal, leaks: Leaks, headers: Any, status: int, detail: str
) -> None:
    made = call(headers)
    assert leaks(refusal(guard, made), made) == []


def test_after_the_change_of_certificates_the_old_name_can_be_dropped(call: MakeCall, refusal: Refusal) -> None:
    guard = Guard(Settings(auth=("mtls",), access=(ClientCertificate(("Google LLC",)),)))
    assert refusal(guard, call({**PASSED, SUBJECT: subject(cn("*.dialogflow.com"))})).status == 403


def test_a_header_with_underscores_is_not_the_balancers(guard: Guard, call: MakeCall, refusal: Refusal) -> None:
    headers = {name.replace("-", "_"): value for name, value in PASSED.items()}
    assert refusal(guard, call(headers)).status == 401


def test_a_bearer_token_is_no_certificate(guard: Guard, call: MakeCall, refusal: Refusal) -> None:
    assert refusal(guard, call({"authorization": "Bearer a.b.c", "user-agent": "Google-Dialogflow"})).status == 401
