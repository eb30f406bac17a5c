"""Message -> an entry of v1's `messages`: numbers name the generic types, words those of Actions on Google.

Source: docs/protocol.md 10.2; the last three words are known from agents' exports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ... import problems
from ...messages import Card, Image, Message, Payload, QuickReplies, Raw, Text
from .. import losses
from ..members import given
from ..remarks import Remark

if TYPE_CHECKING:
    from ...messages import assistant

PLATFORMS = ("facebook", "slack", "telegram", "kik", "skype", "line", "viber", "google")


def encode_message(part: Message, remarks: list[Remark]) -> list[dict[str, Any]]:
    """Return the message; nothing, with a remark, where v1 cannot say it.

    Raises the 500 `Problem` `invalid-reply` for a message type that the kit does not know.
    """
    if isinstance(part, Raw):
        return [dict(part.message)]
    name = type(part).__name__
    way = losses.way(name, "v1")
    if way is None:
        raise problems.invalid_reply(f"{name} is no message type that Dialogflow v1 knows; Raw({{...}}) passes any")
    if way.kind == "dropped":
        remarks.append(losses.dropped(name, "v1"))
        return []
    encoded = _ENCODERS[name](part)
    platform: str = getattr(part, "platform", "").lower().replace("actions_on_google", "google")
    if platform and platform not in PLATFORMS:
        suggestion = f"v1 knows the platforms {', '.join(PLATFORMS)}; leave the platform out"
        unknown = f"{name} for {part.platform}"  # type: ignore[attr-defined]
        remarks.append(losses.dropped(unknown, "v1", suggestion))
        return []
    return [encoded | {"platform": platform} if platform else encoded]


def _text(part: Text) -> dict[str, Any]:
    variants = list(part.variants)
    return {"type": 0, "speech": variants[0] if len(variants) == 1 else variants}


def _card(part: Card) -> dict[str, Any]:
    buttons = [given(text=button.text, postback=button.postback) for button in part.buttons]
    return {"type": 1} | given(title=part.title, subtitle=part.subtitle, imageUrl=part.image_uri, buttons=buttons)


def _quick_replies(part: QuickReplies) -> dict[str, Any]:
    return {"type": 2} | given(title=part.title, replies=list(part.replies))


def _image(part: Image) -> dict[str, Any]:
    return {"type": 3, "imageUrl": part.image_uri}


def _payload(part: Payload) -> dict[str, Any]:
    return {"type": 4, "payload": part.content}


def _simple_response(part: assistant.SimpleResponse) -> dict[str, Any]:
    from ..google import simple_response

    return {"type": "simple_response"} | simple_response(part)


def _suggestions(part: assistant.Suggestions) -> dict[str, Any]:
    return {"type": "suggestion_chips", "suggestions": [{"title": title} for title in part.titles]}


def _link_out(part: assistant.LinkOutSuggestion) -> dict[str, Any]:
    return {"type": "link_out_chip", "destinationName": part.destination_name, "url": part.uri}


def _select(kind: str) -> Callable[[Any], dict[str, Any]]:
    def encode(part: Any) -> dict[str, Any]:
        from ..google import select

        (members,) = select(part).values()
        return {"type": kind, **members}

    return encode


def _rich(kind: str) -> Callable[[Any], dict[str, Any]]:
    def encode(part: Any) -> dict[str, Any]:
        from ..google import item

        (members,) = item(part).values()
        return {"type": kind, **members}

    return encode


_ENCODERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "Text": _text,
    "Card": _card,
    "QuickReplies": _quick_replies,
    "Image": _image,
    "Payload": _payload,
    "SimpleResponse": _simple_response,
    "BasicCard": _rich("basic_card"),
    "Suggestions": _suggestions,
    "LinkOutSuggestion": _link_out,
    "ListSelect": _select("list_card"),
    "CarouselSelect": _select("carousel_card"),
    "BrowseCarouselCard": _rich("browse_carousel_card"),
    "TableCard": _rich("table_card"),
    "MediaContent": _rich("media_content"),
}
