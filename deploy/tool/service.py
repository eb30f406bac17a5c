"""Reads a Cloud Run service (JSON of `gcloud run services describe`) on standard input.

service changes PATHS    first line: the service's URL; then the options of `gcloud run services update` that it needs,
                         one a line; --to-latest comes first, when traffic does not go to the newest revision. PATHS:
                         the paths behind the URL that are audiences of their own, with blanks between them
"""

from __future__ import annotations

import json
import sys
from typing import Any


def url(service: dict[str, Any]) -> str:
    """The address at run.app, which is also the audience that IAM accepts."""
    return str(service["status"]["url"])


def boosted(service: dict[str, Any]) -> bool:
    """Whether startup CPU boost is on."""
    annotations = service["spec"]["template"].get("metadata", {}).get("annotations", {})
    return str(annotations.get("run.googleapis.com/startup-cpu-boost", "")).lower() == "true"


def audiences(service: dict[str, Any]) -> list[str]:
    """The custom audiences."""
    text = service["metadata"].get("annotations", {}).get("run.googleapis.com/custom-audiences", "[]")
    return [str(audience) for audience in json.loads(text)]


def missing_audiences(service: dict[str, Any], paths: list[str]) -> list[str]:
    """The URLs of `paths` that are no custom audience yet."""
    return [url(service) + path for path in paths if url(service) + path not in audiences(service)]


def follows_newest(service: dict[str, Any]) -> bool:
    """Whether all traffic goes to the newest revision, as after a deployment, rather than to one chosen by hand."""
    traffic = service["spec"].get("traffic") or [{"latestRevision": True, "percent": 100}]
    return any(target.get("latestRevision") and target.get("percent") == 100 for target in traffic)


def changes(paths: str) -> None:
    """Print the URL and the options."""
    service = json.load(sys.stdin)
    print(url(service))
    if not follows_newest(service):
        print("--to-latest")
    if not boosted(service):
        print("--cpu-boost")
    if missing := missing_audiences(service, paths.split()):
        print("--add-custom-audiences=" + ",".join(missing))


COMMANDS = {"changes": changes}
