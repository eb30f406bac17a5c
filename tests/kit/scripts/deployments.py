"""The settings of a plain deployment, and a deployment as tests look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import PROJECT, Bench, Ran
from standin import Seen


def settings(folder: Path) -> dict[str, str]:
    headers = folder / "headers"
    headers.write_text("X-Webhook-Secret: first-secret-of-all\n")
    return {
        "PROJECT_ID": PROJECT,
        "REGION": "europe-west1",
        "WEBHOOK_AUTH": "iam,header",
        "WEBHOOK_HEADERS_FILE": str(headers),
        "FUNCTION_ENV": "WEATHER_API_URL=https://weather.example/v1,GREETING=Hello",
        "FUNCTION_SECRETS": "WEATHER_API_KEY=weather-api-key",
        "ALERT_EMAIL": "ops@example.com",
    }


@dataclass
class Deployment:
    """A deployment that ran once: what it printed, what it sent, and the world it left."""

    ran: Ran
    seen: list[Seen]
    calls: list[str]
    world: dict[str, Any]

    def sent(self, method: str, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.method == method and re.search(path, seen.path)]

    def changes(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.changes]


def deployment(bench: Bench, *command: str, **settings: str) -> Deployment:
    ran = bench.run(*command, **settings)
    return Deployment(ran, list(bench.cloud.seen), bench.calls(), bench.cloud.snapshot())


def requests(seen: list[Seen]) -> list[object]:
    """What was asked, to compare two runs: without what Google or gcloud draws anew for each."""
    return [(s.method, s.host, re.sub(r"\d+\.zip", "N.zip", s.path), s.query, _neutral(s.body)) for s in seen]


_DRAWN = {"object", "etag", "run.googleapis.com/operation-id", "client.knative.dev/nonce", "resourceVersion"}


def _neutral(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _neutral(value) for key, value in body.items() if key not in _DRAWN}
    if isinstance(body, list):
        return [_neutral(value) for value in body]
    return re.sub(r"notificationChannels/\d+", "", body) if isinstance(body, str) else body
