"""What only CX agents send, and client certificates: function, ES agent and CX agent get what each mechanism needs."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import pytest
from bench import PROJECT, Bench, Ran
from standin.dialogflow_cx import agent_name
from test_auth_modes import FUNCTION, SERVICE, public
from test_auth_modes import ready as ready

from fulfillment.settings import from_environment

AGENT = "a0000000-0000-4000-8000-000000000001"
CLIENT_SECRET = f"projects/{PROJECT}/secrets/oauth-client/versions/1"
HEADER = "first-secret-of-all"
OAUTH = {
    "WEBHOOK_OAUTH_ISSUER": "https://login.example/",
    "WEBHOOK_OAUTH_KEYS": "https://login.example/jwks.json",
    "WEBHOOK_OAUTH_AUDIENCE": "https://shop.example,second",
    "WEBHOOK_OAUTH_CLIENTS": "dialogflow-agent",
}
OF_AN_OAUTH_AGENT = (
    "--oauth-client", "dialogflow-agent", "--oauth-token-endpoint", "https://login.example/token",
    "--oauth-secret-version", CLIENT_SECRET,
)  # fmt: skip


@dataclass
class World:
    """A function that is deployed anew for every test, an ES agent and a CX agent."""

    bench: Bench
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, script: str, *arguments: str) -> Ran:
        ran = self.bench.run(f"./deploy/{script}.sh", *arguments, **self.settings)
        assert ran.code == 0, ran.text
        return ran

    def function(self) -> dict[str, Any]:
        """Deploy the function, and hold what it got against its own rules."""
        self.run("function")
        config: dict[str, Any] = self.bench.cloud.things[FUNCTION]["serviceConfig"]
        secrets = {secret["key"]: f"X-Webhook-Secret: {HEADER}" for secret in config["secretEnvironmentVariables"]}
        from_environment({"K_SERVICE": "f", **config["environmentVariables"], **secrets})
        return config

    def es(self) -> dict[str, Any]:
        self.run("link")
        service: dict[str, Any] = self.bench.cloud.things[f"projects/{PROJECT}/agent/fulfillment"]["genericWebService"]
        return service

    def cx(self, *options: str) -> dict[str, Any]:
        self.run("cx-webhook", "--agent", AGENT, *options)
        (webhook,) = self.bench.cloud.below(agent_name(PROJECT, "global", AGENT) + "/webhooks")
        service: dict[str, Any] = webhook["genericWebService"]
        return service


@pytest.fixture
def world(ready: Bench) -> World:
    name = agent_name(PROJECT, "global", AGENT)
    ready.cloud.things[name] = {"name": name}
    return World(ready, {"ALLOW_PUBLIC": "yes"})


def test_an_access_token_with_a_header(world: World) -> None:
    world.settings |= {"WEBHOOK_AUTH": "access-token,header"}
    config = world.function()
    assert config["environmentVariables"]["WEBHOOK_AUTH"] == "access-token,header"
    assert "WEBHOOK_CALLERS" not in config["environmentVariables"]
    assert [secret["key"] for secret in config["secretEnvironmentVariables"]] == ["WEBHOOK_HEADERS"]
    assert config["ingressSettings"] == "ALLOW_ALL"
    assert public(world.bench)
    assert world.es()["requestHeaders"] == {"X-Webhook-Secret": HEADER}
    service = world.cx()
    assert service["serviceAgentAuth"] == "ACCESS_TOKEN"
    assert service["requestHeaders"] == {"X-Webhook-Secret": HEADER}


def test_a_third_partys_oauth(world: World) -> None:
    variables = "^|^" + "|".join(f"{name}={value}" for name, value in OAUTH.items())
    world.settings |= {"WEBHOOK_AUTH": "oauth,header", "FUNCTION_ENV": variables}
    assert "look: oauth: only a CX agent" in world.run("secrets").err
    config = world.function()
    assert OAUTH.items() <= config["environmentVariables"].items()
    assert public(world.bench)
    assert world.es()["requestHeaders"] == {"X-Webhook-Secret": HEADER}
    service = world.cx(*OF_AN_OAUTH_AGENT)
    assert service["serviceAgentAuth"] == "NONE"
    assert service["oauthConfig"] == {
        "clientId": "dialogflow-agent",
        "secretVersionForClientSecret": CLIENT_SECRET,
        "tokenEndpoint": "https://login.example/token",
    }


def test_an_agent_without_the_providers_token_is_refused_before_any_call(world: World) -> None:
    variables = "^|^" + "|".join(f"{name}={value}" for name, value in OAUTH.items())
    settings = world.settings | {"WEBHOOK_AUTH": "oauth", "FUNCTION_ENV": variables}
    before = len(world.bench.cloud.seen)
    ran = world.bench.run("./deploy/cx-webhook.sh", "--agent", AGENT, **settings)
    assert ran.code == 2
    assert "Add --oauth-client ID" in ran.err
    assert len(world.bench.cloud.seen) == before


def test_client_certificates_with_a_header(world: World) -> None:
    world.settings |= {"WEBHOOK_AUTH": "mtls,header"}
    told = world.run("secrets").err
    assert "look: mtls needs a load balancer of yours" in told
    assert "custom-audiences" not in told
    config = world.function()
    assert config["ingressSettings"] == "ALLOW_INTERNAL_AND_GCLB"
    assert public(world.bench)  # the balancer brings no token; the ingress keeps all others out
    assert world.es()["requestHeaders"] == {"X-Webhook-Secret": HEADER}
    service = world.cx("--url", "https://shop.example/webhook")
    assert (service["uri"], service["serviceAgentAuth"]) == ("https://shop.example/webhook", "NONE")


@pytest.mark.long
def test_client_certificates_behind_iam_stay_closed_to_others(world: World) -> None:
    world.settings = {"WEBHOOK_AUTH": "iam,mtls,header"}
    assert "--add-custom-audiences=https://YOUR-BALANCER" in world.run("secrets").err
    config = world.function()
    assert config["ingressSettings"] == "ALLOW_INTERNAL_AND_GCLB"
    assert SERVICE in world.bench.cloud.things
    assert not public(world.bench)
    assert world.cx("--url", "https://shop.example/webhook")["serviceAgentAuth"] == "ID_TOKEN"


@pytest.mark.parametrize("text", ["Authorization: Bearer 0123456789abcdef", "X-Team: short"])
def test_an_existing_secret_that_the_function_refuses_reaches_no_agent(world: World, text: str) -> None:
    name = f"projects/{PROJECT}/secrets/team-header"
    data = base64.b64encode(text.encode()).decode()
    world.bench.cloud.things |= {
        name: {"name": name},
        f"{name}/versions/1": {"name": f"{name}/versions/1", "state": "ENABLED", "payload": {"data": data}},
    }
    settings = {"WEBHOOK_AUTH": "iam,header", "WEBHOOK_HEADERS_FILE": "team-header", "URL": "https://shop.example"}
    ran = world.bench.run("./deploy/link.sh", **settings)
    assert ran.code == 1
    assert "the function refuses these secrets: WEBHOOK_HEADERS" in ran.err
    assert "0123456789abcdef" not in ran.text + "".join(world.bench.calls())
    assert not world.bench.cloud.asked("PATCH", "/agent/fulfillment")
