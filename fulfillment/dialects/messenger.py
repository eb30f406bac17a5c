"""Dialogflow Messenger wire format: `richContent`, a list of cards, each a list of elements; in its ES and CX forms.

ES: members as Google's dialogflow-integrations code reads them: pictures are `image.src.rawUrl`, links `actionLink`
or `link`, taps `event.name`. CX (docs/protocol.md 12.2): `image.rawUrl`, `anchor.href`, `event.event`.
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


def rich_content(part: RichContent, *, cx: bool = False) -> list[list[dict[str, Any]]]:
    """Return the two-level list, in the form of CX Messenger or of the older ES Messenger."""
    form = _CX if cx else _ES
    return [[_element(element, form) for element in card] for card in part.cards]


class _Form:
    """How one Messenger writes a picture, a link and a tap."""

    def __init__(self, *, cx: bool) -> None:
        self._cx = cx

    def picture(self, image_uri: str) -> dict[str, Any] | None:
        if not image_uri:
            return None
        return {"rawUrl": image_uri} if self._cx else {"src": {"rawUrl": image_uri}}

    def link(self, name: str, uri: str) -> dict[str, Any]:
        if not uri:
            return {}
        return {"anchor": {"href": uri}} if self._cx else {name: uri}

    def event(self, event: Event | None) -> dict[str, Any] | None:
        if event is None:
            return None
        if self._cx:  # it carries a name and nothing else
            return {"event": event.name}
        return given(name=event.name, languageCode=event.language_code, parameters=event.parameters)


_ES, _CX = _Form(cx=False), _Form(cx=True)


def _element(element: Element, form: _Form) -> dict[str, Any]:
    if isinstance(element, CustomElement):
        return dict(element.content)
    kind, encoder = _ELEMENTS[type(element)]
    return {"type": kind} | encoder(element, form)


def _info(element: Info, form: _Form) -> dict[str, Any]:
    words = given(title=element.title, subtitle=element.subtitle, image=form.picture(element.image_uri))
    return words | form.link("actionLink", element.link)


def _description(element: Description, form: _Form) -> dict[str, Any]:
    return {"title": element.title, "text": list(element.text)}


def _picture(element: Picture, form: _Form) -> dict[str, Any]:
    return given(rawUrl=element.image_uri, accessibilityText=element.accessibility_text)


def _button(element: RichButton, form: _Form) -> dict[str, Any]:
    icon = element.icon and given(type=element.icon.type, color=element.icon.color)
    words = given(icon=icon, text=element.text, event=form.event(element.event))
    return words | form.link("link", element.link)


def _list_item(element: ListItem, form: _Form) -> dict[str, Any]:
    return given(
        title=element.title,
        subtitle=element.subtitle,
        image=form.picture(element.image_uri),
        event=form.event(element.event),
    )


def _accordion(element: Accordion, form: _Form) -> dict[str, Any]:
    return given(
        title=element.title, subtitle=element.subtitle, image=form.picture(element.image_uri), text=element.text
    )


def _chips(element: Chips, form: _Form) -> dict[str, Any]:
    return {"options": [_chip(chip, form) for chip in element.options]}


def _chip(chip: Chip, form: _Form) -> dict[str, Any]:
    return given(text=chip.text, image=form.picture(chip.image_uri)) | form.link("link", chip.link)


_ELEMENTS: dict[type[Element], tuple[str, Callable[[Any, _Form], dict[str, Any]]]] = {
    Info: ("info", _info),
    Description: ("description", _description),
    Picture: ("image", _picture),
    RichButton: ("button", _button),
    ListItem: ("list", _list_item),
    Divider: ("divider", lambda element, form: {}),
    Accordion: ("accordion", _accordion),
    Chips: ("chips", _chips),
}
