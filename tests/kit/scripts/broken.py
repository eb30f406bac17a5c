"""Projects that are broken in one way each: what `doctor.sh` must name, and what mends it."""

from __future__ import annotations

import base64
from collections.abc import Callable

from bench import AGENT_NUMBER, NUMBER, PROJECT
from standin import Cloud, dialogflow

SERVICE = f"projects/{PROJECT}/locations/europe-west1/services/dialogflow-webhook"
FUNCTION = f"projects/{PROJECT}/locations/europe-west1/functions/dialogflow-webhook"
AGENT = f"projects/{PROJECT}/agent"
DATABASE = f"projects/{PROJECT}/databases/(default)"
SECRET = f"projects/{PROJECT}/secrets/dialogflow-webhook-headers"
ACCOUNT = f"serviceAccount:dialogflow-webhook@{PROJECT}.iam.gserviceaccount.com"
CALLER = f"serviceAccount:service-{NUMBER}@gcp-sa-dialogflow.iam.gserviceaccount.com"


def config(cloud: Cloud) -> dict:
    return cloud.things[FUNCTION]["serviceConfig"]


def web_service(cloud: Cloud) -> dict:
    return cloud.things[f"{AGENT}/fulfillment"]["genericWebService"]


def invokers(cloud: Cloud, *members: str) -> None:
    cloud.policies[SERVICE] = {
        "bindings": [{"role": "roles/run.invoker", "members": list(members)}],
        "etag": "BwXhqDVb6x0=",
    }


def on_project(cloud: Cloud, *roles: str) -> None:
    bindings = [{"role": role, "members": [ACCOUNT]} for role in roles]
    cloud.policies[f"projects/{PROJECT}"] = {"bindings": bindings, "etag": "BwXhqDVb6x0="}


def intent(cloud: Cloud, name: str) -> dict:
    return next(i for i in cloud.below(f"{AGENT}/intents") if i["displayName"] == name)


def calls(cloud: Cloud, *lines: tuple[int, str, float]) -> None:
    cloud.knobs["log_entries"] = [
        {
            "timestamp": "2026-11-20T10:00:00Z",
            "insertId": str(n),
            "logName": f"projects/{PROJECT}/logs/x",
            "jsonPayload": {"event": "call", "status": status, "cause": cause, "milliseconds": milliseconds},
        }
        for n, (status, cause, milliseconds) in enumerate(lines)
    ]


def second_version(cloud: Cloud) -> None:
    data = base64.b64encode(b"X-Webhook-Secret: other\n").decode()
    cloud.things[f"{SECRET}/versions/2"] = {
        "name": f"{SECRET}/versions/2",
        "state": "ENABLED",
        "payload": {"data": data},
    }


def failed_build(cloud: Cloud) -> None:
    messages = [{"severity": "ERROR", "type": "CloudBuildFailure", "message": "Build failed: no module flask"}]
    cloud.things[FUNCTION] |= {"state": "FAILED", "stateMessages": messages}


def without_function(cloud: Cloud) -> None:
    del cloud.things[FUNCTION]


def without_agent(cloud: Cloud) -> None:
    for name in [n for n in cloud.things if n.startswith(AGENT)]:
        del cloud.things[name]


