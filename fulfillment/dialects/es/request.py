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
from ..members import number_in, object_in, objects_in, text_in, true_in, whole

_DIALOG_PARAMETER = "_dialog_params_"
_EVENT_TEXT = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*|actions_intent_[A-Z_]+")


def decode(body: Mapping[str, Any], call: Call) -> Request:
    """Read a call's JSON body; raises nothing, whatever is missing or mistyped."""
    result = object_in(body, "queryResult")
    intent = object_in(result, "intent")
    contexts = _contexts(result.get("outputContexts") or result.get("output_contexts"))
    parameters = object_in(result, "parameters")
    query_text = text_in(result, "queryText")
    counters = contexts.get("__system_counters__")
    channel = channel_of(object_in(body, "originalDetectIntentRequest"))
    sentiment = object_in(result, "sentimentAnalysisResult")
    return Request(
        dialect="es",
        response_id=text_in(body, "responseId"),
        session=Session.named(text_in(body, "session")),
        intent=text_in(intent, "displayName"),
        intent_name=text_in(intent, "name"),
        action=text_in(result, "action"),
        event=_event(query_text, contexts),
        is_fallback=true_in(intent, "isFallback"),
        end_interaction=true_in(intent, "endInteraction"),
        live_agent_handoff=true_in(intent, "liveAgentHandoff"),
        parameters=parameters,
        contexts=contexts,
        query_text=query_text,
        language=text_in(result, "languageCode"),
        speech_confidence=number_in(result, "speechRecognitionConfidence"),
        intent_confidence=number_in(result, "intentDetectionConfidence"),
        all_required_params_present=true_in(result, "allRequiredParamsPresent"),
        cancels_slot_filling=true_in(result, "cancelsSlotFilling"),
        asked_parameter=_asked(contexts, parameters),
        fulfillment_text=text_in(result, "fulfillmentText"),
        fulfillment_messages=objects_in(result, "fulfillmentMessages"),
        webhook_source=text_in(result, "webhookSource"),
        webhook_payload=object_in(result, "webhookPayload"),
        sentiment=_sentiment(sentiment) if sentiment else None,
        alternatives=objects_in(body, "alternativeQueryResults"),
        knowledge_answers=_knowledge(object_in(result, "knowledgeAnswers")),
        misses=whole(counters.parameters.get("no-match")) if counters else 0,
        channel=channel.name,
        user_id=channel.user_id,
        payload=channel.payload,
        headers=call.headers,
        body=body,
        raw=call.body,
    )


def _contexts(entries: Any) -> dict[str, Context]:
    contexts: dict[str, Context] = {}
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            continue
        name = entry["name"].rpartition("/")[2].lower()
        lifespan = entry.get("lifespanCount", entry.get("lifespan_count"))
        contexts[name] = Context(name, whole(lifespan), object_in(entry, "parameters"))
    return contexts


def _event(query_text: str, contexts: Mapping[str, Context]) -> str:
    # An event's query text is its name; with parameters there is a context of that name as well.
    context = contexts.get(query_text.lower())
    if (context is not None and context.lifespan == 0) or _EVENT_TEXT.fullmatch(query_text):
        return query_text
    return ""


def _asked(contexts: Mapping[str, Context], parameters: Mapping[str, Any]) -> str:
    for name in contexts:
        _, marker, asked = name.rpartition(_DIALOG_PARAMETER)
        if marker:
            return next((parameter for parameter in parameters if parameter.lower() == asked), asked)
    return ""


def _sentiment(result: Mapping[str, Any]) -> Sentiment:
    words, status = object_in(result, "queryTextSentiment"), object_in(result, "status")
    return Sentiment(number_in(words, "score"), number_in(words, "magnitude"), text_in(status, "message"))


def _knowledge(result: Mapping[str, Any]) -> tuple[KnowledgeAnswer, ...]:
    return tuple(
        KnowledgeAnswer(
            answer=text_in(answer, "answer"),
            question=text_in(answer, "faqQuestion"),
            source=text_in(answer, "source"),
            confidence=number_in(answer, "matchConfidence"),
            level=text_in(answer, "matchConfidenceLevel"),
        )
        for answer in objects_in(result, "answers")
    )
