"""A webhook resource in a Dialogflow CX agent of any region, checked against the v3 discovery document."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from bench import PROJECT, Bench
from deployments import Deployment
from standin.dialogflow_cx import agent_name

AGENT = "a0000000-0000-4000-8000-000000000001"
URL = "https://shop.example"
VERSION = f"projects/{PROJECT}/secrets/webhook/versions/3"
ROUTE = {
    "kind": "route",
    "name": "/stock",
    "webhooks": [
        {
            "webhookType": "FLEXIBLE",
            "httpMethod": "GET",
            "uri": "/stock?product=$session.params.product",
            "requestBody": "",
            "parameterMapping": {"stock": "$.stock"},
        }
    ],
}


@pytest.fixture(params=["global", "europe-west3"])
def location(request: pytest.FixtureRequest) -> str:
    place: str = request.param
    return place


@pytest.fixture
def cx(bench: Bench, first: Deployment) -> Bench:
    bench.cloud.restore(first.world)
    for place in ("global", "europe-west3"):
        name = agent_name(PROJECT, place, AGENT)
        bench.cloud.things[name] = {"name": name}
        environment = f"{name}/environments/prod"
        bench.cloud.things[environment] = {"name": environment, "displayName": "prod"}
    handlers = bench.tree / "handlers" / "__main__.py"
    handlers.write_text(f"import json\nprint(json.dumps({{'routes': [{ROUTE!r}]}}))\n")
    bench.settings |= {"TOKEN": "ya29.stand-in"}  # a token in the environment spares the call of gcloud
    return bench


@pytest.fixture
def with_iam(cx: Bench) -> Bench:
    """Without secrets of its own, so that nothing is read from Secret Manager."""
    del cx.settings["WEBHOOK_HEADERS_FILE"]
    cx.settings["WEBHOOK_AUTH"] = "iam"
    return cx


def webhooks(bench: Bench, location: str = "global") -> list[dict[str, object]]:
    return bench.cloud.below(agent_name(PROJECT, location, AGENT) + "/webhooks")


def make(bench: Bench, *more: str, location: str = "global", url: str = URL) -> str:
    where = ("--location", location, *(("--url", url) if url else ()))
    ran = bench.run("./deploy/cx-webhook.sh", "--agent", AGENT, *where, *more)
    assert ran.code == 0, ran.text
    return ran.out


def test_the_standard_webhook_gets_the_functions_url_and_its_secret(cx: Bench) -> None:
    assert "done: webhook Shop" in (out := make(cx, url=""))
    assert "first-secret" not in out
    assert not [line for line in cx.calls() if "first-secret" in line]
    (webhook,) = webhooks(cx)
    service = webhook["genericWebService"]
    assert isinstance(service, dict)
    assert (webhook["displayName"], webhook["timeout"]) == ("Shop", "5s")
    assert (service["webhookType"], service["serviceAgentAuth"]) == ("STANDARD", "ID_TOKEN")
    assert service["uri"].startswith("https://dialogflow-webhook")
    assert service["requestHeaders"] == {"X-Webhook-Secret": "first-secret-of-all"}


def test_it_is_made_in_the_agents_region(with_iam: Bench, location: str) -> None:
    make(with_iam, location=location)
    assert len(webhooks(with_iam, location)) == 1


def test_a_second_run_changes_nothing(with_iam: Bench) -> None:
    make(with_iam)
    with_iam.forget()
    assert "already there: webhook Shop" in make(with_iam)
    assert with_iam.cloud.changes() == []


def test_what_differs_is_changed_in_place(with_iam: Bench) -> None:
    make(with_iam)
    make(with_iam, "--timeout", "20")
    (webhook,) = webhooks(with_iam)
    assert webhook["timeout"] == "20s"


def test_a_flexible_webhook_has_what_its_route_prints(with_iam: Bench) -> None:
    make(with_iam, "--route", "/stock")
    (webhook,) = webhooks(with_iam)
    service = webhook["genericWebService"]
    assert isinstance(service, dict)
    assert webhook["displayName"] == "/stock"
    assert (service["webhookType"], service["httpMethod"]) == ("FLEXIBLE", "GET")
    assert service["uri"].endswith("/stock?product=$session.params.product")
    assert service["parameterMapping"] == {"stock": "$.stock"}
    assert "requestBody" not in service


def test_a_route_that_nobody_handles_is_told(with_iam: Bench) -> None:
    ran = with_iam.run("./deploy/cx-webhook.sh", "--agent", AGENT, "--route", "/stocks")
    assert ran.code == 1
    assert "There are: /stock" in ran.text
    assert webhooks(with_iam) == []


@pytest.mark.parametrize(
    ("word", "sent"), [("id-token", "ID_TOKEN"), ("access-token", "ACCESS_TOKEN"), ("none", "NONE")]
)
def test_each_token_of_the_service_agent_can_be_chosen(with_iam: Bench, word: str, sent: str) -> None:
    make(with_iam, "--service-agent-auth", word)
    (webhook,) = webhooks(with_iam)
    assert webhook["genericWebService"]["serviceAgentAuth"] == sent


@pytest.mark.long
def test_secrets_can_stay_in_secret_manager(cx: Bench) -> None:
    make(cx, "--password-version", VERSION, "--header-version", f"x-webhook-secret={VERSION}")
    (webhook,) = webhooks(cx)
    service = webhook["genericWebService"]
    assert isinstance(service, dict)
    assert service["secretVersionForUsernamePassword"] == VERSION
    assert service["secretVersionsForRequestHeaders"] == {"x-webhook-secret": {"secretVersion": VERSION}}
    assert "requestHeaders" not in service
    assert "first-secret" not in json.dumps(webhook)


OAUTH = ("--oauth-client", "c", "--oauth-token-endpoint", "https://l/t", "--oauth-secret-version", VERSION)


def test_a_third_partys_oauth_can_be_set(with_iam: Bench) -> None:
    make(with_iam, *OAUTH, "--oauth-scope", "call", "--service-agent-auth", "none")
    (webhook,) = webhooks(with_iam)
    assert webhook["genericWebService"]["oauthConfig"] == {
        "clientId": "c",
        "secretVersionForClientSecret": VERSION,
        "tokenEndpoint": "https://l/t",
        "scopes": ["call"],
    }


@pytest.mark.parametrize("pem", [True, False])
def test_a_certificate_of_ones_own_goes_as_der(with_iam: Bench, tmp_path: Path, pem: bool) -> None:
    der = b"\x30\x03\x02\x01\x05" * 20
    text = base64.encodebytes(der)
    file = tmp_path / "ca"
    file.write_bytes(b"-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n" if pem else der)
    make(with_iam, "--ca", str(file))
    (webhook,) = webhooks(with_iam)
    assert webhook["genericWebService"]["allowedCaCerts"] == [base64.b64encode(der).decode()]


def test_a_private_service_is_reached_through_service_directory(with_iam: Bench) -> None:
    service = f"projects/{PROJECT}/locations/europe-west3/namespaces/n/services/s"
    make(with_iam, "--service-directory", service, "--url", "https://shop.internal/webhook")
    (webhook,) = webhooks(with_iam)
    directory = webhook["serviceDirectory"]
    assert isinstance(directory, dict)
    assert directory["service"] == service
    assert directory["genericWebService"]["uri"] == "https://shop.internal/webhook"
    assert "genericWebService" not in webhook


def test_an_environment_has_a_url_and_credentials_of_its_own(with_iam: Bench) -> None:
    make(with_iam)
    (webhook,) = webhooks(with_iam)
    environment = with_iam.cloud.things[agent_name(PROJECT, "global", AGENT) + "/environments/prod"]
    other = {"name": "other", "displayName": "Other", "genericWebService": {"uri": "https://other"}}
    environment["webhookConfig"] = {"webhookOverrides": [other]}
    make(with_iam, "--environment", "prod", "--url", "https://prod.example", "--service-agent-auth", "access-token")
    kept, made = environment["webhookConfig"]["webhookOverrides"]
    assert kept == other
    assert (made["name"], made["genericWebService"]["uri"]) == (webhook["name"], "https://prod.example")
    assert made["genericWebService"]["serviceAgentAuth"] == "ACCESS_TOKEN"
    with_iam.forget()
    again = make(
        with_iam, "--environment", "prod", "--url", "https://prod.example", "--service-agent-auth", "access-token"
    )
    assert "already there" in again
    assert with_iam.cloud.changes() == []


def test_an_environment_needs_the_webhook_first(with_iam: Bench) -> None:
    ran = with_iam.run("./deploy/cx-webhook.sh", "--agent", AGENT, "--environment", "prod")
    assert ran.code == 1
    assert "without --environment first" in ran.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--timeout", "31"), "1 to 30 seconds"),
        (("--password-version", "webhook:3"), "no secret version"),
        (("--header-version", VERSION), "NAME=VERSION"),
        (OAUTH[:2], "together"),
        (OAUTH, "--service-agent-auth none"),
        (("--service-directory", "shop"), "no service"),
        (("--ca", "/nowhere.pem"), "no such file"),
    ],
)
def test_options_that_cannot_work_are_refused_before_any_call(
    with_iam: Bench, options: tuple[str, ...], told: str
) -> None:
    ran = with_iam.run("./deploy/cx-webhook.sh", "--agent", AGENT, *options)
    assert ran.code == 2
    assert told in ran.err
    assert with_iam.cloud.seen == []


class TestSmoke:
    @pytest.mark.parametrize(
        ("result", "code", "told"),
        [
            ({"webhookStatuses": [{}]}, 0, "webhook      ok"),
            ({"webhookStatuses": [{}, {"code": 4, "message": "DEADLINE_EXCEEDED"}]}, 1, "likely cause"),
            ({}, 1, "./deploy/cx-webhook.sh"),
        ],
    )
    def test_it_talks_to_a_cx_agent_and_shows_webhook_statuses(
        self, with_iam: Bench, result: dict[str, object], code: int, told: str
    ) -> None:
        with_iam.cloud.knobs["detect_cx"] = result
        ran = with_iam.run("./deploy/smoke.sh", "hello", "--cx-agent", AGENT, "--cx-location", "europe-west3")
        assert ran.code == code, ran.text
        assert told in ran.out
        assert "Hello!" in ran.out
