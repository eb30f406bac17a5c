"""`payload.google`: Actions on Google, whose member names differ from the API's own (docs/protocol.md 7.2 to 7.4)."""

from __future__ import annotations

from typing import Any

import pytest

from fulfillment import (
    BasicCard,
    BrowseCarouselCard,
    BrowseItem,
    Card,
    CarouselSelect,
    Column,
    GooglePayload,
    Image,
    LinkButton,
    LinkOutSuggestion,
    ListSelect,
    MediaContent,
    MediaObject,
    Problem,
    Raw,
    Reply,
    Row,
    SelectItem,
    SimpleResponse,
    Suggestions,
    SystemIntent,
    TableCard,
)
from fulfillment.messages import google
from tests.kit.wire import encoded

PICTURE = Image("https://x/p.png", "a picture")
PICTURE_JSON = {"url": "https://x/p.png", "accessibilityText": "a picture"}
BUTTON = LinkButton("Open", "https://x")
BUTTON_JSON = {"title": "Open", "openUrlAction": {"url": "https://x"}}


def _google(payload: GooglePayload) -> Any:
    return encoded(Reply(payload))["payload"]["google"]


ITEMS: list[tuple[Any, dict[str, Any]]] = [
    (
        SimpleResponse("Hear", display_text="Read"),
        {"simpleResponse": {"textToSpeech": "Hear", "displayText": "Read"}},
    ),
    (SimpleResponse(ssml="<speak/>"), {"simpleResponse": {"ssml": "<speak/>"}}),
    (
        BasicCard("T", "S", "F", PICTURE, [BUTTON]),
        {
            "basicCard": {
                "title": "T",
                "subtitle": "S",
                "formattedText": "F",
                "image": PICTURE_JSON,
                "buttons": [BUTTON_JSON],
            }
        },
    ),
    (
        BrowseCarouselCard([BrowseItem("T", "u", "D", "F", PICTURE, "AMP_CONTENT"), BrowseItem("U", "v")], "CROPPED"),
        {
            "carouselBrowse": {
                "items": [
                    {
                        "title": "T",
                        "description": "D",
                        "footer": "F",
                        "image": PICTURE_JSON,
                        "openUrlAction": {"url": "u", "urlTypeHint": "AMP_CONTENT"},
                    },
                    {"title": "U", "openUrlAction": {"url": "v"}},
                ],
                "imageDisplayOptions": "CROPPED",
            }
        },
    ),
    (
        TableCard([Column("C", "CENTER")], [Row(["a"], True), Row(["b"])], "T", "S", PICTURE, [BUTTON]),
        {
            "tableCard": {
                "title": "T",
                "subtitle": "S",
                "image": PICTURE_JSON,
                "columnProperties": [{"header": "C", "horizontalAlignment": "CENTER"}],
                "rows": [
                    {"cells": [{"text": "a"}], "dividerAfter": True},
                    {"cells": [{"text": "b"}], "dividerAfter": False},
                ],
                "buttons": [BUTTON_JSON],
            }
        },
    ),
    (
        MediaContent(MediaObject("N", "u", "D", icon=PICTURE)),
        {
            "mediaResponse": {
                "mediaType": "AUDIO",
                "mediaObjects": [{"name": "N", "description": "D", "contentUrl": "u", "icon": PICTURE_JSON}],
            }
        },
    ),
    (Raw({"htmlResponse": {"url": "u"}}), {"htmlResponse": {"url": "u"}}),
]


@pytest.mark.parametrize(("item", "meant"), ITEMS, ids=lambda value: type(value).__name__)
def test_the_assistant_reads(item: Any, meant: dict[str, Any]) -> None:
    assert _google(GooglePayload([SimpleResponse("Hi"), item]))["richResponse"]["items"][1] == meant


def test_whether_the_talk_goes_on_is_always_said() -> None:
    assert _google(GooglePayload()) == {"expectUserResponse": True}
    assert _google(GooglePayload(expect_user_response=False)) == {"expectUserResponse": False}


