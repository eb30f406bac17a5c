"""What `@once` refuses, and mistakes in its use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .kinds import Problem, SetupError, where


def changed_twice(path: str) -> str:
    """A handler marked `@once` changes one document in two steps."""
    return (
        f"documents.change got {path} a second time in one call. In a handler marked @once all changes are written "
        "when it has returned, so the first one cannot be read yet: decide both in one documents.change."
    )


def changed_too_late(path: str) -> str:
    """A change after the handler has returned."""
    return (
        f"documents.change got {path} after the handler had returned. In a handler marked @once all changes are "
        "written at that moment: wait for threads that you start."
    )


def unknown_key(function: Callable[..., Any], wanted: str, known: Sequence[str]) -> SetupError:
    """`@once(key=...)` names what is no argument of the handler."""
    found = ", ".join(map(repr, known)) or "none"
    return SetupError(
        f"Handler {where(function)}: @once(key=...) names {wanted!r}, which is none of its arguments ({found})."
    )


def context_as_key(function: Callable[..., Any], name: str) -> SetupError:
    """`@once(key=...)` names a context, whose lifespan changes from turn to turn."""
    return SetupError(
        f"Handler {where(function)}: @once(key={name!r}) names a context, which changes from turn to turn. Take out "
        f'what matters: @once(key=lambda {name}: {name}.get("order_id"), window=30).'
    )


def key_without_window(function: Callable[..., Any]) -> SetupError:
    """`@once(key=...)` does not say for how long the same key is the same effect."""
    return SetupError(
        f"Handler {where(function)}: @once(key=...) has no window=. One effect for one turn is plain @once: write "
        "'@once'. To treat the same key as the same effect in later turns too (double taps, clients that retry), say "
        "for how many seconds: @once(key=..., window=30). A user who asks for the same thing on purpose must wait for "
        "that long."
    )


def window_without_key(function: Callable[..., Any]) -> SetupError:
    """`@once(window=...)` does not say of what."""
    return SetupError(
        f"Handler {where(function)}: @once(window=...) has no key=. Name the arguments that make one effect: "
        '@once(key="order_id", window=30), or write plain @once for one effect a turn.'
    )


def bad_seconds(function: Callable[..., Any], name: str, found: object, expected: str) -> SetupError:
    """A time that would protect nothing."""
    return SetupError(f"Handler {where(function)}: @once({name}={found!r:.40}); expected {expected}.")


def bad_once_key(handler: str, found: str) -> Problem:
    """A key that would be another one at the next delivery."""
    return Problem(
        500,
        "bad-once-key",
        "The handler's key cannot be used.",
        f"@once of {handler}: its key holds {found}. Expected text, numbers, true or false, dates, enum members, or "
        "lists and dictionaries of them: each delivery must make the same key. Nothing was done.",
    )


def key_reused(handler: str) -> Problem:
    """The same key with another request."""
    return Problem(
        400,
        "key-reused",
        "This was asked before with other values.",
        f"@once of {handler}: the same key came with a different request, which was refused. Let key= name everything "
        "that makes two effects differ.",
    )


def in_progress(handler: str) -> Problem:
    """Another delivery of the turn is still at it."""
    return Problem(
        503,
        "in-progress",
        "This turn is being answered already.",
        f"@once of {handler}: another delivery of this turn was still at work when the time of this one was over.",
    )


def answered_before(handler: str) -> Problem:
    """The turn was answered, and only a hash of the words is kept."""
    return Problem(
        503,
        "answered-before",
        "This turn has been answered already.",
        f"@once of {handler}: a later delivery of a turn that is done, and WEBHOOK_ONCE_REPLY=hash keeps no words to "
        'repeat. Say some: @once(again="That is done already.").',
    )


def run_without_record(handler: str, found: str) -> str:
    """The record store is out, and the operator wants the handler to run all the same."""
    return (
        f"@once of {handler} runs without a record, as WEBHOOK_ONCE_OUTAGE=run asks: a repeated delivery will do it "
        f"again, with the same idempotency key. {found}"
    )
