"""An integration's own part of a request -> which integration, who the user says they are, and its payload.

Its form changed over the years; every variant seen in public traffic since 2017 is read (docs/protocol.md 4).
Everything here is under the caller's control: never an identity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Channel:
    """`name` is lower-case ("slack", "dialogflow_console", "" when unknown); `payload` the channel's own event."""

    name: str = ""
    user_id: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


USER_PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "google": (("user", "userId"), ("user", "user_id")),
    "facebook": (("sender", "id"),),
    "slack": (("event", "user"), ("user",)),
    "telegram": (
        ("message", "from", "id"),
        ("callback_query", "from", "id"),
        ("message", "chat", "id"),
        ("callback_query", "message", "chat", "id"),
    ),
    "line": (("source", "userId"),),
    "hangouts": (("event", "user", "name"), ("event", "user", "email")),
    "google_telephony": (("telephony", "caller_id"),),
    "twilio": (("From",),),
    "twitter": (("direct_message", "sender_id"), ("direct_message", "sender", "id")),
    "viber": (("sender", "id"), ("user", "id")),
    "kik": (("from",),),
    "skype": (("from", "id"), ("user", "id")),
}
"""Where each integration puts its user. "user" of Slack is a string, of Assistant an object."""

# Members by which an event without a `source` is known.
_SIGNS: tuple[tuple[str, str], ...] = (
    ("telephony", "google_telephony"),
    ("update_id", "telegram"),
    ("event_ts", "slack"),
    ("api_app_id", "slack"),
    ("replyToken", "line"),
    ("direct_message", "twitter"),
    ("MessageSid", "twilio"),
)


def channel_of(original: Mapping[str, Any]) -> Channel:
    """Read `originalDetectIntentRequest`, in the form of any year; raises nothing."""
    if not original:
        return Channel()
    payload = original.get("payload")
    if not isinstance(payload, dict):
        payload = {}
    inner = payload.get("data")
    event = inner if isinstance(inner, dict) else payload
    name = _name(original.get("source"), payload.get("source")) or _guess(event)
    user_id = _first_text(event, USER_PATHS.get(name, ())) or _first_text(payload, (("userId",),))
    return Channel(name, user_id, event)


def _name(*sources: Any) -> str:
    for source in sources:
        if isinstance(source, str) and source:
            name = source.strip().lower()
            return "slack" if name == "slack_testbot" else name
    return ""


def _guess(event: Mapping[str, Any]) -> str:
    for member, name in _SIGNS:
        if member in event:
            return name
    if isinstance(event.get("sender"), dict) and isinstance(event.get("recipient"), dict):
        return "facebook"
    inner = event.get("event")
    return "hangouts" if isinstance(inner, dict) and "space" in inner else ""


def _first_text(event: Mapping[str, Any], paths: tuple[tuple[str, ...], ...]) -> str:
    for path in paths:
        value: Any = event
        for step in path:
            if isinstance(value, list):  # one old phone log has `telephony` as an array
                value = value[0] if value else None
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, bool):
            continue
        if isinstance(value, str) and value:
            return value
        if isinstance(value, (int, float)):
            return str(int(value)) if value == int(value) else str(value)
    return ""
