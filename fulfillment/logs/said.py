"""What was said in a turn, and the names under which a log may speak of it.

Said are: the query text, parameters and contexts' parameters however deep (and the user's own spelling of them),
session and user id; from three characters on, numbers from three digits on. In scripts that put no spaces between
words, two characters are a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..request import Request
from ..settings import Settings

SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Letters that are words of their own, as ranges of a regular expression: of scripts that put no spaces between words.

Thai and Lao, Myanmar, Khmer, kana, Han, Hangul.
"""

_CREDENTIALS = ("authorization", "x-serverless-authorization", "proxy-authorization", "cookie")
_SHORTEST = 3
_LONGEST_SPLIT = 32_000
_LONGEST_HOST = 64
_ONE_SPACELESS = re.compile(rf"[{SPACELESS}]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d|$)")


def long_enough(text: str) -> bool:
    """Return whether a text is so long that a log must not hold it."""
    return len(text) >= _SHORTEST or (len(text) == _SHORTEST - 1 and _ONE_SPACELESS.match(text) is not None)


def names_in(request: Request) -> Iterator[str]:
    """Yield the names that designers gave: they may stand in a log, also where somebody said the same."""
    yield from (request.intent, request.tag, request.action)
    yield from request.parameters
    yield from request.contexts
    for context in request.contexts.values():
        yield from context.parameters


def secrets_of(request: Request, settings: Settings | None) -> Iterator[tuple[str, str]]:
    """Yield the credentials of the call, and those that are accepted."""
    for name in _CREDENTIALS:
        value = request.headers.get(name, "")
        yield "secret", value
        yield "secret", value.partition(" ")[2]
    if settings is not None:
        yield from (("secret", secret) for secret in settings.secrets)


def values_said(request: Request) -> Iterator[tuple[str, str]]:
    """Yield everything that somebody said, with the name it is replaced by; the most telling name comes first."""
    for members in (
        request.parameters,
        request.session_parameters,
        request.original_values,
        *(context.parameters for context in request.contexts.values()),
    ):
        for name, value in members.items():
            yield from ((_label(name.removesuffix(".original")), text) for text in _texts(value))
    form = request.page.form if request.page else {}
    for name, asked in form.items():
        yield from ((_label(name), text) for text in _texts(asked.value))
    yield "session", request.session.id
    yield "user_id", request.user_id
    yield "user_id", request.session.user
    for text in (request.query_text, request.dtmf_digits):
        yield "query_text", text
        parts = text.split() if len(text) < _LONGEST_SPLIT else []
        yield from (("query_text", part) for part in parts if "@" in part or _has_digit(part))


def _label(name: str) -> str:
    return re.sub(r"[^\w.\- ]", "", name)[:40] or "parameter"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if _DAY.match(value):  # as a handler has it, which gets a date or a time
            yield value[:10]
            yield value[11:19]
            yield value[11:16]
        if not value.isascii() and len(value) < _LONGEST_HOST:  # as it stands in a host's name
            yield f"xn--{value.lower().encode('punycode').decode()}"
    elif isinstance(value, bool):
        return
    elif isinstance(value, int | float):
        text = repr(value)
        if sum(letter.isdigit() for letter in text.removesuffix(".0")) >= _SHORTEST:
            yield from (text, text.removesuffix(".0"))
            if isinstance(value, float) and value.is_integer():  # 1e+16, as a handler has it that asks for an int
                yield str(int(value))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)
