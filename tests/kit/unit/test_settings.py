"""Settings: what the environment may say, and how a wrong value is refused at start."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fulfillment.access.basic import Basic
from fulfillment.access.client_certificates import ClientCertificate
from fulfillment.access.header import Header
from fulfillment.access.platform_iam import PlatformIam
from fulfillment.problems import SetupError
from fulfillment.settings import DEADLINE_OFF, Settings, from_environment
from fulfillment.weak_secrets import EXAMPLE_BASIC, EXAMPLE_HEADER, weakness
from tests.kit.functions import ROOT

GOOGLE = {"K_SERVICE": "webhook"}
HEADER = {"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "X-Webhook-Secret: s3cret-5e1f-a1b2"}
AGENT = "service-123@gcp-sa-dialogflow.iam.gserviceaccount.com"


def read(settings: Any, mechanism: Any) -> Any:
    """Return what was read for a mechanism."""
    return next(one for one in settings.access if isinstance(one, mechanism))


# --- A debugger


@pytest.mark.parametrize("variable", ["WEBHOOK_DEADLINE", "WEBHOOK_CX_DEADLINE"])
def test_a_deadline_can_be_off_for_a_debugger(variable: Any) -> None:
    settings = from_environment({variable: " Off "})
    assert settings.debugging
    assert {settings.deadline, settings.cx_deadline} == {4.5, DEADLINE_OFF}


def test_deadlines_are_on_unless_somebody_says_so() -> None:
    assert not from_environment({"WEBHOOK_DEADLINE": "10", "WEBHOOK_CX_DEADLINE": "30"}).debugging


# --- Who may call


def test_off_google_nothing_set_means_none() -> None:
    assert from_environment({}).auth == ("none",)


def test_on_google_nothing_set_means_nothing_chosen() -> None:
    assert from_environment(GOOGLE).auth == ()


def test_mechanisms_are_read_in_any_case_with_spaces_and_once() -> None:
    settings = from_environment({**GOOGLE, **HEADER, "WEBHOOK_AUTH": " IAM, header,iam,"})
    assert settings.auth == ("iam", "header")


def test_basic_lines_keep_colons_and_inner_spaces() -> None:
    settings = from_environment({"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": "\nann:a:b c\r\n\nbob:\u2028x\n"})
    assert read(settings, Basic).lines == ("ann:a:b c", "bob:\u2028x")


def test_several_lines_of_one_header_are_alternatives() -> None:
    value = "X-Webhook-Secret: one\r\n x-webhook-secret : two:2 \nX-Tenant: t"
    settings = from_environment({"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": value})
    assert read(settings, Header).headers == {"x-webhook-secret": ("one", "two:2"), "x-tenant": ("t",)}


def test_callers_are_lower_case() -> None:
    settings = from_environment({**GOOGLE, "WEBHOOK_AUTH": "iam", "WEBHOOK_CALLERS": f" {AGENT.upper()} ,a@b.example"})
    assert read(settings, PlatformIam).callers == {AGENT, "a@b.example"}


def test_client_certificate_names_default_to_dialogflows_old_and_new_one() -> None:
    settings = from_environment({"WEBHOOK_AUTH": "mtls"})
    assert read(settings, ClientCertificate).names == {"Google LLC", "*.dialogflow.com"}


REFUSED = {
    "an unknown mechanism": ({"WEBHOOK_AUTH": "idtoken"}, "WEBHOOK_AUTH", "idtoken"),
    "none with a mechanism": ({**HEADER, "WEBHOOK_AUTH": "none,header"}, "WEBHOOK_AUTH", "combines 'none'"),
    "basic with iam": (
        {**GOOGLE, "WEBHOOK_AUTH": "basic,iam", "WEBHOOK_BASIC": "u:p"},
        "WEBHOOK_AUTH",
        "only one",
    ),
    "basic with id-token": (
        {"WEBHOOK_AUTH": "id-token,basic", "WEBHOOK_BASIC": "u:p", "WEBHOOK_CALLERS": AGENT},
        "WEBHOOK_AUTH",
        "only one",
    ),
    "iam with id-token": (
        {**GOOGLE, "WEBHOOK_AUTH": "iam,id-token", "WEBHOOK_CALLERS": AGENT},
        "WEBHOOK_AUTH",
        "strips the token's signature",
    ),
    "basic without a line": ({"WEBHOOK_AUTH": "basic"}, "WEBHOOK_BASIC", "is empty"),
    "basic with blank lines only": ({"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": " \n"}, "WEBHOOK_BASIC", "is empty"),
    "header without a line": ({"WEBHOOK_AUTH": "header"}, "WEBHOOK_HEADERS", "is empty"),
    "id-token without callers": ({"WEBHOOK_AUTH": "id-token"}, "WEBHOOK_CALLERS", "any Google account"),
    "an authorization header with iam": (
        {**GOOGLE, "WEBHOOK_AUTH": "iam,header", "WEBHOOK_HEADERS": "Authorization: Bearer x"},
        "WEBHOOK_HEADERS",
        "'authorization'",
    ),
    "an authorization header with id-token": (
        {
            "WEBHOOK_AUTH": "id-token,header",
            "WEBHOOK_HEADERS": "Authorization: Bearer x",
            "WEBHOOK_CALLERS": AGENT,
        },
        "WEBHOOK_HEADERS",
        "'authorization'",
    ),
    "an authorization header with basic": (
        {"WEBHOOK_AUTH": "basic,header", "WEBHOOK_HEADERS": "Authorization: x", "WEBHOOK_BASIC": "u:p"},
        "WEBHOOK_HEADERS",
        "'authorization'",
    ),
    "a Basic secret that nothing reads": (
        {**HEADER, "WEBHOOK_BASIC": "u:s3cret-5e1f"},
        "WEBHOOK_BASIC",
        "nothing reads it",
    ),
    "a header secret that nothing reads": (
        {**GOOGLE, **HEADER, "WEBHOOK_AUTH": "iam"},
        "WEBHOOK_HEADERS",
        "lacks header",
    ),
    "a Basic line without a colon": (
        {"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": "u:p\ns3cret-5e1f"},
        "WEBHOOK_BASIC",
        "line 2",
    ),
    "a Basic line without a user": ({"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": ":p"}, "WEBHOOK_BASIC", "line 1"),
    "a Basic line without a password": ({"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": "u:"}, "WEBHOOK_BASIC", "line 1"),
    "a Basic line that ends with a space": (
        {"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": "u:s3cret-5e1f "},
        "WEBHOOK_BASIC",
        "space",
    ),
    "a Basic line with a control character": (
        {"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": "u:s3cret-5e1f\x0bx"},
        "WEBHOOK_BASIC",
        "control character",
    ),
    "a header line without a colon": (
        {"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "s3cret-5e1f"},
        "WEBHOOK_HEADERS",
        "line 1",
    ),
    "a header line without a value": ({"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "X-A:"}, "WEBHOOK_HEADERS", "line"),
    "a header value with a control character": (
        {"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "X-A: s3cret-5e1f\x00x"},
        "WEBHOOK_HEADERS",
        "line 1",
    ),
    "a header name with an underscore": (
        {"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "X_Secret: s3cret-5e1f"},
        "WEBHOOK_HEADERS",
        "letters, digits and dashes",
    ),
    "a caller in gcloud's member form": (
        {**GOOGLE, "WEBHOOK_AUTH": "iam", "WEBHOOK_CALLERS": f"serviceAccount:{AGENT}"},
        "WEBHOOK_CALLERS",
        "no e-mail address",
    ),
    "a pattern for callers": (
        {**GOOGLE, "WEBHOOK_AUTH": "iam", "WEBHOOK_CALLERS": "*@gcp-sa-dialogflow.iam.gserviceaccount.com"},
        "WEBHOOK_CALLERS",
        "no e-mail address",
    ),
    "a deadline that is no number": ({"WEBHOOK_DEADLINE": "soon"}, "WEBHOOK_DEADLINE", "'soon'"),
    "a deadline that is NaN": ({"WEBHOOK_DEADLINE": "nan"}, "WEBHOOK_DEADLINE", "'nan'"),
    "a deadline over ten seconds": ({"WEBHOOK_DEADLINE": "10.5"}, "WEBHOOK_DEADLINE", "0.5 to 10"),
    "a deadline that is off on Google": ({**GOOGLE, "WEBHOOK_DEADLINE": "off"}, "WEBHOOK_DEADLINE", "debugger"),
    "a CX deadline that is off on Google": (
        {**GOOGLE, "WEBHOOK_CX_DEADLINE": "off"},
        "WEBHOOK_CX_DEADLINE",
        "debugger",
    ),
    "a CX deadline over thirty seconds": ({"WEBHOOK_CX_DEADLINE": "31"}, "WEBHOOK_CX_DEADLINE", "0.5 to 30"),
    "an unknown API version": ({"WEBHOOK_API_VERSION": "v3"}, "WEBHOOK_API_VERSION", "'v3'"),
    "a flag that is neither true nor false": ({"WEBHOOK_LOG_BODIES": "maybe"}, "WEBHOOK_LOG_BODIES", "'maybe'"),
    "no threads": ({"THREADS": "0"}, "THREADS", "'0'"),
}


@pytest.mark.parametrize(("environ", "variable", "wrong"), REFUSED.values(), ids=REFUSED.keys())
def test_the_start_is_refused_naming_the_variable_and_what_is_wrong(environ: Any, variable: str, wrong: Any) -> None:
    with pytest.raises(SetupError) as refusal:
        from_environment(environ)
    text = str(refusal.value)
    assert text.startswith(variable)
    assert wrong in text


@pytest.mark.parametrize(("environ", "variable", "wrong"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_start_repeats_no_secret(environ: Any, variable: str, wrong: Any) -> None:
    with pytest.raises(SetupError) as refusal:
        from_environment(environ)
    assert "s3cret-5e1f" not in str(refusal.value)


# --- Secrets that are none

LONG = "5e1f" * 12
WEAK = {
    "the README's header": ({"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": EXAMPLE_HEADER}, "is an example"),
    "the README's header in another name": (
        {"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": "Authorization: Bearer 3f9c..."},
        "is an example",
    ),
    "the README's password": ({"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": EXAMPLE_BASIC}, "is an example"),
    "a header of 15 characters": (
        {"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": f"X-A: {LONG}\nX-A: {LONG[:15]}"},
        "fewer than 16 characters",
    ),
    "a password of 15 characters": (
        {"WEBHOOK_AUTH": "basic", "WEBHOOK_BASIC": f"a-long-user-name:{LONG[:15]}"},
        "fewer than 16 characters",
    ),
}


@pytest.mark.parametrize(("environ", "wrong"), WEAK.values(), ids=WEAK.keys())
def test_on_google_a_secret_that_is_none_stops_the_start_and_at_home_it_may_be_tried(environ: Any, wrong: Any) -> None:
    with pytest.raises(SetupError) as refusal:
        from_environment({**GOOGLE, **environ})
    assert wrong in str(refusal.value)
    assert "openssl rand -hex 24" in str(refusal.value)
    assert LONG[:15] not in str(refusal.value)
    assert from_environment(environ).auth == (environ["WEBHOOK_AUTH"],)


def test_sixteen_characters_are_enough_on_google() -> None:
    environ = {"WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": f"X-A: {LONG[:16]}"}
    assert read(from_environment({**GOOGLE, **environ}), Header).headers == {"x-a": (LONG[:16],)}


@pytest.mark.parametrize(
    "name",
    ["Content-Type", "Host", "User-Agent", "Accept", "Content-Length", "Connection", "X-Forwarded-For", "traceparent"],
)
@pytest.mark.parametrize("where", [{}, GOOGLE], ids=["at home", "on Google"])
def test_a_header_that_every_call_carries_is_no_secret_anywhere(name: str, where: Any) -> None:
    with pytest.raises(SetupError, match="which every call carries"):
        from_environment({**where, "WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": f"{name}: {LONG}"})


@pytest.mark.parametrize("name", ["X-Webhook-Secret", "Authorization", "X-Api-Key", "X-Team", "Accepted-By"])
def test_other_headers_may_hold_a_secret(name: str) -> None:
    environ = {**GOOGLE, "WEBHOOK_AUTH": "header", "WEBHOOK_HEADERS": f"{name}: {LONG}"}
    assert read(from_environment(environ), Header).headers == {name.lower(): (LONG,)}


def test_secrets_that_nothing_reads_stop_no_start() -> None:
    assert from_environment({**GOOGLE, "WEBHOOK_HEADERS": EXAMPLE_HEADER}).auth == ()


def test_the_examples_of_the_pages_are_known() -> None:
    files = (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "deploy" / "settings.example.env")
    shown = "".join(file.read_text() for file in files)
    secrets = set(re.findall(r"X-Webhook-Secret: ([^\s'%`]+)", shown)) | set(re.findall(r"dialogflow:(\S+)", shown))
    assert secrets
    assert {secret for secret in secrets if "is an example" not in weakness(secret)} == set()


@pytest.mark.parametrize(
    "settings",
    [
        {"auth": ("bogus",)},
        {"auth": ("none", "basic"), "access": (Basic(("u:p",)),)},
        {"auth": ("basic",)},
        {"auth": ("header",), "access": (Header({"x-a": ()}),)},
        {"auth": ("mtls",), "access": (ClientCertificate(()),)},
        {"auth": ("header",), "access": (Header({"x-a": ("b",)}), Basic(("u:p",)))},
    ],
    ids=["unknown", "none with another", "no password", "no value", "no name", "idle"],
)
def test_settings_made_by_hand_are_refused_too(settings: Any) -> None:
    with pytest.raises(SetupError):
        Settings(**settings)


@pytest.mark.parametrize("auth", ["", "none"])
def test_secrets_may_stand_ready_while_no_mechanism_is_chosen(auth: Any) -> None:
    environ = {"WEBHOOK_AUTH": auth, "WEBHOOK_HEADERS": "X-A: b", "WEBHOOK_BASIC": "u:p", "WEBHOOK_CALLERS": AGENT}
    assert from_environment(environ).auth == ("none",)


# --- The rest


def test_everything_has_a_default() -> None:
    settings = from_environment({})
    assert (settings.deadline, settings.cx_deadline, settings.api_version) == (4.5, 4.5, "v2")
    assert (settings.log_bodies, settings.assistant, settings.threads) == (False, False, 80)


def test_values_are_read() -> None:
    settings = from_environment(
        {
            "WEBHOOK_DEADLINE": "3",
            "WEBHOOK_CX_DEADLINE": "25.5",
            "WEBHOOK_API_VERSION": "V2beta1",
            "WEBHOOK_LOG_BODIES": "yes",
            "WEBHOOK_ASSISTANT": "1",
            "THREADS": "8",
            "GOOGLE_CLOUD_PROJECT": "shop",
        }
    )
    assert (settings.deadline, settings.cx_deadline, settings.api_version) == (3.0, 25.5, "v2beta1")
    assert (settings.log_bodies, settings.assistant, settings.threads, settings.project) == (True, True, 8, "shop")


def test_limits_are_strict_off_google_only() -> None:
    assert from_environment({}).strict
    assert not from_environment(GOOGLE).strict


# --- Once, threads and time


def test_what_is_kept_of_a_turn_is_a_setting() -> None:
    defaults = from_environment({})
    assert (defaults.once_keep, defaults.once_reply, defaults.once_outage) == (3600.0, "store", "refuse")
    settings = from_environment(
        {"WEBHOOK_ONCE_KEEP": "600", "WEBHOOK_ONCE_REPLY": "hash", "WEBHOOK_ONCE_OUTAGE": "RUN"}
    )
    assert (settings.once_keep, settings.once_reply, settings.once_outage) == (600.0, "hash", "run")


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("WEBHOOK_ONCE_KEEP", "5", "not a number of seconds from 10 to"),
        ("WEBHOOK_ONCE_REPLY", "both", "neither store nor hash"),
        ("WEBHOOK_ONCE_OUTAGE", "yes", "neither refuse nor run"),
        ("WEBHOOK_CONCURRENCY", "0", "not a whole number of at least 1"),
    ],
)
def test_what_is_kept_of_a_turn_is_checked(name: str, value: Any, wrong: Any) -> None:
    with pytest.raises(SetupError, match=f"{name}.*{wrong}"):
        from_environment({name: value})


def test_more_calls_at_once_than_threads_stop_the_start() -> None:
    assert from_environment({"THREADS": "80", "WEBHOOK_CONCURRENCY": "80"}).concurrency == 80
    with pytest.raises(SetupError, match="THREADS is 40, and WEBHOOK_CONCURRENCY says that 80 calls"):
        from_environment({"THREADS": "40", "WEBHOOK_CONCURRENCY": "80"})


def test_a_platform_that_ends_calls_before_their_deadline_stops_the_start() -> None:
    assert from_environment({"CLOUD_RUN_TIMEOUT_SECONDS": "60"}).platform_timeout == 60
    with pytest.raises(SetupError, match=r"after 4 s .*may take 4\.5 s"):
        from_environment({"CLOUD_RUN_TIMEOUT_SECONDS": "4"})
    with pytest.raises(SetupError, match=r"may take 9\.5 s"):
        from_environment({"CLOUD_RUN_TIMEOUT_SECONDS": "9", "WEBHOOK_ASSISTANT": "true"})
