"""Each mechanism: both sides get what it needs, and the function is public only where it must be and was said to be."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from bench import NUMBER, PROJECT, Bench
from deployments import Deployment

SERVICE = f"projects/{PROJECT}/locations/europe-west1/services/dialogflow-webhook"
FUNCTION = f"projects/{PROJECT}/locations/europe-west1/functions/dialogflow-webhook"
CALLER = f"service-{NUMBER}@gcp-sa-dialogflow.iam.gserviceaccount.com"


@pytest.fixture
def ready(bench: Bench, first: Deployment) -> Bench:
    """What comes before the function is there, the function is not; only what an auth mode changes is run."""
    bench.cloud.restore(first.world)
    del bench.cloud.things[FUNCTION]
    del bench.cloud.things[SERVICE]
    bench.cloud.policies.pop(SERVICE)
    bench.cloud.things[f"projects/{PROJECT}/agent/fulfillment"] = {"name": f"projects/{PROJECT}/agent/fulfillment"}
    bench.settings |= {"FUNCTION_SECRETS": "", "FUNCTION_ENV": ""}
    return bench


def deployed(bench: Bench, **settings: str) -> tuple[dict, dict, str]:
    """The function's environment, the agent's web service, what was printed."""
    shown = ""
    for script in ("function", "link"):
        ran = bench.run(f"./deploy/{script}.sh", **settings)
        assert ran.code == 0, ran.text
        shown += ran.text
    service = bench.cloud.things[f"projects/{PROJECT}/agent/fulfillment"]["genericWebService"]
    return bench.cloud.things[FUNCTION]["serviceConfig"], service, shown


def public(bench: Bench) -> bool:
    return "allUsers" in str(bench.cloud.policies.get(SERVICE))


def test_iam_sends_no_credential_of_its_own(ready: Bench) -> None:
    config, service, shown = deployed(ready, WEBHOOK_AUTH="iam", WEBHOOK_HEADERS_FILE="")
    variables = config["environmentVariables"]
    assert (variables["WEBHOOK_AUTH"], variables["WEBHOOK_CALLERS"]) == ("iam", CALLER)
    assert "secretEnvironmentVariables" not in config
    assert set(service) == {"uri"}
    assert not public(ready)
    assert "Webhook       ENABLED" in shown


def test_basic_gives_the_agent_the_first_user_and_password(ready: Bench, tmp_path: Path) -> None:
    file = tmp_path / "basic"
    file.write_text("dialogflow:pass:word-1-5e1f5e1f\nold:password-0-5e1f5e1f\n")
    config, service, shown = deployed(ready, WEBHOOK_AUTH="basic", ALLOW_PUBLIC="yes", WEBHOOK_BASIC_FILE=str(file))
    assert config["secretEnvironmentVariables"][0]["key"] == "WEBHOOK_BASIC"
    assert "WEBHOOK_CALLERS" not in config["environmentVariables"]
    assert (service["username"], service["password"]) == ("dialogflow", "pass:word-1-5e1f5e1f")
    assert public(ready)
    assert "pass" + ":word" not in shown
    assert "dialogflow / (a password)" in shown


@pytest.mark.long
def test_id_token_names_the_callers(ready: Bench) -> None:
    config, service, _ = deployed(ready, WEBHOOK_AUTH="id-token", ALLOW_PUBLIC="yes", WEBHOOK_HEADERS_FILE="")
    assert config["environmentVariables"]["WEBHOOK_CALLERS"] == CALLER
    assert set(service) == {"uri"}
    assert public(ready)


def test_a_header_from_standard_input(ready: Bench) -> None:
    ready.cloud.things = {n: t for n, t in ready.cloud.things.items() if "dialogflow-webhook-headers" not in n}
    settings = {"WEBHOOK_AUTH": "iam,header", "WEBHOOK_HEADERS_FILE": "-"}
    ran = ready.run("./deploy/secrets.sh", stdin="X-Key: from-stdin-5e1f5e1f\n", **settings)
    assert ran.code == 0, ran.text
    kept = ready.cloud.things[f"projects/{PROJECT}/secrets/dialogflow-webhook-headers/versions/1"]["payload"]["data"]
    assert base64.b64decode(kept).strip() == b"X-Key: from-stdin-5e1f5e1f"
    assert "from-stdin" not in ran.text + "".join(ready.calls())


@pytest.mark.long
def test_an_existing_secret_is_used_and_never_written(ready: Bench) -> None:
    name = f"projects/{PROJECT}/secrets/team-header"
    ready.cloud.things[name] = {"name": name}
    data = base64.b64encode(b"X-Team: s3cret-of-the-whole-team\n").decode()
    ready.cloud.things[f"{name}/versions/7"] = {
        "name": f"{name}/versions/7",
        "state": "ENABLED",
        "payload": {"data": data},
    }
    config, service, _ = deployed(ready, WEBHOOK_AUTH="iam,header", WEBHOOK_HEADERS_FILE="team-header")
    assert config["secretEnvironmentVariables"][0]["version"] == "7"
    assert service["requestHeaders"] == {"X-Team": "s3cret-of-the-whole-team"}
    assert not ready.cloud.asked("POST", "team-header:addVersion")


@pytest.mark.long
def test_a_function_that_was_public_is_closed_by_iam(ready: Bench) -> None:
    deployed(ready, WEBHOOK_AUTH="id-token", ALLOW_PUBLIC="yes", WEBHOOK_HEADERS_FILE="")
    assert public(ready)
    deployed(ready, WEBHOOK_AUTH="iam", WEBHOOK_HEADERS_FILE="")
    assert not public(ready)


@pytest.mark.long
def test_where_public_functions_are_forbidden_the_way_out_is_told(ready: Bench) -> None:
    ready.cloud.knobs["public_forbidden"] = True
    ready.cloud.apis[PROJECT].add("orgpolicy.googleapis.com")
    settings = {"WEBHOOK_AUTH": "id-token", "ALLOW_PUBLIC": "yes", "WEBHOOK_HEADERS_FILE": ""}
    ran = ready.run("./deploy/function.sh", **settings)
    doctor = ready.run("./deploy/doctor.sh", **settings)
    assert "WEBHOOK_AUTH=iam,header" in ran.err + doctor.out
    assert "your organisation forbids it" in doctor.out
