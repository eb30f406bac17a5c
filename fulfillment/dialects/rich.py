"""`Card`, `QuickReplies` and `Image`, which Dialogflow Messenger does not draw -> `richContent`, which it does."""

from __future__ import annotations

from ..messages import Button, Card, Image, Message, QuickReplies, Text
from ..messages.messenger import Chip, Chips, Element, Info, Picture, RichButton, RichContent


def for_messenger(part: Message) -> tuple[Message, ...]:
    """Return the messages that say `part` in Messenger; anything but the three kinds is returned as it is."""
    if isinstance(part, Card):
        return (_card(part),)
    if isinstance(part, QuickReplies):
        # The title is a text of its own, so that it is spoken and shown wherever the chips are not.
        chips = (RichContent(Chips(*part.replies)),) if part.replies else ()
        return (Text(part.title), *chips) if part.title else chips
    if isinstance(part, Image):
        return (RichContent(Picture(part.image_uri, part.accessibility_text)),)
    return (part,)


def _card(card: Card) -> RichContent:
    elements: list[Element] = [Info(card.title, card.subtitle, card.image_uri)]
    elements += [RichButton(button.text, link=button.postback) for button in card.buttons if _opens_page(button)]
    # Messenger has no button that sends words; a chip sends exactly what it shows.
    words = [Chip(button.postback or button.text) for button in card.buttons if not _opens_page(button)]
    if words:
        elements.append(Chips(*words))
    return RichContent(*elements)


def _opens_page(button: Button) -> bool:
    return "://" in button.postback or button.postback.startswith(("tel:", "mailto:"))
