"""A later run changes only what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench import NUMBER, PROJECT, Bench
from deployments import Deployment, deployment

FUNCTION = f"projects/{PROJECT}/locations/europe-west1/functions/dialogflow-webhook"


@pytest.fixture
def deployed(bench: Bench, first: Deployment) -> Bench:
    """The bench after the first run, with the settings of that run."""
    bench.cloud.restore(first.world)
    return bench


def test_the_same_settings_change_nothing(deployed: Bench, first: Deployment) -> None:
    second = deployment(deployed, "./deploy/deploy.sh")
    assert second.ran.code == 0, second.ran.text
    assert second.changes() == []
    assert second.world["things"] == first.world["things"]
    assert second.world["policies"] == first.world["policies"]
    assert "done:" not in second.ran.out
    assert len(second.calls) <= 19, "\n".join(second.calls)


def test_a_changed_setting_is_all_that_is_deployed(deployed: Bench) -> None:
    ran = deployed.run("./deploy/function.sh", MEMORY="1Gi", FUNCTION_ENV="GREETING=Hi")
    assert ran.code == 0, ran.text
    assert "availableMemory: 512Mi, wanted 1Gi, variable GREETING, variable WEATHER_API_URL" in ran.out
    (patch,) = deployed.cloud.asked("PATCH", "/functions/")
    assert patch.body["serviceConfig"]["availableMemory"] == "1Gi"
    variables = deployed.cloud.things[FUNCTION]["serviceConfig"]["environmentVariables"]
    assert set(variables) == {
        *("WEBHOOK_AUTH", "WEBHOOK_CALLERS", "WEBHOOK_CONCURRENCY", "THREADS", "GOOGLE_CLOUD_PROJECT", "GREETING")
    }


@pytest.mark.long
def test_changed_source_is_deployed(deployed: Bench) -> None:
    main = deployed.tree / "main.py"
    before = main.read_text()
    try:
        main.write_text(before + "# changed\n")
        ran = deployed.run("./deploy/function.sh")
    finally:
        main.write_text(before)
    assert ran.code == 0, ran.text
    assert "done: dialogflow-webhook (source)" in ran.out


@pytest.mark.long
def test_a_deployment_sends_calls_to_the_newest_revision_again(deployed: Bench) -> None:
    service = deployed.cloud.things[f"projects/{PROJECT}/locations/europe-west1/services/dialogflow-webhook"]
    service["spec"]["traffic"] = [{"percent": 100, "revisionName": "dialogflow-webhook-00001-abc"}]
    ran = deployed.run("./deploy/function.sh")
    assert ran.code == 0, ran.text
    assert "done: traffic to the newest revision" in ran.out


def test_a_lost_invoker_right_is_granted_again(deployed: Bench) -> None:
    service = f"projects/{PROJECT}/locations/europe-west1/services/dialogflow-webhook"
    deployed.cloud.policies.pop(service)
    ran = deployed.run("./deploy/grant-invoker.sh")
    assert ran.code == 0, ran.text
    assert deployed.cloud.policies[service]["bindings"][0]["role"] == "roles/run.invoker"


def test_a_changed_password_file_is_left_to_rotation(deployed: Bench, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.write_text("X-Webhook-Secret: the-second-one-of-all\n")
    ran = deployed.run("./deploy/secrets.sh", WEBHOOK_HEADERS_FILE=str(new))
    assert ran.code == 1
    assert "./deploy/rotate-secret.sh" in ran.err
    assert deployed.cloud.changes() == []


def test_flexible_paths_become_audiences(deployed: Bench) -> None:
    deployed.handlers("check_order", paths=("/stock", "/prices"))
    ran = deployed.run("./deploy/function.sh")
    assert ran.code == 0, ran.text
    service = deployed.cloud.things[f"projects/{PROJECT}/locations/europe-west1/services/dialogflow-webhook"]
    url = f"https://dialogflow-webhook-{NUMBER}.europe-west1.run.app"
    audiences = service["metadata"]["annotations"]["run.googleapis.com/custom-audiences"]
    assert json.loads(audiences) == [f"{url}/prices", f"{url}/stock"]


def test_alerts_follow_their_files(deployed: Bench) -> None:
    ran = deployed.run("./deploy/alerts.sh", MAX_INSTANCES="20")
    assert ran.code == 0, ran.text
    assert "done: alert instances;" in ran.out
    assert len(deployed.cloud.below(f"projects/{PROJECT}/alertPolicies")) == 5
