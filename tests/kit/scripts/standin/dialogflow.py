"""A Dialogflow ES agent: fulfillment, intents, restore and import, detectIntent."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

from .cloud import Cloud, Problem, Resource, Seen, not_found, on

_GLOBAL = "/v2/projects/{project}"
_REGIONAL = "/v2/projects/{project}/locations/{location}"
_STATES = {
    (False, False): "WEBHOOK_STATE_UNSPECIFIED",
    (False, True): "WEBHOOK_STATE_UNSPECIFIED",
    (True, False): "WEBHOOK_STATE_ENABLED",
    (True, True): "WEBHOOK_STATE_ENABLED_FOR_SLOT_FILLING",
}


def parent(project: str, location: str | None) -> str:
    return f"projects/{project}" + (f"/locations/{location}" if location else "")


def _agent(cloud: Cloud, seen: Seen, project: str, location: str | None) -> str:
    regional = seen.host.removesuffix("dialogflow.googleapis.com").rstrip("-") or "global"
    if regional != (location or "global"):
        raise Problem(400, "INVALID_ARGUMENT", f"{seen.host} does not serve location {location or 'global'}")
    name = parent(project, location) + "/agent"
    if name not in cloud.things:
        raise not_found(f"com.google.apps.framework.request.NotFoundException: No DesignTimeAgent for {name}")
    return name


def both(method: str, path: str) -> Any:
    """Marks a function for the global and the regional form of a path."""

    def mark(function: Any) -> Any:
        on("dialogflow", method, _REGIONAL + path)(function)
        on("dialogflow", method, _GLOBAL + path)(function)
        return function

    return mark


@both("GET", "/agent")
def _get(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    return cloud.things[_agent(cloud, seen, project, location)]


@both("POST", "/agent")
def _set(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    name = parent(project, location) + "/agent"
    cloud.things[name] = {"apiVersion": "API_VERSION_V2", **seen.body, "parent": parent(project, location)}
    cloud.things[f"{name}/fulfillment"] = {"name": f"{name}/fulfillment"}
    return cloud.things[name]


@both("GET", "/agent/fulfillment")
def _fulfillment(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    return cloud.get(_agent(cloud, seen, project, location) + "/fulfillment")


@both("PATCH", "/agent/fulfillment")
def _update(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    name = _agent(cloud, seen, project, location) + "/fulfillment"
    if seen.body.get("name") != name:
        raise Problem(400, "INVALID_ARGUMENT", f"The name {seen.body.get('name')!r} is not {name!r}.")
    thing = cloud.get(name)
    for path in seen.query["updateMask"][0].split(","):
        head = path.split(".")[0]
        thing.pop(head, None)
        if head in seen.body:
            thing[head] = seen.body[head]
    return thing


@both("GET", "/agent/intents")
def _intents(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    intents = cloud.below(_agent(cloud, seen, project, location) + "/intents")
    size, start = cloud.knobs.get("page_size", 1000), int(seen.query.get("pageToken", ["0"])[0])
    more = {"nextPageToken": str(start + size)} if start + size < len(intents) else {}
    return {"intents": intents[start : start + size], **more}


@both("POST", "/agent/intents:batchUpdate")
def _batch(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    _agent(cloud, seen, project, location)
    if seen.body.get("updateMask") != "webhookState":
        raise Problem(400, "INVALID_ARGUMENT", "This stand-in expects the update of one field.")
    for intent in seen.body["intentBatchInline"]["intents"]:
        cloud.get(intent["name"])["webhookState"] = intent["webhookState"]
    return cloud.operation(parent(project, location), {})


@both("GET", "/agent/entityTypes")
def _entities(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    return {"entityTypes": cloud.below(_agent(cloud, seen, project, location) + "/entityTypes")}


@both("POST", "/agent:restore")
def _restore(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    name = _agent(cloud, seen, project, location)
    for old in [n for n in cloud.things if n.startswith((f"{name}/intents/", f"{name}/entityTypes/"))]:
        del cloud.things[old]
    return _load(cloud, seen, name, project, location)


@both("POST", "/agent:import")
def _import(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    return _load(cloud, seen, _agent(cloud, seen, project, location), project, location)


@both("POST", "/agent:train")
def _train(cloud: Cloud, seen: Seen, project: str, location: str | None = None) -> Any:
    _agent(cloud, seen, project, location)
    return cloud.operation(parent(project, location), {})


@both("GET", "/operations/{name}")
def _operation(cloud: Cloud, seen: Seen, project: str, name: str, location: str | None = None) -> Any:
    return cloud.operations[f"{parent(project, location)}/operations/{name}"]


@both("POST", "/agent/sessions/{session}:detectIntent")
def _detect(cloud: Cloud, seen: Seen, project: str, session: str, location: str | None = None) -> Any:
    name = _agent(cloud, seen, project, location)
    text = seen.body["queryInput"]["text"]
    answer = cloud.knobs.get("detect") or {"webhookStatus": {"message": "Webhook execution successful"}}
    result: Resource = {
        "queryText": text["text"], "languageCode": text["languageCode"], "fulfillmentText": "Hello!",
        "intent": {"name": f"{name}/intents/1", "displayName": "Default Welcome Intent"},
        "intentDetectionConfidence": 1.0, "diagnosticInfo": {"webhook_latency_ms": 312.0},
    }  # fmt: skip
    return {"responseId": "r", "queryResult": {**result, **answer.get("queryResult", {})},
            **{k: v for k, v in answer.items() if k != "queryResult"}}  # fmt: skip


def _load(cloud: Cloud, seen: Seen, agent: str, project: str, location: str | None) -> Resource:
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(seen.body["agentContent"]))) as archive:
        if "agent.json" not in archive.namelist():
            raise Problem(400, "INVALID_ARGUMENT", "Invalid agent zip. Missing required json file agent.json")
        for file in archive.namelist():
            content = json.loads(archive.read(file))
            if file.startswith("intents/") and "_usersays_" not in file:
                add_intent(cloud, agent, content["name"], id=content["id"],
                           webhookState=_STATES[content["webhookUsed"], content["webhookForSlotFilling"]],
                           isFallback=content["fallbackIntent"])  # fmt: skip
            elif file.startswith("entities/") and "_entries_" not in file:
                cloud.things[f"{agent}/entityTypes/{content['id']}"] = {"displayName": content["name"]}
    return cloud.operation(parent(project, location), {})


def add_intent(cloud: Cloud, agent: str, display_name: str, **members: Any) -> None:
    """An intent as `intents.list` shows it."""
    name = f"{agent}/intents/{members.pop('id', None) or f'id-{cloud.next()}'}"
    shown = {k: v for k, v in members.items() if v not in (False, "WEBHOOK_STATE_UNSPECIFIED")}
    cloud.things[name] = {"name": name, "displayName": display_name, **shown}
