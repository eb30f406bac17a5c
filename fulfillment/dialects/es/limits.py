"""What Dialogflow and its channels cut off or refuse without a word: checked before a reply goes out.

Source of every number: docs/protocol.md 6.2 and 6.3 (Google's type definitions, documents, client libraries).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ... import problems
from ...messages import Message
from ...parts import Part
from ...reply import Reply
from ...settings import Settings
from ..remarks import Remark

_MOST_PER_PLATFORM = 10
_RICH = {"BasicCard", "ListSelect", "CarouselSelect", "BrowseCarouselCard", "TableCard", "MediaContent"}
_US_PHONE = re.compile(r"\+1\d{10}")


def limit_remarks(reply: Reply, settings: Settings) -> list[Remark]:
    """Return a remark on every broken limit; raise the first as a 500 `Problem` `reply-limit` if `settings.strict`."""
    broken = [problems.reply_limit(found) for found in broken_limits(reply)]
    if broken and settings.strict:
        raise broken[0]
    return [Remark(problem.detail) for problem in broken]


def broken_limits(reply: Reply) -> list[str]:
    """Return one sentence for each broken limit: what was found, what is the most (or least)."""
    broken: list[str] = []
    for part in reply.parts:
        check = _CHECKS.get(type(part).__name__)
        if check:
            broken.extend(check(part))
    messages = [part for part in reply.parts if isinstance(part, Message)]
    if len(messages) > 1 or (messages and type(messages[0]).__name__ in _RICH):
        broken.extend(_whole_reply(messages))
    return broken


def _whole_reply(messages: Sequence[Message]) -> Iterator[str]:
    platforms = [_platform(message) for message in messages]
    if len(platforms) > _MOST_PER_PLATFORM:
        for platform, count in Counter(platforms).items():
            if count > _MOST_PER_PLATFORM:
                yield f"{count} messages for {platform or 'the default platform'}; at most {_MOST_PER_PLATFORM}"
    if "ACTIONS_ON_GOOGLE" in platforms:
        kinds = zip(messages, platforms, strict=True)
        google = [type(message).__name__ for message, platform in kinds if platform == "ACTIONS_ON_GOOGLE"]
        yield from _assistant_turn(google)


def _platform(message: Message) -> str:
    return getattr(message, "platform", "").upper()


def _assistant_turn(kinds: Sequence[str]) -> Iterator[str]:
    if kinds.count("SimpleResponse") > 2:
        yield f"{kinds.count('SimpleResponse')} SimpleResponse for the Assistant; at most 2 in a turn"
    rich = [kind for kind in kinds if kind in _RICH]
    if len(rich) > 1:
        yield f"{' and '.join(rich)} in one turn of the Assistant; at most 1 rich item"
    if rich and kinds[0] != "SimpleResponse":
        yield f"the Assistant's first message is {kinds[0]}; it must be a SimpleResponse"


def _most(what: str, count: int, most: int) -> Iterator[str]:
    if count > most:
        yield f"{what}: {count}; at most {most}"


def _from_to(what: str, count: int, least: int, most: int) -> Iterator[str]:
    if not least <= count <= most:
        yield f"{what}: {count}; from {least} to {most}"


def _unique(what: str, values: Sequence[str]) -> Iterator[str]:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        yield f"{what} {twice[0]!r} appears twice; they must differ"


def _text(part: Any) -> Iterator[str]:
    return _most("variants of a Text", len(part.variants), 300)


def _quick_replies(part: Any) -> Iterator[str]:
    yield from _most("QuickReplies", len(part.replies), 10)
    for reply in part.replies:
        if len(reply) > 20:
            yield f"characters of quick reply {reply!r}: {len(reply)}; at most 20"


def _simple_response(part: Any) -> Iterator[str]:
    yield from _most("characters of SimpleResponse.display_text", len(part.display_text), 640)
    yield from _most("characters of SimpleResponse.text_to_speech", len(part.text_to_speech), 640)


def _basic_card(part: Any) -> Iterator[str]:
    yield from _most("buttons of a BasicCard", len(part.buttons), 1)
    if not part.formatted_text and part.image is None:
        yield "a BasicCard without image has no formatted_text; it needs one of them"
    yield from _most(
        "characters of BasicCard.formatted_text", len(part.formatted_text), 500 if part.image is not None else 750
    )


def _suggestions(part: Any) -> Iterator[str]:
    yield from _most("Suggestions", len(part.titles), 8)
    yield from _unique("suggestion", part.titles)
    for title in part.titles:
        yield from _most(f"characters of suggestion {title!r}", len(title), 25)


def _link_out(part: Any) -> Iterator[str]:
    return _most("characters of LinkOutSuggestion.destination_name", len(part.destination_name), 20)


def _list_select(part: Any) -> Iterator[str]:
    yield from _from_to("items of a ListSelect", len(part.items), 2, 30)
    yield from _choices(part.items)


def _carousel_select(part: Any) -> Iterator[str]:
    yield from _from_to("items of a CarouselSelect", len(part.items), 2, 10)
    yield from _choices(part.items)


def _choices(items: Sequence[Any]) -> Iterator[str]:
    yield from _unique("key", [item.key for item in items])
    yield from _unique("title", [item.title for item in items])


def _browse_carousel(part: Any) -> Iterator[str]:
    return _from_to("items of a BrowseCarouselCard", len(part.items), 2, 10)


def _table_card(part: Any) -> Iterator[str]:
    yield from _most("buttons of a TableCard", len(part.buttons), 1)
    if part.subtitle and not part.title:
        yield "a TableCard has a subtitle and no title; it needs the title"


def _play_audio(part: Any) -> Iterator[str]:
    if not part.audio_uri.startswith("gs://"):
        yield f"TelephonyPlayAudio.audio_uri is {part.audio_uri!r:.80}; expected a gs:// object"


def _transfer_call(part: Any) -> Iterator[str]:
    if not _US_PHONE.fullmatch(part.phone_number):
        yield f"TelephonyTransferCall.phone_number is {part.phone_number!r:.40}; expected a US number like +15551234567"


def _rbm_standalone(part: Any) -> Iterator[str]:
    if part.orientation == "HORIZONTAL" and not part.thumbnail_alignment:
        yield "a horizontal RbmStandaloneCard has no thumbnail_alignment; it needs LEFT or RIGHT"
    yield from _rbm_card(part.card)


def _rbm_carousel(part: Any) -> Iterator[str]:
    yield from _from_to("cards of an RbmCarouselCard", len(part.cards), 2, 10)
    for card in part.cards:
        yield from _rbm_card(card)
        if part.width == "SMALL" and card.file_uri and card.height == "TALL":
            yield "an RbmCarouselCard of SMALL width has a TALL picture; it takes SHORT or MEDIUM"


def _rbm_card(card: Any) -> Iterator[str]:
    yield from _most("bytes of RbmCard.title", len(card.title.encode("utf-8", "replace")), 200)
    yield from _most("bytes of RbmCard.description", len(card.description.encode("utf-8", "replace")), 2000)


def _google_payload(part: Any) -> Iterator[str]:
    kinds = [type(item).__name__ for item in part.items]
    yield from _assistant_turn(kinds)
    if kinds and kinds[0] != "SimpleResponse" and not any(kind in _RICH for kind in kinds):
        yield f"GooglePayload.items starts with {kinds[0]}; it must start with a SimpleResponse"
    for item in part.items:
        yield from _CHECKS.get(type(item).__name__, _nothing)(item)
    if part.suggestions is not None:
        yield from _suggestions(part.suggestions)
    if part.link_out is not None:
        yield from _link_out(part.link_out)
    for prompt in part.no_input_prompts:
        yield from _simple_response(prompt)
    yield from _most("bytes of GooglePayload.user_storage", len(part.user_storage.encode("utf-8", "replace")), 10_000)
    yield from _most("GooglePayload.speech_biasing_hints", len(part.speech_biasing_hints), 1000)


def _follow_up(part: Any) -> Iterator[str]:
    yield from _from_to("characters of FollowUp.name", len(part.name), 1, 150)


def _session_entities(part: Any) -> Iterator[str]:
    if not part.entities:
        yield f"SessionEntities({part.name!r}) has no entities; it needs at least 1"


def _nothing(part: Part) -> Iterator[str]:
    return iter(())


_CHECKS: dict[str, Callable[[Any], Iterator[str]]] = {
    "Text": _text,
    "QuickReplies": _quick_replies,
    "SimpleResponse": _simple_response,
    "BasicCard": _basic_card,
    "Suggestions": _suggestions,
    "LinkOutSuggestion": _link_out,
    "ListSelect": _list_select,
    "CarouselSelect": _carousel_select,
    "BrowseCarouselCard": _browse_carousel,
    "TableCard": _table_card,
    "TelephonyPlayAudio": _play_audio,
    "TelephonyTransferCall": _transfer_call,
    "RbmStandaloneCard": _rbm_standalone,
    "RbmCarouselCard": _rbm_carousel,
    "GooglePayload": _google_payload,
    "FollowUp": _follow_up,
    "SessionEntities": _session_entities,
}
