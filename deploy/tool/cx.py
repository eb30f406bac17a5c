"""A webhook resource of a Dialogflow CX agent, as dialogflow.googleapis.com/v3 keeps it.

The secrets come in the environment (WEBHOOK_BASIC, WEBHOOK_HEADERS: the texts of the function's variables; ROUTES: what
`python -m handlers --json` prints), never as arguments. OPTIONS are those of cx-webhook.sh.

cx check OPTIONS                        exit 1 and say what is wrong with them
cx find NAME                            the full name of that webhook in the list on standard input, or nothing
cx body URL OPTIONS                     the body of webhooks.create and webhooks.patch
cx same NAME BODY                       exit 0 when the webhook in the list on standard input is already so
cx override WEBHOOK ENVIRONMENT URL OPTIONS   the body of environments.patch, or `same`
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from deploy.tool.fulfillment import web_service

_AUTH = {"id-token": "ID_TOKEN", "access-token": "ACCESS_TOKEN", "none": "NONE"}
_VERSION = re.compile(r"projects/[^/]+(/locations/[^/]+)?/secrets/[^/]+/versions/[^/]+")
_SERVICE = re.compile(r"projects/[^/]+/locations/[^/]+/namespaces/[^/]+/services/[^/]+")


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the options of cx-webhook.sh."""
    parser = argparse.ArgumentParser(prog="cx-webhook.sh", allow_abbrev=False)
    parser.add_argument("--name", default="Shop")
    parser.add_argument("--route", default="")
    parser.add_argument("--timeout", type=int, default=5)
    parser.add_argument("--service-agent-auth", default="id-token", choices=list(_AUTH))
    parser.add_argument("--password-version", default="")
    parser.add_argument("--header-version", action="append", default=[])
    parser.add_argument("--oauth-client", default="")
    parser.add_argument("--oauth-token-endpoint", default="")
    parser.add_argument("--oauth-secret-version", default="")
    parser.add_argument("--oauth-scope", action="append", default=[])
    parser.add_argument("--ca", action="append", default=[])
    parser.add_argument("--service-directory", default="")
    return parser.parse_args(arguments)


def wrong(chosen: argparse.Namespace) -> list[str]:
    """Return what cannot work, each with an example."""
    found = []
    if not 1 <= chosen.timeout <= 30:
        found.append(f"--timeout {chosen.timeout}: Dialogflow CX waits 1 to 30 seconds. Example: --timeout 10")
    headers = [header.partition("=") for header in chosen.header_version]
    for version in (chosen.password_version, chosen.oauth_secret_version, *(version for _, _, version in headers)):
        if version and not _VERSION.fullmatch(version):
            found.append(f"{version!r} is no secret version. Example: projects/my-shop/secrets/webhook/versions/1")
    if any(not (name and version) for name, _, version in headers):
        found.append("--header-version needs NAME=VERSION. Example: X-Secret=projects/p/secrets/s/versions/1")
    oauth = (chosen.oauth_client, chosen.oauth_token_endpoint, chosen.oauth_secret_version)
    if any(oauth) and not all(oauth):
        found.append("OAuth needs --oauth-client, --oauth-token-endpoint and --oauth-secret-version together")
    if any(oauth) and chosen.service_agent_auth != "none":
        found.append("OAuth and the service agent's token need the same header: add --service-agent-auth none")
    if chosen.service_directory and not _SERVICE.fullmatch(chosen.service_directory):
        found.append("--service-directory is no service. Example: projects/p/locations/l/namespaces/n/services/s")
    found += [f"--ca {file}: there is no such file" for file in chosen.ca if not Path(file).is_file()]
    return found


