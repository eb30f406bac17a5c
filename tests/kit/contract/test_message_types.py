"""Each message type: what Google's types understand of it is what the handler said, member by member."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment import (
    BasicCard,
    BrowseCarouselCard,
    BrowseItem,
    Button,
    Card,
    CarouselSelect,
    Column,
    Image,
    LinkButton,
    LinkOutSuggestion,
    ListSelect,
    MediaContent,
    MediaObject,
    Payload,
    Problem,
    QuickReplies,
    Raw,
    RbmAction,
    RbmCard,
    RbmCarouselCard,
    RbmReply,
    RbmStandaloneCard,
    RbmText,
    Reply,
    Row,
    SelectItem,
    SimpleResponse,
    Suggestions,
    TableCard,
    TelephonyPlayAudio,
    TelephonySynthesizeSpeech,
    TelephonyTransferCall,
    Text,
)
from fulfillment.dialects import es
from fulfillment.messages import Message
from fulfillment.testing import es_request
from tests.kit.contract.google_types import understood
from tests.kit.wire import PRODUCTION, V2, V2BETA1, decoded

PICTURE = Image("https://x/p.png", "a picture")
PICTURE_JSON = {"imageUri": "https://x/p.png", "accessibilityText": "a picture"}
LINK = LinkButton("Open", "https://x/open")
LINK_JSON = {"title": "Open", "openUriAction": {"uri": "https://x/open"}}
ITEMS = (
    SelectItem("k1", "One", "first", ["uno", "eins"], PICTURE),
    SelectItem("k2", "Two"),
)
ITEMS_JSON = [
    {
        "info": {"key": "k1", "synonyms": ["uno", "eins"]},
        "title": "One",
        "description": "first",
        "image": PICTURE_JSON,
    },
    {"info": {"key": "k2"}, "title": "Two"},
]

IN_BOTH_VERSIONS: list[tuple[Message, dict[str, Any]]] = [
    (Text("Hi", "Hello"), {"text": {"text": ["Hi", "Hello"]}}),
    (Text(""), {"text": {"text": [""]}}),
    (Image("https://x/p.png", "a picture"), {"image": PICTURE_JSON}),
    (QuickReplies("Which?", "A", "B"), {"quickReplies": {"title": "Which?", "quickReplies": ["A", "B"]}}),
    (
        Card("Order", "shipped", "https://x/p.png", [Button("Track", "https://x/t"), Button("Ok")]),
        {
            "card": {
                "title": "Order",
                "subtitle": "shipped",
                "imageUri": "https://x/p.png",
                "buttons": [{"text": "Track", "postback": "https://x/t"}, {"text": "Ok"}],
            }
        },
    ),
    (
        Payload(facebook={"text": "f"}, line={"type": "text", "text": "l"}),
        {"payload": {"facebook": {"text": "f"}, "line": {"type": "text", "text": "l"}}},
    ),
    (
        Payload({"kik-2": {"deep": [1.5, None, True, {"a": ""}]}}, slack={}),
        {"payload": {"kik-2": {"deep": [1.5, None, True, {"a": ""}]}, "slack": {}}},
    ),
    (
        SimpleResponse("Hear", display_text="Read", platform=""),
        {"simpleResponses": {"simpleResponses": [{"textToSpeech": "Hear", "displayText": "Read"}]}},
    ),
    (
        SimpleResponse(ssml="<speak/>", platform=""),
        {"simpleResponses": {"simpleResponses": [{"ssml": "<speak/>"}]}},
    ),
    (
        BasicCard("T", "S", "**F**", PICTURE, [LINK], platform=""),
        {
            "basicCard": {
                "title": "T",
                "subtitle": "S",
                "formattedText": "**F**",
                "image": PICTURE_JSON,
                "buttons": [LINK_JSON],
            }
        },
    ),
    (
        Suggestions("Yes", "No", platform=""),
        {"suggestions": {"suggestions": [{"title": "Yes"}, {"title": "No"}]}},
    ),
    (
        LinkOutSuggestion("Shop", "https://x", platform=""),
        {"linkOutSuggestion": {"destinationName": "Shop", "uri": "https://x"}},
    ),
    (
        ListSelect(ITEMS, "T", "S", platform=""),
        {"listSelect": {"title": "T", "subtitle": "S", "items": ITEMS_JSON}},
    ),
    (CarouselSelect(ITEMS, platform=""), {"carouselSelect": {"items": ITEMS_JSON}}),
    (
        BrowseCarouselCard(
            [
                BrowseItem("One", "https://x/1", "first", "foot", PICTURE, "AMP_ACTION"),
                BrowseItem("Two", "https://x/2", url_type_hint="AMP_CONTENT"),
            ],
            "CROPPED",
            platform="",
        ),
        {
            "browseCarouselCard": {
                "items": [
                    {
                        "openUriAction": {"url": "https://x/1", "urlTypeHint": "AMP_ACTION"},
                        "title": "One",
                        "description": "first",
                        "image": PICTURE_JSON,
                        "footer": "foot",
                    },
                    {"openUriAction": {"url": "https://x/2", "urlTypeHint": "AMP_CONTENT"}, "title": "Two"},
                ],
                "imageDisplayOptions": "CROPPED",
            }
        },
    ),
    (
        TableCard(
            [Column("Day", "LEADING"), Column("Hours", "TRAILING")],
            [Row(["Mo", "9-17"], divider_after=True), Row(["Tu", ""])],
            "T",
            "S",
            PICTURE,
            [LINK],
            platform="",
        ),
        {
            "tableCard": {
                "title": "T",
                "subtitle": "S",
                "image": PICTURE_JSON,
                "columnProperties": [
                    {"header": "Day", "horizontalAlignment": "LEADING"},
                    {"header": "Hours", "horizontalAlignment": "TRAILING"},
                ],
                "rows": [
                    {"cells": [{"text": "Mo"}, {"text": "9-17"}], "dividerAfter": True},
                    {"cells": [{"text": "Tu"}, {}]},
                ],
                "buttons": [LINK_JSON],
            }
        },
    ),
    (
        MediaContent(
            MediaObject("Song", "https://x/s.mp3", "a song", large_image=PICTURE),
            MediaObject("Talk", "https://x/t.mp3", icon=PICTURE),
            platform="",
        ),
        {
            "mediaContent": {
                "mediaType": "AUDIO",
                "mediaObjects": [
                    {
                        "name": "Song",
                        "contentUrl": "https://x/s.mp3",
                        "description": "a song",
                        "largeImage": PICTURE_JSON,
                    },
                    {"name": "Talk", "contentUrl": "https://x/t.mp3", "icon": PICTURE_JSON},
                ],
            }
        },
    ),
    (Raw({"card": {"title": "raw"}, "platform": "LINE"}), {"card": {"title": "raw"}, "platform": "LINE"}),
]

SUGGESTIONS = (
    RbmReply("Yes", "y"),
    RbmAction("Call", "c", dial="+15551234567"),
    RbmAction("Look", open_url="https://x"),
    RbmAction("Here", share_location=True),
)
SUGGESTIONS_JSON = [
    {"reply": {"text": "Yes", "postbackData": "y"}},
    {"action": {"text": "Call", "postbackData": "c", "dial": {"phoneNumber": "+15551234567"}}},
    {"action": {"text": "Look", "openUrl": {"uri": "https://x"}}},
    {"action": {"text": "Here", "shareLocation": {}}},
]
RBM_CARD = RbmCard("T", "D", "https://x/f.png", "https://x/t.png", "SHORT", SUGGESTIONS)
RBM_CARD_JSON = {
    "title": "T",
    "description": "D",
    "media": {"fileUri": "https://x/f.png", "thumbnailUri": "https://x/t.png", "height": "SHORT"},
    "suggestions": SUGGESTIONS_JSON,
}

ONLY_IN_V2BETA1: list[tuple[Message, dict[str, Any]]] = [
    (TelephonyPlayAudio("gs://b/a.wav", platform=""), {"telephonyPlayAudio": {"audioUri": "gs://b/a.wav"}}),
    (TelephonySynthesizeSpeech("Hi", platform=""), {"telephonySynthesizeSpeech": {"text": "Hi"}}),
    (TelephonySynthesizeSpeech(ssml="<speak/>", platform=""), {"telephonySynthesizeSpeech": {"ssml": "<speak/>"}}),
    (TelephonyTransferCall("+15551234567", platform=""), {"telephonyTransferCall": {"phoneNumber": "+15551234567"}}),
    (RbmText("Hi", *SUGGESTIONS), {"rbmText": {"text": "Hi", "rbmSuggestion": SUGGESTIONS_JSON}}),
    (
        RbmStandaloneCard(RBM_CARD, "HORIZONTAL", "LEFT"),
        {
            "rbmStandaloneRichCard": {
                "cardOrientation": "HORIZONTAL",
                "thumbnailImageAlignment": "LEFT",
                "cardContent": RBM_CARD_JSON,
            }
        },
    ),
    (
        RbmCarouselCard(RBM_CARD, RbmCard("only a title"), width="SMALL"),
        {
            "rbmCarouselRichCard": {
                "cardWidth": "SMALL",
                "cardContents": [RBM_CARD_JSON, {"title": "only a title"}],
            }
        },
    ),
]


def _name(value: object) -> str:
    return type(value).__name__ if isinstance(value, Message) else ""


def _understood(message: Message, settings: Any = V2) -> Any:
    body = es.encode(Reply(message), decoded(es_request("any")), settings).body
    return understood(body, settings.api_version)["fulfillmentMessages"][0]


@pytest.mark.parametrize(("message", "meant"), IN_BOTH_VERSIONS, ids=_name)
@pytest.mark.parametrize("settings", [V2, V2BETA1], ids=["v2", "v2beta1"])
def test_google_understands_every_member_of(message: Message, meant: Any, settings: Any) -> None:
    # A single rich item for every channel: whether the Assistant takes it alone is a matter of limits.
    assert _understood(message, settings) == meant


@pytest.mark.parametrize(("message", "meant"), ONLY_IN_V2BETA1, ids=_name)
def test_google_understands_in_v2beta1_every_member_of(message: Message, meant: Any) -> None:
    assert _understood(message, V2BETA1) == meant


@pytest.mark.parametrize(("message", "meant"), ONLY_IN_V2BETA1, ids=_name)
def test_v2_refuses_by_name(message: Message, meant: Any) -> None:
    with pytest.raises(Problem) as refused:
        es.encode(Reply(message), decoded(es_request("any")), V2)

    assert (refused.value.status, refused.value.cause) == (500, "invalid-reply")
    assert type(message).__name__ in refused.value.detail
    assert "WEBHOOK_API_VERSION" in refused.value.detail


@pytest.mark.parametrize("platform", es.messages.PLATFORMS)
@pytest.mark.parametrize("settings", [V2, V2BETA1], ids=["v2", "v2beta1"])
def test_google_knows_platform(platform: str, settings: Any) -> None:
    assert _understood(Text("Hi", platform=platform), settings)["platform"] == platform


def test_platform_names_may_be_written_in_lower_case() -> None:
    assert _understood(Text("Hi", platform="facebook"))["platform"] == "FACEBOOK"


def test_telephony_is_a_platform_in_v2beta1() -> None:
    assert _understood(TelephonySynthesizeSpeech("Hi"), V2BETA1)["platform"] == "TELEPHONY"


@pytest.mark.parametrize("platform", ["TELEPHONY", "DIALOGFLOW_MESSENGER", "TWILIO", "PLATFORM_UNSPECIFIED", " "])
def test_a_platform_that_v2_does_not_know_is_refused(platform: str) -> None:
    with pytest.raises(Problem, match="GOOGLE_HANGOUTS") as refused:
        es.encode(Reply(Text("Hi", platform=platform)), decoded(es_request("any")), PRODUCTION)

    assert refused.value.cause == "invalid-reply"


def test_assistant_messages_are_for_the_assistant_unless_told_otherwise() -> None:
    assert _understood(SimpleResponse("Hi"))["platform"] == "ACTIONS_ON_GOOGLE"


def test_every_message_type_of_the_api_has_a_builder() -> None:
    from google.cloud import dialogflow_v2beta1

    api = {field.json_name for field in dialogflow_v2beta1.Intent.Message.pb().DESCRIPTOR.oneofs[0].fields}
    ours = {next(iter(meant)) for _, meant in (*IN_BOTH_VERSIONS, *ONLY_IN_V2BETA1)}

    assert ours == api
