"""CX WebhookRequest -> `Request`.

Member names and types: google.cloud.dialogflow.cx.v3 (and v3beta1) WebhookRequest, docs/protocol.md 8.1. Default
values are left out of the JSON, undocumented members are ignored, and a member of the wrong type counts as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from ...call import Call
from ...pages import FormParameter, LanguageInfo, Page, State
from ...request import CONTEXT_LIFESPAN, Context, Request, Sentiment, Session
from ..channels import channel_of
from ..members import member, number_in, object_in, objects_in, text_in, true_in, whole, whole_numbers

MISSES = "fulfillment_misses"
"""The session parameter in which `request.misses` is counted: CX has no counter of its own."""

_INPUTS = {
    "text": "text",
    "transcript": "transcript",
    "triggerEvent": "event",
    "triggerIntent": "intent",
    "dtmfDigits": "dtmf",
}
_STATES = get_args(State)


def decode(body: Mapping[str, Any], call: Call) -> Request:
    """Read a call's JSON body; raises nothing, whatever is missing or mistyped."""
    intent = object_in(body, "intentInfo")
    session = object_in(body, "sessionInfo")
    session_parameters = whole_numbers(object_in(session, "parameters"))
    page = _page(object_in(body, "pageInfo"))
    found = object_in(intent, "parameters")
    event = text_in(body, "triggerEvent")
    missed = event.lower().startswith("sys.no-match")
    # Nothing was matched by silence or unknown words: intentInfo then still holds the intent of an earlier turn.
    matched = not missed and not event.lower().startswith("sys.no-input")
    waiting = [name for name, part in page.form.items() if part.required and part.state != "FILLED"] if page else []
    messages = objects_in(body, "messages")
    channel = channel_of({"payload": object_in(body, "payload")})
    sentiment = object_in(body, "sentimentAnalysisResult")
    language = object_in(body, "languageInfo")
    return Request(
        dialect="cx",
        response_id=text_in(body, "detectIntentResponseId"),
        session=Session.named(text_in(session, "session")),
        intent=text_in(intent, "displayName") if matched else "",
        intent_name=text_in(intent, "lastMatchedIntent") if matched else "",
        intent_confidence=number_in(intent, "confidence"),
        tag=text_in(object_in(body, "fulfillmentInfo"), "tag"),
        event=event,
        is_fallback=missed,
        input_kind=next((kind for name, kind in _INPUTS.items() if isinstance(member(body, name), str)), ""),
        query_text=text_in(body, "text") or text_in(body, "transcript") or text_in(body, "dtmfDigits"),
        trigger_intent=text_in(body, "triggerIntent"),
        dtmf_digits=text_in(body, "dtmfDigits"),
        language=text_in(body, "languageCode"),
        language_info=_language(language) if language else None,
        parameters=_parameters(page, session_parameters, found),
        original_values={name: _original(entry) for name, entry in found.items()},
        session_parameters=session_parameters,
        contexts=_contexts(session_parameters),
        page=page,
        all_required_params_present=not waiting,
        asked_parameter=waiting[0] if waiting else "",
        misses=whole(session_parameters.get(MISSES)) + missed,
        fulfillment_messages=messages,
        fulfillment_text=_words(messages),
        sentiment=Sentiment(number_in(sentiment, "score"), number_in(sentiment, "magnitude")) if sentiment else None,
        channel=channel.name,
        user_id=channel.user_id,
        payload=channel.payload,
        headers=call.headers,
        body=body,
        raw=call.body,
    )


def _parameters(page: Page | None, session: Mapping[str, Any], found_by_intent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Merge what a handler's arguments come from; the first that knows a name decides.

    1. The current page's form: a value that it is still asking for, or has refused, is missing (""), whatever an
       older turn left elsewhere.
    2. The session: CX writes an intent's parameters there when it matches, so what differs is newer.
    3. The last matched intent, which may be of an earlier turn.
    """
    intent = {
        name: member(entry, "resolvedValue") for name, entry in found_by_intent.items() if isinstance(entry, dict)
    }
    merged = {name: value for name, value in intent.items() if value is not None}
    merged.update((name, value) for name, value in session.items() if value is not None and name != MISSES)
    if page:
        for name, parameter in page.form.items():
            merged[name] = "" if parameter.value is None or parameter.state == "INVALID" else parameter.value
    return merged


def _original(entry: Any) -> Any:
    return text_in(entry, "originalValue") or None if isinstance(entry, dict) else None


def _contexts(session_parameters: Mapping[str, Any]) -> dict[str, Context]:
    # What `Context` is in ES, a session parameter that holds an object is here. It lives until it is deleted.
    return {
        name.lower(): Context(name.lower(), CONTEXT_LIFESPAN, value)
        for name, value in session_parameters.items()
        if isinstance(value, dict)
    }


def _page(info: Mapping[str, Any]) -> Page | None:
    if not info:
        return None
    form = {
        text_in(entry, "displayName"): _form_parameter(entry)
        for entry in objects_in(object_in(info, "formInfo"), "parameterInfo")
        if text_in(entry, "displayName")
    }
    return Page(text_in(info, "currentPage"), text_in(info, "displayName"), form)


def _form_parameter(entry: Mapping[str, Any]) -> FormParameter:
    state: Any = text_in(entry, "state")
    value = whole_numbers({"value": member(entry, "value")})["value"]
    if not state or state not in _STATES:
        state = "EMPTY" if value is None else "FILLED"
    return FormParameter(
        text_in(entry, "displayName"), value, true_in(entry, "required"), state, true_in(entry, "justCollected")
    )


def _words(messages: tuple[dict[str, Any], ...]) -> str:
    texts = [object_in(message, "text").get("text") for message in messages]
    return "\n".join(str(variants[0]) for variants in texts if isinstance(variants, list) and variants)


def _language(info: Mapping[str, Any]) -> LanguageInfo:
    return LanguageInfo(
        text_in(info, "inputLanguageCode"), text_in(info, "resolvedLanguageCode"), number_in(info, "confidenceScore")
    )