def test_everything_else_stands_beside_the_items() -> None:
    payload = GooglePayload(
        suggestions=Suggestions("Yes", "No"),
        link_out=LinkOutSuggestion("Shop", "https://x"),
        system_intent=SystemIntent("i", "s", {"a": 1}),
        no_input_prompts=[SimpleResponse("Still there?")],
        user_storage="{}",
        reset_user_storage=True,
        speech_biasing_hints=["order"],
        speech="Hi",
        is_ssml=True,
        final_response={"a": 1},
    )

    assert _google(payload) == {
        "expectUserResponse": True,
        "richResponse": {
            "suggestions": [{"title": "Yes"}, {"title": "No"}],
            "linkOutSuggestion": {"destinationName": "Shop", "openUrlAction": {"url": "https://x"}},
        },
        "systemIntent": {"intent": "i", "data": {"@type": "type.googleapis.com/s", "a": 1}},
        "noInputPrompts": [{"textToSpeech": "Still there?"}],
        "userStorage": "{}",
        "resetUserStorage": True,
        "speechBiasingHints": ["order"],
        "speech": "Hi",
        "isSsml": True,
        "finalResponse": {"a": 1},
    }


CHOICES = [SelectItem("k", "T", "D", ["s"], PICTURE), SelectItem("l", "U")]
CHOICES_JSON = [
    {"optionInfo": {"key": "k", "synonyms": ["s"]}, "title": "T", "description": "D", "image": PICTURE_JSON},
    {"optionInfo": {"key": "l", "synonyms": []}, "title": "U"},
]
V2_SPEC = "type.googleapis.com/google.actions.v2."

QUESTIONS: list[tuple[SystemIntent, str, dict[str, Any]]] = [
    (
        google.ask_option(ListSelect(CHOICES, "T", "S")),
        "OPTION",
        {"@type": f"{V2_SPEC}OptionValueSpec", "listSelect": {"title": "T", "subtitle": "S", "items": CHOICES_JSON}},
    ),
    (
        google.ask_option(CarouselSelect(CHOICES)),
        "OPTION",
        {"@type": f"{V2_SPEC}OptionValueSpec", "carouselSelect": {"items": CHOICES_JSON}},
    ),
    (
        google.ask_permission("To greet you", "NAME", "UPDATE"),
        "PERMISSION",
        {"@type": f"{V2_SPEC}PermissionValueSpec", "optContext": "To greet you", "permissions": ["NAME", "UPDATE"]},
    ),
    (
        google.ask_confirmation("Sure?"),
        "CONFIRMATION",
        {"@type": f"{V2_SPEC}ConfirmationValueSpec", "dialogSpec": {"requestConfirmationText": "Sure?"}},
    ),
    (
        google.ask_date_time("When?", "Which day?"),
        "DATETIME",
        {
            "@type": f"{V2_SPEC}DateTimeValueSpec",
            "dialogSpec": {
                "requestDatetimeText": "When?",
                "requestDateText": "Which day?",
                "requestTimeText": "When?",
            },
        },
    ),
    (google.ask_sign_in("To order"), "SIGN_IN", {"@type": f"{V2_SPEC}SignInValueSpec", "optContext": "To order"}),
    (
        google.ask_place("Where?", "To find you"),
        "PLACE",
        {
            "@type": f"{V2_SPEC}PlaceValueSpec",
            "dialogSpec": {
                "extension": {
                    "@type": f"{V2_SPEC}PlaceValueSpec.PlaceDialogSpec",
                    "requestPrompt": "Where?",
                    "permissionContext": "To find you",
                }
            },
        },
    ),
    (
        google.ask_new_surface("To see it", "Go on", "actions.capability.SCREEN_OUTPUT"),
        "NEW_SURFACE",
        {
            "@type": f"{V2_SPEC}NewSurfaceValueSpec",
            "context": "To see it",
            "notificationTitle": "Go on",
            "capabilities": ["actions.capability.SCREEN_OUTPUT"],
        },
    ),
]


@pytest.mark.parametrize(("question", "name", "data"), QUESTIONS, ids=[name for _, name, _ in QUESTIONS])
def test_the_assistant_asks(question: SystemIntent, name: str, data: dict[str, Any]) -> None:
    assert _google(GooglePayload(system_intent=question))["systemIntent"] == {
        "intent": f"actions.intent.{name}",
        "data": data,
    }


def test_an_item_that_the_assistant_does_not_take_is_refused() -> None:
    with pytest.raises(Problem, match=r"holds a Card; it takes SimpleResponse, BasicCard"):
        _google(GooglePayload([SimpleResponse("Hi"), Card("c")]))
