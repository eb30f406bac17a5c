"""Firestore databases, indexes, TTL policies and documents."""

from __future__ import annotations

import re
from typing import Any

from .cloud import Cloud, Problem, Resource, Seen, exists, not_found, on

_DATABASES = "/v1/projects/{project}/databases"
_GROUP = _DATABASES + "/{database}/collectionGroups/{group}"


def _name(project: str, database: str) -> str:
    return f"projects/{project}/databases/{database}"


@on("firestore", "GET", _DATABASES)
def _list(cloud: Cloud, seen: Seen, project: str) -> Any:
    return {"databases": cloud.below(f"projects/{project}/databases")}


@on("firestore", "GET", _DATABASES + "/{database}")
def _get(cloud: Cloud, seen: Seen, project: str, database: str) -> Any:
    return cloud.get(_name(project, database))


@on("firestore", "POST", _DATABASES)
def _create(cloud: Cloud, seen: Seen, project: str) -> Any:
    name = _name(project, seen.query["databaseId"][0])
    if name in cloud.things:
        raise exists("Database")
    cloud.things[name] = {"name": name, "deleteProtectionState": "DELETE_PROTECTION_DISABLED", **seen.body}
    operation = cloud.operation(name, {"@type": "type.googleapis.com/google.firestore.admin.v1.Database", "name": name})
    if cloud.knobs.pop("database_fails", None):
        del cloud.things[name]
        done = cloud.operations[operation["name"]]
        del done["response"]
        done["error"] = {"code": 13, "message": "The database could not be provisioned."}
    return operation


@on("firestore", "PATCH", _DATABASES + "/{database}")
def _patch(cloud: Cloud, seen: Seen, project: str, database: str) -> Any:
    thing = cloud.get(_name(project, database))
    thing |= {k: v for k, v in seen.body.items() if k in seen.query["updateMask"][0]}
    return cloud.operation(_name(project, database), thing)


@on("firestore", "DELETE", _DATABASES + "/{database}")
def _delete(cloud: Cloud, seen: Seen, project: str, database: str) -> Any:
    thing = cloud.get(_name(project, database))
    if thing.get("deleteProtectionState") == "DELETE_PROTECTION_ENABLED":
        raise Problem(400, "FAILED_PRECONDITION", "Database has delete protection enabled.")
    for name in [n for n in cloud.things if n == thing["name"] or n.startswith(thing["name"] + "/")]:
        del cloud.things[name]
    return cloud.operation(_name(project, database), {})


@on("firestore", "GET", _DATABASES + "/{database}/operations/{name}")
def _operation(cloud: Cloud, seen: Seen, project: str, database: str, name: str) -> Any:
    key = f"{_name(project, database)}/operations/{name}"
    if key not in cloud.operations:
        raise not_found(key)
    return cloud.operations[key]


# -- fields and indexes


@on("firestore", "GET", _GROUP + "/fields")
def _fields(cloud: Cloud, seen: Seen, project: str, database: str, group: str) -> Any:
    cloud.get(_name(project, database))
    prefix = f"{_name(project, database)}/collectionGroups/"
    fields = [t for n, t in cloud.things.items() if n.startswith(prefix) and "/fields/" in n]
    return {"fields": [f for f in fields if group in ("-", f["name"].split("/")[5]) and "ttlConfig" in f]}


@on("firestore", "PATCH", _GROUP + "/fields/{field}")
def _field(cloud: Cloud, seen: Seen, project: str, database: str, group: str, field: str) -> Any:
    cloud.get(_name(project, database))
    name = f"{_name(project, database)}/collectionGroups/{group}/fields/{field}"
    thing = cloud.things.setdefault(name, {"name": name})
    if seen.query["updateMask"] == ["ttlConfig"]:
        thing["ttlConfig"] = {"state": "ACTIVE"}
    return cloud.operation(_name(project, database), thing)


@on("firestore", "GET", _GROUP + "/indexes")
def _indexes(cloud: Cloud, seen: Seen, project: str, database: str, group: str) -> Any:
    prefix = f"{_name(project, database)}/collectionGroups/"
    return {"indexes": [t for n, t in cloud.things.items() if n.startswith(prefix) and "/indexes/" in n]}


@on("firestore", "POST", _GROUP + "/indexes")
def _create_index(cloud: Cloud, seen: Seen, project: str, database: str, group: str) -> Any:
    cloud.get(_name(project, database))
    prefix = f"{_name(project, database)}/collectionGroups/{group}/indexes"
    index: Resource = {"queryScope": "COLLECTION", **seen.body, "state": "READY"}
    if any(all(t.get(k) == index.get(k) for k in ("queryScope", "fields")) for t in cloud.below(prefix)):
        raise Problem(409, "ALREADY_EXISTS", "index already exists")
    index["name"] = f"{prefix}/CICAgOj{cloud.next()}"
    cloud.things[index["name"]] = index
    kind = "type.googleapis.com/google.firestore.admin.v1."
    metadata = {"@type": f"{kind}IndexOperationMetadata", "index": index["name"]}
    return cloud.operation(_name(project, database), {"@type": f"{kind}Index", **index}, metadata=metadata)


# -- documents


@on("firestore", "POST", _DATABASES + "/{database}/documents:batchWrite")
def _batch_write(cloud: Cloud, seen: Seen, project: str, database: str) -> Any:
    cloud.get(_name(project, database))
    results, statuses = [], []
    for write in seen.body["writes"]:
        name = write["update"]["name"]
        if not re.match(rf"projects/{project}/databases/\(default\)/documents/[^/]+/[^/]+$", name):
            raise Problem(400, "INVALID_ARGUMENT", f"Bad document name {name}")
        if write.get("currentDocument") == {"exists": False} and name in cloud.things:
            statuses.append({"code": 6, "message": "Document already exists"})
            results.append({})
            continue
        cloud.things[name] = write["update"]
        statuses.append({})
        results.append({"updateTime": "2026-11-20T10:00:00Z"})
    return {"writeResults": results, "status": statuses}
