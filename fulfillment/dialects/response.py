"""What the replies of all dialects have in common: 64 KiB of JSON at most, and what a context may be called."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from .. import json_text, problems
from ..request import Context
from .remarks import Encoded, Remark

MAX_BYTES = 65_536
"""Of an encoded reply: the documented limit of a webhook response, 64 KiB."""

_CONTEXT_ID = re.compile(r"[a-z0-9_%-]+")


def encoded(response: Any) -> bytes:
    """Return the JSON text. Raises the 500 `Problem` `invalid-reply` for what is no JSON value."""
    try:
        return json_text.write(response)
    except (TypeError, ValueError) as error:
        raise problems.invalid_reply(f"it cannot be written as JSON: {error}") from None


def within_limit(
    response: dict[str, Any], keep_texts: Callable[[dict[str, Any]], bool], intent: str, remarks: list[Remark]
) -> Encoded:
    """Return the JSON text with the remarks so far.

    Over 64 KiB it is cut to its texts by `keep_texts` (False: none are left), with a remark on that.
    Raises the 500 `Problem` `reply-too-large` where that is not enough.
    """
    body = encoded(response)
    if len(body) <= MAX_BYTES:
        return Encoded(body, remarks)
    shorter = encoded(response) if keep_texts(response) else b""
    if not shorter or len(shorter) > MAX_BYTES:
        raise problems.reply_too_large(len(body), MAX_BYTES)
    return Encoded(shorter, [*remarks, cut_to_texts(intent, len(body))])


def cut_to_texts(intent: str, found: int) -> Remark:
    """Return the remark that a reply of so many bytes was cut."""
    return Remark(problems.reply_cut_to_texts(intent, found, MAX_BYTES), logging.ERROR)


def checked_name(context: Context) -> str:
    """Return the lower-case id of a context that a reply sets.

    Raises the 500 `Problem` `invalid-reply` for a name or lifespan that Dialogflow refuses (docs/protocol.md 3.1).
    """
    name = context.name.lower()
    if not _CONTEXT_ID.fullmatch(name) or len(name) > 250:
        raise problems.invalid_reply(
            f"Context name {context.name!r} must have 1 to 250 letters, digits, '_', '-' or '%'"
        )
    if name.startswith("__") or (keeps_slot_filling(name) and context.lifespan):
        raise problems.invalid_reply(
            f"Context name {context.name!r} is reserved by Dialogflow; EndSlotFilling() ends the slot filling"
        )
    if context.lifespan < 0 or context.lifespan > 2**31 - 1:
        raise problems.invalid_reply(f"Context({context.name!r}).lifespan is {context.lifespan}; expected 0 or more")
    return name


def keeps_slot_filling(name: str) -> bool:
    """Return whether this is one of the contexts by which Dialogflow ES remembers what it is asking for."""
    return name.endswith("_dialog_context") or "_dialog_params_" in name
