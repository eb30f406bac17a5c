"""The first run of deploy.sh on an empty project: what it makes, and with which rights."""

from __future__ import annotations

import json

from bench import AGENT_PROJECT, NUMBER, PROJECT, Bench
from deployments import Deployment

ACCOUNT = f"dialogflow-webhook@{PROJECT}.iam.gserviceaccount.com"
AGENT_ACCOUNT = f"service-{NUMBER}@gcp-sa-dialogflow.iam.gserviceaccount.com"
FUNCTION = f"projects/{PROJECT}/locations/europe-west1/functions/dialogflow-webhook"
SERVICE = f"projects/{PROJECT}/locations/europe-west1/services/dialogflow-webhook"
URL = f"https://dialogflow-webhook-{NUMBER}.europe-west1.run.app"


def bindings(world: dict, resource: str) -> dict[str, list[str]]:
    return {b["role"]: b["members"] for b in world["policies"].get(resource, {}).get("bindings", [])}


def test_it_succeeds_and_tells_one_line_a_step(bench: Bench, first: Deployment) -> None:
    assert first.ran.code == 0, first.ran.text
    steps = [line for line in first.ran.out.splitlines() if line[1:3] == "/9"]
    assert [line[4:21].strip() for line in steps] == [
        "APIs", "runtime account", "Firestore", "secrets", "function", "service identity", "invoker", "fulfillment",
        "alerts",
    ]  # fmt: skip
    assert "already there" not in first.ran.out.replace("already there: weather-api-key", "")


def test_the_project_has_the_apis_and_no_others_are_asked_for(bench: Bench, first: Deployment) -> None:
    (enabled,) = first.sent("POST", "batchEnable")
    assert "dialogflow.googleapis.com" in enabled.body["serviceIds"]
    assert len(enabled.body["serviceIds"]) <= 20, "Google's limit for one call"


def test_the_function_is_what_the_settings_say(bench: Bench, first: Deployment) -> None:
    (create,) = first.sent("POST", "/functions$")
    config = create.body["serviceConfig"]
    assert create.query["functionId"] == ["dialogflow-webhook"]
    assert create.body["buildConfig"]["runtime"] == "python313"
    assert create.body["buildConfig"]["entryPoint"] == "dialogflow_webhook"
    assert config["minInstanceCount"] == 1
    assert config["maxInstanceCount"] == 10
    assert config["maxInstanceRequestConcurrency"] == 80
    assert (config["availableCpu"], config["availableMemory"]) == ("1", "512Mi")
    assert config["timeoutSeconds"] == 30
    assert config["ingressSettings"] == "ALLOW_ALL"
    assert config["serviceAccountEmail"] == ACCOUNT
    assert config["environmentVariables"] == {
        "WEBHOOK_AUTH": "iam,header",
        "WEBHOOK_CALLERS": AGENT_ACCOUNT,
        "THREADS": "80",
        "WEBHOOK_CONCURRENCY": "80",
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "WEATHER_API_URL": "https://weather.example/v1",
        "GREETING": "Hello",
    }


def test_secrets_are_pinned_by_number(bench: Bench, first: Deployment) -> None:
    (create,) = first.sent("POST", "/functions$")
    pinned = {s["key"]: (s["secret"], s["version"]) for s in create.body["serviceConfig"]["secretEnvironmentVariables"]}
    assert pinned == {
        "WEBHOOK_HEADERS": ("dialogflow-webhook-headers", "1"),
        "WEATHER_API_KEY": ("weather-api-key", "2"),
    }


def test_startup_cpu_boost_is_on(bench: Bench, first: Deployment) -> None:
    template = first.world["things"][SERVICE]["spec"]["template"]
    assert template["metadata"]["annotations"]["run.googleapis.com/startup-cpu-boost"].lower() == "true"


def test_the_runtime_account_has_two_rights_and_no_more(bench: Bench, first: Deployment) -> None:
    held = {
        (resource, role)
        for resource, policy in first.world["policies"].items()
        for role, members in ((b["role"], b["members"]) for b in policy["bindings"])
        if f"serviceAccount:{ACCOUNT}" in members
    }
    assert held == {
        (f"projects/{PROJECT}", "roles/datastore.user"),
        (f"projects/{PROJECT}/secrets/dialogflow-webhook-headers", "roles/secretmanager.secretAccessor"),
        (f"projects/{PROJECT}/secrets/weather-api-key", "roles/secretmanager.secretAccessor"),
    }


def test_only_the_agents_account_may_call(bench: Bench, first: Deployment) -> None:
    assert bindings(first.world, SERVICE) == {"roles/run.invoker": [f"serviceAccount:{AGENT_ACCOUNT}"]}


def test_nobody_gets_owner_or_editor_and_nothing_is_public(bench: Bench, first: Deployment) -> None:
    everything = json.dumps(first.world["policies"])
    assert "allUsers" not in everything
    assert "allAuthenticatedUsers" not in everything
    assert "roles/owner" not in everything
    assert "roles/editor" not in everything
    assert "compute@developer" not in everything


def test_firestore_stands_near_the_function_with_its_ttl_policy(bench: Bench, first: Deployment) -> None:
    database = first.world["things"][f"projects/{PROJECT}/databases/(default)"]
    assert (database["type"], database["locationId"]) == ("FIRESTORE_NATIVE", "eur3")
    field = f"projects/{PROJECT}/databases/(default)/collectionGroups/fulfillment_once/fields/expire_at"
    assert first.world["things"][field]["ttlConfig"]


def test_the_agent_sends_the_same_secret_that_the_function_expects(bench: Bench, first: Deployment) -> None:
    fulfillment = first.world["things"][f"projects/{PROJECT}/agent/fulfillment"]
    assert fulfillment["enabled"] is True
    assert fulfillment["genericWebService"] == {
        "uri": URL,
        "requestHeaders": {"X-Webhook-Secret": "first-secret-of-all"},
    }


def test_intents_with_a_handler_call_the_webhook(bench: Bench, first: Deployment) -> None:
    intents = {
        thing["displayName"]: thing.get("webhookState")
        for name, thing in first.world["things"].items()
        if name.startswith(f"projects/{PROJECT}/agent/intents/")
    }
    assert intents.pop("book_table") == "WEBHOOK_STATE_ENABLED_FOR_SLOT_FILLING"
    assert set(intents.values()) == {"WEBHOOK_STATE_ENABLED"}
    assert "Default Fallback Intent" in intents


def test_no_secret_is_printed_or_handed_over_as_an_argument(bench: Bench, first: Deployment) -> None:
    assert "first-secret-of-all" not in first.ran.text
    assert "first-secret-of-all" not in "\n".join(first.calls)
    assert "ya29" not in first.ran.text


def test_the_number_of_calls_stays_what_it_is(bench: Bench, first: Deployment) -> None:
    assert len(first.calls) <= 35, "\n".join(first.calls)


def test_nothing_but_google_was_asked(bench: Bench, first: Deployment) -> None:
    hosts = {seen.host for seen in first.seen}
    assert all(host.endswith(".googleapis.com") for host in hosts), hosts
    assert AGENT_PROJECT not in json.dumps([seen.path for seen in first.seen])
