"""The agent: its fulfillment, its credentials, its intents. And the data behind the function."""

from __future__ import annotations

import os
from typing import Any

from .. import fulfillment as link
from .. import intents as pairing
from .facts import Facts, Finding, Findings, fine, wrong

# Multi-regions and the regions they lie in.
_INSIDE = {"nam5": "us-", "nam7": "us-", "eur3": "europe-"}


def agent(facts: Facts) -> Findings:
    """There is an agent, and it speaks v2."""
    if "agent" not in facts:
        missing = facts.absent("agent")
        says = "there is none in this project and location" if missing else facts.reason("agent")
        yield wrong("agent", says, "./deploy/agent.sh restore")
        return
    version = facts.json("agent").get("apiVersion", "API_VERSION_V2")
    wanted = facts.variables().get("WEBHOOK_API_VERSION", "v2")
    spoken = {"API_VERSION_V2_BETA_1": "v2beta1", "API_VERSION_V1": "v1"}.get(version, "v2")
    if spoken != wanted:
        says = f"speaks {spoken}, the function {wanted}"
        mend = "Settings > General > API version of the agent: V2"
        if spoken == "v2beta1":
            mend = "FUNCTION_ENV=WEBHOOK_API_VERSION=v2beta1 in the settings, then ./deploy/function.sh"
        yield wrong("agent", says, mend)
    else:
        yield fine("agent", f"{facts.json('agent').get('displayName', '')}, {spoken}")


def fulfillment(facts: Facts) -> Findings:
    """The fulfillment is on, its own, and points at the function."""
    if "fulfillment" not in facts or "service" not in facts:
        return
    found = facts.json("fulfillment")
    service = found.get("genericWebService", {})
    if service.get("isCloudFunction"):
        yield wrong("fulfillment", "the console's inline editor owns it", "./deploy/link.sh")
    elif not found.get("enabled"):
        yield wrong("fulfillment", "is switched off", "./deploy/link.sh")
    elif service.get("uri") != facts.url:
        yield wrong(
            "fulfillment", f"points at {service.get('uri')}, the function is at {facts.url}", "./deploy/link.sh"
        )
    else:
        yield fine("fulfillment", facts.url)
        yield from _credentials(facts, service)


def _credentials(facts: Facts, service: dict[str, Any]) -> Findings:
    wanted = link.web_service(facts.url, os.environ)
    headers = {k: v for k, v in service.get("requestHeaders", {}).items() if k}
    tokens = any(map(facts.uses, ("iam", "id-token", "access-token", "oauth")))
    if tokens and service.get("username"):
        says = "the agent sends a user and password, which suppresses the token that WEBHOOK_AUTH needs"
        yield wrong("credentials", says, "./deploy/link.sh")
    elif tokens and any(name.lower() == "authorization" for name in headers):
        says = "the agent sends a header named authorization, which suppresses the token that WEBHOOK_AUTH needs"
        yield wrong("credentials", says, "./deploy/link.sh")
    elif facts.uses("basic") and service.get("username") != wanted.get("username"):
        yield wrong("credentials", "the agent's user is not the function's", "./deploy/link.sh")
    elif facts.uses("basic") and service.get("password") not in (None, wanted.get("password")):
        yield wrong("credentials", "the agent's password is not the function's", "./deploy/link.sh")
    elif "requestHeaders" not in wanted and facts.uses("header") and facts.secrets():
        return  # its secret cannot be read: that is told where the secrets are
    elif facts.uses("header") and (name := _bad_header(headers, wanted)):
        yield wrong("credentials", f"the agent's header {name} is not what the function expects", "./deploy/link.sh")
    else:
        yield fine("credentials", facts.setting("WEBHOOK_AUTH"))


def _bad_header(headers: dict[str, str], wanted: dict[str, Any]) -> str:
    sent = {name.lower(): value for name, value in headers.items()}
    return next(
        (str(name) for name, value in wanted.get("requestHeaders", {}).items() if sent.get(name.lower()) != value), ""
    )


def intents(facts: Facts) -> Findings:
    """Every intent with a handler calls the webhook, and every webhook call has a handler."""
    if "intents" not in facts:
        return
    matched = pairing.match(facts.json("routes")["routes"], pairing.intents_on(facts.text("intents")))
    if matched.changes:
        names = ", ".join(change["displayName"] for change in matched.changes)
        yield wrong("intents", f"webhook call is off or without slot filling: {names}", "./deploy/link.sh")
    if matched.unhandled:
        says = f"call the webhook and have no handler: {', '.join(matched.unhandled)}"
        mend = f"a file in handlers/ with @on.intent({matched.unhandled[0]!r}), then ./deploy/deploy.sh"
        yield wrong("handlers", says, mend)
    if matched.missing:
        says = f"handlers without an intent: {', '.join(matched.missing)}"
        yield wrong("handlers", says, "python3 -m handlers   (names must be those of the agent)")
    if not (matched.changes or matched.unhandled or matched.missing):
        yield fine("intents", f"{len(matched.fine)} call the webhook, each has its handler")


def firestore(facts: Facts) -> Findings:
    """The database is there, near, and has its TTL policies and indexes."""
    if "database" not in facts:
        says = "does not exist" if facts.absent("database") else facts.reason("database")
        yield wrong("database", f"{facts.setting('FIRESTORE_DATABASE')} {says}", "./deploy/firestore.sh")
        return
    found = facts.json("database")
    location, region = found.get("locationId", ""), facts.setting("REGION")
    if found.get("type") != "FIRESTORE_NATIVE":
        yield wrong("database", f"is {found.get('type')}", "FIRESTORE_DATABASE=dialogflow ./deploy/deploy.sh")
    elif location != region and not region.startswith(_INSIDE.get(location, location)):
        says = f"is in {location}, the function in {region}: every lookup crosses the distance"
        yield wrong("database", says, f"another database nearby: FIRESTORE_DATABASE=near-{region} ./deploy/deploy.sh")
    else:
        yield fine("database", f"{facts.setting('FIRESTORE_DATABASE')} in {location}")
    have = [field["name"] for field in facts.json("ttls") or []]
    lacking = [w for w in facts.text("wanted-ttls").splitlines() if not _has_ttl(have, *w.split())]
    if lacking:
        yield wrong("TTL", f"no policy for {', '.join('.'.join(w.split()) for w in lacking)}", "./deploy/firestore.sh")
    else:
        yield fine("TTL", "as in deploy/firestore.indexes.json")
    if missing := facts.text("missing-indexes").splitlines():
        yield wrong("indexes", f"missing: {'; '.join(missing)}", "./deploy/firestore.sh")
    else:
        yield fine("indexes", "as in deploy/firestore.indexes.json")


def _has_ttl(have: list[str], group: str, field: str) -> bool:
    return any(name.endswith(f"/collectionGroups/{group}/fields/{field}") for name in have)


def checks(facts: Facts) -> list[Finding]:
    """All of this file, in order."""
    return [*agent(facts), *fulfillment(facts), *intents(facts), *firestore(facts)]
