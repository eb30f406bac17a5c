"""Message -> an entry of `fulfillmentMessages` (`Intent.Message` of v2 and v2beta1), one encoder a type.

Encoders are found by class name, so that a function which never makes a rich message never imports its class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ... import problems
from ...messages import Card, Image, Message, Payload, QuickReplies, Raw, Text
from ..members import given
from ..remarks import Remark

if TYPE_CHECKING:
    from ...messages import assistant, business, messenger, telephony

PLATFORMS = ("FACEBOOK", "SLACK", "TELEGRAM", "KIK", "SKYPE", "LINE", "VIBER", "ACTIONS_ON_GOOGLE", "GOOGLE_HANGOUTS")
BETA_PLATFORMS = (*PLATFORMS, "TELEPHONY")
"""Names of `Intent.Message.Platform`; Messenger, console and Twilio have none: they read messages without platform."""


def encode_messages(
    part: Message, api_version: str, remarks: list[Remark], to_messenger: bool = False
) -> list[dict[str, Any]]:
    """Return the JSON objects that say `part` to an agent on `api_version` ("v2" or "v2beta1").

    Dialogflow Messenger draws no card, picture or quick replies: `to_messenger` makes them richContent. A message of
    another dialect gives none, and a remark.
    Raises a 500 `Problem` for a type or platform that this version does not know.
    """
    if isinstance(part, Raw):
        return [dict(part.message)]
    name = type(part).__name__
    if to_messenger and name in ("Card", "QuickReplies", "Image") and not part.platform:  # type: ignore[attr-defined]
        from ..rich import for_messenger

        return [_encoded(made, type(made).__name__, api_version) for made in for_messenger(part)]
    if name not in _ENCODERS:  # a subclass is written as what it extends
        name = next((kind.__name__ for kind in type(part).__mro__ if kind.__name__ in _ENCODERS), name)
    if name in _ENCODERS:
        return [_encoded(part, name, api_version)]
    from .. import losses

    dialect = "messenger" if to_messenger else "es"
    if losses.way(name, dialect) is None:
        raise problems.invalid_reply(f"{name} is no message type that Dialogflow ES knows; Raw({{...}}) passes any")
    remarks.append(losses.dropped(name, dialect))
    return []


def _encoded(part: Message, name: str, api_version: str) -> dict[str, Any]:
    if name in V2BETA1_ONLY and api_version != "v2beta1":
        raise problems.invalid_reply(
            f"{name} exists in API version v2beta1 only, and WEBHOOK_API_VERSION is {api_version}: "
            "set it to v2beta1 if the agent's API setting is v2beta1"
        )
    encoded = _ENCODERS[name](part)
    platform = getattr(part, "platform", "")
    if platform:
        encoded["platform"] = _platform(platform, api_version)
    return encoded


def _platform(name: str, api_version: str) -> str:
    platform = name.upper()
    known = BETA_PLATFORMS if api_version == "v2beta1" else PLATFORMS
    if platform not in known:
        raise problems.invalid_reply(
            f"platform {name!r} is none of {', '.join(known)} (API version {api_version}); "
            "leave it out for Dialogflow Messenger and everything else"
        )
    return platform


def _text(part: Text) -> dict[str, Any]:
    return {"text": {"text": list(part.variants)}}


def _image(part: Image) -> dict[str, Any]:
    return {"image": _picture(part)}


def _quick_replies(part: QuickReplies) -> dict[str, Any]:
    return {"quickReplies": given(title=part.title, quickReplies=list(part.replies))}


def _card(part: Card) -> dict[str, Any]:
    buttons = [given(text=button.text, postback=button.postback) for button in part.buttons]
    return {"card": given(title=part.title, subtitle=part.subtitle, imageUri=part.image_uri, buttons=buttons)}


def _payload(part: Payload) -> dict[str, Any]:
    return {"payload": part.content}


def _simple_response(part: assistant.SimpleResponse) -> dict[str, Any]:
    response = given(textToSpeech=part.text_to_speech, ssml=part.ssml, displayText=part.display_text)
    return {"simpleResponses": {"simpleResponses": [response]}}


def _basic_card(part: assistant.BasicCard) -> dict[str, Any]:
    return {
        "basicCard": given(
            title=part.title,
            subtitle=part.subtitle,
            formattedText=part.formatted_text,
            image=_picture(part.image),
            buttons=_link_buttons(part.buttons),
        )
    }


def _suggestions(part: assistant.Suggestions) -> dict[str, Any]:
    return {"suggestions": {"suggestions": [{"title": title} for title in part.titles]}}


def _link_out(part: assistant.LinkOutSuggestion) -> dict[str, Any]:
    return {"linkOutSuggestion": {"destinationName": part.destination_name, "uri": part.uri}}


def _list_select(part: assistant.ListSelect) -> dict[str, Any]:
    items = [_select_item(item) for item in part.items]
    return {"listSelect": given(title=part.title, subtitle=part.subtitle, items=items)}


def _carousel_select(part: assistant.CarouselSelect) -> dict[str, Any]:
    return {"carouselSelect": {"items": [_select_item(item) for item in part.items]}}


def _select_item(item: assistant.SelectItem) -> dict[str, Any]:
    return given(
        info={"key": item.key, "synonyms": list(item.synonyms)},
        title=item.title,
        description=item.description,
        image=_picture(item.image),
    )


def _browse_carousel(part: assistant.BrowseCarouselCard) -> dict[str, Any]:
    items = [
        given(
            # Called openUriAction, yet its member is "url": the API's own spelling.
            openUriAction=given(url=item.url, urlTypeHint=item.url_type_hint),
            title=item.title,
            description=item.description,
            image=_picture(item.image),
            footer=item.footer,
        )
        for item in part.items
    ]
    return {"browseCarouselCard": given(items=items, imageDisplayOptions=part.image_display)}


def _table_card(part: assistant.TableCard) -> dict[str, Any]:
    return {
        "tableCard": given(
            title=part.title,
            subtitle=part.subtitle,
            image=_picture(part.image),
            columnProperties=[
                given(header=column.header, horizontalAlignment=column.alignment) for column in part.columns
            ],
            rows=[
                given(cells=[{"text": cell} for cell in row.cells], dividerAfter=row.divider_after) for row in part.rows
            ],
            buttons=_link_buttons(part.buttons),
        )
    }


def _media_content(part: assistant.MediaContent) -> dict[str, Any]:
    media = [
        given(
            name=item.name,
            description=item.description,
            contentUrl=item.content_url,
            largeImage=_picture(item.large_image),
            icon=_picture(item.icon),
        )
        for item in part.media_objects
    ]
    return {"mediaContent": {"mediaType": "AUDIO", "mediaObjects": media}}


def _picture(image: Image | None) -> dict[str, Any] | None:
    return given(imageUri=image.image_uri, accessibilityText=image.accessibility_text) if image else None


def _link_buttons(buttons: Any) -> list[dict[str, Any]]:
    return [{"title": button.title, "openUriAction": {"uri": button.uri}} for button in buttons]


def _play_audio(part: telephony.TelephonyPlayAudio) -> dict[str, Any]:
    return {"telephonyPlayAudio": {"audioUri": part.audio_uri}}


def _synthesize_speech(part: telephony.TelephonySynthesizeSpeech) -> dict[str, Any]:
    return {"telephonySynthesizeSpeech": given(text=part.text, ssml=part.ssml)}


def _transfer_call(part: telephony.TelephonyTransferCall) -> dict[str, Any]:
    return {"telephonyTransferCall": {"phoneNumber": part.phone_number}}


def _rbm_text(part: business.RbmText) -> dict[str, Any]:
    return {"rbmText": given(text=part.text, rbmSuggestion=_rbm_suggestions(part.suggestions))}


def _rbm_standalone(part: business.RbmStandaloneCard) -> dict[str, Any]:
    return {
        "rbmStandaloneRichCard": given(
            cardOrientation=part.orientation,
            thumbnailImageAlignment=part.thumbnail_alignment,
            cardContent=_rbm_card(part.card),
        )
    }


def _rbm_carousel(part: business.RbmCarouselCard) -> dict[str, Any]:
    return {"rbmCarouselRichCard": {"cardWidth": part.width, "cardContents": [_rbm_card(card) for card in part.cards]}}


def _rbm_card(card: business.RbmCard) -> dict[str, Any]:
    media = card.file_uri and given(fileUri=card.file_uri, thumbnailUri=card.thumbnail_uri, height=card.height)
    return given(
        title=card.title, description=card.description, media=media, suggestions=_rbm_suggestions(card.suggestions)
    )


def _rbm_suggestions(suggestions: Any) -> list[dict[str, Any]]:
    return [_rbm_suggestion(suggestion) for suggestion in suggestions]


def _rbm_suggestion(suggestion: Any) -> dict[str, Any]:
    encoded = given(text=suggestion.text, postbackData=suggestion.postback_data)
    if type(suggestion).__name__ == "RbmReply":
        return {"reply": encoded}
    if suggestion.share_location:
        return {"action": encoded | {"shareLocation": {}}}
    if suggestion.dial:
        return {"action": encoded | {"dial": {"phoneNumber": suggestion.dial}}}
    return {"action": encoded | {"openUrl": {"uri": suggestion.open_url}}}


def _rich_content(part: messenger.RichContent) -> dict[str, Any]:
    from ..messenger import rich_content

    return {"payload": {"richContent": rich_content(part)}}


_ENCODERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "Text": _text,
    "Image": _image,
    "QuickReplies": _quick_replies,
    "Card": _card,
    "Payload": _payload,
    "RichContent": _rich_content,
    "SimpleResponse": _simple_response,
    "BasicCard": _basic_card,
    "Suggestions": _suggestions,
    "LinkOutSuggestion": _link_out,
    "ListSelect": _list_select,
    "CarouselSelect": _carousel_select,
    "BrowseCarouselCard": _browse_carousel,
    "TableCard": _table_card,
    "MediaContent": _media_content,
    "TelephonyPlayAudio": _play_audio,
    "TelephonySynthesizeSpeech": _synthesize_speech,
    "TelephonyTransferCall": _transfer_call,
    "RbmText": _rbm_text,
    "RbmStandaloneCard": _rbm_standalone,
    "RbmCarouselCard": _rbm_carousel,
}

V2BETA1_ONLY = frozenset(name for name in _ENCODERS if name.startswith(("Telephony", "Rbm")))
