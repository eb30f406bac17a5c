"""Logs: which words of a turn are replaced in a text, in which of their forms, and what stays."""

from __future__ import annotations

import datetime
import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fulfillment import Context, Request
from fulfillment.access.header import Header
from fulfillment.logs.tracebacks import traceback_text
from fulfillment.logs.words import LONGEST_TEXT, MOST_WORDS, Words
from fulfillment.request import Session
from fulfillment.settings import Settings
from fulfillment.testing import cx_request, es_context, es_request

CITY = "Frankfurt (Oder) 'Süd'"


def without(text: str, handler: str = "handlers.red.red", **request: Any) -> str:
    return Words(Request(**request), handler).kept_out_of_text(text)


@pytest.mark.parametrize(
    "form",
    [
        CITY,
        CITY.upper(),
        CITY.lower(),
        repr(CITY)[1:-1],
        ascii(CITY)[1:-1],
        json.dumps(CITY)[1:-1],
        repr(json.dumps(CITY)),
        json.dumps({"url": quote(CITY)}),
        str(CITY.encode()),
        quote(CITY),
        quote(CITY).lower(),
        quote_plus(CITY),
        CITY.replace(" ", "\n"),
        repr(CITY.replace(" ", "\t")),
    ],
)
def test_a_word_is_found_in_every_form(form: str) -> None:
    found = without(f"a {form} z", parameters={"city": CITY})

    assert "<city>" in found
    assert "rankfurt" not in found.lower()
    assert "oder" not in found.lower()
    assert not {"süd", "s%c3", "s\\xfc", "s\\u00fc", "d'"} & set(found.lower().split())
    assert (found[:2], found[-2:]) == ("a ", " z")


_FORMS: list[Callable[[str], str]] = [
    *(str, repr, ascii, json.dumps, quote, quote_plus, str.upper, str.lower),
    lambda value: repr(json.dumps([value])),
    lambda value: quote(json.dumps(value)),
    lambda value: f"documents/orders/{value}",
]
_LETTERS = st.characters(categories=("Lu", "Ll", "Lo", "Nd", "Po", "Zs"), exclude_characters="%\\")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(_LETTERS, min_size=3, max_size=40), st.sampled_from(range(len(_FORMS))))
def test_any_word_is_found_in_any_form(value: str, form: int) -> None:
    single = re.findall(r"\w+", value)
    assume(len(value.strip()) > 2 and sum(map(len, single)) > 1)
    assume(not {token.casefold() for token in single} <= {"true", "false", "none", "null", "the", "and", "for", "not"})
    assume(not re.search("[\x80-\xff]{2}", value))  # ascii() of it may be the repr of other bytes

    found = without(f"before {_FORMS[form](value)} after", handler="", parameters={"n": value})

    assert "<n>" in found
    rest = {token.casefold() for token in re.findall(r"\w+", found.replace("<n>", " "))}
    assert not {token.casefold() for token in single if len(token) > 2} & (rest - {"before", "after"})


def test_a_text_that_holds_none_stays_as_it_is() -> None:
    text = "Nothing: 100% of C:\\new\\x41 \\u00e4 %C3%A4 'x' \"y\" (z) 12.5 §"

    assert without(text, parameters={"city": CITY}, query_text="where is it") == text


@pytest.mark.parametrize(
    "kept",
    [
        'File "/workspace/handlers/red.py", line 12, in red',
        'File "/workspace/handlers/red.py", line 12, in red\n    return stock["red"]\n           ~~~~~^^^^^^^',
        "redirected, colored, Red2",
        "/workspace/handlers/red.py is not there",
        "handlers.red.red raised KeyError",
        "The reply to intent 'paint it red' has messages",
    ],
)
def test_files_frames_and_names_stay(kept: str) -> None:
    assert without(f"Red {kept}", intent="paint it red", parameters={"color": "red"}) == f"<color> {kept}"


@pytest.mark.parametrize("said", ['File "a", line 1, in geheim\n    geheim', "see /geheim.py now", "/geheim.py"])
def test_nobody_can_say_a_frame_or_a_path_to_have_it_kept(said: str) -> None:
    assert "geheim" not in without(f"Heard {said} and {said!r}", query_text=said, parameters={"x": "geheim"})


