"""Monitoring and Logging: log metrics, alert policies, notification channels, dashboards, log entries."""

from __future__ import annotations

from typing import Any

from .cloud import Cloud, Resource, Seen, on


def _create(cloud: Cloud, seen: Seen, project: str, kind: str) -> Resource:
    name = f"projects/{project}/{kind}/{1000 + cloud.next()}"
    return cloud.create(name, {"name": name, **seen.body})


for _kind in ("alertPolicies", "notificationChannels"):

    def _list(cloud: Cloud, seen: Seen, project: str, kind: str = _kind) -> Any:
        return {kind: cloud.below(f"projects/{project}/{kind}")}

    def _post(cloud: Cloud, seen: Seen, project: str, kind: str = _kind) -> Any:
        return _create(cloud, seen, project, kind)

    def _patch(cloud: Cloud, seen: Seen, project: str, name: str, kind: str = _kind) -> Any:
        full = f"projects/{project}/{kind}/{name}"
        cloud.get(full)
        cloud.things[full] = {**seen.body, "name": full}
        return cloud.things[full]

    def _remove(cloud: Cloud, seen: Seen, project: str, name: str, kind: str = _kind) -> Any:
        cloud.get(f"projects/{project}/{kind}/{name}")
        del cloud.things[f"projects/{project}/{kind}/{name}"]
        return {}

    on("monitoring", "GET", f"/v3/projects/{{project}}/{_kind}")(_list)
    on("monitoring", "POST", f"/v3/projects/{{project}}/{_kind}")(_post)
    on("monitoring", "PATCH", f"/v3/projects/{{project}}/{_kind}/{{name}}")(_patch)
    on("monitoring", "DELETE", f"/v3/projects/{{project}}/{_kind}/{{name}}")(_remove)


# -- dashboards


@on("monitoring", "GET", "/v1/projects/{project}/dashboards")
def _dashboards(cloud: Cloud, seen: Seen, project: str) -> Any:
    return {"dashboards": cloud.below(f"projects/{project}/dashboards")}


@on("monitoring", "POST", "/v1/projects/{project}/dashboards")
def _dashboard(cloud: Cloud, seen: Seen, project: str) -> Any:
    thing = _create(cloud, seen, project, "dashboards")
    thing["etag"] = "e1"
    return thing


@on("monitoring", "GET", "/v1/projects/{project}/dashboards/{name}")
def _get_dashboard(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    return cloud.get(f"projects/{project}/dashboards/{name}")


@on("monitoring", "DELETE", "/v1/projects/{project}/dashboards/{name}")
def _delete_dashboard(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    cloud.get(f"projects/{project}/dashboards/{name}")
    del cloud.things[f"projects/{project}/dashboards/{name}"]
    return {}


# -- logging


@on("logging", "GET", "/v2/projects/{project}/metrics")
def _metrics(cloud: Cloud, seen: Seen, project: str) -> Any:
    return {"metrics": cloud.below(f"projects/{project}/metrics")}


@on("logging", "POST", "/v2/projects/{project}/metrics")
def _metric(cloud: Cloud, seen: Seen, project: str) -> Any:
    return cloud.create(f"projects/{project}/metrics/{seen.body['name']}", seen.body)


@on("logging", "GET", "/v2/projects/{project}/metrics/{name}")
def _get_metric(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    return cloud.get(f"projects/{project}/metrics/{name}")


@on("logging", "PUT", "/v2/projects/{project}/metrics/{name}")
def _put_metric(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    cloud.things[f"projects/{project}/metrics/{name}"] = seen.body
    return seen.body


@on("logging", "DELETE", "/v2/projects/{project}/metrics/{name}")
def _delete_metric(cloud: Cloud, seen: Seen, project: str, name: str) -> Any:
    cloud.get(f"projects/{project}/metrics/{name}")
    del cloud.things[f"projects/{project}/metrics/{name}"]
    return {}


@on("logging", "POST", "/v2/entries:list")
def _entries(cloud: Cloud, seen: Seen) -> Any:
    return {"entries": cloud.knobs.get("log_entries", [])}
