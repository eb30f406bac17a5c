"""`@once`: what a handler does happens once for one user turn, however often Dialogflow delivers that turn.

    @on.intent("cancel_order")
    @once
    def cancel_order(order_id: str) -> Reply: ...

Before the handler runs, a record is created in the Firestore collection `fulfillment_once`. What the handler changes
with `documents.change` and the record's "done" mark are one commit, made when the handler has returned: a process that
is killed at any point leaves all of it or nothing. Later deliveries get the same reply, byte for byte.

The turn is the identity of an effect: another turn is another effect, even where the user says the same words again.

What happens outside of Firestore cannot be made to happen once from here: send `idempotency_key()` along, so that the
service at the other end can tell a repetition.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from ..current import current_call
from ..parts import Part
from ..reply import Reply
from ..threads import require_call

_Handler = TypeVar("_Handler", bound=Callable[..., Any])

MARK = "__fulfillment_once__"

passing: list[Callable[[str], None]] = []
"""Observers of the steps of a turn: each is called with a step's name. Empty unless somebody wants to watch.

The steps, in order: "before-record", "record-created" (or "record-taken-over"), "handler-returned", "before-commit",
"after-commit"; besides them "waiting", "replaying" and "before-free".
"""


@dataclass(frozen=True)
class Effect:
    """The effect that is being made: its idempotency key, and how a handler that it leads to joins its commit.

    `join(turn, rest)` runs what is left of the turn from that handler on, and returns its answer, or one from before;
    None where nothing keeps a record.
    """

    key: str
    join: Callable[[Any, Any], bytes] | None


def current_effect() -> Effect | None:
    """Return what the `@once` handler that runs here is making; None elsewhere."""
    call = current_call.get()
    return None if call is None else call.effect


@dataclass(frozen=True)
class Once:
    """What `@once(...)` says of a handler."""

    key: Callable[..., Any] | tuple[str, ...] = ()
    window: float | None = None
    keep_seconds: float | None = None
    again: Reply | None = None


@overload
def once(function: _Handler, /) -> _Handler: ...


@overload
def once(
    *,
    key: str | Sequence[str] | Callable[..., Any],
    window: float,
    keep_seconds: float | None = None,
    again: Reply | Part | str | None = None,
) -> Callable[[_Handler], _Handler]: ...


@overload
def once(
    *, keep_seconds: float | None = None, again: Reply | Part | str | None = None
) -> Callable[[_Handler], _Handler]: ...


def once(
    function: Any = None,
    /,
    *,
    key: str | Sequence[str] | Callable[..., Any] = (),
    window: float | None = None,
    keep_seconds: float | None = None,
    again: Reply | Part | str | None = None,
) -> Any:
    """Mark a handler, above or below its `@on...`: its effects happen once for a turn.

    A turn is known by its `responseId`; where there is none, the same words with the same parameters in one session
    are one turn for ten seconds. Another `responseId` is another effect. A turn that calls the handler twice with other
    values, as a follow-up event does, has two effects.

    `key` and `window` (seconds), both or neither, protect against double taps and clients that retry: besides, the same
    key within that time after its commit, in one session, is the same effect whatever the `responseId`. `key` holds
    names of the handler's arguments, or is a function of some of them that returns plain values (None for a turn that
    does nothing that could happen twice). Name everything that makes two effects differ: within the window the same key
    with other arguments is refused (400 `key-reused`). Where a named argument is missing, only the turn counts.
    `keep_seconds` is how long a turn's record holds, at least 10 (default: the setting `WEBHOOK_ONCE_KEEP`). `again` is
    said to a later delivery when the setting `WEBHOOK_ONCE_REPLY=hash` keeps no reply.

    The handler may run more than once: again when a document it changes was changed by somebody else meanwhile. What it
    wants written with `documents.change` is written after it returned, all together; reads within the handler do not
    see it. What it writes through `documents.client()` is written at once and is not protected.
    """
    names_or_function = (key,) if isinstance(key, str) else key if callable(key) else tuple(key)
    mark = Once(names_or_function, window, keep_seconds, Reply(again) if isinstance(again, str | Part) else again)

    def label(marked: _Handler) -> _Handler:
        setattr(marked, MARK, mark)
        return marked

    return label if function is None else label(function)


def idempotency_key() -> str:
    """Return the key of the effect that is being made, to be sent along to services outside of Firestore.

    It stays the same for all deliveries of the turn, also when the handler failed, its process died in between, or the
    records could not be reached. Outside of an `@once` handler's call, as in a test that calls the handler, it is a new
    one each time. Raises `NoCall` on a thread that works for no call.
    """
    effect = current_effect()
    if effect is None:
        require_call("idempotency_key()")
        return os.urandom(16).hex()
    return effect.key


def passed(step: str) -> None:
    """Tell the observers."""
    for observer in passing:
        observer(step)