def test_a_note_that_repeats_a_frame_that_was_said_is_no_frame() -> None:
    said = 'File "a", line 1, in geheim'
    error = ValueError("x")
    error.add_note(said)

    assert (
        traceback_text((ValueError, error, None), [Words(Request(query_text=said), "h")])
        == "ValueError: x\n<query_text>"
    )


def test_names_of_several_words_stay() -> None:
    assert without("geo-city is a city", parameters={"geo-city": "city"}) == "geo-city is a <geo-city>"


def test_names_of_parameters_stay_whatever_was_said() -> None:
    found = without("'order_id' needs an order", parameters={"order_id": "guests", "guests": "order"})

    assert found == "'order_id' needs an <guests>"


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        (1001.0, "1001 and 1001.0, not 10010", "<n> and <n>, not 10010"),
        (-1001, "at -1001", "at -<n>"),
        (1e16, "10000000000000000 and 1e+16", "<n> and <n>"),
        (19.99, "19.99", "<n>"),
        (42.0, "42 and 42.0", "42 and 42.0"),
        (True, "True", "True"),
        ("no", "no", "no"),
        ("yes", "yes", "<n>"),
        ("the", "the", "the"),
        ("", "''", "''"),
        ("A-1", "A-1", "<n>"),
        (["ann", {"deep": ["bob"]}], "ann, bob", "<n>, <n>"),
        ("2026-12-01T12:00:00+01:00", str(datetime.date(2026, 12, 1)), "<n>"),
        ("2026-12-01T19:30:00+01:00", "slots/19:30", "slots/<n>"),
        ("Köln", "host='xn--kln-sna.invalid'", "host='<n>.invalid'"),
        ("İstanbul", "in i\u0307stanbul", "in <n>"),
        ("Müller", "Mu\u0308ller, Mu\u0308llers", "<n>, Mu\u0308llers"),
        ("台北", "在台北車站", "在<n>車站"),
        ("서울", "서울에서", "<n>에서"),
        ("กรุงเทพ", "ที่กรุงเทพมหานคร", "ที่<n>มหานคร"),
        ("ann@example.com", "mailto:ann%40example.com", "mailto:<n>"),
        ("+49 170 1234567", "tel:+491701234567 +49-170-1234567", "tel:+491701234567 +<n>"),
    ],
)
def test_which_values_are_words(value: Any, text: str, found: str) -> None:
    assert without(text, parameters={"n": value}) == found


def test_the_longest_word_counts() -> None:
    found = without("New York, York, new", parameters={"short": "York", "city": "New York"})

    assert found == "<city>, <short>, new"


def test_a_part_of_a_longer_text_is_found() -> None:
    said = "I would like to know where Mrs Winterbottom of flat 12b lives"

    assert without("know where Mrs Winterbottom of", query_text=said) == "<query_text>"
    assert without("invalid literal: 'Winterbottom'", query_text=said) == "invalid literal: '<query_text>'"
    assert without("No flat '12b', no 12b", query_text=said) == "No flat '<query_text>', no <query_text>"
    assert without("I know of a flat", query_text=said) == "I know of a flat"


def test_what_python_cuts_off_is_found() -> None:
    said = "My number is four seven one one and my name is Winterbottom, " * 9
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int(said)

    assert without(str(caught.value), query_text=said) == "invalid literal for int() with base 10: '<query_text>"
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("w" * 300)
    assert "www" not in without(str(caught.value), query_text="w" * 300)


def test_where_words_come_from_is_told_by_the_most_telling_name() -> None:
    request = {
        "query_text": "A-1001",
        "parameters": {"order_id": "A-1001"},
        "contexts": {"order": Context("order", 5, {"order_id.original": "a1001", "name": "Ann"})},
        "session": Session.named("projects/p/agent/environments/e/users/user-7/sessions/abc-123"),
        "user_id": "49170",
    }

    found = without("A-1001 a1001 Ann abc-123 user-7 49170 p", **request)  # type: ignore[arg-type]

    assert found == "<order_id> <order_id> <name> <session> <user_id> <user_id> p"


