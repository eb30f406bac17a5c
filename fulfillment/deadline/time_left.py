"""The moments of one call, and how much time is left until them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from ..current import current_call, varied

ANSWER_MARGIN = 0.2
"""Seconds kept back for giving a handler up, encoding and sending, also while handlers hold the interpreter lock."""

OUTSIDE_MARGIN = 0.15
"""Seconds a handler keeps for itself after its last outside call has failed."""

UNBOUND_SECONDS = 4.5
"""Time for outside calls of a handler that runs without a webhook call around it, as in a test.

Also while a debugger has the deadline off."""

_LONGEST = 60.0
"""More seconds than any deadline has: one that leaves more is off."""


class Deadline:
    """Moments of one call, as `time.monotonic()` readings in seconds; `seconds` is the whole time it has."""

    __slots__ = ("answer_at", "handler_at", "seconds")

    def __init__(self, received_at: float, seconds: float) -> None:
        self.seconds = seconds
        self.answer_at = received_at + seconds
        self.handler_at = self.answer_at - min(ANSWER_MARGIN, seconds / 4)

    def handler_seconds(self) -> float:
        """Return how long the handler may still run; negative when its time is over."""
        return self.handler_at - time.monotonic()


def _deadline() -> Deadline | None:
    """Return the deadline of the call that this thread works for; None outside of calls."""
    call = current_call.get()
    return None if call is None else call.deadline


def seconds_left() -> float:
    """Return the time that an outside call may take now, in seconds; 0 when there is none left.

    Outside of a webhook call, as in a handler's test, this is `UNBOUND_SECONDS`, and where the deadline is off.
    """
    deadline = _deadline()
    if deadline is None:
        return UNBOUND_SECONDS
    left = deadline.handler_seconds() - OUTSIDE_MARGIN
    return max(0.0, left) if left < _LONGEST else UNBOUND_SECONDS


@contextlib.contextmanager
def at_most(share: float) -> Iterator[None]:
    """Let outside calls in this block take only that share of the time left."""
    deadline = _deadline()
    if deadline is None or share >= 1.0:
        yield
        return
    now = time.monotonic()
    shorter = Deadline(now, deadline.seconds)
    shorter.handler_at = now + seconds_left() * share + OUTSIDE_MARGIN
    with varied(deadline=shorter):
        yield
