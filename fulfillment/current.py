"""The call that this thread works for: one object a call, in one context variable.

A thread that carries the call along (`in_thread`, the handlers' pool) has a copy of the context, and so the same
object. What is learned while the call is answered is set on that object, for all of them. What holds for a block only,
a shorter time or the effect that is being made, is a variation of it, for that block and what it carries along.

This is the ground floor: what a member is, the room that puts it there knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(slots=True, eq=False)
class CurrentCall:
    """One call, as whatever works for it finds it."""

    record: Any = None
    """What is known of it so far, for lines of the log: `logs.CallUnderWay`."""

    trace: Mapping[str, str] = field(default_factory=dict)
    """The members that put a line of the log into its trace."""

    language: str = ""
    """Its language, as Dialogflow sent it."""

    deadline: Any = None
    """When it must be answered: `deadline.Deadline`, once its dialect is known."""

    effect: Any = None
    """What the `@once` handler that runs here is making: `once.Effect`."""

    joined: Any = None
    """Where `documents.change` puts its writes: `documents.joined.Joined`; None writes them at once."""


current_call: ContextVar[CurrentCall | None] = ContextVar("current call", default=None)
"""None outside of calls: at start, in a script, in a test that calls a handler."""


@contextmanager
def varied(**members: Any) -> Iterator[None]:
    """Let the current call have other members in this block, on this thread and on those that it carries along."""
    call = current_call.get()
    before = current_call.set(replace(call or CurrentCall(), **members))
    try:
        yield
    finally:
        current_call.reset(before)
