"""Actions on Google wire format: the object under `payload.google` (v2) and `data.google` (v1).

Member names differ from those of the API's own messages (`image.url`, `openUrlAction`, `optionInfo`): see the
docs/protocol.md 7.2 to 7.4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import problems
from ..messages import Image, Message, Raw
from ..messages.assistant import (
    BasicCard,
    BrowseCarouselCard,
    BrowseItem,
    CarouselSelect,
    LinkButton,
    ListSelect,
    MediaContent,
    MediaObject,
    SelectItem,
    SimpleResponse,
    TableCard,
)
from ..messages.google import GooglePayload, SystemIntent
from .members import given


def encode(payload: GooglePayload, *, v1: bool = False) -> dict[str, Any]:
    """Return the JSON object for the Assistant. `expectUserResponse` is always said: its default ends the talk.

    `v1` says `isSsml` and `noInputPrompts` always too, as Google's page on `data.google` does.
    """
    encoded: dict[str, Any] = {"expectUserResponse": payload.expect_user_response}
    rich = _rich_response(payload)
    if rich:
        encoded["richResponse"] = rich
    if payload.system_intent:
        encoded["systemIntent"] = _system_intent(payload.system_intent)
    if v1:
        encoded |= {"isSsml": payload.is_ssml, "noInputPrompts": []}
    return encoded | given(
        noInputPrompts=[simple_response(prompt) for prompt in payload.no_input_prompts],
        userStorage=payload.user_storage,
        resetUserStorage=payload.reset_user_storage,
        speechBiasingHints=list(payload.speech_biasing_hints),
        speech=payload.speech,
        isSsml=payload.is_ssml,
        finalResponse=payload.final_response,
    )


def simple_response(part: SimpleResponse) -> dict[str, Any]:
    """Return `{textToSpeech | ssml, displayText}`."""
    return given(textToSpeech=part.text_to_speech, ssml=part.ssml, displayText=part.display_text)


def select(part: ListSelect | CarouselSelect) -> dict[str, Any]:
    """Return the data of `actions.intent.OPTION`: `{listSelect}` or `{carouselSelect}`."""
    items = [_select_item(item) for item in part.items]
    if isinstance(part, ListSelect):
        return {"listSelect": given(title=part.title, subtitle=part.subtitle, items=items)}
    return {"carouselSelect": {"items": items}}


def _rich_response(payload: GooglePayload) -> dict[str, Any]:
    link_out = payload.link_out
    return given(
        items=[item(part) for part in payload.items],
        suggestions=[{"title": title} for title in payload.suggestions.titles] if payload.suggestions else [],
        linkOutSuggestion=link_out
        and {"destinationName": link_out.destination_name, "openUrlAction": {"url": link_out.uri}},
    )


def _system_intent(part: SystemIntent) -> dict[str, Any]:
    return {"intent": part.intent, "data": {"@type": f"type.googleapis.com/{part.spec}", **part.data}}


def item(part: Message) -> dict[str, Any]:
    """Return an entry of `richResponse.items`. Raises the 500 `Problem` `invalid-reply` for another kind."""
    if isinstance(part, Raw):
        return dict(part.message)
    encoder = _ITEMS.get(type(part))
    if encoder is None:
        known = ", ".join(kind.__name__ for kind in _ITEMS)
        raise problems.invalid_reply(f"GooglePayload(items=...) holds a {type(part).__name__}; it takes {known}")
    return encoder(part)


def _basic_card(part: BasicCard) -> dict[str, Any]:
    return {
        "basicCard": given(
            title=part.title,
            subtitle=part.subtitle,
            formattedText=part.formatted_text,
            image=_image(part.image),
            buttons=[_button(button) for button in part.buttons],
        )
    }


def _carousel_browse(part: BrowseCarouselCard) -> dict[str, Any]:
    return {
        "carouselBrowse": given(
            items=[_browse_item(item) for item in part.items], imageDisplayOptions=part.image_display
        )
    }


def _browse_item(item: BrowseItem) -> dict[str, Any]:
    return given(
        title=item.title,
        description=item.description,
        footer=item.footer,
        image=_image(item.image),
        openUrlAction=given(url=item.url, urlTypeHint=item.url_type_hint),
    )


def _table_card(part: TableCard) -> dict[str, Any]:
    columns = [given(header=column.header, horizontalAlignment=column.alignment) for column in part.columns]
    rows = [{"cells": [{"text": cell} for cell in row.cells], "dividerAfter": row.divider_after} for row in part.rows]
    return {
        "tableCard": given(
            title=part.title,
            subtitle=part.subtitle,
            image=_image(part.image),
            columnProperties=columns,
            rows=rows,
            buttons=[_button(button) for button in part.buttons],
        )
    }


def _media_response(part: MediaContent) -> dict[str, Any]:
    media = [_media_object(media) for media in part.media_objects]
    return {"mediaResponse": {"mediaType": "AUDIO", "mediaObjects": media}}


def _media_object(media: MediaObject) -> dict[str, Any]:
    return given(
        name=media.name,
        description=media.description,
        contentUrl=media.content_url,
        largeImage=_image(media.large_image),
        icon=_image(media.icon),
    )


def _select_item(item: SelectItem) -> dict[str, Any]:
    option = {"optionInfo": {"key": item.key, "synonyms": list(item.synonyms)}, "title": item.title}
    return option | given(description=item.description, image=_image(item.image))


def _image(image: Image | None) -> dict[str, Any] | None:
    return given(url=image.image_uri, accessibilityText=image.accessibility_text) if image else None


def _button(button: LinkButton) -> dict[str, Any]:
    return {"title": button.title, "openUrlAction": {"url": button.uri}}


_ITEMS: dict[type[Message], Callable[[Any], dict[str, Any]]] = {
    SimpleResponse: lambda part: {"simpleResponse": simple_response(part)},
    BasicCard: _basic_card,
    BrowseCarouselCard: _carousel_browse,
    TableCard: _table_card,
    MediaContent: _media_response,
}
