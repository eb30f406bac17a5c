"""The messages that every channel knows: text, image, card, quick replies, custom payload.

The richer kinds stand beside: `assistant` (Actions on Google), `messenger` (Dialogflow Messenger), `telephony` and
`business` (Phone Gateway and RCS Business Messaging, API version v2beta1 only).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..parts import Part


@dataclass(frozen=True)
class Message(Part):
    """Base of all messages.

    `platform` limits a message to one integration, for example "FACEBOOK"; "" means all. Names: docs/protocol.md 6.
    """


@dataclass(frozen=True, init=False)
class Text(Message):
    """Words. Several variants are alternatives: Dialogflow shows one of them.

    At most 300 variants (docs/protocol.md 6.3).
    """

    variants: Sequence[str]
    platform: str = ""

    def __init__(self, *variants: str, platform: str = "") -> None:
        if not variants:
            raise ValueError('Text() has no words; Text("") sends an empty message on purpose.')
        object.__setattr__(self, "variants", variants)
        object.__setattr__(self, "platform", platform)
        self.__post_init__()


@dataclass(frozen=True)
class Image(Message):
    """A picture at a public URL."""

    image_uri: str
    accessibility_text: str = ""
    platform: str = ""


@dataclass(frozen=True, init=False)
class QuickReplies(Message):
    """Suggested answers under a title. At most 10, each of at most 20 characters."""

    title: str
    replies: Sequence[str]
    platform: str = ""

    def __init__(self, title: str, *replies: str, platform: str = "") -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "replies", replies)
        object.__setattr__(self, "platform", platform)
        self.__post_init__()


@dataclass(frozen=True)
class Button(Part):
    """A card's button. `postback` is a URL to open or a text to send back to Dialogflow."""

    text: str
    postback: str = ""


@dataclass(frozen=True)
class Card(Message):
    """A title with subtitle, picture and buttons; at most 10 cards for one platform."""

    title: str
    subtitle: str = ""
    image_uri: str = ""
    buttons: Sequence[Button] = ()
    platform: str = ""


@dataclass(frozen=True, init=False)
class Payload(Message):
    """Custom JSON for one or more channels, keyed by channel.

    `Payload(facebook={...}, line={...})`, or `Payload({...})` for keys that are no Python names.
    Each integration takes the part under its own key; Dialogflow's documents name `facebook`, `slack`, `telegram`,
    `line`, `kik`, `viber`, `skype`, `hangouts`, `google`, `richContent`.
    """

    content: Mapping[str, Any]
    platform: str = ""

    def __init__(self, content: Mapping[str, Any] | None = None, /, *, platform: str = "", **channels: Any) -> None:
        if content is not None and not isinstance(content, Mapping):
            raise TypeError(
                f"Payload(...) is {type(content).__name__}; expected a dictionary keyed by channel, "
                'for example Payload(facebook={"text": "Hello"}).'
            )
        object.__setattr__(self, "content", {**(content or {}), **channels})
        object.__setattr__(self, "platform", platform)
        self.__post_init__()


@dataclass(frozen=True)
class Raw(Message):
    """One entry of `fulfillmentMessages`, passed through unchecked, for what the kit does not know yet."""

    message: Mapping[str, Any]
