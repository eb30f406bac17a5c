"""One turn in the words of each dialect: requests of Dialogflow ES, CX and v1, and the words of their replies."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from fulfillment import Webhook
from fulfillment.call import Answer, Call
from fulfillment.routes import Routes
from fulfillment.settings import Settings
from tests.requests import SESSION, es_body

AGENT = "projects/p/locations/europe-west1/agents/a0000000-0000-4000-8000-000000000001"
FLOW = f"{AGENT}/flows/00000000-0000-0000-0000-000000000000"
PAGE = f"{FLOW}/pages/b0000000-0000-4000-8000-000000000002"
CX_SESSION = f"{AGENT}/sessions/s-1"


def es_request(
    intent: str = "",
    parameters: Mapping[str, Any] | None = None,
    *,
    contexts: Iterable[Mapping[str, Any]] = (),
    language: str = "en",
    session: str = SESSION,
) -> dict[str, Any]:
    """Return an ES WebhookRequest; `contexts` have bare names."""
    full = [{**context, "name": f"{session}/contexts/{context['name']}"} for context in contexts]
    return es_body(intent, parameters, contexts=full, session=session, languageCode=language)


def cx_request(
    tag: str = "",
    parameters: Mapping[str, Any] | None = None,
    *,
    form: Iterable[Mapping[str, Any]] = (),
    intent: str = "",
    intent_parameters: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a CX WebhookRequest; `parameters` are the session's, `form` parameterInfo entries, `more` goes on top."""
    request: dict[str, Any] = {
        "detectIntentResponseId": str(uuid.uuid4()),
        "fulfillmentInfo": {"tag": tag},
        "pageInfo": {"currentPage": PAGE, "displayName": "A Page"},
        "sessionInfo": {"session": CX_SESSION, "parameters": dict(parameters or {})},
        "languageCode": "en",
    }
    if not more.keys() & {"transcript", "triggerEvent", "triggerIntent", "dtmfDigits"}:
        request["text"] = "some words"
    if entries := list(form):
        request["pageInfo"]["formInfo"] = {"parameterInfo": entries}
    if intent:
        found = {name: {"resolvedValue": value} for name, value in (intent_parameters or {}).items()}
        request["intentInfo"] = {"displayName": intent, "lastMatchedIntent": f"{AGENT}/intents/i", "parameters": found}
    return {**request, **more}


def filled(**values: Any) -> list[dict[str, Any]]:
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
    original: Mapping[str, Any] | None = None,
    **result: Any,
) -> dict[str, Any]:
    """Return a v1 request; `result` goes into its member of that name."""
    request: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "timestamp": "2018-05-06T07:19:30.598Z",
        "lang": language,
        "sessionId": "f9e9a7c2",
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


def words_of(reply: Mapping[str, Any]) -> list[str]:
    """Return the words that a user reads in a reply of any dialect: texts, titles and suggestions, in order."""
    if "fulfillmentResponse" in reply:
        messages = reply["fulfillmentResponse"].get("messages", [])
    else:
        messages = reply.get("fulfillmentMessages", reply.get("messages", []))
    return [words for message in messages for words in _words(message)]


def _words(message: Mapping[str, Any]) -> list[str]:
    if "text" in message:
        return [message["text"]["text"][0]]
    if message.get("type") == 0:
        speech = message["speech"]
        return [speech if isinstance(speech, str) else speech[0]]
    if "card" in message or message.get("type") == 1:
        card = message.get("card", message)
        return [card["title"], *(button["text"] for button in card.get("buttons", []))]
    if "quickReplies" in message or message.get("type") == 2:
        replies = message.get("quickReplies", message)
        return [replies["title"], *replies.get("quickReplies", replies.get("replies", []))]
    elements = [element for card in message.get("payload", {}).get("richContent", []) for element in card]
    found: list[str] = []
    for element in elements:
        found += [element[name] for name in ("title", "text") if name in element]
        found += [option["text"] for option in element.get("options", [])]
    return found


def webhook_of(*handlers: Any, **settings: Any) -> Webhook:
    """Return a webhook that anybody on this machine may call, with these handlers only."""
    return Webhook(Routes(handlers), Settings(**settings))


def call_of(body: Any = b"", method: str = "POST", path: str = "/", query: str = "") -> Call:
    """Return a call from this machine; `body` is JSON-encoded unless it is bytes."""
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", "host": "127.0.0.1:8080"}
    return Call(method=method, path=path, query=query, headers=headers, body=encoded, peer="127.0.0.1")


def ask(webhook: Webhook, body: Any, **more: Any) -> tuple[int, Any]:
    """Return status and decoded JSON of the webhook's answer."""
    answer: Answer = webhook.answer(call_of(body, **more))
    return answer.status, json.loads(answer.body) if answer.body else None


__all__ = ["AGENT", "CX_SESSION", "FLOW", "PAGE", "ask", "call_of", "cx_request", "es_request", "filled", "v1_request"]
