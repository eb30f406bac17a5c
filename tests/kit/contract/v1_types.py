"""A strict reading of v1 replies: Google has no types for v1, so docs/protocol.md 10.2 and 10.3 stand here instead."""

from __future__ import annotations

import json
from typing import Any

_PLATFORMS = {"facebook", "slack", "telegram", "kik", "skype", "line", "viber", "google"}
_BUTTONS = [{"text": str, "postback": str}]
_IMAGE = {"url": str, "accessibilityText": str, "height": int, "width": int}
_LINK = {"title": str, "openUrlAction": {"url": str, "urlTypeHint": str}}
_ITEM = {"optionInfo": {"key": str, "synonyms": [str]}, "title": str, "description": str, "image": _IMAGE}
_CONTEXT = {"name": str, "lifespan": int, "parameters": dict}

# A type, a list of one shape, an object of named members, or several of these.
_REPLY: dict[str, Any] = {
    "speech": str,
    "displayText": str,
    "messages": list,
    "data": dict,
    "contextOut": [_CONTEXT],
    "source": str,
    "followupEvent": {"name": str, "data": dict},
}
_GOOGLE: dict[str, Any] = {
    "expectUserResponse": bool,
    "isSsml": bool,
    "noInputPrompts": [{"textToSpeech": str, "ssml": str, "displayText": str}],
    "richResponse": {"items": [dict], "suggestions": [{"title": str}], "linkOutSuggestion": dict},
    "systemIntent": {"intent": str, "data": dict},
    "speech": str,
    "finalResponse": dict,
    "userStorage": str,
    "resetUserStorage": bool,
    "speechBiasingHints": [str],
}
_MESSAGES: dict[Any, dict[str, Any]] = {
    0: {"speech": (str, [str])},
    1: {"title": str, "subtitle": str, "imageUrl": str, "buttons": _BUTTONS},
    2: {"title": str, "replies": [str]},
    3: {"imageUrl": str},
    4: {"payload": dict},
    "simple_response": {"textToSpeech": str, "ssml": str, "displayText": str},
    "basic_card": {
        "title": str,
        "subtitle": str,
        "formattedText": str,
        "image": _IMAGE,
        "buttons": [_LINK],
        "imageDisplayOptions": str,
    },
    "list_card": {"title": str, "subtitle": str, "items": [_ITEM]},
    "carousel_card": {"items": [_ITEM], "imageDisplayOptions": str},
    "suggestion_chips": {"suggestions": [{"title": str}]},
    "link_out_chip": {"destinationName": str, "url": str},
    "custom_payload": {"payload": dict},
    "browse_carousel_card": {"items": [dict], "imageDisplayOptions": str},
    "table_card": {
        "title": str,
        "subtitle": str,
        "image": _IMAGE,
        "columnProperties": [{"header": str, "horizontalAlignment": str}],
        "rows": [{"cells": [{"text": str}], "dividerAfter": bool}],
        "buttons": [_LINK],
    },
    "media_content": {"mediaType": str, "mediaObjects": [dict]},
}


def v1_reply(body: bytes) -> dict[str, Any]:
    """Return a v1 reply; raises `ValueError` for an unknown member, or one of another type than v1 gives it."""
    reply: Any = json.loads(body)
    _check(reply, _REPLY, "reply")
    for number, message in enumerate(reply.get("messages", ())):
        _check_message(message, f"messages[{number}]")
    if "google" in reply.get("data", {}):
        _check(reply["data"]["google"], _GOOGLE, "data.google")
    checked: dict[str, Any] = reply
    return checked


def _check_message(message: Any, where: str) -> None:
    kind = message.get("type") if isinstance(message, dict) else None
    if isinstance(kind, bool) or kind not in _MESSAGES:
        raise ValueError(f"{where} is {message!r}; expected a type of {list(_MESSAGES)}")
    if message.get("platform", "google") not in _PLATFORMS:
        raise ValueError(f"{where}.platform is {message['platform']!r}; expected one of {sorted(_PLATFORMS)}")
    if isinstance(kind, str) and message.get("platform") != "google":
        raise ValueError(f"{where} of type {kind} has another platform than google")
    _check({name: value for name, value in message.items() if name not in ("type", "platform")}, _MESSAGES[kind], where)


def _check(value: Any, shape: Any, where: str) -> None:
    if isinstance(shape, tuple):
        shape = shape[isinstance(value, list)]
    if isinstance(shape, dict):
        _check(value, dict, where)
        for name, member in value.items():
            if name not in shape:
                raise ValueError(f"{where}.{name} is no member of v1; known are {', '.join(shape)}")
            _check(member, shape[name], f"{where}.{name}")
    elif isinstance(shape, list):
        _check(value, list, where)
        for number, member in enumerate(value):
            _check(member, shape[0], f"{where}[{number}]")
    elif type(value) is not shape:
        raise ValueError(f"{where} is {value!r}; expected {shape.__name__}")
