"""What was said and what was answered, in a line each: for a person at a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..request import Request
from . import redacted

_LONGEST = 300
_V1_KINDS = ("text", "card", "quickReplies", "image", "payload")
_BESIDE = ("platform", "type", "channel", "responseType", "source", "lang")
_SPOKEN = {"fulfillmentText", "fulfillmentMessages", "fulfillmentResponse", "speech", "displayText", "messages"}


def said(request: Request) -> str:
    """Return the user's words, then the parameters; what looks like a secret is blanked out."""
    given = {name: value for name, value in redacted(dict(request.parameters)).items() if value not in ("", None, [])}
    parameters = ", ".join(f"{name}={value!r}" for name, value in given.items())
    words = request.query_text or (f"(event {request.event})" if request.event else "")
    return _short(" ".join(filter(None, [words, f"({parameters})" if parameters else ""])) or "(nothing)")


def answered(reply: Any) -> str:
    """Return the texts of a reply, then the names of its other messages and members."""
    if reply is None:
        return "(no body)"
    if not isinstance(reply, Mapping):
        return _short(json.dumps(reply, ensure_ascii=False))
    if not reply:
        return "(the agent's own response)"
    error = reply.get("error")
    if isinstance(error, Mapping) and "cause" in error:
        return _short(f"{error['cause']}: {error.get('message', '')}")
    texts: list[str] = []
    others: list[str] = []
    for text, name in _messages(reply):
        (texts if text else others).append(text or name)
    others += [name for name in reply if name not in _SPOKEN]
    if not texts and not _SPOKEN.intersection(reply) and not _is_dialogflows(reply):
        return _short(json.dumps(reply, ensure_ascii=False))
    words = " / ".join(texts) or "(no words)"
    return _short(" + ".join([words, ", ".join(others)] if others else [words]))


def _is_dialogflows(reply: Mapping[str, Any]) -> bool:
    """Tell a reply without words from the free JSON of a flexible route."""
    return not {
        *("outputContexts", "followupEventInput", "sessionEntityTypes", "payload", "sessionInfo", "pageInfo"),
        *("targetPage", "targetFlow", "contextOut", "followupEvent", "data"),
    }.isdisjoint(reply)


def _messages(reply: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the text of each message, or its kind where it is no text."""
    response = reply.get("fulfillmentResponse")
    found = reply.get("fulfillmentMessages") or reply.get("messages")
    if isinstance(response, Mapping):
        found = response.get("messages")
    spoken = reply.get("fulfillmentText") or reply.get("speech")
    if not found and isinstance(spoken, str):
        yield spoken, ""
    for message in found if isinstance(found, list) else ():
        if isinstance(message, Mapping):
            yield _text_of(message), _kind_of(message)
    payload = reply.get("payload", reply.get("data"))
    google = payload.get("google") if isinstance(payload, Mapping) else None
    rich = google.get("richResponse") if isinstance(google, Mapping) else None
    for item in rich.get("items", ()) if isinstance(rich, Mapping) else ():
        yield _text_of(item), next(iter(item), "item")


def _kind_of(message: Mapping[str, Any]) -> str:
    """Return the name of a message's kind; v1 has numbers for them, or names such as `basic_card`."""
    kind = message.get("type")
    if kind is None:
        return next((name for name in message if name not in _BESIDE), "message")
    return _V1_KINDS[kind] if isinstance(kind, int) and 0 <= kind < len(_V1_KINDS) else str(kind)


def _text_of(message: Mapping[str, Any]) -> str:
    """Return the first variant of a text message; "" for any other message."""
    for name in ("text", "speech", "textToSpeech", "displayText", "ssml"):
        value = message.get(name)
        if isinstance(value, Mapping):
            value = value.get("text")
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str):
            return value
    for name in ("simpleResponse", "simpleResponses", "outputAudioText"):
        inner = message.get(name)
        if isinstance(inner, Mapping):
            inner = inner.get("simpleResponses", inner)
        if isinstance(inner, list) and inner:
            inner = inner[0]
        if isinstance(inner, Mapping):
            return _text_of(inner)
    return ""


def _short(text: str) -> str:
    plain = " / ".join(line for line in text.splitlines() if line.strip())
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."
