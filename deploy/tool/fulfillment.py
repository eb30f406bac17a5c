"""An ES agent's fulfillment, as dialogflow.googleapis.com/v2 keeps it.

The secrets come in the environment (WEBHOOK_BASIC, WEBHOOK_HEADERS: the texts of the function's variables), never as
arguments. Of several lines that rotate a password the agent gets the first.

fulfillment body NAME URL          the body of agent.updateFulfillment
fulfillment same URL               exit 0 when the fulfillment on standard input is already so
fulfillment page                   the fulfillment on standard input, as the console's Fulfillment page shows it
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any


def web_service(url: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """The `genericWebService` that fits the function's settings."""
    service: dict[str, Any] = {"uri": url}
    basic = [line.strip() for line in environ.get("WEBHOOK_BASIC", "").splitlines() if line.strip()]
    if basic:
        service["username"], _, service["password"] = basic[0].partition(":")
    headers: dict[str, str] = {}
    for line in environ.get("WEBHOOK_HEADERS", "").splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() not in {known.lower() for known in headers}:
            headers[name.strip()] = value.strip()
    if headers:
        service["requestHeaders"] = headers
    return service


def same(fulfillment: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether the agent already has it. A password that Google keeps to itself counts as different."""
    service = fulfillment.get("genericWebService", {})
    headers = {k: v for k, v in service.get("requestHeaders", {}).items() if k}
    return (
        fulfillment.get("enabled") is True
        and service.get("uri") == wanted["uri"]
        and service.get("username", "") == wanted.get("username", "")
        and service.get("password", "") == wanted.get("password", "")
        and headers == wanted.get("requestHeaders", {})
        and not service.get("isCloudFunction")
    )


def page(fulfillment: dict[str, Any]) -> str:
    """What the console should show; no secret in it."""
    service = fulfillment.get("genericWebService", {})
    user = service.get("username")
    headers = [name for name in service.get("requestHeaders", {}) if name]
    talk = any(feature.get("type") == "SMALLTALK" for feature in fulfillment.get("features", []))
    rows = [
        ("Webhook", "ENABLED" if fulfillment.get("enabled") else "DISABLED"),
        ("URL", service.get("uri", "(empty)")),
        ("BASIC AUTH", f"{user} / (a password)" if user else "(empty)"),
        ("HEADERS", ", ".join(f"{name}: (a secret)" for name in headers) or "(empty)"),
        ("SMALL TALK", "Enable webhook for Smalltalk" if talk else "Disable webhook for Smalltalk"),
        ("Inline Editor", "ENABLED: it owns the fulfillment" if service.get("isCloudFunction") else "DISABLED"),
    ]
    return "\n".join(f"    {label:<14}{value}" for label, value in rows)


def _body(name: str, url: str) -> None:
    service = web_service(url, os.environ)
    json.dump({"name": name, "displayName": "Webhook", "enabled": True, "genericWebService": service}, sys.stdout)


def _same(url: str) -> int:
    return 0 if same(json.load(sys.stdin), web_service(url, os.environ)) else 1


def _page() -> None:
    print(page(json.load(sys.stdin)))


COMMANDS = {"body": _body, "same": _same, "page": _page}
