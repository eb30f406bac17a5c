"""Whether Dialogflow could read a reply: Google's own types say so for ES and CX, a table of members for v1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXT, _OBJECT, _LIST = str, Mapping, list

_V1: dict[str, type] = {
    "speech": _TEXT,
    "displayText": _TEXT,
    "messages": _LIST,
    "data": _OBJECT,
    "contextOut": _LIST,
    "source": _TEXT,
    "followupEvent": _OBJECT,
}
_V1_CONTEXT: dict[str, type] = {"name": _TEXT, "lifespan": int, "parameters": _OBJECT}
_V1_EVENT: dict[str, type] = {"name": _TEXT, "data": _OBJECT}


def check_as_google_does(body: Mapping[str, Any], api_version: str = "v2", dialect: str = "es") -> None:
    """Read a reply as strictly as Dialogflow does; for ES and CX only where Google's packages are installed.

    These are google-cloud-dialogflow and google-cloud-dialogflow-cx. `api_version` is "v2" or "v2beta1", of ES.
    Raises `AssertionError`, for ES and CX with Google's words, for a reply that Dialogflow could not read.
    """
    if dialect == "v1":
        _check_v1(body)
        return
    try:
        response = _response_type(api_version, dialect)
    except ImportError:
        return
    from google.protobuf import json_format

    try:
        json_format.ParseDict(dict(body), response(), ignore_unknown_fields=False)
    except json_format.ParseError as error:
        raise AssertionError(f"Dialogflow could not read this reply: {error}") from None


def _response_type(api_version: str, dialect: str) -> Any:
    if dialect == "cx":
        from google.cloud import dialogflowcx_v3

        return dialogflowcx_v3.WebhookResponse.pb()
    if api_version == "v2beta1":
        from google.cloud import dialogflow_v2beta1

        return dialogflow_v2beta1.WebhookResponse.pb()
    from google.cloud import dialogflow_v2

    return dialogflow_v2.WebhookResponse.pb()


def _check_v1(body: Mapping[str, Any]) -> None:
    _check_members("the reply", body, _V1)
    for context in body.get("contextOut", []):
        _check_members("contextOut", context, _V1_CONTEXT)
        if "/" in context.get("name", "/"):
            raise AssertionError(f"Dialogflow could not read this reply: context name {context.get('name')!r} in v1.")
    _check_members("followupEvent", body.get("followupEvent", {}), _V1_EVENT)
    for message in body.get("messages", []):
        if not isinstance(message, Mapping) or not isinstance(message.get("type"), int | str):
            raise AssertionError(f"Dialogflow could not read this reply: a message without a type: {message!r:.200}")


def _check_members(where: str, found: Any, known: Mapping[str, type]) -> None:
    if not isinstance(found, Mapping):
        raise AssertionError(f"Dialogflow could not read this reply: {where} is no object.")
    for name, value in found.items():
        if name not in known:
            raise AssertionError(f"Dialogflow could not read this reply: {where} has no member {name!r} in v1.")
        if not isinstance(value, known[name]):
            raise AssertionError(f"Dialogflow could not read this reply: {where}.{name} is {type(value).__name__}.")
