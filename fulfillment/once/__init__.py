"""`@once`: what a handler does happens once for one user turn, however often Dialogflow delivers that turn.

    @on.intent("cancel_order")
    @once(key="order_id")
    def cancel_order(order_id: str) -> Reply: ...

Before the handler runs, a record is created in the Firestore collection `fulfillment_once`. What the handler changes
with `documents.change` and the record's "done" mark are one commit, made when the handler has returned: a process that
is killed at any point leaves all of it or nothing. Later deliveries get the same reply, byte for byte.

What happens outside of Firestore cannot be made to happen once from here: send `idempotency_key()` along, so that the
service at the other end can tell a repetition.
"""

from __future__ import annotations

import contextvars
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from ..parts import Part
from ..reply import Reply

_Handler = TypeVar("_Handler", bound=Callable[..., Any])

MARK = "__fulfillment_once__"

passing: list[Callable[[str], None]] = []
"""Observers of the steps of a turn: each is called with a step's name. Empty unless somebody wants to watch.

The steps, in order: "before-record", "record-created" (or "record-taken-over"), "handler-returned", "before-commit",
"after-commit"; besides them "waiting", "replaying" and "before-free".
"""

_effect: contextvars.ContextVar[str] = contextvars.ContextVar("effect", default="")


@dataclass(frozen=True)
class Once:
    """What `@once(...)` says of a handler."""

    key: Callable[..., Any] | tuple[str, ...] = ()
    keep_seconds: float | None = None
    again: Reply | None = None


@overload
def once(function: _Handler, /) -> _Handler: ...


@overload
def once(
    *,
    key: str | Sequence[str] | Callable[..., Any] = (),
    keep_seconds: float | None = None,
    again: Reply | Part | str | None = None,
) -> Callable[[_Handler], _Handler]: ...


def once(
    function: Any = None,
    /,
    *,
    key: str | Sequence[str] | Callable[..., Any] = (),
    keep_seconds: float | None = None,
    again: Reply | Part | str | None = None,
) -> Any:
    """Mark a handler, above or below its `@on...`: its effects happen once for a turn.

    `key` tells what is one effect, within one session: names of the handler's arguments, or a function of some of them
    that returns a text, or None for a turn that needs no protection (nothing is done yet). Name everything that makes
    two effects differ: the same key with other arguments is refused (400 `key-reused`). Without `key`, or where a named
    argument is missing, the turn's `responseId` is the key; where that is absent too, the same words with the same
    parameters within a minute are one turn.
    `keep_seconds` is how long the key holds (default: the setting `WEBHOOK_ONCE_KEEP`). `again` is said to a later
    delivery when the setting `WEBHOOK_ONCE_REPLY=hash` keeps no reply.

    The handler may run more than once: again when a document it changes was changed by somebody else meanwhile. What it
    wants written with `documents.change` is written after it returned, all together; reads within the handler do not
    see it. What it writes through `documents.client()` is written at once and is not protected.
    """
    names_or_function = (key,) if isinstance(key, str) else key if callable(key) else tuple(key)
    mark = Once(names_or_function, keep_seconds, Reply(again) if isinstance(again, str | Part) else again)

    def label(marked: _Handler) -> _Handler:
        setattr(marked, MARK, mark)
        return marked

    return label if function is None else label(function)


def idempotency_key() -> str:
    """Return the key of the effect that is being made, to be sent along to services outside of Firestore.

    It stays the same for all deliveries of the turn, also when the handler failed or its process died in between.
    Outside of an `@once` handler's call, as in a test that calls the handler, it is a new one each time.
    """
    return _effect.get() or os.urandom(16).hex()


def in_once() -> bool:
    """Return whether an `@once` handler is running here: what it leads to joins its commit."""
    return bool(_effect.get())


def passed(step: str) -> None:
    """Tell the observers."""
    for observer in passing:
        observer(step)
