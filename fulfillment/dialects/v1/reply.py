"""`Reply` -> v1 webhook response (docs/protocol.md 10.2 and 10.3)."""

from __future__ import annotations

from typing import Any

from ... import problems
from ...messages import Message, Payload
from ...parts import Part
from ...reply import EndInteraction, EndSlotFilling, FollowUp, Reply, WebhookPayload
from ...request import Context, Request
from ...settings import Settings
from .. import losses
from ..es.limits import limit_remarks
from ..remarks import Encoded, Remark
from ..response import checked_name, keeps_slot_filling, within_limit
from .messages import encode_message


def encode(reply: Reply, request: Request, settings: Settings) -> Encoded:
    """Return the JSON body that says `reply` to the session of `request`, and what the log should know of it.

    Raises a 500 `Problem`: `invalid-reply` for what Dialogflow could not parse, `reply-limit` for a broken limit where
    `settings.strict`, `reply-too-large` where not even the texts fit into 64 KiB.
    """
    if not reply.parts:
        return Encoded(b"{}")
    remarks = limit_remarks(reply, settings)
    response: dict[str, Any] = {}
    for part in reply.parts:
        _put(part, response, reply, request, remarks)
    if reply.text:
        response["speech"] = response["displayText"] = reply.text
    if "followupEvent" in response and "messages" in response:
        remarks.append(Remark(problems.followup_drops_messages(request.intent, response["followupEvent"]["name"])))
    return within_limit(response, _keep_texts, request.intent, remarks)


def _put(part: Part, response: dict[str, Any], reply: Reply, request: Request, remarks: list[Remark]) -> None:
    if isinstance(part, Payload) and not part.platform:
        response.setdefault("data", {}).update(part.content)
    elif isinstance(part, Message):
        messages = encode_message(part, remarks)
        if messages:
            response.setdefault("messages", []).extend(messages)
    elif isinstance(part, Context):
        context = {"name": checked_name(part), "lifespan": part.lifespan}
        if part.parameters:
            context["parameters"] = part.parameters
        response.setdefault("contextOut", []).append(context)
    elif isinstance(part, EndSlotFilling):
        ended = [{"name": name, "lifespan": 0} for name in request.contexts if keeps_slot_filling(name)]
        if ended:
            response.setdefault("contextOut", []).extend(ended)
    elif isinstance(part, FollowUp):
        response["followupEvent"] = {"name": part.name, "data": part.parameters}
    elif isinstance(part, WebhookPayload):
        response.setdefault("data", {}).update(part.content)
    elif isinstance(part, EndInteraction):
        google = response.setdefault("data", {}).setdefault("google", _last_words(reply.text))
        google["expectUserResponse"] = False
    elif type(part).__name__ == "GooglePayload":
        _put_google(part, response)
    else:
        _drop(type(part).__name__, remarks)


def _put_google(part: Any, response: dict[str, Any]) -> None:
    from ..google import encode as encode_google

    data = response.setdefault("data", {})
    ends = data.get("google", {}).get("expectUserResponse") is False
    data["google"] = encode_google(part, v1=True)
    if ends:
        data["google"]["expectUserResponse"] = False


def _last_words(text: str) -> dict[str, Any]:
    from ...messages.assistant import SimpleResponse
    from ...messages.google import GooglePayload
    from ..google import encode as encode_google

    items = [SimpleResponse(text)] if text else []
    return encode_google(GooglePayload(items=items, expect_user_response=False), v1=True)


def _drop(name: str, remarks: list[Remark]) -> None:
    way = losses.way(name, "v1")
    if way is None:
        raise problems.invalid_reply(f"{name} has no form in Dialogflow v1")
    if way.kind == "dropped":
        remarks.append(losses.dropped(name, "v1"))


def _keep_texts(response: dict[str, Any]) -> bool:
    response["messages"] = [message for message in response.get("messages", ()) if message.get("type") == 0]
    for member in ("data", "speech", "displayText"):
        response.pop(member, None)
    return bool(response["messages"])
