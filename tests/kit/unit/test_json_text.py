"""JSON in and out: as strict as Google's parsers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any

import pytest

from fulfillment import Problem
from fulfillment.json_text import MAX_BODY, MAX_DEPTH, read, write


def _refused(body: bytes) -> Problem:
    with pytest.raises(Problem) as refused:
        read(body)
    return refused.value


def test_an_object_is_read_as_it_is() -> None:
    text = '{"a": [1, 2.5, -0.0, true, false, null, "é👋\\u0000"], "": {}}'

    assert read(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "the body is empty"),
        (b"\n", "the body is empty"),
        (b"[]", "a JSON array"),
        (b'"a"', "a JSON string"),
        (b"1", "a JSON number"),
        (b"true", "a JSON boolean"),
        (b"null", "a JSON null"),
        (b"{", "not JSON"),
        (b'{"a": "\xe9"}', "not UTF-8 (byte 7)"),
        (b'{"a": NaN}', "NaN is no JSON value"),
        (b'{"a": 1e999}', "number 1e999 is out of range"),
        (b'{"a": ' + b"1" * 301 + b"}", "a number of 301 digits"),
        (b'{"a": 1, "a": 1}', "member 'a' appears twice"),
        (b'{"a": [{"b": 1, "b": 2}]}', "member 'b' appears twice"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "nested too deeply"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_log_says_what_was_found(body: bytes, found: str) -> None:
    problem = _refused(body)

    assert (problem.status, problem.cause) == (400, "not-understood")
    assert found in problem.detail


def test_the_deepest_object_is_read() -> None:
    assert read(b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH)


def test_many_brackets_are_not_depth() -> None:
    assert read(json.dumps({"a": [[[]]] * 1000, "b": "[" * 1000}).encode())


@pytest.mark.parametrize("number", ["1" * 300, "-" + "1" * 300])
def test_the_longest_number_is_read(number: str) -> None:
    assert read(f'{{"a": {number}}}'.encode()) == {"a": int(number)}


def test_a_body_over_the_limit_is_too_large_whatever_it_holds() -> None:
    assert (_refused(b"x" * (MAX_BODY + 1)).status, _refused(b"x" * MAX_BODY).status) == (413, 400)


def test_lone_surrogates_are_replaced_and_pairs_joined() -> None:
    assert read(b'{"\\ud800": "\\udc00a", "\\uD83D\\uDE00": "\\ud83dx\\ude00"}') == {
        "\ufffd": "\ufffda",
        "😀": "\ufffdx\ufffd",
    }


class _OwnMapping(Mapping[str, Any]):
    def __getitem__(self, name: str) -> Any:
        return {"a": "\ud800"}[name]

    def __iter__(self) -> Any:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": "é👋\x00\u2028"}, '{"a":"é👋\\u0000\u2028"}'),
        ({"a": (1, 2.5, None, True)}, '{"a":[1,2.5,null,true]}'),
        ({2: "a", None: "b", True: "c", 2.5: "d"}, '{"2":"a","null":"b","true":"c","2.5":"d"}'),
        ({"1": "a", "true": "b"}, '{"1":"a","true":"b"}'),
        ({"a": date(2026, 11, 21), "b": time(9)}, '{"a":"2026-11-21","b":"09:00:00"}'),
        ({"a": datetime(2026, 11, 21, 9, tzinfo=UTC)}, '{"a":"2026-11-21T09:00:00+00:00"}'),
        (MappingProxyType({"a": MappingProxyType({})}), '{"a":{}}'),
        (_OwnMapping(), '{"a":"\ufffd"}'),
        ({"a": "\ud83d\ude00"}, '{"a":"😀"}'),
        ({"\ud800": 1, "b": ["\udfffx"]}, '{"\ufffd":1,"b":["\ufffdx"]}'),
        (dict.fromkeys(["\ud800", "\ud801"], 2), '{"\ufffd":2}'),
        ({"a": 10**299}, '{"a":1' + "0" * 299 + "}"),
        ({"a": "1" * 400}, '{"a":"' + "1" * 400 + '"}'),
    ],
    ids=lambda value: str(type(value)),
)
def test_what_json_can_say_is_written(value: Any, text: str) -> None:
    assert write(value) == text.encode()


@pytest.mark.parametrize(
    "value",
    [
        {"a": float("nan")},
        {"a": float("inf")},
        {float("inf"): 1},
        {"a": 10**300},
        {"a": [-(10**5000)]},
        {1: "a", "1": "b"},
        {"a": {True: 1, "true": 2}},
        {("a",): 1},
        {"a": {1, 2}},
        {"a": b"x"},
        {"a": object()},
    ],
    ids=range(11),
)
def test_what_json_cannot_say_is_an_error(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        write(value)


@pytest.mark.parametrize("leaf", ["a", "\ud800"])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 400, 900, 5000, 100_000])
def test_too_deep_is_an_error_of_its_own(depth: int, leaf: str) -> None:
    value: Any = leaf
    for _ in range(depth):
        value = {"a": value}

    with pytest.raises(ValueError, match="nested"):
        write(value)


def test_what_holds_itself_is_an_error() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(ValueError, match="Circular"):
        write(endless)
