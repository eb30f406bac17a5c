"""Cloud Functions of both generations, and the builder that gcloud asks about."""

from __future__ import annotations

import copy
from typing import Any

from . import run
from .cloud import Cloud, Problem, Resource, Seen, not_found, on

_DEFAULTS = {
    "availableMemory": "256M", "availableCpu": "0.1666", "timeoutSeconds": 60, "maxInstanceRequestConcurrency": 1,
    "maxInstanceCount": 100, "minInstanceCount": 0, "ingressSettings": "ALLOW_ALL",
}  # fmt: skip
RUNTIMES = ("python311", "python312", "python313", "python314")
_F2 = "/v2/projects/{project}/locations/{location}/functions"
_F1 = "/v1/projects/{project}/locations/{location}/functions"


def _name(project: str, location: str, name: str) -> str:
    return f"projects/{project}/locations/{location}/functions/{name}"


@on("cloudfunctions", "GET", "/v2/projects/{project}/locations/{location}/runtimes")
def _runtimes(cloud: Cloud, seen: Seen, project: str, location: str) -> Any:
    return {"runtimes": [{"name": r, "environment": "GEN_2", "stage": "GA"} for r in RUNTIMES]}


@on("cloudfunctions", "POST", _F2 + ":generateUploadUrl")
def _upload_url(cloud: Cloud, seen: Seen, project: str, location: str) -> Any:
    bucket, name = f"gcf-v2-uploads-{project}", f"{cloud.next()}.zip"
    return {"uploadUrl": f"https://storage.googleapis.com/{bucket}/{name}?X-Goog-Signature=fake",
            "storageSource": {"bucket": bucket, "object": name}}  # fmt: skip


@on("cloudfunctions", "GET", _F2 + "/{name}")
def _get(cloud: Cloud, seen: Seen, project: str, location: str, name: str) -> Any:
    return cloud.get(_name(project, location, name))


@on("cloudfunctions", "GET", _F2)
def _list(cloud: Cloud, seen: Seen, project: str, location: str) -> Any:
    places = [location] if location != "-" else sorted({n.split("/")[3] for n in cloud.things if "/functions/" in n})
    return {
        "functions": [f for place in places for f in cloud.below(f"projects/{project}/locations/{place}/functions")]
    }


@on("cloudfunctions", "POST", _F2)
def _create(cloud: Cloud, seen: Seen, project: str, location: str) -> Any:
    name = seen.query["functionId"][0]
    full = _name(project, location, name)
    if full in cloud.things:
        raise Problem(409, "ALREADY_EXISTS", f"Resource '{full}' already exists")
    function = copy.deepcopy(seen.body)
    function["serviceConfig"] = {**_DEFAULTS, **function.get("serviceConfig", {})}
    function |= {"name": full, "environment": "GEN_2"}
    return _deployed(cloud, function, project, location, name)


@on("cloudfunctions", "PATCH", _F2 + "/{name}")
def _patch(cloud: Cloud, seen: Seen, project: str, location: str, name: str) -> Any:
    function = copy.deepcopy(cloud.get(_name(project, location, name)))
    for path in seen.query["updateMask"][0].split(","):
        _copy(function, seen.body, [_camel(part) for part in path.split(".")])
    return _deployed(cloud, function, project, location, name)


@on("cloudfunctions", "DELETE", _F2 + "/{name}")
def _delete(cloud: Cloud, seen: Seen, project: str, location: str, name: str) -> Any:
    function = cloud.get(_name(project, location, name))
    del cloud.things[_name(project, location, name)]
    run.remove(cloud, project, location, name)
    return _operation_of(cloud, f"projects/{project}/locations/{location}", function)


@on("cloudfunctions", "GET", "/v2/projects/{project}/locations/{location}/operations/{name}")
def _operation(cloud: Cloud, seen: Seen, project: str, location: str, name: str) -> Any:
    return cloud.operations[f"projects/{project}/locations/{location}/operations/{name}"]


def _operation_of(cloud: Cloud, where: str, function: Resource) -> Resource:
    """As gcloud expects it: typed response and metadata."""
    kind = "type.googleapis.com/google.cloud.functions.v2."
    metadata = {"@type": f"{kind}OperationMetadata", "target": function["name"], "apiVersion": "v2", "stages": []}
    return cloud.operation(where, {"@type": f"{kind}Function", **function}, metadata=metadata)


