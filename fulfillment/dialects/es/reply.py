"""`Reply` -> ES WebhookResponse.

Member names and types: google.cloud.dialogflow.v2 (and v2beta1) WebhookResponse. A reply that Dialogflow cannot
parse is dropped whole, so everything is checked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import problems
from ...messages import Message
from ...parts import Part
from ...reply import (
    EndInteraction,
    EndSlotFilling,
    FollowUp,
    HandOff,
    Reply,
    SessionEntities,
    WebhookPayload,
)
from ...request import Context, Request
from ...settings import Settings
from ..remarks import Encoded, Remark
from ..response import MAX_BYTES, checked_name, cut_to_texts, encoded, keeps_slot_filling
from .limits import limit_remarks
from .messages import encode_messages


def encode(reply: Reply, request: Request, settings: Settings) -> Encoded:
    """Return the JSON body that says `reply` to the session of `request`, and what the log should know of it.

    Raises a 500 `Problem`: `invalid-reply` for what Dialogflow could not parse, `reply-limit` for a broken limit where
    `settings.strict`, `reply-too-large` where not even the texts fit into 64 KiB.
    """
    if not reply.parts:
        return Encoded(b"{}")
    remarks = limit_remarks(reply, settings)
    response = _response(reply, request, settings, remarks)
    body = encoded(response)
    if len(body) > MAX_BYTES:
        remarks.append(cut_to_texts(request.intent, len(body)))
        body = _cut_to_texts(response, len(body))
    return Encoded(body, remarks)


def _cut_to_texts(response: dict[str, Any], found: int) -> bytes:
    texts = [message for message in response.get("fulfillmentMessages", ()) if "text" in message]
    shorter = {name: member for name, member in response.items() if name != "payload"} | {"fulfillmentMessages": texts}
    body = encoded(shorter)
    if len(body) > MAX_BYTES and shorter.pop("fulfillmentText", None):  # it repeats the texts
        body = encoded(shorter)
    if len(body) > MAX_BYTES or not texts:
        raise problems.reply_too_large(found, MAX_BYTES)
    return body


def _response(reply: Reply, request: Request, settings: Settings, remarks: list[Remark]) -> dict[str, Any]:
    response: dict[str, Any] = {}
    messages: list[dict[str, Any]] = []
    to_messenger = _is_messenger(request)
    for part in reply.parts:
        if isinstance(part, Message):
            messages += encode_messages(part, settings.api_version, remarks, to_messenger)
        else:
            _put(part, response, request, settings, remarks)
    if messages:
        response["fulfillmentMessages"] = messages
        if text := reply.text:
            response["fulfillmentText"] = text
    if "followupEventInput" in response:
        remarks += _follow_up_remarks(response["followupEventInput"]["name"], bool(messages), request)
    return response


def _follow_up_remarks(event: str, with_messages: bool, request: Request) -> Iterator[Remark]:
    if with_messages:
        yield Remark(problems.followup_drops_messages(request.intent, event))
    if event.lower() == request.event.lower():
        yield Remark(problems.followup_loops(request.intent, event))


def _is_messenger(request: Request) -> bool:
    # The only signs that Dialogflow Messenger leaves (docs/protocol.md 4).
    return request.session.id.startswith("dfMessenger-") or (not request.channel and "userId" in request.payload)


def _put(part: Part, response: dict[str, Any], request: Request, settings: Settings, remarks: list[Remark]) -> None:
    if isinstance(part, Context):
        if request.session.name:
            _add(response, "outputContexts", _context(part, request))
        else:
            remarks.append(Remark(problems.no_session("context", part.name)))
    elif isinstance(part, FollowUp):
        if "followupEventInput" in response:
            raise problems.invalid_reply(
                f"it has FollowUp({response['followupEventInput']['name']!r}) and FollowUp({part.name!r}); only one "
                "event can start the turn over"
            )
        event: dict[str, Any] = {"name": part.name, "languageCode": part.language or request.language or "en"}
        if part.parameters:
            event["parameters"] = part.parameters
        response["followupEventInput"] = event
    elif isinstance(part, SessionEntities):
        if request.session.name:
            _add(response, "sessionEntityTypes", _entities(part, request))
        else:
            remarks.append(Remark(problems.no_session("session entities", part.name)))
    elif isinstance(part, EndSlotFilling):
        for name in request.contexts if request.session.name else ():
            if keeps_slot_filling(name):
                _add(response, "outputContexts", _named(name, request))
    elif isinstance(part, WebhookPayload):
        response.setdefault("payload", {}).update(part.content)
    elif isinstance(part, EndInteraction | HandOff):
        _put_ending(part, response, request, settings, remarks)
    elif type(part).__name__ == "GooglePayload":
        # Its encoder is loaded by the few agents that still use it.
        from ..google import encode as encode_google

        response.setdefault("payload", {})["google"] = encode_google(part)  # type: ignore[arg-type]
    else:
        _put_foreign(type(part).__name__, remarks)


def _put_foreign(name: str, remarks: list[Remark]) -> None:
    from .. import losses

    way = losses.way(name, "es")
    if way is None:
        raise problems.invalid_reply(
            f"{name} has no form of its own in Dialogflow ES; if it belongs inside another part, as a Button does in a "
            "Card and an Info in RichContent, put it there"
        )
    if way.kind == "dropped":
        remarks.append(losses.dropped(name, "es"))


def _add(response: dict[str, Any], member: str, entry: dict[str, Any]) -> None:
    # Of several entries of one name the last counts, as where two replies are added.
    response[member] = [known for known in response.get(member, ()) if known["name"] != entry["name"]] + [entry]


def _put_ending(
    part: EndInteraction | HandOff,
    response: dict[str, Any],
    request: Request,
    settings: Settings,
    remarks: list[Remark],
) -> None:
    member = "endInteraction" if isinstance(part, EndInteraction) else "liveAgentHandoff"
    if settings.api_version == "v2beta1":
        response[member] = True
    else:
        # Not in the v2 schema: the intent's own switch in the console does it there.
        remarks.append(Remark(problems.needs_v2beta1(type(part).__name__, request.intent)))


def _context(context: Context, request: Request) -> dict[str, Any]:
    encoded = _named(checked_name(context), request)
    if context.lifespan:
        encoded["lifespanCount"] = context.lifespan
    if context.parameters:
        encoded["parameters"] = context.parameters
    return encoded


def _named(name: str, request: Request) -> dict[str, Any]:
    return {"name": f"{request.session.name}/contexts/{name}", "lifespanCount": 0}


def _entities(part: SessionEntities, request: Request) -> dict[str, Any]:
    return {
        "name": f"{request.session.name}/entityTypes/{part.name}",
        "entityOverrideMode": f"ENTITY_OVERRIDE_MODE_{part.mode}",
        "entities": [{"value": entity.value, "synonyms": list(entity.synonyms)} for entity in part.entities],
    }
