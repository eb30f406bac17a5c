"""Messages and their parts check their own members, on the line of the handler that makes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

import fulfillment
from fulfillment import (
    BrowseCarouselCard,
    Button,
    Card,
    Chip,
    Chips,
    Context,
    CustomElement,
    Entity,
    FollowUp,
    GooglePayload,
    Image,
    Info,
    MediaObject,
    Payload,
    QuickReplies,
    RbmAction,
    RbmCard,
    Reply,
    RichContent,
    Row,
    SelectItem,
    SessionEntities,
    SimpleResponse,
    Suggestions,
    SystemIntent,
    TelephonySynthesizeSpeech,
    Text,
    WebhookPayload,
)
from fulfillment.parts import Part

WRONG_TYPES: list[tuple[Callable[[], Any], str]] = [
    (lambda: Text(1), "Text(variants=...) is tuple[int]; expected Sequence[str]"),  # type: ignore[arg-type]
    (lambda: Text("a", None), "Text(variants=...) is tuple[NoneType | str]; expected Sequence[str]"),  # type: ignore[arg-type]
    (lambda: Text(["a", "b"]), "Text(variants=...) is tuple[list[str]]; expected Sequence[str]"),  # type: ignore[arg-type]
    (lambda: Text("a", platform=None), "Text(platform=...) is None; expected str"),  # type: ignore[arg-type]
    (lambda: Card(title=5), "Card(title=...) is int; expected str"),  # type: ignore[arg-type]
    (lambda: Card("a", buttons=Button("b")), "Card(buttons=...) is Button; expected Sequence[Button]"),  # type: ignore[arg-type]
    (lambda: Card("a", buttons=["b"]), "Card(buttons=...) is list[str]; expected Sequence[Button]"),  # type: ignore[list-item]
    (lambda: Card("a", buttons="b"), "Card(buttons=...) is str; expected Sequence[Button]"),  # type: ignore[arg-type]
    (lambda: Button(b"x"), "Button(text=...) is bytes; expected str"),  # type: ignore[arg-type]
    (lambda: QuickReplies("t", ["a", "b"]), "QuickReplies(replies=...) is tuple[list[str]]; expected Sequence[str]"),  # type: ignore[arg-type]
    (lambda: Image(None), "Image(image_uri=...) is None; expected str"),  # type: ignore[arg-type]
    (lambda: SelectItem("k", "t", image="u"), "SelectItem(image=...) is str; expected Image | None"),  # type: ignore[arg-type]
    (lambda: Row(["a"], 1), "Row(divider_after=...) is int; expected bool"),  # type: ignore[arg-type]
    (lambda: BrowseCarouselCard([], "gray"), "BrowseCarouselCard(image_display=...) is 'gray'; expected Literal"),  # type: ignore[arg-type]
    (lambda: Context("a", lifespan="5"), "Context(lifespan=...) is str; expected int"),  # type: ignore[arg-type]
    (lambda: Context("a", lifespan=True), "Context(lifespan=...) is bool; expected int"),
    (lambda: Context("a", lifespan=5.0), "Context(lifespan=...) is float; expected int"),  # type: ignore[arg-type]
    (lambda: Context("a", parameters=[1]), "Context(parameters=...) is list[int]; expected Mapping"),  # type: ignore[arg-type]
    (lambda: FollowUp(5), "FollowUp(name=...) is int; expected str"),  # type: ignore[arg-type]
    (lambda: Entity("a", 5), "Entity(synonyms=...) is tuple[int]; expected Sequence[str]"),  # type: ignore[arg-type]
    (lambda: SessionEntities("n", 5), "SessionEntities(entities=...) is tuple[int]; expected Sequence[Entity]"),  # type: ignore[arg-type]
    (lambda: SessionEntities("n", mode="MERGE"), "SessionEntities(mode=...) is 'MERGE'; expected Literal"),  # type: ignore[arg-type]
    (lambda: WebhookPayload("x"), "WebhookPayload(content=...) is str; expected Mapping"),  # type: ignore[arg-type]
    (lambda: GooglePayload(items=["hi"]), "GooglePayload(items=...) is list[str]; expected Sequence[Message]"),  # type: ignore[list-item]
    (lambda: Chips(5), "Chips(options=...) is tuple[int]; expected Sequence[Chip]"),  # type: ignore[arg-type]
    (lambda: RichContent(Info("a"), [Info("b")]), "RichContent(cards=...) is tuple[Info | list[Info]]; expected"),
    (lambda: RichContent("a"), "RichContent(cards=...) is tuple[str]; expected Sequence[Sequence[Element]]"),  # type: ignore[arg-type]
    (lambda: Payload([1]), "Payload(...) is list; expected a dictionary keyed by channel"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("make", "text"), WRONG_TYPES, ids=[text.partition(";")[0] for _, text in WRONG_TYPES])
def test_a_wrong_type_names_class_and_member_found_and_expected(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(TypeError) as refused:
        make()

    assert str(refused.value).startswith(text)


WRONG_VALUES: list[tuple[Callable[[], Any], str]] = [
    (lambda: Text(), 'Text("")'),
    (lambda: SimpleResponse(), "exactly one of text_to_speech and ssml"),
    (lambda: SimpleResponse("a", ssml="b"), "exactly one of text_to_speech and ssml"),
    (lambda: TelephonySynthesizeSpeech(), "exactly one of text and ssml"),
    (lambda: TelephonySynthesizeSpeech("a", "b"), "exactly one of text and ssml"),
    (lambda: MediaObject("n", "u", large_image=Image("l"), icon=Image("i")), "large_image or icon, not both"),
    (lambda: RbmAction("a"), "exactly one of dial, open_url and share_location"),
    (lambda: RbmAction("a", dial="1", open_url="2"), "exactly one of dial, open_url and share_location"),
    (lambda: RbmCard(), "at least one of title, description and file_uri"),
    (
        lambda: GooglePayload(system_intent=SystemIntent("i", "s"), expect_user_response=False),
        "expect_user_response=True",
    ),
    (lambda: RichContent(), "a card without elements"),
    (lambda: RichContent([Info("a")], []), "a card without elements"),
    (lambda: CustomElement({"html": "x"}), '"type"'),
    (lambda: FollowUp(""), "the name of an event"),
    (lambda: SessionEntities("", "a"), "the display name of an entity type"),
    (lambda: SessionEntities("projects/p/agent/entityTypes/e", "a"), "the display name of an entity type"),
]


@pytest.mark.parametrize(("make", "text"), WRONG_VALUES, ids=[text for _, text in WRONG_VALUES])
def test_what_dialogflow_would_drop_is_a_value_error(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ValueError, match=text.replace("(", r"\(").replace(")", r"\)")):
        make()


def test_members_may_be_lists_or_tuples() -> None:
    assert Card("a", buttons=[Button("b")]).buttons == [Button("b")]
    assert Card("a", buttons=(Button("b"),)).buttons == (Button("b"),)


def test_parts_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Card("a").title = "b"  # type: ignore[misc]


def test_parts_with_the_same_members_are_equal() -> None:
    assert QuickReplies("t", "a") == QuickReplies("t", "a")
    assert Text("a") != Text("b")


def test_a_part_shows_itself_as_it_is_written() -> None:
    assert repr(Button("Track it", "https://x")) == "Button(text='Track it', postback='https://x')"


def test_text_may_be_empty_on_purpose() -> None:
    assert Text("").variants == ("",)


def test_payload_takes_channels_by_name_and_by_dictionary() -> None:
    assert Payload({"a-b": 1}, line=2).content == {"a-b": 1, "line": 2}


def test_chips_may_be_plain_strings() -> None:
    assert Chips("Yes", Chip("No", "https://x")).options == (Chip("Yes"), Chip("No", "https://x"))


def test_an_entity_without_synonyms_is_its_own() -> None:
    assert SessionEntities("fruit", "apple", Entity("pear", "pears")).entities == (
        Entity("apple", "apple"),
        Entity("pear", "pears"),
    )


def test_elements_are_one_card_and_lists_are_one_each() -> None:
    first, second = Info("1"), Info("2")

    assert RichContent(first, second).cards == ((first, second),)
    assert RichContent([first], [second]).cards == ([first], [second])


def test_suggestions_take_titles_not_a_list() -> None:
    with pytest.raises(TypeError, match=r"Suggestions\(titles=...\)"):
        Suggestions(["a", "b"])  # type: ignore[arg-type]


def test_every_name_of_the_kit_can_be_imported() -> None:
    for name in fulfillment.__all__:
        assert getattr(fulfillment, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Cards"):
        _ = fulfillment.Cards


def test_a_handlers_own_message_type_may_extend_a_known_one() -> None:
    class OrderCard(Card):
        pass

    from tests.kit.wire import encoded

    assert encoded(Reply(OrderCard("Order")))["fulfillmentMessages"] == [{"card": {"title": "Order"}}]


def test_the_base_of_all_parts_is_no_message() -> None:
    assert not isinstance(Button("a"), fulfillment.messages.Message)
    assert isinstance(Button("a"), Part)
