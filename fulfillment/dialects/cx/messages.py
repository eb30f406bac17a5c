"""Message -> entries of `fulfillmentResponse.messages` (ResponseMessage of v3 and v3beta1), one encoder a type.

Encoders are found by class name, so that a function which never makes a rich message never imports its class.
Source of names: docs/protocol.md 8.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ... import problems
from ...messages import Message, Payload, Raw, Text
from .. import losses
from ..remarks import Remark

if TYPE_CHECKING:
    from ...messages import conversation, messenger, telephony


def encode_message(part: Message, remarks: list[Remark]) -> list[dict[str, Any]]:
    """Return the ResponseMessages that say `part`; none, with a remark, where CX cannot.

    Raises the 500 `Problem` `invalid-reply` for a message type that the kit does not know.
    """
    if isinstance(part, Raw):
        return [dict(part.message)]
    name = type(part).__name__
    way = losses.way(name, "cx")
    if way is None:
        raise problems.invalid_reply(f"{name} is no message type that Dialogflow CX knows; Raw({{...}}) passes any")
    if way.kind == "dropped":
        remarks.append(losses.dropped(name, "cx"))
        return []
    encoder = _ENCODERS.get(name)
    if encoder is None:
        from ..rich import for_messenger

        encoded = [_ENCODERS[type(made).__name__](made) for made in for_messenger(part)]
    else:
        encoded = [encoder(part)]
    platform = getattr(part, "platform", "")
    if platform and platform != "TELEPHONY":
        # CX has no platforms; a message of a channel is shown to the clients that ask for that channel.
        return [message | {"channel": platform} for message in encoded]
    return encoded


def _text(part: Text) -> dict[str, Any]:
    return {"text": {"text": list(part.variants)}}


def _payload(part: Payload) -> dict[str, Any]:
    return {"payload": part.content}


def _rich_content(part: messenger.RichContent) -> dict[str, Any]:
    from ..messenger import rich_content

    return {"payload": {"richContent": rich_content(part, cx=True)}}


def _output_audio_text(part: conversation.OutputAudioText | telephony.TelephonySynthesizeSpeech) -> dict[str, Any]:
    return {"outputAudioText": {"text": part.text} if part.text else {"ssml": part.ssml}}


def _play_audio(part: conversation.PlayAudio | telephony.TelephonyPlayAudio) -> dict[str, Any]:
    return {"playAudio": {"audioUri": part.audio_uri}}


def _transfer_call(part: telephony.TelephonyTransferCall) -> dict[str, Any]:
    return {"telephonyTransferCall": {"phoneNumber": part.phone_number}}


def _conversation_success(part: conversation.ConversationSuccess) -> dict[str, Any]:
    return {"conversationSuccess": _with("metadata", part.metadata)}


def _knowledge_info_card(part: conversation.KnowledgeInfoCard) -> dict[str, Any]:
    return {"knowledgeInfoCard": {}}


def _tool_call(part: conversation.ToolCall) -> dict[str, Any]:
    call = {"tool": part.tool, "action": part.action}
    return {"toolCall": call | _with("inputParameters", part.input_parameters)}


def _with(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value} if value else {}


_ENCODERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "Text": _text,
    "Payload": _payload,
    "RichContent": _rich_content,
    "OutputAudioText": _output_audio_text,
    "TelephonySynthesizeSpeech": _output_audio_text,
    "PlayAudio": _play_audio,
    "TelephonyPlayAudio": _play_audio,
    "TelephonyTransferCall": _transfer_call,
    "ConversationSuccess": _conversation_success,
    "KnowledgeInfoCard": _knowledge_info_card,
    "ToolCall": _tool_call,
}
