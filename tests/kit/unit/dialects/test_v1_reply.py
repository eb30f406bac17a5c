"""Reply -> v1 webhook response: every row of docs/protocol.md 10.2 and 10.3."""

from __future__ import annotations

import json
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
    Context,
    EndInteraction,
    EndSlotFilling,
    FollowUp,
    GooglePayload,
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
    Reply,
    Row,
    SelectItem,
    SimpleResponse,
    Suggestions,
    TableCard,
    Text,
    WebhookPayload,
)
from fulfillment.call import Call
from fulfillment.dialects.remarks import tell
from fulfillment.dialects.v1 import decode, encode
from fulfillment.messages.google import ask_option
from fulfillment.settings import Settings
from fulfillment.testing import v1_request

ITEMS = [SelectItem("a", "A", synonyms=["first"]), SelectItem("b", "B", "the second", image=Image("https://i"))]
AS_SENT = [
    {"optionInfo": {"key": "a", "synonyms": ["first"]}, "title": "A"},
    {
        "optionInfo": {"key": "b", "synonyms": []},
        "title": "B",
        "description": "the second",
        "image": {"url": "https://i"},
    },
]


def say(*parts: Any, body: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    request = decode(body or v1_request("order"), Call())
    encoded = encode(Reply(*parts), request, Settings(on_google=True, **settings))
    tell(encoded.remarks, "the handler")
    reply: dict[str, Any] = json.loads(encoded.body)
    return reply


def test_words_are_spoken_shown_and_sent_as_a_message() -> None:
    assert say("Hello", "there") == {
        "speech": "Hello\nthere",
        "displayText": "Hello\nthere",
        "messages": [{"type": 0, "speech": "Hello"}, {"type": 0, "speech": "there"}],
    }


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Text("a", "b"), {"type": 0, "speech": ["a", "b"]}),
        (
            Card("T", "S", "https://i", [Button("B", "https://p")]),
            {
                "type": 1,
                "title": "T",
                "subtitle": "S",
                "imageUrl": "https://i",
                "buttons": [{"text": "B", "postback": "https://p"}],
            },
        ),
        (QuickReplies("T", "a", "b"), {"type": 2, "title": "T", "replies": ["a", "b"]}),
        (Image("https://i"), {"type": 3, "imageUrl": "https://i"}),
        (Payload({"x": 1}, platform="slack"), {"type": 4, "payload": {"x": 1}, "platform": "slack"}),
        (
            SimpleResponse("a", display_text="b"),
            {"type": "simple_response", "platform": "google", "textToSpeech": "a", "displayText": "b"},
        ),
        (
            BasicCard("T", formatted_text="F", image=Image("https://i"), buttons=[LinkButton("B", "https://p")]),
            {
                "type": "basic_card",
                "platform": "google",
                "title": "T",
                "formattedText": "F",
                "image": {"url": "https://i"},
                "buttons": [{"title": "B", "openUrlAction": {"url": "https://p"}}],
            },
        ),
        (ListSelect(ITEMS, title="T"), {"type": "list_card", "platform": "google", "title": "T", "items": AS_SENT}),
        (CarouselSelect(ITEMS), {"type": "carousel_card", "platform": "google", "items": AS_SENT}),
        (
            Suggestions("a", "b"),
            {"type": "suggestion_chips", "platform": "google", "suggestions": [{"title": "a"}, {"title": "b"}]},
        ),
        (
            LinkOutSuggestion("N", "https://p"),
            {"type": "link_out_chip", "platform": "google", "destinationName": "N", "url": "https://p"},
        ),
        (
            BrowseCarouselCard([BrowseItem("A", "https://a"), BrowseItem("B", "https://b")]),
            {
                "type": "browse_carousel_card",
                "platform": "google",
                "items": [
                    {"title": "A", "openUrlAction": {"url": "https://a"}},
                    {"title": "B", "openUrlAction": {"url": "https://b"}},
                ],
            },
        ),
        (
            TableCard([Column("H")], [Row(["c"])]),
            {
                "type": "table_card",
                "platform": "google",
                "columnProperties": [{"header": "H"}],
                "rows": [{"cells": [{"text": "c"}], "dividerAfter": False}],
            },
        ),
        (
            MediaContent(MediaObject("N", "https://s")),
            {
                "type": "media_content",
                "platform": "google",
                "mediaType": "AUDIO",
                "mediaObjects": [{"name": "N", "contentUrl": "https://s"}],
            },
        ),
        (Raw({"type": 0, "speech": "raw"}), {"type": 0, "speech": "raw"}),
    ],
)
def test_each_message_has_its_number_or_word(part: Any, message: dict[str, Any]) -> None:
    assert say(part)["messages"] == [message]


@pytest.mark.parametrize("platform", ["facebook", "FACEBOOK", "line", "viber", "kik", "skype", "telegram"])
def test_platforms_are_written_in_lower_case(platform: str) -> None:
    assert say(Text("a", platform=platform))["messages"][0]["platform"] == platform.lower()


def test_a_platform_that_v1_does_not_know_is_left_out_and_told(caplog: pytest.LogCaptureFixture) -> None:
    assert "messages" not in say(Text("a", platform="GOOGLE_HANGOUTS"))
    assert "Text for GOOGLE_HANGOUTS" in caplog.text


