"""A flexible route's result -> the JSON that the webhook resource's paths point into."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from typing import Any

from ... import problems
from ...problems import replies
from ...request import Request
from ...routing.routes import Routes
from ...settings import Settings
from .. import Step
from ..remarks import Encoded
from ..response import MAX_BYTES, encoded


def after(step: Step, result: Any, routes: Routes) -> Any:
    """Return what a handler returned as plain JSON values; dates and times become ISO 8601 text.

    Raises the 500 `Problem` `no-reply` for what is no dictionary, no dataclass, and no list of them.
    """
    plain = _plain(result)
    if not isinstance(plain, dict | list):
        raise replies.not_a_flexible_answer(step.handler.name, result)
    return plain


def encode(plain: Any, request: Request, settings: Settings) -> Encoded:
    """Return the JSON body.

    Raises a 500 `Problem`: `invalid-reply` for what is no JSON value, `reply-too-large` over 64 KiB.
    """
    body = encoded(plain)
    if len(body) > MAX_BYTES:
        raise problems.reply_too_large(len(body), MAX_BYTES)
    return Encoded(body)


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