# What breaks: how, the thing doctor names, a word of what it says, the command that mends it.
FAULTS: dict[str, tuple[Callable[[Cloud], object], str, str, str]] = {
    "an API is off": (
        lambda c: c.apis[PROJECT].remove("cloudbuild.googleapis.com"),
        "APIs",
        "cloudbuild",
        "./deploy/enable-apis.sh",
    ),
    "no function": (without_function, "function", "not deployed", "./deploy/deploy.sh"),
    "a failed build": (failed_build, "function", "no module flask", "./deploy/function.sh"),
    "no minimum instance": (
        lambda c: config(c).update(minInstanceCount=0),
        "min instances",
        "cold start",
        "./deploy/min-instances.sh 1",
    ),
    "threads that do not fit": (
        lambda c: config(c)["environmentVariables"].update(THREADS="8"),
        "concurrency",
        "8 threads",
        "./deploy/function.sh",
    ),
    "ingress from inside only": (
        lambda c: config(c).update(ingressSettings="ALLOW_INTERNAL_ONLY"),
        "ingress",
        "shuts Dialogflow out",
        "./deploy/function.sh",
    ),
    "another auth mode": (
        lambda c: config(c)["environmentVariables"].update(WEBHOOK_AUTH="iam"),
        "WEBHOOK_AUTH",
        "iam on the function",
        "./deploy/function.sh",
    ),
    "rolled back": (
        lambda c: c.things[SERVICE]["spec"].update(
            traffic=[{"percent": 100, "revisionName": "dialogflow-webhook-00001-abc"}]
        ),
        "traffic",
        "older revision",
        "./deploy/rollback.sh --to-latest",
    ),
    "failing calls": (
        lambda c: calls(c, (200, "", 90), (503, "firestore-unavailable", 900)),
        "calls",
        "firestore-unavailable",
        "./deploy/logs.sh",
    ),
    "slow calls": (lambda c: calls(c, *[(200, "", 3100.0)] * 4), "calls", "3100 ms", "./deploy/logs.sh"),
    "no invoker": (lambda c: invokers(c), "invoker", "lacks roles/run.invoker", "./deploy/grant-invoker.sh"),
    "invoker of another agent": (
        lambda c: invokers(c, CALLER.replace(str(NUMBER), str(AGENT_NUMBER))),
        "invoker",
        "another project",
        "./deploy/grant-invoker.sh",
    ),
    "a deleted service agent": (
        lambda c: invokers(c, f"deleted:{CALLER}?uid=1"),
        "service agent",
        "was deleted",
        "./deploy/service-identity.sh",
    ),
    "a public function": (
        lambda c: invokers(c, CALLER, "allUsers"),
        "public access",
        "everybody may call",
        "gcloud run services remove-iam-policy-binding dialogflow-webhook",
    ),
    "an unknown caller": (
        lambda c: config(c)["environmentVariables"].update(WEBHOOK_CALLERS="someone@example.com"),
        "callers",
        "lacks service-",
        "./deploy/function.sh",
    ),
    "the default account": (
        lambda c: config(c).update(serviceAccountEmail=f"{NUMBER}-compute@developer.gserviceaccount.com"),
        "runtime account",
        "default compute",
        "./deploy/runtime-account.sh",
    ),
    "an account with Editor": (
        lambda c: on_project(c, "roles/datastore.user", "roles/editor"),
        "runtime account",
        "has roles/editor",
        "gcloud projects remove-iam-policy-binding",
    ),
    "an account without Firestore": (
        lambda c: on_project(c),
        "runtime account",
        "lacks roles/datastore.user",
        "./deploy/runtime-account.sh",
    ),
    "a disabled secret": (
        lambda c: c.things[f"{SECRET}/versions/1"].update(state="DISABLED"),
        "secret dialogflow-webhook-headers",
        "DISABLED",
        "gcloud secrets versions enable 1",
    ),
    "a secret nobody may read": (
        lambda c: c.policies.pop(SECRET),
        "secret dialogflow-webhook-headers",
        "may not read it",
        "./deploy/secrets.sh",
    ),
    "a newer secret": (second_version, "secret dialogflow-webhook-headers", "newest is 2", "./deploy/deploy.sh"),
    "no agent": (without_agent, "agent", "none in this project", "./deploy/agent.sh restore"),
    "an agent that speaks v2beta1": (
        lambda c: c.things[AGENT].update(apiVersion="API_VERSION_V2_BETA_1"),
        "agent",
        "speaks v2beta1",
        "WEBHOOK_API_VERSION=v2beta1",
    ),
    "fulfillment off": (
        lambda c: c.things[f"{AGENT}/fulfillment"].update(enabled=False),
        "fulfillment",
        "switched off",
        "./deploy/link.sh",
    ),
    "fulfillment elsewhere": (
        lambda c: web_service(c).update(uri="https://old.example"),
        "fulfillment",
        "points at https://old.example",
        "./deploy/link.sh",
    ),
    "the inline editor": (
        lambda c: web_service(c).update(isCloudFunction=True),
        "fulfillment",
        "inline editor",
        "./deploy/link.sh",
    ),
    "a stale header": (
        lambda c: web_service(c).update(requestHeaders={"X-Webhook-Secret": "stale"}),
        "credentials",
        "X-Webhook-Secret",
        "./deploy/link.sh",
    ),
    "basic beside iam": (
        lambda c: web_service(c).update(username="dialogflow"),
        "credentials",
        "suppresses the token",
        "./deploy/link.sh",
    ),
    "an authorization header": (
        lambda c: web_service(c)["requestHeaders"].update(Authorization="x"),
        "credentials",
        "named authorization",
        "./deploy/link.sh",
    ),
    "an intent without webhook": (
        lambda c: intent(c, "check_order").pop("webhookState"),
        "intents",
        "check_order",
        "./deploy/link.sh",
    ),
    "slot filling without webhook": (
        lambda c: intent(c, "book_table").update(webhookState="WEBHOOK_STATE_ENABLED"),
        "intents",
        "book_table",
        "./deploy/link.sh",
    ),
    "an intent without handler": (
        lambda c: dialogflow.add_intent(c, AGENT, "refund", webhookState="WEBHOOK_STATE_ENABLED"),
        "handlers",
        "refund",
        "@on.intent('refund')",
    ),
    "no database": (lambda c: c.things.pop(DATABASE), "database", "does not exist", "./deploy/firestore.sh"),
    "a distant database": (
        lambda c: c.things[DATABASE].update(locationId="nam5"),
        "database",
        "crosses the distance",
        "FIRESTORE_DATABASE=near-europe-west1",
    ),
    "datastore mode": (
        lambda c: c.things[DATABASE].update(type="DATASTORE_MODE"),
        "database",
        "DATASTORE_MODE",
        "FIRESTORE_DATABASE=dialogflow",
    ),
    "no TTL policy": (
        lambda c: c.things.pop(f"{DATABASE}/collectionGroups/fulfillment_once/fields/expire_at"),
        "TTL",
        "fulfillment_once.expire_at",
        "./deploy/firestore.sh",
    ),
}
