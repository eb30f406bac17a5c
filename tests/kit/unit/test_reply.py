"""`Reply`: what a handler returns."""

from __future__ import annotations

import pytest

from fulfillment import Button, Card, Context, FollowUp, HandOff, QuickReplies, Reply, Text


def test_a_string_is_a_text() -> None:
    assert Reply("Hi").parts == (Text("Hi"),)


def test_parts_keep_their_order() -> None:
    parts = (Text("a"), Card("b"), Context("c"), Text("d"))

    assert Reply(*parts).parts == parts


def test_a_reply_without_parts_points_to_keep() -> None:
    with pytest.raises(ValueError, match=r"Reply\.keep\(\)"):
        Reply()


@pytest.mark.parametrize("part", [None, 5, ["a"], {"text": "a"}, b"a", Card], ids=repr)
def test_what_is_no_part_is_named(part: object) -> None:
    with pytest.raises(TypeError, match=f"got a {type(part).__name__}"):
        Reply(part)  # type: ignore[arg-type]


def test_keep_changes_nothing() -> None:
    assert Reply.keep().parts == ()
    assert repr(Reply.keep()) == "Reply.keep()"


def test_replies_can_be_added() -> None:
    assert Reply("a") + Reply(Context("c")) == Reply("a", Context("c"))
    assert Reply.keep() + Reply("a") == Reply("a")
    assert Reply("a") + Context("c") + "b" == Reply("a", Context("c"), "b")
    with pytest.raises(TypeError):
        Reply("a") + 5  # type: ignore[operator]


def test_messages_are_the_parts_that_are_shown() -> None:
    assert Reply("a", Context("c"), Card("b"), HandOff()).messages == (Text("a"), Card("b"))


def test_text_joins_the_first_variant_of_what_every_channel_shows() -> None:
    reply = Reply(Text("a", "A"), QuickReplies("?", "x"), Text("only there", platform="LINE"), "b")

    assert reply.text == "a\nb"


def test_contexts_are_found_by_name_and_the_last_counts() -> None:
    reply = Reply(Context("a", 5), Context("b"), Context.delete("a"))

    assert reply.contexts == {"a": Context("a", 0), "b": Context("b")}


def test_find_returns_the_first_part_of_a_type() -> None:
    reply = Reply("a", FollowUp("full", {"x": 1}))

    assert reply.find(FollowUp) == FollowUp("full", {"x": 1})
    assert reply.find(Card) is None


def test_replies_compare_by_their_parts() -> None:
    assert Reply("a") == Reply(Text("a"))
    assert Reply("a") != Reply("b")
    assert Reply("a") != "a"


def test_a_reply_shows_itself_as_it_is_written() -> None:
    assert repr(Reply(Button("x"))) == "Reply(Button(text='x', postback=''))"
