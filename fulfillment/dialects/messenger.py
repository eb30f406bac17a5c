"""Dialogflow Messenger wire format (ES form): `richContent`, a list of cards, each a list of elements.

Members as Google's dialogflow-integrations code reads them: pictures are `image.src.rawUrl`, links `actionLink` or
`link`, taps `event`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..messages.messenger import (
    Accordion,
    Chip,
    Chips,
    CustomElement,
    Description,
    Divider,
    Element,
    Event,
    Info,
    ListItem,
    Picture,
    RichButton,
    RichContent,
)
from .members import given


def rich_content(part: RichContent) -> list[list[dict[str, Any]]]:
    """Return the two-level list."""
    return [[_element(element) for element in card] for card in part.cards]


def _element(element: Element) -> dict[str, Any]:
    if isinstance(element, CustomElement):
        return dict(element.content)
    kind, encoder = _ELEMENTS[type(element)]
    return {"type": kind} | encoder(element)


def _info(element: Info) -> dict[str, Any]:
    return given(
        title=element.title,
        subtitle=element.subtitle,
        image=_source(element.image_uri),
        actionLink=element.link,
    )


def _description(element: Description) -> dict[str, Any]:
    return {"title": element.title, "text": list(element.text)}


def _picture(element: Picture) -> dict[str, Any]:
    return given(rawUrl=element.image_uri, accessibilityText=element.accessibility_text)


def _button(element: RichButton) -> dict[str, Any]:
    icon = element.icon and given(type=element.icon.type, color=element.icon.color)
    return given(icon=icon, text=element.text, link=element.link, event=_event(element.event))


def _list_item(element: ListItem) -> dict[str, Any]:
    return given(
        title=element.title,
        subtitle=element.subtitle,
        image=_source(element.image_uri),
        event=_event(element.event),
    )


def _accordion(element: Accordion) -> dict[str, Any]:
    return given(title=element.title, subtitle=element.subtitle, image=_source(element.image_uri), text=element.text)


def _chips(element: Chips) -> dict[str, Any]:
    return {"options": [_chip(chip) for chip in element.options]}


def _chip(chip: Chip) -> dict[str, Any]:
    return given(text=chip.text, link=chip.link, image=_source(chip.image_uri))


def _source(image_uri: str) -> dict[str, Any] | None:
    return {"src": {"rawUrl": image_uri}} if image_uri else None


def _event(event: Event | None) -> dict[str, Any] | None:
    return given(name=event.name, languageCode=event.language_code, parameters=event.parameters) if event else None


_ELEMENTS: dict[type[Element], tuple[str, Callable[[Any], dict[str, Any]]]] = {
    Info: ("info", _info),
    Description: ("description", _description),
    Picture: ("image", _picture),
    RichButton: ("button", _button),
    ListItem: ("list", _list_item),
    Divider: ("divider", lambda element: {}),
    Accordion: ("accordion", _accordion),
    Chips: ("chips", _chips),
}
