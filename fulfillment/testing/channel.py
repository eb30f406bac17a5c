"""Where a turn comes from: what each integration adds to a request (docs/protocol.md 4)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from typing import Any

from ..dialects.channels import USER_PATHS

PROJECT = "test-project"
CX_AGENT_ID = "a0000000-0000-4000-8000-000000000001"

_SOURCES = {"api": "", "messenger": "", "console": "DIALOGFLOW_CONSOLE", "phone": "GOOGLE_TELEPHONY"}
_BARE = ("google", "google_telephony")


def session_name(dialect: str, channel: str, environment: str, location: str) -> str:
    """Return the name of a new session, as the dialect writes it; of v1 a bare id."""
    id = _session_id(channel)
    if dialect == "v1":
        return id
    if dialect == "cx":
        place = f"projects/{PROJECT}/locations/{location or 'global'}/agents/{CX_AGENT_ID}"
        return f"{place}{f'/environments/{environment}' if environment else ''}/sessions/{id}"
    place = f"/locations/{location}" if location else ""
    draft = f"/environments/{environment}/users/-" if environment else ""
    return f"projects/{PROJECT}{place}/agent{draft}/sessions/{id}"


def original(channel: str, user_id: str) -> dict[str, Any]:
    """Return `originalDetectIntentRequest` of a channel: "messenger", "console", "phone", "facebook", "line", ...

    "" is a caller of the API. `user_id` goes where the integration puts its user.
    """
    source = _SOURCES.get(channel, channel)
    path = USER_PATHS.get(source.lower(), (("userId",),))[0]
    event: Any = user_id
    for step in reversed(path):
        event = {step: event}
    payload: dict[str, Any] = event if user_id else {}
    if not source:
        return {"payload": payload}
    if source.lower() not in _BARE and payload:
        payload = {"data": payload, "source": source}
    return {"source": source, "payload": payload}


def written(
    original: Mapping[str, Any], dialect: str, source: str, payload: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return where a turn comes from, as the dialect writes it; `source` and `payload` replace the channel's own."""
    found = dict(original)
    if source:
        found["source"] = source
    if payload is not None:
        found["payload"] = dict(payload)
    if dialect == "cx":
        return {**found["payload"], **({"source": found["source"]} if "source" in found else {})}
    if dialect == "v1":
        return {"source": found.get("source", ""), "data": found["payload"]} if any(found.values()) else {}
    return found


def _session_id(channel: str) -> str:
    # Integrations choose their own, and Dialogflow Messenger's shows what it is.
    if channel == "messenger":
        return f"dfMessenger-{random.randrange(10**7, 10**8)}"  # noqa: S311 - no secret
    return str(uuid.uuid4())
