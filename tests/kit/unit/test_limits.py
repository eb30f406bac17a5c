"""Limits that Dialogflow and its channels keep silent about: an error in tests and local runs, else a warning."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from fulfillment import (
    BasicCard,
    BrowseCarouselCard,
    BrowseItem,
    CarouselSelect,
    Column,
    FollowUp,
    GooglePayload,
    Image,
    LinkButton,
    LinkOutSuggestion,
    ListSelect,
    MediaContent,
    MediaObject,
    Problem,
    QuickReplies,
    RbmCard,
    RbmCarouselCard,
    RbmStandaloneCard,
    Reply,
    Row,
    SelectItem,
    SessionEntities,
    SimpleResponse,
    Suggestions,
    TableCard,
    TelephonyPlayAudio,
    TelephonyTransferCall,
    Text,
)
from fulfillment.access.header import Header
from fulfillment.dialects import es
from fulfillment.settings import Settings
from fulfillment.testing import es_request
from tests.kit.wire import V2BETA1, decoded

STRICT = V2BETA1
LENIENT = Settings(auth=("header",), access=(Header({"x": ("y" * 16,)}),), on_google=True, api_version="v2beta1")
SPOKEN = SimpleResponse("Hi")
PICTURE = Image("https://x/p.png")
LINK = LinkButton("Open", "https://x")
CARD = BasicCard(formatted_text="text")
TABLE = TableCard([Column("a")], [Row(["b"])])
RBM = RbmCard("title")


def _items(count: int) -> list[SelectItem]:
    return [SelectItem(f"k{number}", f"t{number}") for number in range(count)]


def _pages(count: int) -> list[BrowseItem]:
    return [BrowseItem(f"t{number}", "https://x") for number in range(count)]


# What is still allowed, what is one too many, and what the error says.
LIMITS: dict[str, tuple[list[Any], list[Any], str]] = {
    "300 alternatives": ([Text(*"a" * 300)], [Text(*"a" * 301)], "variants of a Text: 301; at most 300"),
    "10 messages of a platform": ([Text("a")] * 10, [Text("a")] * 11, "11 messages for the default platform"),
    "10 messages of LINE": (
        [*[Text("a", platform="LINE")] * 10, *[Text("a")] * 10],
        [Text("a", platform="line")] * 11,
        "11 messages for LINE; at most 10",
    ),
    "10 quick replies": ([QuickReplies("", *"a" * 10)], [QuickReplies("", *"a" * 11)], "QuickReplies: 11; at most 10"),
    "20 characters of a quick reply": (
        [QuickReplies("", "a" * 20)],
        [QuickReplies("", "a" * 21)],
        f"characters of quick reply '{'a' * 21}': 21; at most 20",
    ),
    "640 characters to hear": ([SimpleResponse("a" * 640)], [SimpleResponse("a" * 641)], "641; at most 640"),
    "640 characters to read": (
        [SimpleResponse("a", display_text="a" * 640)],
        [SimpleResponse("a", display_text="a" * 641)],
        "SimpleResponse.display_text: 641",
    ),
    "2 simple responses a turn": ([SPOKEN] * 2, [SPOKEN] * 3, "3 SimpleResponse for the Assistant; at most 2"),
    "1 rich item a turn": ([SPOKEN, CARD], [SPOKEN, CARD, TABLE], "BasicCard and TableCard in one turn"),
    "words before a card": ([SPOKEN, CARD], [CARD], "first message is BasicCard; it must be a SimpleResponse"),
    "words before a list": ([SPOKEN, ListSelect(_items(2))], [ListSelect(_items(2)), SPOKEN], "first message is ListS"),
    "1 button of a card": (
        [SPOKEN, BasicCard(formatted_text="a", buttons=[LINK])],
        [SPOKEN, BasicCard(formatted_text="a", buttons=[LINK] * 2)],
        "buttons of a BasicCard: 2; at most 1",
    ),
    "text or image of a card": ([SPOKEN, BasicCard(image=PICTURE)], [SPOKEN, BasicCard("title")], "no formatted_text"),
    "750 characters of a card": (
        [SPOKEN, BasicCard(formatted_text="a" * 750)],
        [SPOKEN, BasicCard(formatted_text="a" * 751)],
        "751; at most 750",
    ),
    "500 characters of a card with an image": (
        [SPOKEN, BasicCard(formatted_text="a" * 500, image=PICTURE)],
        [SPOKEN, BasicCard(formatted_text="a" * 501, image=PICTURE)],
        "501; at most 500",
    ),
    "8 suggestions": ([Suggestions(*"abcdefgh")], [Suggestions(*"abcdefghi")], "Suggestions: 9; at most 8"),
    "different suggestions": ([Suggestions("a", "b")], [Suggestions("a", "a")], "suggestion 'a' appears twice"),
    "25 characters of a suggestion": ([Suggestions("a" * 25)], [Suggestions("a" * 26)], "26; at most 25"),
    "20 characters of a link": (
        [LinkOutSuggestion("a" * 20, "u")],
        [LinkOutSuggestion("a" * 21, "u")],
        "LinkOutSuggestion.destination_name: 21; at most 20",
    ),
    "2 items of a list": (
        [SPOKEN, ListSelect(_items(2))],
        [SPOKEN, ListSelect(_items(1))],
        "ListSelect: 1; from 2 to 30",
    ),
    "30 items of a list": ([SPOKEN, ListSelect(_items(30))], [SPOKEN, ListSelect(_items(31))], "31; from 2 to 30"),
    "different keys": (
        [SPOKEN, ListSelect(_items(2))],
        [SPOKEN, ListSelect([SelectItem("k", "a"), SelectItem("k", "b")])],
        "key 'k' appears twice",
    ),
    "different titles": (
        [SPOKEN, CarouselSelect(_items(2))],
        [SPOKEN, CarouselSelect([SelectItem("k", "a"), SelectItem("l", "a")])],
        "title 'a' appears twice",
    ),
    "2 items of a carousel": (
        [SPOKEN, CarouselSelect(_items(2))],
        [SPOKEN, CarouselSelect(_items(1))],
        "1; from 2 to 10",
    ),
    "10 items of a carousel": (
        [SPOKEN, CarouselSelect(_items(10))],
        [SPOKEN, CarouselSelect(_items(11))],
        "CarouselSelect: 11; from 2 to 10",
    ),
    "2 pages to browse": (
        [SPOKEN, BrowseCarouselCard(_pages(2))],
        [SPOKEN, BrowseCarouselCard(_pages(1))],
        "1; from 2",
    ),
    "10 pages to browse": (
        [SPOKEN, BrowseCarouselCard(_pages(10))],
        [SPOKEN, BrowseCarouselCard(_pages(11))],
        "BrowseCarouselCard: 11; from 2 to 10",
    ),
    "1 button of a table": (
        [SPOKEN, TableCard([], [], buttons=[LINK])],
        [SPOKEN, TableCard([], [], buttons=[LINK, LINK])],
        "buttons of a TableCard: 2; at most 1",
    ),
    "a title over a subtitle": (
        [SPOKEN, TableCard([], [], "t", "s")],
        [SPOKEN, TableCard([], [], subtitle="s")],
        "a TableCard has a subtitle and no title",
    ),
    "sound in a bucket": (
        [TelephonyPlayAudio("gs://b/o")],
        [TelephonyPlayAudio("https://x")],
        "expected a gs:// object",
    ),
    "a US phone number": (
        [TelephonyTransferCall("+15551234567")],
        [TelephonyTransferCall("+4915112345678")],
        "expected a US number",
    ),
    "alignment of a horizontal card": (
        [RbmStandaloneCard(RBM, "HORIZONTAL", "LEFT")],
        [RbmStandaloneCard(RBM, "HORIZONTAL")],
        "it needs LEFT or RIGHT",
    ),
    "200 bytes of a title": (
        [RbmStandaloneCard(RbmCard("é" * 100))],
        [RbmStandaloneCard(RbmCard("é" * 101))],
        "202; at",
    ),
    "2000 bytes of a description": (
        [RbmStandaloneCard(RbmCard(description="a" * 2000))],
        [RbmStandaloneCard(RbmCard(description="a" * 2001))],
        "RbmCard.description: 2001",
    ),
    "2 cards of a carousel": ([RbmCarouselCard(RBM, RBM)], [RbmCarouselCard(RBM)], "RbmCarouselCard: 1; from 2 to 10"),
    "10 cards of a carousel": ([RbmCarouselCard(*[RBM] * 10)], [RbmCarouselCard(*[RBM] * 11)], "11; from 2 to 10"),
    "short media in small cards": (
        [RbmCarouselCard(RBM, RbmCard(file_uri="u"), width="SMALL")],
        [RbmCarouselCard(RBM, RbmCard(file_uri="u", height="TALL"), width="SMALL")],
        "a TALL picture",
    ),
    "150 characters of an event": ([FollowUp("e" * 150)], [FollowUp("e" * 151)], "FollowUp.name: 151; from 1 to 150"),
    "an entity": ([SessionEntities("e", "a")], [SessionEntities("e")], "SessionEntities('e') has no entities"),
    "words before the Assistant's card": (
        [GooglePayload([SPOKEN, CARD])],
        [GooglePayload([CARD, SPOKEN])],
        "first message is BasicCard",
    ),
    "words before the Assistant's sound": (
        [GooglePayload([SPOKEN, MediaContent(MediaObject("n", "u"))])],
        [GooglePayload([MediaContent(MediaObject("n", "u"))])],
        "must be a SimpleResponse",
    ),
    "2 of the Assistant's bubbles": (
        [GooglePayload([SPOKEN] * 2)],
        [GooglePayload([SPOKEN] * 3)],
        "at most 2 in a turn",
    ),
    "the Assistant's suggestions": (
        [GooglePayload([SPOKEN], suggestions=Suggestions("a"))],
        [GooglePayload([SPOKEN], suggestions=Suggestions("a" * 26))],
        "26; at most 25",
    ),
    "the Assistant's link": (
        [GooglePayload([SPOKEN], link_out=LinkOutSuggestion("a", "u"))],
        [GooglePayload([SPOKEN], link_out=LinkOutSuggestion("a" * 21, "u"))],
        "21; at most 20",
    ),
    "the Assistant's prompts": (
        [GooglePayload([SPOKEN], no_input_prompts=[SPOKEN])],
        [GooglePayload([SPOKEN], no_input_prompts=[SimpleResponse("a" * 641)])],
        "641; at most 640",
    ),
    "10,000 bytes of user storage": (
        [GooglePayload([SPOKEN], user_storage="a" * 10_000)],
        [GooglePayload([SPOKEN], user_storage="a" * 10_001)],
        "GooglePayload.user_storage: 10001",
    ),
    "1000 speech hints": (
        [GooglePayload([SPOKEN], speech_biasing_hints=["a"] * 1000)],
        [GooglePayload([SPOKEN], speech_biasing_hints=["a"] * 1001)],
        "speech_biasing_hints: 1001; at most 1000",
    ),
}


@pytest.mark.parametrize(("allowed", "broken", "text"), LIMITS.values(), ids=LIMITS)
def test_what_is_allowed_goes_out(allowed: list[Any], broken: list[Any], text: str) -> None:
    assert es.encode(Reply(*allowed), decoded(es_request("x")), STRICT).remarks == []


@pytest.mark.parametrize(("allowed", "broken", "text"), LIMITS.values(), ids=LIMITS)
def test_a_broken_limit_is_an_error_in_tests_and_local_runs(allowed: list[Any], broken: list[Any], text: str) -> None:
    with pytest.raises(Problem) as refused:
        es.encode(Reply(*broken), decoded(es_request("x")), STRICT)

    assert (refused.value.status, refused.value.cause) == (500, "reply-limit")
    assert text in refused.value.detail


@pytest.mark.parametrize(("allowed", "broken", "text"), LIMITS.values(), ids=LIMITS)
def test_a_broken_limit_is_a_warning_in_production(allowed: list[Any], broken: list[Any], text: str) -> None:
    encoded = es.encode(Reply(*broken), decoded(es_request("x")), LENIENT)
    assert encoded.body
    assert encoded.remarks[0].level == logging.WARNING
    assert text in "\n".join(remark.text for remark in encoded.remarks)
