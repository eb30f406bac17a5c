"""JSON between bytes and Python, as strict as Google's parsers: what goes out of here, they can read.

Strict means: UTF-8, finite numbers, no member twice, no lone surrogates, bounded depth.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from . import problems

MAX_BODY = 1024 * 1024
"""Bytes of a request body; Dialogflow sends a few KiB."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

MAX_DEPTH = 40
"""Nested objects and lists; Google's protobuf parser stops at 100 levels and counts two and more for each of ours."""

MAX_DIGITS = 300
"""Digits of a whole number: more do not fit a protobuf double."""


def read(body: bytes) -> dict[str, Any]:
    """Decode a request body that must be an object.

    Raises a 400 `Problem` that says what is wrong with it, and a 413 one over `MAX_BODY`.
    """
    value = read_value(body)
    if not isinstance(value, dict):
        raise problems.bad_body(f"the body is a JSON {_kind(value)}", "a JSON object")
    members: dict[str, Any] = value
    return members


def read_value(body: bytes) -> Any:
    """Decode a request body that may hold any JSON value; raises what `read` does."""
    if len(body) > MAX_BODY:
        raise problems.body_too_large(MAX_BODY)
    if not body or body.isspace():
        raise problems.bad_body("the body is empty", "a JSON object")
    try:
        text = body.removeprefix(_BYTE_ORDER_MARK).decode()
    except UnicodeDecodeError as error:
        raise problems.bad_body(f"the body is not UTF-8 (byte {error.start})", "UTF-8 text") from None
    try:
        value = _decoder.decode(text)
    except RecursionError:
        raise problems.bad_body("the JSON is nested too deeply", f"at most {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise problems.bad_body(f"the body is not JSON: {str(error)[:200]}", "a JSON object") from None
    if _too_deep(body, value):
        raise problems.bad_body("the JSON is nested too deeply", f"at most {MAX_DEPTH} levels")
    if b"\\ud" in body or b"\\uD" in body:
        value = _without_lone_surrogates(value)
    return value


def write(value: Any) -> bytes:
    """Encode a reply as UTF-8 JSON.

    Any mapping becomes an object, dates and times ISO 8601 text, lone surrogates U+FFFD.
    Raises `ValueError` for NaN, infinity, a member twice (1 and "1") or too deep nesting, `TypeError` for what is no
    JSON value.
    """
    try:
        encoded = _encoder.encode(value).encode("utf-8", "surrogatepass")
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _too_deep(encoded, value):
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
    if _SURROGATE.search(encoded):
        encoded = _encoder.encode(_without_lone_surrogates(value)).encode()
    if _LONG_NUMBER.search(encoded) and _has_huge_number(value):
        raise ValueError(f"a number in it has more than {MAX_DIGITS} digits")
    if _NUMBER_NAME.search(encoded):  # the name may have been a number
        _decoder.decode(encoded.decode())
    return encoded


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(f"member {_first_repeated(pairs)[:60]!r} appears twice in one object")
    return members


def _first_repeated(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    raise AssertionError("no name is repeated")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"number {text[:40]} is out of range")
    return number


def _whole(text: str) -> int:
    if len(text.removeprefix("-")) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits is out of range")
    return int(text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} is no JSON value")


_SURROGATE = re.compile(rb"\xed[\xa0-\xbf]")
_NUMBER_NAME = re.compile(rb'"(?:-?\d[^"\\]*|true|false|null)":')
_LONG_NUMBER = re.compile(rb"\d{%d}" % (MAX_DIGITS + 1))
_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_int=_whole, parse_constant=_no_constant
)
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)


def _too_deep(encoded: bytes, value: Any) -> bool:
    # Counting brackets is quick and never too low, so the walk is needed for large bodies only.
    if encoded.count(b"{") + encoded.count(b"[") <= MAX_DEPTH:
        return False
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, Mapping) else parent)
            if isinstance(child, (dict, list, tuple, Mapping))
        ]
        if not level:
            return False
    return True


def _has_huge_number(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_huge_number, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_has_huge_number, value))
    return isinstance(value, int) and abs(value) >= 10**MAX_DIGITS


def _without_lone_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_without_lone_surrogates(name): _without_lone_surrogates(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_lone_surrogates(item) for item in value]
    return value


def _kind(value: object) -> str:
    kinds = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return kinds.get(type(value), "number")