def test_of_cx_the_form_and_the_originals_count_too() -> None:
    from fulfillment.dialects import cx
    from tests.kit.wire import call_of

    form = [{"displayName": "guests", "required": True, "state": "INVALID", "value": "seventeen"}]
    body = cx_request("order", {"city": "Oslo"}, form=form, dtmfDigits="4711", intent="i")
    body["intentInfo"]["parameters"] = {"day": {"originalValue": "tomorrow", "resolvedValue": "2026-12-01"}}
    request = cx.decode(body, call_of(body))

    words = Words(request, "handlers.order")

    text = "seventeen Oslo 4711 tomorrow 2026-12-01"
    assert words.kept_out_of_text(text) == "<guests> <city> <query_text> <day> <day>"


def test_secrets_that_came_with_the_call_are_replaced_too() -> None:
    accepted = Settings(auth=("header",), access=(Header({"x-hook": ("s3cret-header-1", "s3cret-header-2")}),))
    headers = {"x-hook": "s3cret-header-1", "authorization": "Bearer abc.def-ghi.jkl", "host": "shop.example"}
    words = Words(Request(headers=headers, parameters={"name": "Ann"}), "h", accepted)

    assert words.kept_out_of_text("s3cret-header-2 or abc.def-ghi.jkl") == "<secret> or <secret>"
    assert words.kept_out_of(dict(headers)) == {
        "x-hook": "<secret>",
        "authorization": "<secret>",
        "host": "shop.example",
    }


def test_names_cannot_garble_a_line() -> None:
    assert without("Ann", parameters={'x>"\n{': "Ann"}) == "<x>"
    assert without("Ann", parameters={"\n": "Ann"}) == "<parameter>"


def test_structures_are_looked_through() -> None:
    words = Words(Request(parameters={"name": "Ann", "n": 1001.0}), "")
    endless: list[Any] = [1]
    endless.append(endless)

    assert words.kept_out_of({"a": ["Ann", ("x", 1001, 1001.0, True, None)], "Ann": {"Ann"}}) == {
        "a": ["<name>", ["x", "<n>", "<n>", True, None]],
        "<name>": ["<name>"],
    }
    assert words.kept_out_of(b"Ann") == "(3 bytes)"
    assert words.kept_out_of(ValueError("Ann")) == "ValueError('<name>')"
    assert "(left out)" in str(words.kept_out_of(endless))
    assert words.kept_out_of(["x"] * 6000)[-1] == "(left out)"


def test_what_is_beyond_the_bounds_is_not_logged() -> None:
    words = Words(Request(parameters={f"p{number}": f"word {number}" for number in range(MOST_WORDS)}), "")

    assert words.kept_out_of_text("word 7").startswith("(left out: the request holds more than 20000 words")
    assert len(without("x" * LONGEST_TEXT + " Ann", parameters={"name": "Ann"})) == LONGEST_TEXT + len(" (cut off)")


@pytest.mark.parametrize(
    "hostile",
    ["/", "ab1 ", "'ab1", 'File "', "\\", "%41", "\\u0061", "_a", "/a.py ab1", 'File "x", line 1, in f\n    ab1\n'],
)
def test_the_cost_grows_with_the_text_and_not_with_its_square(hostile: str) -> None:
    words = Words(Request(parameters={"a": "ab1 " * 4000, "b": "x" * 30_000}), "")

    def seconds(length: int) -> float:
        text = (hostile * length)[:length]
        begun = time.process_time()
        words.kept_out_of_text(text)
        return time.process_time() - begun

    short = min(seconds(LONGEST_TEXT // 16) for _ in range(5))
    long = min(seconds(LONGEST_TEXT) for _ in range(3))
    assert long < max(short, 0.001) * 16 * 4  # sixteen times, were it linear to the letter; 256 times, were it not


def test_an_es_request_without_anything_has_no_words() -> None:
    from fulfillment.dialects import es
    from tests.kit.wire import call_of

    body = es_request("order", contexts=[es_context("c")], queryText="", session="s")
    request = es.decode(body, call_of(body))

    assert Words(request, "h").kept_out_of_text("Any text 1001 'x'") == "Any text 1001 'x'"