def generic_web_service(url: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """Return the GenericWebService: where to, as whom, and for a flexible webhook what goes to and fro."""
    service = web_service(url, os.environ)
    if chosen.password_version:
        service.pop("username", None)
        service.pop("password", None)
        service["secretVersionForUsernamePassword"] = chosen.password_version
    if chosen.header_version:
        pairs = [header.partition("=") for header in chosen.header_version]
        service["secretVersionsForRequestHeaders"] = {name: {"secretVersion": version} for name, _, version in pairs}
        hidden = {name.lower() for name, _, _ in pairs}
        plain = {name: value for name, value in service.pop("requestHeaders", {}).items() if name.lower() not in hidden}
        if plain:
            service["requestHeaders"] = plain
    if chosen.oauth_client:
        service["oauthConfig"] = {
            "clientId": chosen.oauth_client,
            "secretVersionForClientSecret": chosen.oauth_secret_version,
            "tokenEndpoint": chosen.oauth_token_endpoint,
        } | ({"scopes": chosen.oauth_scope} if chosen.oauth_scope else {})
    service["serviceAgentAuth"] = _AUTH[chosen.service_agent_auth]
    if chosen.ca:
        service["allowedCaCerts"] = [_der(Path(file).read_bytes()) for file in chosen.ca]
    return service | (flexible(url, chosen.route) if chosen.route else {"webhookType": "STANDARD"})


def flexible(url: str, path: str) -> dict[str, Any]:
    """Return what `python -m handlers --json` says about a flexible route, with the function's URL before its path."""
    rows = json.loads(os.environ.get("ROUTES") or '{"routes": []}')["routes"]
    routes = {row["name"]: row for row in rows if row["kind"] == "route"}
    if path not in routes:
        known = ", ".join(routes) or "none; @on.route makes one"
        sys.exit(f"no handler has the route {path!r}. There are: {known}")
    webhook = dict(routes[path]["webhooks"][0])
    return {name: value for name, value in (webhook | {"uri": url + webhook["uri"]}).items() if value}


def body(url: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """Return the Webhook resource."""
    return {"displayName": chosen.name, "timeout": f"{chosen.timeout}s"} | _where(url, chosen)


def _where(url: str, chosen: argparse.Namespace) -> dict[str, Any]:
    service = generic_web_service(url, chosen)
    if chosen.service_directory:
        return {"serviceDirectory": {"service": chosen.service_directory, "genericWebService": service}}
    return {"genericWebService": service}


def override(webhook: str, environment: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any] | None:
    """Return the environment with this webhook's own URL and credentials, beside those of others; None: already so."""
    before = environment.get("webhookConfig", {}).get("webhookOverrides", [])
    for known in before:
        if known.get("name") == webhook and is_same(known, wanted):
            return None
    others = [known for known in before if known.get("name") != webhook]
    return {
        "name": environment.get("name", ""),
        "webhookConfig": {"webhookOverrides": [*others, {"name": webhook} | wanted]},
    }


def is_same(known: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether the agent already has it. A password that Google keeps to itself counts as different."""
    return {name: known.get(name) for name in wanted} == wanted and not (
        {"genericWebService", "serviceDirectory"} & set(known) - set(wanted)
    )


def find(listed: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the webhook of that display name, {} when there is none."""
    return next((webhook for webhook in listed.get("webhooks", []) if webhook.get("displayName") == name), {})


def _der(certificate: bytes) -> str:
    # The API takes DER; PEM is base64 of DER between two lines.
    pem = re.search(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", certificate, re.DOTALL)
    return b"".join(pem[1].split()).decode() if pem else base64.b64encode(certificate).decode()


def _check(*arguments: str) -> int:
    found = wrong(options(list(arguments)))
    print("\n".join(found), file=sys.stderr)
    return 1 if found else 0


def _find(name: str) -> None:
    print(find(json.load(sys.stdin), name).get("name", ""))


def _body(url: str, *arguments: str) -> None:
    json.dump(body(url, options(list(arguments))), sys.stdout)


def _same(name: str, wanted: str) -> int:
    return 0 if is_same(find(json.load(sys.stdin), name), json.loads(Path(wanted).read_text())) else 1


def _override(webhook: str, environment: str, url: str, *arguments: str) -> None:
    text = Path(environment).read_text()
    known = json.loads(text) if text.startswith("{") else {}
    made = override(webhook, known, body(url, options(list(arguments))))
    print("same" if made is None else json.dumps(made))


COMMANDS = {"check": _check, "find": _find, "body": _body, "same": _same, "override": _override}
