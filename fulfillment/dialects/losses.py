"""What each dialect makes of each part of a reply: the one table for encoders, docs/parts.md and
`python -m fulfillment.dialects`.

`native`: the dialect has it. `converted`: it becomes something that means the same. `dropped`: it cannot be said, and
the log says so once per handler, with what to use instead.
"""

from __future__ import annotations

from typing import NamedTuple

from ..problems import replies as problems
from .remarks import Remark


class Way(NamedTuple):
    """How a dialect says a part. `note` tells into what it is converted, or what to use instead."""

    kind: str
    note: str = ""


NATIVE = Way("native")
BETA = Way("native", "API version v2beta1 only")


def _to(note: str) -> Way:
    return Way("converted", note)


def _drop(suggestion: str) -> Way:
    return Way("dropped", suggestion)


DIALECTS = {"es": "ES", "messenger": "ES Messenger", "cx": "CX", "v1": "v1"}
"""Columns of the table: name in the code, name for people. CX flexible webhooks carry no messages at all."""

_ASSISTANT_ONLY = "The Assistant is not there; "
_INSIDE_CX = "Only CX has it; "

TABLE: dict[str, tuple[Way, Way, Way, Way]] = {
    "Text": (NATIVE, NATIVE, NATIVE, NATIVE),
    "Image": (NATIVE, _to("richContent: image"), _to("richContent: image"), NATIVE),
    "QuickReplies": (NATIVE, _to("text and richContent: chips"), _to("text and richContent: chips"), NATIVE),
    "Card": (
        NATIVE,
        _to("richContent: info, button, chips"),
        _to("richContent: info, button, chips"),
        NATIVE,
    ),
    "Payload": (NATIVE, NATIVE, NATIVE, _to("data.<channel>; with a platform, message type 4")),
    "RichContent": (
        NATIVE,
        NATIVE,
        NATIVE,
        _drop("Use Card, Image and QuickReplies: they become richContent elsewhere"),
    ),
    "Raw": (NATIVE, NATIVE, NATIVE, NATIVE),
    "SimpleResponse": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use Text, and OutputAudioText for speech"), NATIVE),
    "BasicCard": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use Card"), NATIVE),
    "Suggestions": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use QuickReplies"), NATIVE),
    "LinkOutSuggestion": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use Card with a Button"), NATIVE),
    "ListSelect": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use RichContent with ListItem"), NATIVE),
    "CarouselSelect": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use several Cards"), NATIVE),
    "BrowseCarouselCard": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use several Cards"), NATIVE),
    "TableCard": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use RichContent with Description"), NATIVE),
    "MediaContent": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use PlayAudio"), NATIVE),
    "TelephonyPlayAudio": (BETA, BETA, _to("playAudio"), _drop("v1 has no phone gateway; use Text")),
    "TelephonySynthesizeSpeech": (BETA, BETA, _to("outputAudioText"), _drop("v1 has no phone gateway; use Text")),
    "TelephonyTransferCall": (BETA, BETA, NATIVE, _drop("v1 has no phone gateway; say the number in a Text")),
    "RbmText": (BETA, BETA, _drop("Business Messaging is ES only; use Text"), _drop("Use Text")),
    "RbmStandaloneCard": (BETA, BETA, _drop("Business Messaging is ES only; use Card"), _drop("Use Card")),
    "RbmCarouselCard": (BETA, BETA, _drop("Business Messaging is ES only; use several Cards"), _drop("Use Cards")),
    "OutputAudioText": (
        _drop(_INSIDE_CX + "use TelephonySynthesizeSpeech or SimpleResponse"),
        _drop(_INSIDE_CX + "use Text"),
        NATIVE,
        _drop(_INSIDE_CX + "use SimpleResponse"),
    ),
    "PlayAudio": (
        _drop(_INSIDE_CX + "use TelephonyPlayAudio or MediaContent"),
        _drop(_INSIDE_CX + "use a Card with a link"),
        NATIVE,
        _drop(_INSIDE_CX + "use MediaContent"),
    ),
    "ConversationSuccess": (
        _drop(_INSIDE_CX + "write a log line to count successes"),
        _drop(_INSIDE_CX + "write a log line to count successes"),
        NATIVE,
        _drop(_INSIDE_CX + "write a log line to count successes"),
    ),
    "KnowledgeInfoCard": (
        _drop(_INSIDE_CX + "use Card"),
        _drop(_INSIDE_CX + "use Card"),
        NATIVE,
        _drop(_INSIDE_CX + "use Card"),
    ),
    "ToolCall": (
        _drop(_INSIDE_CX + "use WebhookPayload, which API callers read"),
        _drop(_INSIDE_CX + "use WebhookPayload, which API callers read"),
        NATIVE,
        _drop(_INSIDE_CX + "use WebhookPayload"),
    ),
    "Context": (NATIVE, NATIVE, _to("a session parameter that holds an object; lifespan 0 deletes it"), NATIVE),
    "FollowUp": (NATIVE, NATIVE, _to("the handler of that event runs in the same call"), NATIVE),
    "EndSlotFilling": (NATIVE, NATIVE, _drop("A form ends when its page is left: use TargetPage"), NATIVE),
    "SessionEntities": (
        NATIVE,
        NATIVE,
        _drop("A CX webhook cannot set them; call the API's sessionEntityTypes, or name the values in the agent"),
        _drop("A v1 webhook cannot set them; name the values in the agent"),
    ),
    "EndInteraction": (BETA, BETA, _to("targetPage .../pages/END_SESSION"), _to("data.google.expectUserResponse")),
    "HandOff": (
        BETA,
        BETA,
        NATIVE,
        _drop("v1 knows no hand-off; say whom to call in a Text"),
    ),
    "WebhookPayload": (NATIVE, NATIVE, NATIVE, _to("data")),
    "GooglePayload": (NATIVE, NATIVE, _drop(_ASSISTANT_ONLY + "use Text, Card and QuickReplies"), NATIVE),
    "SessionParameters": (
        _drop("ES has no session parameters; use Context"),
        _drop("ES has no session parameters; use Context"),
        NATIVE,
        _drop("v1 has no session parameters; use Context"),
    ),
    "FormParameter": (
        _drop("ES has no forms; use FollowUp to the same intent with the good values"),
        _drop("ES has no forms; use FollowUp to the same intent with the good values"),
        NATIVE,
        _drop("v1 has no forms; use FollowUp to the same intent with the good values"),
    ),
    "TargetPage": (
        _drop("ES has no pages; use FollowUp or Context"),
        _drop("ES has no pages; use FollowUp or Context"),
        NATIVE,
        _drop("v1 has no pages; use FollowUp or Context"),
    ),
    "TargetFlow": (
        _drop("ES has no flows; use FollowUp or Context"),
        _drop("ES has no flows; use FollowUp or Context"),
        NATIVE,
        _drop("v1 has no flows; use FollowUp or Context"),
    ),
    "ReplaceMessages": (
        _to("nothing to say: messages of a webhook always replace the agent's"),
        _to("nothing to say: messages of a webhook always replace the agent's"),
        NATIVE,
        _to("nothing to say: messages of a webhook always replace the agent's"),
    ),
}

_COLUMN = {name: number for number, name in enumerate(DIALECTS)}


def way(part: str, dialect: str) -> Way | None:
    """Return how a dialect (a key of `DIALECTS`) says the part of that class name; None if nobody knows it."""
    row = TABLE.get(part)
    return row[_COLUMN[dialect]] if row else None


def dropped(part: str, dialect: str, suggestion: str = "") -> Remark:
    """Return the remark that a reply has a part which this dialect cannot say, and what to use instead."""
    found = way(part, dialect)
    text = problems.dropped_part(part, DIALECTS[dialect], suggestion or (found.note if found else ""))
    return Remark(text, once=True)


def markdown() -> str:
    """Return the table in Markdown, as docs/parts.md has it."""
    lines = ["| part | " + " | ".join(DIALECTS.values()) + " |", "|---" * (len(DIALECTS) + 1) + "|"]
    for part, ways in TABLE.items():
        cells = [kind + (f": {note}" if note else "") for kind, note in ways]
        lines.append(f"| `{part}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)
