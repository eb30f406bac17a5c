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
        f'what matters: @once(key=lambda {name}: {name}.get("order_id")).'
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
        f"again. {found}"
    )
