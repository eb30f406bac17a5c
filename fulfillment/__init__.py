"""The kit: what every handler stands on. Replaceable as a whole; never edited by a user.

Names are loaded when first used, so that a function pays only for the kinds of message it sends.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Not when first used, as the others: importing its module later would put the module in the name's place.
from .once import idempotency_key, once

if TYPE_CHECKING:
    from . import documents, outside
    from .deadline import seconds_left
    from .languages import texts
    from .messages import Button, Card, Image, Payload, QuickReplies, Raw, Text
    from .messages.assistant import (
        BasicCard,
        BrowseCarouselCard,
        BrowseItem,
        CarouselSelect,
        Column,
        LinkButton,
        LinkOutSuggestion,
        ListSelect,
        MediaContent,
        MediaObject,
        Row,
        SelectItem,
        SimpleResponse,
        Suggestions,
        TableCard,
    )
    from .messages.business import RbmAction, RbmCard, RbmCarouselCard, RbmReply, RbmStandaloneCard, RbmText
    from .messages.conversation import ConversationSuccess, KnowledgeInfoCard, OutputAudioText, PlayAudio, ToolCall
    from .messages.google import GooglePayload, SystemIntent
    from .messages.messenger import (
        Accordion,
        Chip,
        Chips,
        CustomElement,
        Description,
        Divider,
        Event,
        Icon,
        Info,
        ListItem,
        Picture,
        RichButton,
        RichContent,
    )
    from .messages.telephony import TelephonyPlayAudio, TelephonySynthesizeSpeech, TelephonyTransferCall
    from .pages import FormParameter, Page, ReplaceMessages, SessionParameters, TargetFlow, TargetPage
    from .problems import Problem
    from .reply import EndInteraction, EndSlotFilling, Entity, FollowUp, HandOff, Reply, SessionEntities, WebhookPayload
    from .request import Context, Request
    from .routing.argument_types import Parameter
    from .routing.discovery import discover
    from .routing.marks import on
    from .threads import NoCall, background, in_thread
    from .webhook import Webhook

__version__ = "2.0.0.dev0"

__all__ = [
    "Accordion",
    "BasicCard",
    "BrowseCarouselCard",
    "BrowseItem",
    "Button",
    "Card",
    "CarouselSelect",
    "Chip",
    "Chips",
    "Column",
    "Context",
    "ConversationSuccess",
    "CustomElement",
    "Description",
    "Divider",
    "EndInteraction",
    "EndSlotFilling",
    "Entity",
    "Event",
    "FollowUp",
    "FormParameter",
    "GooglePayload",
    "HandOff",
    "Icon",
    "Image",
    "Info",
    "KnowledgeInfoCard",
    "LinkButton",
    "LinkOutSuggestion",
    "ListItem",
    "ListSelect",
    "MediaContent",
    "MediaObject",
    "NoCall",
    "OutputAudioText",
    "Page",
    "Parameter",
    "Payload",
    "Picture",
    "PlayAudio",
    "Problem",
    "QuickReplies",
    "Raw",
    "RbmAction",
    "RbmCard",
    "RbmCarouselCard",
    "RbmReply",
    "RbmStandaloneCard",
    "RbmText",
    "ReplaceMessages",
    "Reply",
    "Request",
    "RichButton",
    "RichContent",
    "Row",
    "SelectItem",
    "SessionEntities",
    "SessionParameters",
    "SimpleResponse",
    "Suggestions",
    "SystemIntent",
    "TableCard",
    "TargetFlow",
    "TargetPage",
    "TelephonyPlayAudio",
    "TelephonySynthesizeSpeech",
    "TelephonyTransferCall",
    "Text",
    "ToolCall",
    "Webhook",
    "WebhookPayload",
    "background",
    "discover",
    "documents",
    "idempotency_key",
    "in_thread",
    "on",
    "once",
    "outside",
    "seconds_left",
    "texts",
]

_HOMES = {
    "routing.argument_types": "Parameter",
    "deadline": "seconds_left",
    "languages": "texts",
    "messages": "Button Card Image Payload QuickReplies Raw Text",
    "messages.assistant": (
        "BasicCard BrowseCarouselCard BrowseItem CarouselSelect Column LinkButton LinkOutSuggestion "
        "ListSelect MediaContent MediaObject Row SelectItem SimpleResponse Suggestions TableCard"
    ),
    "messages.business": "RbmAction RbmCard RbmCarouselCard RbmReply RbmStandaloneCard RbmText",
    "messages.conversation": "ConversationSuccess KnowledgeInfoCard OutputAudioText PlayAudio ToolCall",
    "messages.google": "GooglePayload SystemIntent",
    "messages.messenger": (
        "Accordion Chip Chips CustomElement Description Divider Event Icon Info ListItem Picture RichButton RichContent"
    ),
    "messages.telephony": "TelephonyPlayAudio TelephonySynthesizeSpeech TelephonyTransferCall",
    "pages": "FormParameter Page ReplaceMessages SessionParameters TargetFlow TargetPage",
    "problems": "Problem",
    "reply": "EndInteraction EndSlotFilling Entity FollowUp HandOff Reply SessionEntities WebhookPayload",
    "request": "Context Request",
    "routing.discovery": "discover",
    "routing.marks": "on",
    "threads": "NoCall background in_thread",
    "webhook": "Webhook",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        if name in __all__:  # a module, such as documents
            return importlib.import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value
