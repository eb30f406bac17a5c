"""Secret Manager: secrets, versions, policies."""

from __future__ import annotations

from typing import Any

from .cloud import Cloud, Problem, Resource, Seen, on

_SECRETS = "/v1/projects/{project}/secrets"


def _name(cloud: Cloud, project: str, name: str) -> str:
    return f"projects/{cloud.project_id(project)}/secrets/{name}"


def _versions(cloud: Cloud, secret: str) -> list[Resource]:
    return cloud.below(f"{secret}/versions")


def _version(cloud: Cloud, secret: str, version: str) -> Resource:
    cloud.get(secret)
    if version == "latest":
        enabled = [v for v in _versions(cloud, secret) if v["state"] != "DESTROYED"]
        if not enabled:
            raise Problem(404, "NOT_FOUND", f"Secret Version [{secret}/versions/latest] not found.")
        return enabled[-1]
    return cloud.get(f"{secret}/versions/{version}")


def _shown(cloud: Cloud, version: Resource) -> Resource:
    project, rest = version["name"].split("/", 2)[1:]
    return {**{k: v for k, v in version.items() if k != "payload"}, "name": f"projects/{cloud.number(project)}/{rest}"}


@on("secretmanager", "GET", _SECRETS)
def _list(cloud: Cloud, seen: Seen, project: str) -> Any:
    secrets = cloud.below(f"projects/{cloud.project_id(project)}/secrets")
    wanted = seen.query.get("filter", [""])[0]
    return {"secrets": [s for s in secrets if not wanted or _labelled(s, wanted)]}


def _labelled(secret: Resource, wanted: str) -> bool:
    return any(f"labels.{k}" in wanted and v in wanted for k, v in secret.get("labels", {}).items())


@on("secretmanager", "POST", _SECRETS)
def _create(cloud: Cloud, seen: Seen, project: str) -> Any:
    name = _name(cloud, project, seen.query["secretId"][0])
    return cloud.create(name, {"name": name, **seen.body})


@on("secretmanager", "GET", _SECRETS + "/{name}")
def _get(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    return cloud.get(_name(cloud, project, name))


@on("secretmanager", "DELETE", _SECRETS + "/{name}")
def _delete(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    secret = _name(cloud, project, name)
    cloud.get(secret)
    for thing in [t for t in cloud.things if t == secret or t.startswith(secret + "/")]:
        del cloud.things[thing]
    cloud.policies.pop(secret, None)
    return {}


@on("secretmanager", "POST", _SECRETS + "/{name}:addVersion")
def _add(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    secret = _name(cloud, project, name)
    cloud.get(secret)
    full = f"{secret}/versions/{len(_versions(cloud, secret)) + 1}"
    cloud.things[full] = {"name": full, "state": "ENABLED", "payload": seen.body["payload"],
                          "clientSpecifiedPayloadChecksum": True}  # fmt: skip
    return _shown(cloud, cloud.things[full])


@on("secretmanager", "GET", _SECRETS + "/{name}/versions")
def _list_versions(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    secret = _name(cloud, project, name)
    cloud.get(secret)
    return {"versions": [_shown(cloud, v) for v in reversed(_versions(cloud, secret))]}


@on("secretmanager", "GET", _SECRETS + "/{name}/versions/{version}")
def _get_version(cloud: Cloud, seen: Seen, project: str, name: str, version: str) -> Any:
    return _shown(cloud, _version(cloud, _name(cloud, project, name), version))


@on("secretmanager", "GET", _SECRETS + "/{name}/versions/{version}:access")
def _access(cloud: Cloud, seen: Seen, project: str, name: str, version: str) -> Any:
    found = _version(cloud, _name(cloud, project, name), version)
    if found["state"] != "ENABLED":
        raise Problem(400, "FAILED_PRECONDITION", f"Secret Version [{found['name']}] is in {found['state']} state.")
    return {"name": _shown(cloud, found)["name"], "payload": found["payload"]}


@on("secretmanager", "POST", _SECRETS + "/{name}/versions/{version}:disable")
def _disable(cloud: Cloud, seen: Seen, project: str, name: str, version: str) -> Any:
    found = _version(cloud, _name(cloud, project, name), version)
    found["state"] = "DISABLED"
    return _shown(cloud, found)


@on("secretmanager", "GET", _SECRETS + "/{name}:getIamPolicy")
def _policy(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    cloud.get(_name(cloud, project, name))
    return cloud.get_policy(_name(cloud, project, name))


@on("secretmanager", "POST", _SECRETS + "/{name}:setIamPolicy")
def _set_policy(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    cloud.get(_name(cloud, project, name))
    return cloud.set_policy(_name(cloud, project, name), seen.body)
