"""Dialogflow Messenger: elements in the members that Google's integration code reads (docs/protocol.md 12.2)."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment import (
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
    Reply,
    RichButton,
    RichContent,
)
from fulfillment.messages.messenger import Element
from tests.kit.wire import encoded

IMAGE = {"src": {"rawUrl": "https://x/p.png"}}
EVENT = Event("buy", {"n": 1}, "de")
EVENT_JSON = {"name": "buy", "parameters": {"n": 1}, "languageCode": "de"}

ELEMENTS: list[tuple[Element, dict[str, Any]]] = [
    (
        Info("T", "S", "https://x/p.png", "https://x"),
        {"type": "info", "title": "T", "subtitle": "S", "image": IMAGE, "actionLink": "https://x"},
    ),
    (Info("T"), {"type": "info", "title": "T"}),
    (Description("T", "one", "two"), {"type": "description", "title": "T", "text": ["one", "two"]}),
    (
        Picture("https://x/p.png", "a picture"),
        {"type": "image", "rawUrl": "https://x/p.png", "accessibilityText": "a picture"},
    ),
    (
        RichButton("Buy", "https://x", Icon("chevron_right", "#FF9800"), EVENT),
        {
            "type": "button",
            "text": "Buy",
            "link": "https://x",
            "icon": {"type": "chevron_right", "color": "#FF9800"},
            "event": EVENT_JSON,
        },
    ),
    (
        ListItem("T", "S", "https://x/p.png", EVENT),
        {"type": "list", "title": "T", "subtitle": "S", "image": IMAGE, "event": EVENT_JSON},
    ),
    (Divider(), {"type": "divider"}),
    (
        Accordion("T", "S", "https://x/p.png", "text"),
        {"type": "accordion", "title": "T", "subtitle": "S", "image": IMAGE, "text": "text"},
    ),
    (
        Chips("Yes", Chip("Open", "https://x", "https://x/p.png")),
        {"type": "chips", "options": [{"text": "Yes"}, {"text": "Open", "link": "https://x", "image": IMAGE}]},
    ),
    (CustomElement({"type": "html", "html": "<b>"}), {"type": "html", "html": "<b>"}),
]


def _rich_content(message: RichContent) -> Any:
    return encoded(Reply(message))["fulfillmentMessages"][0]["payload"]["richContent"]


@pytest.mark.parametrize(("element", "meant"), ELEMENTS, ids=lambda value: type(value).__name__)
def test_messenger_reads(element: Element, meant: dict[str, Any]) -> None:
    assert _rich_content(RichContent(element)) == [[meant]]


def test_elements_are_drawn_in_one_card() -> None:
    assert _rich_content(RichContent(Divider(), Divider())) == [[{"type": "divider"}, {"type": "divider"}]]


def test_lists_are_drawn_in_cards_of_their_own() -> None:
    cards = _rich_content(RichContent([Divider(), Info("a")], [Divider()]))

    assert [[element["type"] for element in card] for card in cards] == [["divider", "info"], ["divider"]]


def test_rich_content_has_no_platform() -> None:
    assert set(encoded(Reply(RichContent(Divider())))["fulfillmentMessages"][0]) == {"payload"}
