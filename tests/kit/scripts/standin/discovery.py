"""Checks a request against Google's own discovery documents, which google-api-python-client ships.

Caught: unknown method, path, query name, body member, enum value, type, update mask path. Not caught, because the
documents lack it: required body members, filter syntax, role names, region names.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import googleapiclient

_DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"

APIS = {
    "artifactregistry": ["v1"],
    "cloudbilling": ["v1"],
    "cloudbuild": ["v1"],
    "cloudfunctions": ["v1", "v2"],
    "cloudresourcemanager": ["v1", "v3"],
    "dialogflow": ["v2", "v3"],
    "firestore": ["v1"],
    "iam": ["v1"],
    "logging": ["v2"],
    "monitoring": ["v1", "v3"],
    "orgpolicy": ["v2"],
    "run": ["v1", "v2"],
    "secretmanager": ["v1"],
    "serviceusage": ["v1", "v1beta1"],
}


@functools.cache
def document(api: str, version: str) -> dict[str, Any]:
    """The discovery document of one API version."""
    loaded: dict[str, Any] = json.loads((_DOCUMENTS / f"{api}.{version}.json").read_text())
    return loaded


def check(api: str, method: str, path: str, query: dict[str, list[str]], body: object) -> list[str]:
    """What is wrong with this request; empty when nothing is."""
    for version in APIS.get(api, []):
        found = _method(api, version, method, path)
        if found is not None:
            return _against(document(api, version), found, query, body)
    return [f"{api}: no method for {method} {path}"]


def check_value(api: str, version: str, schema: str, value: object) -> list[str]:
    """What is wrong with `value` as a message of type `schema`."""
    return list(_value(document(api, version), {"$ref": schema}, value, schema))


def _against(doc: dict[str, Any], method: dict[str, Any], query: dict[str, list[str]], body: object) -> list[str]:
    problems = []
    known = {**doc.get("parameters", {}), **method.get("parameters", {})}
    for name, values in query.items():
        if name not in known:
            problems.append(f"{method['id']}: unknown query parameter {name!r}")
            continue
        allowed = known[name].get("enum")
        problems += [
            f"{method['id']}: {name}={v!r} is not in {allowed}" for v in values if allowed and v not in allowed
        ]
    for name, parameter in method.get("parameters", {}).items():
        if parameter.get("required") and parameter["location"] == "query" and name not in query:
            problems.append(f"{method['id']}: query parameter {name!r} is missing")
    request = method.get("request")
    if request is None:
        if body not in (None, {}, ""):
            problems.append(f"{method['id']}: takes no body")
        return problems
    if body is not None:
        problems += _value(doc, request, body, method["id"])
    for mask in query.get("updateMask", []):
        problems += [
            f"{method['id']}: update mask names {path!r}"
            for path in mask.split(",")
            if path and not _resolves(doc, request["$ref"], path)
        ]
    return problems


def _value(doc: dict[str, Any], schema: dict[str, Any], value: object, where: str) -> list[str]:
    if "$ref" in schema:
        schema = doc["schemas"][schema["$ref"]]
    kind = schema.get("type", "any")
    if value is None or kind == "any":
        return []
    if kind == "object":
        return _object(doc, schema, value, where)
    if kind == "array":
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no list"]
        return [p for i, item in enumerate(value) for p in _value(doc, schema["items"], item, f"{where}[{i}]")]
    return _scalar(schema, kind, value, where)


def _object(doc: dict[str, Any], schema: dict[str, Any], value: object, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no object"]
    members, extra, problems = schema.get("properties", {}), schema.get("additionalProperties"), []
    for name, member in value.items():
        if name in members:
            problems += _value(doc, members[name], member, f"{where}.{name}")
        elif extra is not None:
            problems += _value(doc, extra, member, f"{where}.{name}")
        else:
            problems.append(f"{where}: unknown member {name!r}")
    return problems


def _scalar(schema: dict[str, Any], kind: str, value: object, where: str) -> list[str]:
    form = schema.get("format", "")
    fits = {
        "string": isinstance(value, str) or (form in ("int64", "uint64") and type(value) is int),
        "boolean": isinstance(value, bool),
        "integer": type(value) is int,
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }[kind]
    if not fits:
        return [f"{where}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is not in {schema['enum']}"]
    if form == "google-duration" and not re.fullmatch(r"-?\d+(\.\d{1,9})?s", str(value)):
        return [f"{where}: {value!r} is no duration"]
    if form in ("int64", "uint64") and not re.fullmatch(r"-?\d+", str(value)):
        return [f"{where}: {value!r} is no whole number"]
    return []


def _resolves(doc: dict[str, Any], schema: str, path: str) -> bool:
    current: dict[str, Any] = doc["schemas"][schema]
    for part in path.split("."):
        camel = re.sub(r"_(\w)", lambda m: m[1].upper(), part)
        if camel in current.get("properties", {}):
            current = current["properties"][camel]
        elif "additionalProperties" in current:
            current = current["additionalProperties"]
        else:
            return False
        if "$ref" in current:
            current = doc["schemas"][current["$ref"]]
    return True


@functools.cache
def _methods(api: str, version: str) -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    found = []

    def collect(resources: dict[str, Any]) -> None:
        for resource in resources.values():
            for method in resource.get("methods", {}).values():
                template = method.get("flatPath", method["path"])
                pattern = re.sub(r"\\{[^}]*\\}", "[^/]+?", re.escape(template))
                found.append((method["httpMethod"], re.compile(f"/{pattern}"), method))
            collect(resource.get("resources", {}))

    collect(document(api, version)["resources"])
    return found


def _method(api: str, version: str, http_method: str, path: str) -> dict[str, Any] | None:
    # Longest template first: "{x}:verb" must win over "{x}".
    matching = [m for verb, pattern, m in _methods(api, version) if verb == http_method and pattern.fullmatch(path)]
    return max(matching, key=lambda m: len(m.get("flatPath", m["path"])), default=None)
