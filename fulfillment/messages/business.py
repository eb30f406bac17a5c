"""RCS Business Messaging; only agents on API version v2beta1 know these messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..parts import Part
from . import Message


@dataclass(frozen=True)
class RbmReply(Part):
    """A suggested answer; `postback_data` comes back to the agent when it is tapped."""

    text: str
    postback_data: str = ""


@dataclass(frozen=True)
class RbmAction(Part):
    """A suggested action: dial a number, open a page, or share the location; exactly one of them."""

    text: str
    postback_data: str = ""
    dial: str = ""
    open_url: str = ""
    share_location: bool = False

    def __post_init__(self) -> None:
        """Raise `ValueError` unless exactly one action is given."""
        super().__post_init__()
        if (bool(self.dial), bool(self.open_url), self.share_location).count(True) != 1:
            raise ValueError("RbmAction takes exactly one of dial, open_url and share_location.")


@dataclass(frozen=True, init=False)
class RbmText(Message):
    """Words with suggestions."""

    text: str
    suggestions: Sequence[RbmReply | RbmAction]
    platform: str = ""

    def __init__(self, text: str, *suggestions: RbmReply | RbmAction, platform: str = "") -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "suggestions", suggestions)
        object.__setattr__(self, "platform", platform)
        self.__post_init__()


@dataclass(frozen=True)
class RbmCard(Part):
    """A rich card's content: at least one of title (200 bytes), description (2,000 bytes) and media."""

    title: str = ""
    description: str = ""
    file_uri: str = ""
    thumbnail_uri: str = ""
    height: Literal["SHORT", "MEDIUM", "TALL"] = "MEDIUM"
    suggestions: Sequence[RbmReply | RbmAction] = ()

    def __post_init__(self) -> None:
        """Raise `ValueError` for a card with nothing in it."""
        super().__post_init__()
        if not (self.title or self.description or self.file_uri):
            raise ValueError("RbmCard needs at least one of title, description and file_uri.")


@dataclass(frozen=True)
class RbmStandaloneCard(Message):
    """One rich card; `thumbnail_alignment` is needed when it lies on its side."""

    card: RbmCard
    orientation: Literal["HORIZONTAL", "VERTICAL"] = "VERTICAL"
    thumbnail_alignment: Literal["", "LEFT", "RIGHT"] = ""
    platform: str = ""


@dataclass(frozen=True, init=False)
class RbmCarouselCard(Message):
    """2 to 10 rich cards; TALL media do not go with SMALL width."""

    cards: Sequence[RbmCard]
    width: Literal["SMALL", "MEDIUM"] = "MEDIUM"
    platform: str = ""

    def __init__(self, *cards: RbmCard, width: Literal["SMALL", "MEDIUM"] = "MEDIUM", platform: str = "") -> None:
        object.__setattr__(self, "cards", cards)
        object.__setattr__(self, "width", width)
        object.__setattr__(self, "platform", platform)
        self.__post_init__()
