"""Request bodies as Dialogflow writes them, one function a dialect: for `Agent`, and for tests of the wire itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

SESSION = "projects/p/agent/sessions/s"
CX_AGENT = "projects/p/locations/europe-west1/agents/a0000000-0000-4000-8000-000000000001"
CX_FLOW = f"{CX_AGENT}/flows/00000000-0000-0000-0000-000000000000"
CX_PAGE = f"{CX_FLOW}/pages/b0000000-0000-4000-8000-000000000002"
CX_SESSION = f"{CX_AGENT}/sessions/s-1"

_CX_INPUTS = frozenset(("text", "transcript", "triggerEvent", "triggerIntent", "dtmfDigits"))


def es_request(
    intent: str = "",
    parameters: Mapping[str, Any] | None = None,
    *,
    contexts: Iterable[Mapping[str, Any]] = (),
    complete: bool = True,
    language: str = "en",
    session: str = SESSION,
    response_id: str = "",
    original: Mapping[str, Any] | None = None,
    **result: Any,
) -> dict[str, Any]:
    """Return an ES WebhookRequest; `result` are further members of `queryResult`.

    `contexts` have bare names, or full ones. With `complete=False` slot filling is still running: Dialogflow leaves the
    false member out. `original` is `originalDetectIntentRequest`.
    """
    query_result: dict[str, Any] = {
        "queryText": "words",
        "languageCode": language,
        "parameters": dict(parameters or {}),
    }
    if intent:
        query_result["intent"] = {"name": "projects/p/agent/intents/1", "displayName": intent}
    if complete:
        query_result["allRequiredParamsPresent"] = True
    if full := [{**context, "name": _full(context["name"], session)} for context in contexts]:
        query_result["outputContexts"] = full
    return {
        "responseId": response_id or str(uuid.uuid4()),
        "session": session,
        "queryResult": query_result | result,
        "originalDetectIntentRequest": dict(original) if original is not None else {"payload": {}},
    }


def es_context(name: str, /, lifespan: int = 0, session: str = SESSION, **parameters: Any) -> dict[str, Any]:
    """Return a context as an ES request holds it; a lifespan of 0 is left out."""
    context: dict[str, Any] = {"name": _full(name, session), "parameters": parameters}
    return context | ({"lifespanCount": lifespan} if lifespan else {})


def cx_request(
    tag: str = "",
    parameters: Mapping[str, Any] | None = None,
    *,
    form: Iterable[Mapping[str, Any]] = (),
    intent: str = "",
    intent_parameters: Mapping[str, Any] | None = None,
    page: str = CX_PAGE,
    page_name: str = "A Page",
    session: str = CX_SESSION,
    language: str = "en",
    **more: Any,
) -> dict[str, Any]:
    """Return a CX WebhookRequest; `parameters` are the session's, `form` parameterInfo entries, `more` goes on top.

    The user typed "some words" unless `more` names another input (`transcript`, `triggerEvent`, `dtmfDigits`, ...).
    """
    request: dict[str, Any] = {
        "detectIntentResponseId": str(uuid.uuid4()),
        "fulfillmentInfo": {"tag": tag},
        "pageInfo": {"currentPage": page, "displayName": page_name},
        "sessionInfo": {"session": session, "parameters": dict(parameters or {})},
        "languageCode": language,
    }
    if _CX_INPUTS.isdisjoint(more):
        request["text"] = "some words"
    if entries := list(form):
        request["pageInfo"]["formInfo"] = {"parameterInfo": entries}
    if intent:
        found = {name: {"resolvedValue": value} for name, value in (intent_parameters or {}).items()}
        agent = session.partition("/sessions/")[0].partition("/environments/")[0]
        request["intentInfo"] = {"displayName": intent, "lastMatchedIntent": f"{agent}/intents/i", "parameters": found}
    return {**request, **more}


def cx_form(**values: Any) -> list[dict[str, Any]]:
    """Return the parameterInfo entries of a form: filled with these values, or empty for None; all are required."""
    return [
        {"displayName": name, "required": True}
        | ({"state": "EMPTY"} if value is None else {"state": "FILLED", "value": value})
        for name, value in values.items()
    ]


def v1_request(
    intent: str = "",
    parameters: Mapping[str, Any] | None = None,
    *,
    contexts: Iterable[Mapping[str, Any]] = (),
    language: str = "en",
    session: str = "f9e9a7c2",
    original: Mapping[str, Any] | None = None,
    **result: Any,
) -> dict[str, Any]:
    """Return a v1 request; `result` goes into its member of that name, `contexts` have bare names."""
    request: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "timestamp": "2018-05-06T07:19:30.598Z",
        "lang": language,
        "sessionId": session,
        "result": {
            "source": "agent",
            "resolvedQuery": "some words",
            "action": "",
            "actionIncomplete": False,
            "parameters": dict(parameters or {}),
            "contexts": list(contexts),
            "metadata": {"intentId": "i", "intentName": intent, "webhookUsed": "true"},
            "fulfillment": {"speech": "", "messages": []},
            "score": 1.0,
            **result,
        },
        "status": {"code": 200, "errorType": "success"},
    }
    return request | ({"originalRequest": dict(original)} if original is not None else {})


def _full(name: str, session: str) -> str:
    return name if "/" in name else f"{session}/contexts/{name}"
