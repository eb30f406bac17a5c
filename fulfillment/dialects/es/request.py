"""ES WebhookRequest -> `Request`.

Member names and types: google.cloud.dialogflow.v2 (and v2beta1) WebhookRequest. Default values are left out of the
JSON, unknown members are ignored, and a member of the wrong type counts as absent: real traffic holds all three.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...call import Call
from ...request import Context, KnowledgeAnswer, Request, Sentiment, Session
from ..channels import channel_of
from ..members import whole_numbers

_DIALOG_PARAMETER = "_dialog_params_"
# Nobody types words like these; "WELCOME" some do, and an event it stays.
_EVENT_TEXT = re.compile(r"[A-Z][A-Z0-9]*|[A-Za-z0-9]+(_[A-Za-z0-9]+)+")


# Members of the wire, the member of `Request` that each becomes, and the JSON type it must have.
_BODY = {"responseId": ("response_id", str)}
_RESULT = {
    "queryText": ("query_text", str),
    "languageCode": ("language", str),
    "action": ("action", str),
    "parameters": ("parameters", dict),
    "allRequiredParamsPresent": ("all_required_params_present", bool),
    "cancelsSlotFilling": ("cancels_slot_filling", bool),
    "fulfillmentText": ("fulfillment_text", str),
    "webhookSource": ("webhook_source", str),
    "webhookPayload": ("webhook_payload", dict),
    "speechRecognitionConfidence": ("speech_confidence", float),
    "intentDetectionConfidence": ("intent_confidence", float),
}
_INTENT = {
    "displayName": ("intent", str),
    "name": ("intent_name", str),
    "isFallback": ("is_fallback", bool),
    "endInteraction": ("end_interaction", bool),
    "liveAgentHandoff": ("live_agent_handoff", bool),
}


def decode(body: Mapping[str, Any], call: Call) -> Request:
    """Read a call's JSON body; raises nothing, whatever is missing or mistyped."""
    members = _camel(body)
    result = _camel(_object(members, "queryResult"))
    found: dict[str, Any] = {"dialect": "es", "headers": call.headers, "body": body, "raw": call.body}
    _take(members, _BODY, found)
    _take(result, _RESULT, found)
    _take(_camel(_object(result, "intent")), _INTENT, found)
    found["session"] = Session.named(_text(members, "session"))
    found["contexts"] = contexts = _contexts(result.get("outputContexts"))
    found["event"] = _event(found.get("query_text", ""), contexts)
    found["asked_parameter"] = _asked(contexts, found.get("parameters", {}))
    if counters := contexts.get("__system_counters__"):
        found["misses"] = _whole(counters.parameters.get("no-match"))
    if original := _object(members, "originalDetectIntentRequest"):
        channel = channel_of(original)
        found.update(channel=channel.name, user_id=channel.user_id, payload=channel.payload)
    _take_rare(members, result, found)
    return Request.received(found)


def _take(source: Mapping[str, Any], wanted: Mapping[str, tuple[str, type]], found: dict[str, Any]) -> None:
    # By what is there: most members are defaults, which the wire leaves out.
    for name, value in source.items():
        member = wanted.get(name)
        if member is not None:
            if type(value) is member[1]:
                found[member[0]] = value
            elif member[1] is float and type(value) is int:
                found[member[0]] = float(value)


def _take_rare(members: Mapping[str, Any], result: Mapping[str, Any], found: dict[str, Any]) -> None:
    if messages := _objects(result, "fulfillmentMessages"):
        found["fulfillment_messages"] = messages
    if sentiment := _object(result, "sentimentAnalysisResult"):
        found["sentiment"] = _sentiment(sentiment)
    if alternatives := _objects(members, "alternativeQueryResults"):
        found["alternatives"] = alternatives
    if knowledge := _object(result, "knowledgeAnswers"):
        found["knowledge_answers"] = _knowledge(knowledge)


def _contexts(entries: Any) -> dict[str, Context]:
    contexts: dict[str, Context] = {}
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            continue
        name = entry["name"].rpartition("/")[2].lower()
        contexts[name] = Context.received(
            name, _whole(_camel(entry).get("lifespanCount")), whole_numbers(_object(entry, "parameters"))
        )
    return contexts


def _event(query_text: str, contexts: Mapping[str, Context]) -> str:
    # An event's query text is its name; with parameters there is a context of that name as well.
    context = contexts.get(query_text.lower())
    if (context is not None and context.lifespan == 0) or _EVENT_TEXT.fullmatch(query_text):
        return query_text
    return ""


def _asked(contexts: Mapping[str, Context], parameters: Mapping[str, Any]) -> str:
    for name in contexts:
        if _DIALOG_PARAMETER in name:
            asked = name.rpartition(_DIALOG_PARAMETER)[2]
            return next((parameter for parameter in parameters if parameter.lower() == asked), asked)
    return ""


def _sentiment(result: Mapping[str, Any]) -> Sentiment:
    words, status = _object(_camel(result), "queryTextSentiment"), _object(result, "status")
    return Sentiment(_number(words, "score"), _number(words, "magnitude"), _text(status, "message"))


def _knowledge(result: Mapping[str, Any]) -> tuple[KnowledgeAnswer, ...]:
    return tuple(
        KnowledgeAnswer(
            answer=_text(answer, "answer"),
            question=_text(answer, "faqQuestion"),
            source=_text(answer, "source"),
            confidence=_number(answer, "matchConfidence"),
            level=_text(answer, "matchConfidenceLevel"),
        )
        for answer in map(_camel, _objects(result, "answers"))
    )


_CAMEL_NAMES = (
    "responseId queryResult originalDetectIntentRequest alternativeQueryResults queryText languageCode "
    "speechRecognitionConfidence allRequiredParamsPresent cancelsSlotFilling fulfillmentText fulfillmentMessages "
    "webhookSource webhookPayload outputContexts intentDetectionConfidence sentimentAnalysisResult knowledgeAnswers "
    "displayName isFallback endInteraction liveAgentHandoff lifespanCount queryTextSentiment faqQuestion "
    "matchConfidence matchConfidenceLevel"
)
_CAMEL_OF = {re.sub("(?=[A-Z])", "_", name).lower(): name for name in _CAMEL_NAMES.split()}
_SNAKE_NAMES = frozenset(_CAMEL_OF)


def _camel(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object with the names of JSON: proto names are legal too, and Google's own samples use them."""
    if _SNAKE_NAMES.isdisjoint(members):
        return members
    named = {_CAMEL_OF.get(name, name): value for name, value in members.items()}
    return named | {name: value for name, value in members.items() if value is not None and name not in _CAMEL_OF}


def _object(parent: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _objects(parent: Mapping[str, Any], name: str) -> tuple[dict[str, Any], ...]:
    value = parent.get(name)
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _text(parent: Mapping[str, Any], name: str) -> str:
    value = parent.get(name)
    return value if isinstance(value, str) else ""


def _number(parent: Mapping[str, Any], name: str) -> float:
    value = parent.get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) else 0
