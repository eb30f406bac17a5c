"""`Reply` -> CX WebhookResponse.

Member names and types: google.cloud.dialogflow.cx.v3 (and v3beta1) WebhookResponse, docs/protocol.md 8.2. A session
parameter that is `null` is deleted, so `null` stays where it is; members that say nothing are left out.
"""

from __future__ import annotations

from typing import Any

from ... import problems
from ...messages import Message
from ...pages import FormParameter, ReplaceMessages, SessionParameters, TargetFlow, TargetPage
from ...parts import Part
from ...problems import replies as texts
from ...reply import EndInteraction, HandOff, Reply, WebhookPayload
from ...request import Context, Request
from ...settings import Settings
from .. import losses
from ..remarks import Encoded, Remark
from ..response import checked_name, within_limit
from .messages import encode_message

MOST_LEVELS = 24
"""Nested objects and lists in a custom payload (docs/protocol.md 12.2)."""


def encode(reply: Reply, request: Request, settings: Settings) -> Encoded:
    """Return the JSON body that says `reply` to the session of `request`, and what the log should know of it.

    Raises a 500 `Problem`: `invalid-reply` for what Dialogflow could not parse, `reply-limit` for a payload that is
    nested too deeply where `settings.strict`, `reply-too-large` where not even the texts fit into 64 KiB.
    """
    if not reply.parts:
        return Encoded(b"{}")
    response = _Response(request, settings)
    for part in reply.parts:
        response.put(part)
    return within_limit(response.members(), _keep_texts, request.tag or request.intent, response.remarks)


class _Response:
    """A WebhookResponse in the making."""

    def __init__(self, request: Request, settings: Settings) -> None:
        self.remarks: list[Remark] = []
        self._request = request
        self._settings = settings
        self._messages: list[dict[str, Any]] = []
        self._session: dict[str, Any] = {}
        self._form: dict[str, dict[str, Any]] = {}
        self._payload: dict[str, Any] = {}
        self._target: dict[str, str] = {}
        self._replace = False

    def members(self) -> dict[str, Any]:
        """Return what there is to say."""
        response: dict[str, Any] = {}
        if self._messages or self._replace:
            response["fulfillmentResponse"] = {"messages": self._messages} if self._messages else {}
            if self._replace:
                response["fulfillmentResponse"]["mergeBehavior"] = "REPLACE"
        if self._form:
            response["pageInfo"] = {"formInfo": {"parameterInfo": list(self._form.values())}}
        if self._session:
            response["sessionInfo"] = {"parameters": self._session}
        if self._payload:
            response["payload"] = self._payload
        return response | self._target

    def put(self, part: Part) -> None:
        """Add one part of a reply."""
        if isinstance(part, Message):
            self._put_message(part)
        elif isinstance(part, Context):
            self._session[checked_name(part)] = dict(part.parameters) if part.lifespan else None
        elif isinstance(part, SessionParameters):
            self._session.update(part.parameters)
        elif isinstance(part, FormParameter):
            self._put_form(part)
        elif isinstance(part, TargetPage | TargetFlow | EndInteraction):
            self._put_target(part)
        elif isinstance(part, HandOff):
            metadata = {"metadata": part.metadata} if part.metadata else {}
            self._messages.append({"liveAgentHandoff": metadata})
        elif isinstance(part, ReplaceMessages):
            self._replace = True
        elif isinstance(part, WebhookPayload):
            self._payload.update(part.content)
        else:
            self._drop(part)

    def _put_message(self, part: Message) -> None:
        messages = encode_message(part, self.remarks)
        for message in messages:
            if _levels(message.get("payload")) > MOST_LEVELS:
                broken = problems.reply_limit(f"a payload has more than {MOST_LEVELS} levels")
                if self._settings.strict:
                    raise broken
                self.remarks.append(Remark(broken.detail))
        self._messages.extend(messages)

    def _put_form(self, part: FormParameter) -> None:
        form = self._request.page.form if self._request.page else {}
        if form and part.name not in form:
            self.remarks.append(Remark(texts.no_form_parameter(part.name, list(form))))
        known = form.get(part.name)
        # A state is required, and only INVALID has an effect.
        state = part.state or (known.state if known and known.state != "INVALID" else "") or "FILLED"
        entry = self._form[part.name] = {"displayName": part.name, "state": state}
        if part.required is not None:
            entry["required"] = part.required
        if part.value is not None:
            entry["value"] = part.value
        # Form values live in the session: left there, the old one would fill the form again.
        if state == "INVALID" and part.value is None and self._session.setdefault(part.name, None) is not None:
            raise problems.invalid_reply(
                f"form parameter {part.name!r} is made invalid and its session parameter is set; choose one"
            )

    def _put_target(self, part: TargetPage | TargetFlow | EndInteraction) -> None:
        if self._target:
            raise problems.invalid_reply(
                "it has more than one of TargetPage, TargetFlow and EndInteraction; a turn can go to one place"
            )
        member, name = "targetPage", "END_SESSION" if isinstance(part, EndInteraction) else part.name
        flow = self._request.page.flow if self._request.page else ""
        before = f"{flow}/pages/" if flow else ""
        if isinstance(part, TargetFlow):
            agent = self._request.session.name.partition("/sessions/")[0].partition("/environments/")[0]
            member, before = "targetFlow", f"{agent}/flows/" if "/agents/" in agent else ""
        if "/" in name:
            before = ""
        elif not before:
            self.remarks.append(Remark(texts.no_current_flow(f"{type(part).__name__}({name!r})")))
            return
        self._target = {member: before + name}

    def _drop(self, part: Part) -> None:
        name = type(part).__name__
        way = losses.way(name, "cx")
        if way is None:
            raise problems.invalid_reply(f"{name} has no form in Dialogflow CX")
        self.remarks.append(losses.dropped(name, "cx"))


def _keep_texts(response: dict[str, Any]) -> bool:
    messages = response.get("fulfillmentResponse", {})
    messages["messages"] = [message for message in messages.get("messages", ()) if "text" in message]
    response.pop("payload", None)
    return bool(messages["messages"])


def _levels(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_levels, value.values()), default=0)
    if isinstance(value, list | tuple):
        return 1 + max(map(_levels, value), default=0)
    return 0
