"""Cloud Run services and revisions, as gcloud reads and writes them (the Knative form of run v1)."""

from __future__ import annotations

import copy
from typing import Any

from .cloud import Cloud, Problem, Resource, Seen, not_found, on

_SERVICES = "/apis/serving.knative.dev/v1/namespaces/{project}/services"
_REVISIONS = "/apis/serving.knative.dev/v1/namespaces/{project}/revisions"
_IAM = "/v1/projects/{project}/locations/{location}/services/{name}"


def service_name(project: str, location: str, name: str) -> str:
    return f"projects/{project}/locations/{location}/services/{name}"


def deploy(cloud: Cloud, project: str, location: str, name: str, function: Resource) -> None:
    """What a function deployment does to its Run service: a new revision, all traffic to the newest."""
    config = function["serviceConfig"]
    old = cloud.things.get(service_name(project, location, name), {})
    metadata: Resource = {
        "name": name, "namespace": cloud.number(project), "generation": 1, "resourceVersion": "AA", "uid": "u",
        "labels": {"cloud.googleapis.com/location": location, "goog-managed-by": "cloudfunctions"},
        "annotations": {
            **{k: v for k, v in old.get("metadata", {}).get("annotations", {}).items() if "custom-audiences" in k},
            "run.googleapis.com/ingress": config["ingressSettings"].removeprefix("ALLOW_").lower().replace("_", "-"),
            "run.googleapis.com/urls": f'["{config["uri"]}"]',
        },
    }  # fmt: skip
    template = {
        "metadata": {
            "annotations": {
                "autoscaling.knative.dev/minScale": str(config["minInstanceCount"]),
                "autoscaling.knative.dev/maxScale": str(config["maxInstanceCount"]),
            }
        },
        "spec": {
            "serviceAccountName": config.get("serviceAccountEmail", ""),
            "timeoutSeconds": config["timeoutSeconds"],
            "containerConcurrency": config["maxInstanceRequestConcurrency"],
            "containers": [{"image": "image"}],
        },
    }
    store(cloud, project, location, name, {
        "apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": metadata,
        "spec": {"template": template, "traffic": [{"percent": 100, "latestRevision": True}]},
        "status": {"url": config["uri"], "address": {"url": config["uri"]}},
    })  # fmt: skip


def store(cloud: Cloud, project: str, location: str, name: str, service: Resource) -> Resource:
    """Keep the service, as a new revision when its template is a new one."""
    key = service_name(project, location, name)
    old = cloud.things.get(key)
    service = copy.deepcopy(service)
    revisions = cloud.below(f"revisions/{project}/{location}/{name}")
    if old is None or _without_name(old["spec"]["template"]) != _without_name(service["spec"]["template"]):
        number = len(revisions) + 1
        revision = f"{name}-{number:05d}-abc"
        cloud.things[f"revisions/{project}/{location}/{name}/{revision}"] = {
            "apiVersion": "serving.knative.dev/v1", "kind": "Revision",
            "metadata": {"name": revision, "namespace": cloud.number(project), "uid": f"r{number}", "annotations": {},
                         "creationTimestamp": f"2026-11-20T10:{number:02d}:00Z",
                         "labels": {"serving.knative.dev/service": name, "cloud.googleapis.com/location": location}},
            "spec": copy.deepcopy(service["spec"]["template"]["spec"]),
            "status": {"conditions": _ready(), "observedGeneration": 1},
        }  # fmt: skip
    else:
        revision = revisions[-1]["metadata"]["name"]
    service["metadata"]["generation"] = (old or {}).get("metadata", {}).get("generation", 0) + 1
    service["status"] = {
        **service.get("status", {}), "conditions": _ready(), "observedGeneration": service["metadata"]["generation"],
        "latestReadyRevisionName": revision, "latestCreatedRevisionName": revision,
        "traffic": [{**t, "revisionName": t.get("revisionName", revision)} for t in service["spec"].get("traffic", [])],
    }  # fmt: skip
    cloud.things[key] = service
    return service


def remove(cloud: Cloud, project: str, location: str, name: str) -> None:
    key = service_name(project, location, name)
    cloud.things.pop(key, None)
    cloud.policies.pop(key, None)
    for revision in cloud.below(f"revisions/{project}/{location}/{name}"):
        del cloud.things[f"revisions/{project}/{location}/{name}/{revision['metadata']['name']}"]


def _without_name(template: Resource) -> Resource:
    bare = copy.deepcopy(template)
    for key in ("name", "labels"):
        bare.get("metadata", {}).pop(key, None)
    for key in ("run.googleapis.com/client-name", "run.googleapis.com/client-version"):
        bare.get("metadata", {}).get("annotations", {}).pop(key, None)
    return bare


def _ready() -> list[Resource]:
    return [{"type": kind, "status": "True"} for kind in ("Ready", "ConfigurationsReady", "RoutesReady")]


def _find(cloud: Cloud, seen: Seen, project: str, name: str) -> Resource:
    return cloud.get(service_name(cloud.project_id(project), _location(seen), name))


def _location(seen: Seen) -> str:
    return seen.host.removesuffix("-run.googleapis.com")


@on("run", "GET", _SERVICES + "/{name}")
def _get(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    return _find(cloud, seen, project, name)


@on("run", "PUT", _SERVICES + "/{name}")
def _replace(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    _find(cloud, seen, project, name)
    return store(cloud, cloud.project_id(project), _location(seen), name, seen.body)


@on("run", "GET", _REVISIONS)
def _revisions(cloud: Cloud, seen: Seen, project: str) -> Any:
    prefix = f"revisions/{cloud.project_id(project)}/{_location(seen)}"
    wanted = seen.query.get("labelSelector", [""])[0].partition("=")[2].strip()
    items = [
        r
        for r in cloud.below(prefix, 2)
        if not wanted or r["metadata"]["labels"]["serving.knative.dev/service"] == wanted
    ]
    return {"items": items, "kind": "RevisionList", "apiVersion": "serving.knative.dev/v1", "metadata": {}}


@on("run", "GET", _REVISIONS + "/{name}")
def _revision(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    service = name.rsplit("-", 2)[0]
    return cloud.get(f"revisions/{cloud.project_id(project)}/{_location(seen)}/{service}/{name}")


@on("run", "GET", _IAM + ":getIamPolicy")
def _get_policy(cloud: Cloud, seen: Seen, project: str, location: str, name: str) -> Any:
    cloud.get(service_name(cloud.project_id(project), location, name))
    return cloud.get_policy(service_name(cloud.project_id(project), location, name))


@on("run", "POST", _IAM + ":setIamPolicy")
def _set_policy(cloud: Cloud, seen: Seen, project: str, location: str, name: str) -> Any:
    key = service_name(cloud.project_id(project), location, name)
    if key not in cloud.things:
        raise not_found(f"Service {name}")
    roles = {b["role"] for b in seen.body["policy"].get("bindings", [])}
    if "roles/cloudfunctions.invoker" in roles:
        raise Problem(400, "INVALID_ARGUMENT", "Role roles/cloudfunctions.invoker is not supported for this resource.")
    return cloud.set_policy(key, seen.body)
