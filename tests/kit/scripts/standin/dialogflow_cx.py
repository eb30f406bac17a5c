"""A Dialogflow CX agent: webhooks, environments, detectIntent."""

from __future__ import annotations

from typing import Any

from .cloud import Cloud, Problem, Seen, not_found, on

_AGENT = "/v3/projects/{project}/locations/{location}/agents/{agent}"


def agent_name(project: str, location: str, agent: str) -> str:
    return f"projects/{project}/locations/{location}/agents/{agent}"


def _agent(cloud: Cloud, seen: Seen, project: str, location: str, agent: str) -> str:
    regional = seen.host.removesuffix("dialogflow.googleapis.com").rstrip("-") or "global"
    if regional != location:
        raise Problem(400, "INVALID_ARGUMENT", f"{seen.host} does not serve location {location}")
    name = agent_name(project, location, agent)
    if name not in cloud.things:
        raise not_found(f"Agent {name}")
    return name


@on("dialogflow", "GET", _AGENT + "/webhooks")
def _list(cloud: Cloud, seen: Seen, project: str, location: str, agent: str) -> Any:
    found = cloud.below(_agent(cloud, seen, project, location, agent) + "/webhooks")
    return {"webhooks": found} if found else {}


@on("dialogflow", "POST", _AGENT + "/webhooks")
def _create(cloud: Cloud, seen: Seen, project: str, location: str, agent: str) -> Any:
    name = f"{_agent(cloud, seen, project, location, agent)}/webhooks/webhook-{cloud.next()}"
    return cloud.create(name, {"name": name, **seen.body})


@on("dialogflow", "PATCH", _AGENT + "/webhooks/{webhook}")
def _patch(cloud: Cloud, seen: Seen, project: str, location: str, agent: str, webhook: str) -> Any:
    thing = cloud.get(f"{_agent(cloud, seen, project, location, agent)}/webhooks/{webhook}")
    return _masked(thing, seen)


@on("dialogflow", "GET", _AGENT + "/environments/{environment}")
def _environment(cloud: Cloud, seen: Seen, project: str, location: str, agent: str, environment: str) -> Any:
    return cloud.get(f"{_agent(cloud, seen, project, location, agent)}/environments/{environment}")


@on("dialogflow", "PATCH", _AGENT + "/environments/{environment}")
def _patch_environment(cloud: Cloud, seen: Seen, project: str, location: str, agent: str, environment: str) -> Any:
    thing = cloud.get(f"{_agent(cloud, seen, project, location, agent)}/environments/{environment}")
    return cloud.operation(agent_name(project, location, agent), _masked(thing, seen))


@on("dialogflow", "POST", _AGENT + "/sessions/{session}:detectIntent")
def _detect(cloud: Cloud, seen: Seen, project: str, location: str, agent: str, session: str) -> Any:
    _agent(cloud, seen, project, location, agent)
    said = seen.body["queryInput"]
    return {
        "responseId": "r",
        "queryResult": {
            "text": said["text"]["text"],
            "languageCode": said["languageCode"],
            "responseMessages": [{"text": {"text": ["Hello!"]}}],
            "match": {"intent": {"displayName": "Default Welcome Intent"}},
            **cloud.knobs.get("detect_cx", {"webhookStatuses": [{}]}),
        },
    }


def _masked(thing: dict[str, Any], seen: Seen) -> dict[str, Any]:
    for member in seen.query["updateMask"][0].split(","):
        thing.pop(member, None)
        if member in seen.body:
            thing[member] = seen.body[member]
    return thing
