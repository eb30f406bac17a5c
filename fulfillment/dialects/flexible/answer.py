"""A flexible route's result -> the JSON that the webhook resource's paths point into."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from typing import Any

from ... import problems
from ...binding import MissingParameters
from ...problems import replies
from ...request import Request
from ...routes import Handler
from ..response import MAX_BYTES, encoded
from .request import with_json_of_text


def run(handler: Handler, request: Request) -> Any:
    """Read lists and objects in text, bind the arguments, run the function on this thread, and return what it returned.

    Raises the 400 `Problem` `missing-parameter` or `bad-parameter`, which name the parameter, and what the function
    raises.
    """
    request = with_json_of_text(request, handler)
    try:
        arguments = handler.signature.bind(request, fill_missing=False)
    except MissingParameters as missing:
        from ...problems.arguments import missing as problem

        raise problem(handler.name, missing.arguments, request) from None
    return handler.function(**arguments)


def encode(result: Any, handler: Handler) -> bytes:
    """Return the JSON body: a dictionary, a dataclass, or a list of them; dates and times become ISO 8601 text.

    Raises a 500 `Problem`: `no-reply` for another result, `invalid-reply` for what is no JSON value,
    `reply-too-large` over 64 KiB.
    """
    plain = _plain(result)
    if not isinstance(plain, dict | list):
        raise replies.not_a_flexible_answer(handler.name, result)
    body = encoded(plain)
    if len(body) > MAX_BYTES:
        raise problems.reply_too_large(len(body), MAX_BYTES)
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    return value
