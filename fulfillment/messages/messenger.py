"""Dialogflow Messenger: typed elements of `richContent`.

`RichContent(Info(...), Chips(...))` draws one card. Several cards: `RichContent([Info(...)], [Chips(...)])`.
The two-level list that Messenger needs is made here: one level shows nothing, a common error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..parts import Part
from . import Message


@dataclass(frozen=True)
class Element(Part):
    """Base of all Messenger elements."""


@dataclass(frozen=True)
class Event(Part):
    """What a tap triggers in the agent: an event; its parameters and language reach ES agents only."""

    name: str
    parameters: Mapping[str, Any] | None = None
    language_code: str = ""


@dataclass(frozen=True)
class Icon(Part):
    """A Material icon; `color` is #RRGGBB."""

    type: str
    color: str = ""


@dataclass(frozen=True)
class Info(Element):
    """Title, subtitle, picture and a page to open."""

    title: str
    subtitle: str = ""
    image_uri: str = ""
    link: str = ""


@dataclass(frozen=True, init=False)
class Description(Element):
    """A title over lines of text."""

    title: str
    text: Sequence[str]

    def __init__(self, title: str, *text: str) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "text", text)
        self.__post_init__()


@dataclass(frozen=True)
class Picture(Element):
    """A picture on its own (Messenger's type `image`)."""

    image_uri: str
    accessibility_text: str = ""


@dataclass(frozen=True)
class RichButton(Element):
    """A button with an icon (Messenger's type `button`): opens `link` or triggers `event`."""

    text: str
    link: str = ""
    icon: Icon | None = None
    event: Event | None = None


@dataclass(frozen=True)
class ListItem(Element):
    """A row (Messenger's type `list`); rows are divided by `Divider()`."""

    title: str
    subtitle: str = ""
    image_uri: str = ""
    event: Event | None = None


@dataclass(frozen=True)
class Divider(Element):
    """A line between rows."""


@dataclass(frozen=True)
class Accordion(Element):
    """A title that opens to a text."""

    title: str
    subtitle: str = ""
    image_uri: str = ""
    text: str = ""


@dataclass(frozen=True)
class Chip(Part):
    """One suggestion: its text is sent as the user's next words, or `link` is opened."""

    text: str
    link: str = ""
    image_uri: str = ""


@dataclass(frozen=True, init=False)
class Chips(Element):
    """Suggestions to tap; plain strings are chips without link or picture."""

    options: Sequence[Chip]

    def __init__(self, *options: Chip | str) -> None:
        chips = tuple(Chip(option) if isinstance(option, str) else option for option in options)
        object.__setattr__(self, "options", chips)
        self.__post_init__()


@dataclass(frozen=True)
class CustomElement(Element):
    """Any other element, as Messenger's documents give it; must have a `type`."""

    content: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Raise `ValueError` for an element without a type: Messenger would show nothing."""
        super().__post_init__()
        if not self.content.get("type"):
            raise ValueError('CustomElement(content=...) has no "type"; expected for example {"type": "html", ...}.')


@dataclass(frozen=True, init=False)
class RichContent(Message):
    """Elements for Dialogflow Messenger, in cards. It has no platform: the API knows no name for Messenger."""

    cards: Sequence[Sequence[Element]]

    def __init__(self, *elements: Element | Sequence[Element]) -> None:
        """Take elements of one card, or several lists of elements, one a card.

        Raises `TypeError` when the two forms are mixed, and `ValueError` when there is no element.
        """
        if not elements or [] in elements or () in elements:
            raise ValueError("RichContent() has a card without elements; expected for example RichContent(Info(...)).")
        if all(isinstance(element, Element) for element in elements):
            cards: tuple[Any, ...] = (elements,)
        else:
            cards = elements
        object.__setattr__(self, "cards", cards)
        self.__post_init__()