def _deployed(cloud: Cloud, function: Resource, project: str, location: str, name: str) -> Resource:
    where = f"projects/{project}/locations/{location}"
    _check_parts(cloud, function, project)
    uri = f"https://{name}-{cloud.number(project)}.{location}.run.app"
    function["url"] = f"https://{location}-{project}.cloudfunctions.net/{name}"
    function["updateTime"] = "2026-11-20T10:00:00Z"
    function["serviceConfig"] |= {"uri": uri, "service": f"{where}/services/{name}", "allTrafficOnLatestRevision": True}
    if cloud.knobs.pop("build_fails", None):
        message = "Build failed: no module named 'flask'; Error ID: c84b3231. See https://console.cloud.google.com/cloud-build/builds/1"
        function |= {
            "state": "FAILED",
            "stateMessages": [{"severity": "ERROR", "type": "CloudBuildFailure", "message": message}],
        }
        cloud.things[function["name"]] = function
        operation = _operation_of(cloud, where, function)
        done = cloud.operations[operation["name"]]
        del done["response"]
        done["error"] = {"code": 3, "message": message}
        return operation
    function |= {"state": "ACTIVE", "stateMessages": []}
    cloud.things[function["name"]] = function
    run.deploy(cloud, project, location, name, function)
    return _operation_of(cloud, where, function)


def _check_parts(cloud: Cloud, function: Resource, project: str) -> None:
    config = function["serviceConfig"]
    email = config.get("serviceAccountEmail", "")
    if email and not any(thing.endswith(f"/serviceAccounts/{email}") for thing in cloud.things):
        raise Problem(400, "INVALID_ARGUMENT", f"Service account {email} does not exist.")
    for secret in config.get("secretEnvironmentVariables", []):
        name = f"projects/{cloud.project_id(secret['projectId'])}/secrets/{secret['secret']}"
        if f"{name}/versions/{secret['version']}" not in cloud.things:
            raise not_found(f"Secret version {name}/versions/{secret['version']}")
        readers = [
            m for b in cloud.get_policy(name)["bindings"] if b["role"].endswith("secretAccessor") for m in b["members"]
        ]
        if f"serviceAccount:{email}" not in readers:
            raise Problem(
                403, "PERMISSION_DENIED", f"Permission denied on secret: {name} for Revision service account {email}."
            )


def _copy(target: Resource, source: Resource, path: list[str]) -> None:
    head, *rest = path
    if not rest:
        target.pop(head, None)
        if head in source:
            target[head] = copy.deepcopy(source[head])
        return
    _copy(target.setdefault(head, {}), source.get(head, {}), rest)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


# -- first generation


@on("cloudfunctions", "GET", _F1 + "/{name}")
def _get_first(cloud: Cloud, seen: Seen, project: str, location: str, name: str) -> Any:
    function = cloud.get(_name(project, location, name))
    if function["environment"] != "GEN_1":
        raise not_found(f"Function {name}")
    return {k: v for k, v in function.items() if k != "environment"}


@on("cloudfunctions", "GET", _F1 + "/{name}:getIamPolicy")
def _policy_first(cloud: Cloud, seen: Seen, project: str, location: str, name: str) -> Any:
    return cloud.get_policy(_name(project, location, name))


@on("cloudfunctions", "POST", _F1 + "/{name}:setIamPolicy")
def _set_policy_first(cloud: Cloud, seen: Seen, project: str, location: str, name: str) -> Any:
    return cloud.set_policy(_name(project, location, name), seen.body)


# -- what gcloud asks about builds


@on("cloudbuild", "GET", "/v1/projects/{project}/locations/{location}/defaultServiceAccount")
def _builder(cloud: Cloud, seen: Seen, project: str, location: str) -> Any:
    email = f"{cloud.number(project)}-compute@developer.gserviceaccount.com"
    return {"name": f"projects/{project}/locations/{location}/defaultServiceAccount",
            "serviceAccountEmail": f"projects/{project}/serviceAccounts/{email}"}  # fmt: skip
