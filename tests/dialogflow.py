"""What Dialogflow ES sends: request bodies for tests."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

SESSION = "projects/p/agent/sessions/5f1c0c7e-0000-4000-8000-1d2e3f405162"


def es_request(
    intent: str = "",
    parameters: Mapping[str, Any] | None = None,
    *,
    contexts: Sequence[Mapping[str, Any]] = (),
    language: str = "en",
    complete: bool = True,
    session: str = SESSION,
    response_id: str = "",
    **more: Any,
) -> dict[str, Any]:
    """Return a WebhookRequest; `contexts` have bare names, `more` goes into queryResult."""
    result: dict[str, Any] = {
        "queryText": "some words",
        "languageCode": language,
        "parameters": dict(parameters or {}),
        "outputContexts": [{**context, "name": f"{session}/contexts/{context['name']}"} for context in contexts],
        **more,
    }
    if complete:
        result["allRequiredParamsPresent"] = True
    if intent:
        result["intent"] = {"name": "projects/p/agent/intents/0f1c0c7e", "displayName": intent}
    return {"responseId": response_id or str(uuid.uuid4()), "session": session, "queryResult": result}


def words(reply: Mapping[str, Any]) -> str:
    """Return the texts of a WebhookResponse, first variants, joined by newlines."""
    messages = reply.get("fulfillmentMessages", [])
    return "\n".join(message["text"]["text"][0] for message in messages if "text" in message)
