"""A `curl` line that a handler of this project answers: the right kind of call, values that fit, credentials."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fulfillment.access.basic import Basic
from fulfillment.access.header import Header
from fulfillment.access.jwt import SIGNATURE_REMOVED
from fulfillment.access.platform_iam import PlatformIam
from fulfillment.settings import Settings

_KINDS = ("intent", "action", "tag", "event", "fallback", "route")
"""From what a Dialogflow ES agent calls to what only some agents call."""
_SHOWN_FIRST = "check_order"
_SESSION = "projects/local-project/agent/sessions/try-it"
_CX_SESSION = "projects/local-project/locations/global/agents/local-agent/sessions/try-it"
_WITH_BODY = ("POST", "PUT", "PATCH")
_WITHOUT_BODY = ("GET", "DELETE", "HEAD", "OPTIONS")
_EXAMPLES = {
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "date": "2026-12-01",
    "time": "19:00:00",
    "date-time": "2026-12-01T19:00:00+01:00",
}
# The documents of deploy/data answer to these.
_SAMPLE_VALUES = {"order_id": "A-1001"}

Row = Mapping[str, Any]
"""One row of `python -m handlers --json`."""


def curl_line(rows: Sequence[Row], settings: Settings, url: str) -> str:
    """Return the command for bash. It holds the first secret of `basic` and `header`, since the call needs it."""
    return shlex.join(["curl", *_credentials(settings), *_call(_chosen(rows), url)])


def what_it_lacks(settings: Settings) -> str:
    """Return what a caller must show besides and no line can, in words; "" where the line has everything."""
    return " and ".join(filter(None, (mechanism.cannot_be_shown for mechanism in settings.mechanisms)))


def _chosen(rows: Sequence[Row]) -> Row | None:
    # The sample where it is there; else what needs no context, which an earlier turn would have to set.
    ordered = sorted(
        rows,
        key=lambda row: (
            row["name"] != _SHOWN_FIRST,
            _KINDS.index(row["kind"]),
            bool(row["required_contexts"]),
        ),
    )
    return ordered[0] if ordered else None


def _credentials(settings: Settings) -> list[str]:
    words: list[str] = []
    for mechanism in settings.mechanisms:
        if isinstance(mechanism, Basic):
            words += ["-u", mechanism.lines[0]]
        elif isinstance(mechanism, Header):
            for name, values in mechanism.headers.items():
                words += ["-H", f"{name}: {values[0]}"]
        elif isinstance(mechanism, PlatformIam):
            words += ["-H", f"authorization: Bearer {_checked_token(mechanism)}"]
    return words


def _checked_token(iam: PlatformIam) -> str:
    """Return a token as the platform hands it over: off Google nobody checks it, and only this machine may call."""
    email = min(iam.callers, default="you@example.com")
    claims = {"email": email, "email_verified": True, "aud": min(iam.audience, default="")}
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "RS256"}, claims)
    )
    return f"{header}.{payload}.{SIGNATURE_REMOVED}"


def _call(row: Row | None, url: str) -> list[str]:
    if row is None:
        row = {"kind": "intent", "name": "Default Welcome Intent", "parameters": [], "required_contexts": []}
    values = {parameter["name"]: _value(parameter) for parameter in row["parameters"] if parameter["required"]}
    contexts = {context["name"]: example(context["schema"]) for context in row["required_contexts"]}
    if row["kind"] == "route":
        return _route_call(row, values, url)
    body = _cx_body(row, values, contexts) if row["kind"] == "tag" else _es_body(row, values, contexts)
    return [*_json(body), url]


def _value(parameter: Mapping[str, Any]) -> Any:
    if parameter["name"] in _SAMPLE_VALUES and parameter["schema"] == {"type": "string"}:
        return _SAMPLE_VALUES[parameter["name"]]
    return example(parameter["schema"])


def _es_body(row: Row, values: Mapping[str, Any], contexts: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"languageCode": "en", "parameters": values, "allRequiredParamsPresent": True}
    active = [_es_context(name, value) | {"lifespanCount": 5} for name, value in contexts.items()]
    if row["kind"] == "intent":
        result["intent"] = {"displayName": row["name"]}
    elif row["kind"] == "action":
        result["action"] = row["name"]
    elif row["kind"] == "event":  # an event's query text is its name, and so is a context's that lives this turn only
        result["queryText"] = row["name"]
        active.append(_es_context(row["name"].lower(), values))
    else:
        result["intent"] = {"displayName": "Default Fallback Intent", "isFallback": True}
    if active:
        result["outputContexts"] = active
    return {"session": _SESSION, "queryResult": result}


def _es_context(name: str, parameters: Any) -> dict[str, Any]:
    return {"name": f"{_SESSION}/contexts/{name}", "parameters": parameters}


def _cx_body(row: Row, values: Mapping[str, Any], contexts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "fulfillmentInfo": {"tag": row["name"]},
        # What is a context in ES, a session parameter that holds an object is here.
        "sessionInfo": {"session": _CX_SESSION, "parameters": {**values, **contexts}},
        "languageCode": "en",
    }


def _route_call(row: Row, values: Mapping[str, Any], url: str) -> list[str]:
    address = url.rstrip("/") + row["name"]
    with_body = next((method for method in _WITH_BODY if method in row["methods"]), "")
    if with_body:
        return [*(["-X", with_body] if with_body != "POST" else ()), *_json(values), address]
    method = next(method for method in _WITHOUT_BODY if method in row["methods"])
    options = {"GET": (), "HEAD": ("-I",)}.get(method, ("-X", method))
    query = urlencode({name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()})
    return [*options, address + (f"?{query}" if query else "")]


def _json(body: Mapping[str, Any]) -> list[str]:
    return ["-H", "content-type: application/json", "-d", json.dumps(body)]


def example(schema: Mapping[str, Any]) -> Any:
    """Return a value that fits a parameter's JSON Schema, never one that Dialogflow's "not given" looks like."""
    if "enum" in schema:
        return next((choice for choice in schema["enum"] if choice not in ("", None)), "example")
    if "anyOf" in schema:
        return example(schema["anyOf"][0])
    kind = schema.get("type", "string")
    if kind == "array":
        return [example(schema.get("items", {}))]
    if kind == "object":
        wanted = {name: schema["properties"][name] for name in schema.get("required", ())}
        return {name: example(member) for name, member in wanted.items()}
    return _EXAMPLES.get(schema.get("format", kind), "example")
