"""v1 webhook request -> `Request`: each member is read under its v2 name (docs/protocol.md 10.1 and 10.4).

v1 is the older spelling of ES: slot filling, events and channels show by the same signs, so ES's reader reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...call import Call
from ...request import Request
from ..es.request import decode as decode_es
from ..members import member, object_in, objects_in, text_in


def decode(body: Mapping[str, Any], call: Call) -> Request:
    """Read a call's JSON body; raises nothing, whatever is missing or mistyped."""
    original = object_in(body, "originalRequest")
    request = decode_es(_as_v2(body, original), call)
    version = original.get("version")
    return replace(
        request,
        dialect="v1",
        # The metadata's switch is missing in most logs; this is the action of every agent's first fallback intent.
        is_fallback=request.is_fallback or request.action == "input.unknown",
        channel_version=str(version) if isinstance(version, str | int) else "",
        body=body,
    )


def _as_v2(body: Mapping[str, Any], original: Mapping[str, Any]) -> dict[str, Any]:
    result = object_in(body, "result")
    metadata = object_in(result, "metadata")
    fulfillment = object_in(result, "fulfillment")
    return {
        "responseId": text_in(body, "id"),
        "session": text_in(body, "sessionId"),
        "queryResult": {
            "queryText": text_in(result, "resolvedQuery"),
            "languageCode": text_in(body, "lang"),
            "action": text_in(result, "action"),
            "parameters": object_in(result, "parameters"),
            "allRequiredParamsPresent": not _is_true(member(result, "actionIncomplete")),
            "fulfillmentText": text_in(fulfillment, "speech"),
            "fulfillmentMessages": list(objects_in(fulfillment, "messages")),
            "outputContexts": [
                {
                    "name": text_in(context, "name"),
                    "lifespanCount": member(context, "lifespan"),
                    "parameters": object_in(context, "parameters"),
                }
                for context in objects_in(result, "contexts")
            ],
            "intent": {
                "name": text_in(metadata, "intentId"),
                "displayName": text_in(metadata, "intentName"),
                "isFallback": _is_true(member(metadata, "isFallbackIntent")),
                "endInteraction": _is_true(member(metadata, "endConversation")),
            },
            "intentDetectionConfidence": member(result, "score"),
        },
        "originalDetectIntentRequest": {
            "source": text_in(original, "source"),
            "payload": object_in(original, "data"),
        },
    }


def _is_true(value: Any) -> bool:
    # v1's metadata holds the strings "true" and "false".
    return value is True or (isinstance(value, str) and value.lower() == "true")