def test_a_custom_payload_stands_under_its_channels_name() -> None:
    reply = say(Payload(facebook={"text": "a"}), Payload(slack={"text": "b"}))
    assert reply == {"data": {"facebook": {"text": "a"}, "slack": {"text": "b"}}}


def test_contexts_have_bare_names_and_lifespan_0_deletes() -> None:
    assert say(Context("Order", 5, {"id": 1}), Context.delete("old")) == {
        "contextOut": [{"name": "order", "lifespan": 5, "parameters": {"id": 1}}, {"name": "old", "lifespan": 0}]
    }


def test_a_follow_up_event_carries_its_parameters_as_data() -> None:
    assert say(FollowUp("full", {"n": 1})) == {"followupEvent": {"name": "full", "data": {"n": 1}}}


def test_messages_beside_a_follow_up_event_are_told(caplog: pytest.LogCaptureFixture) -> None:
    say("words", FollowUp("full"))
    assert "Dialogflow drops them" in caplog.text


def test_slot_filling_ends_when_its_contexts_do() -> None:
    contexts = [{"name": "book_dialog_context", "lifespan": 2}, {"name": "other", "lifespan": 2}]
    reply = say(EndSlotFilling(), body=v1_request("book", contexts=contexts))
    assert reply == {"contextOut": [{"name": "book_dialog_context", "lifespan": 0}]}


def test_a_payload_for_api_callers_is_data() -> None:
    assert say(WebhookPayload({"a": 1})) == {"data": {"a": 1}}


def test_the_end_of_the_interaction_is_said_to_the_assistant_with_the_last_words() -> None:
    google = say("Bye", EndInteraction())["data"]["google"]
    assert google["expectUserResponse"] is False
    assert google["richResponse"] == {"items": [{"simpleResponse": {"textToSpeech": "Bye"}}]}


@pytest.mark.parametrize("first", [True, False])
def test_the_end_of_the_interaction_joins_the_assistants_own_answer(first: bool) -> None:
    parts = [EndInteraction(), GooglePayload([SimpleResponse("Own")])]
    google = say(*(parts if first else reversed(parts)))["data"]["google"]
    assert google["expectUserResponse"] is False
    assert google["richResponse"]["items"][0]["simpleResponse"]["textToSpeech"] == "Own"


def test_the_example_of_googles_page_can_be_produced_member_for_member() -> None:
    choices = ListSelect([SelectItem("key1", "", synonyms=["key one"]), SelectItem("key2", "", synonyms=["key two"])])
    answer = GooglePayload(
        [SimpleResponse("hello", display_text="hi")],
        suggestions=Suggestions("Say this", "or this"),
        system_intent=ask_option(choices),
    )
    assert say(answer) == {
        "data": {
            "google": {
                "expectUserResponse": True,
                "isSsml": False,
                "noInputPrompts": [],
                "richResponse": {
                    "items": [{"simpleResponse": {"textToSpeech": "hello", "displayText": "hi"}}],
                    "suggestions": [{"title": "Say this"}, {"title": "or this"}],
                },
                "systemIntent": {
                    "intent": "actions.intent.OPTION",
                    "data": {
                        "@type": "type.googleapis.com/google.actions.v2.OptionValueSpec",
                        "listSelect": {
                            "items": [
                                {"optionInfo": {"key": "key1", "synonyms": ["key one"]}, "title": ""},
                                {"optionInfo": {"key": "key2", "synonyms": ["key two"]}, "title": ""},
                            ]
                        },
                    },
                },
            }
        }
    }


def test_plain_speech_prompts_and_a_final_response_can_be_said_too() -> None:
    final = {"richResponse": {"items": [{"simpleResponse": {"textToSpeech": "Bye"}}]}}
    google = say(
        GooglePayload(
            expect_user_response=False,
            speech="<speak>Bye</speak>",
            is_ssml=True,
            no_input_prompts=[SimpleResponse("Still there?")],
            final_response=final,
            user_storage="{}",
        )
    )["data"]["google"]
    assert google == {
        "expectUserResponse": False,
        "isSsml": True,
        "speech": "<speak>Bye</speak>",
        "noInputPrompts": [{"textToSpeech": "Still there?"}],
        "finalResponse": final,
        "userStorage": "{}",
    }


def test_keeping_the_agents_own_response_says_nothing() -> None:
    assert encode(Reply.keep(), decode(v1_request(), Call()), Settings()) == (b"{}", ())


def test_a_broken_limit_is_an_error_off_google() -> None:
    with pytest.raises(Problem, match="QuickReplies: 11"):
        encode(Reply(QuickReplies("t", *"abcdefghijk")), decode(v1_request(), Call()), Settings())


def test_a_reply_over_64_kib_is_cut_to_its_texts() -> None:
    reply = say("words", Payload(facebook={"x": "y" * 66_000}), Context("order"))
    assert reply == {"messages": [{"type": 0, "speech": "words"}], "contextOut": [{"name": "order", "lifespan": 5}]}


def test_an_unknown_kind_of_part_is_refused() -> None:
    from fulfillment.messages import Message
    from fulfillment.parts import Part

    class NewPart(Part):
        pass

    class NewMessage(Message):
        pass

    for part in (NewPart(), NewMessage()):
        with pytest.raises(Problem, match="invalid-reply"):
            say(part)
