"""The two kinds of errors, and what their texts share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any


class SetupError(Exception):
    """Stops the start: a setting or a handler that cannot work."""


class Problem(Exception):
    """Ends one call with a named cause.

    `status` is the HTTP status, `cause` a fixed kebab-case word, `message` a short sentence for the caller (nothing
    of the inside), `detail` what a developer reads in the log. `allow` are the methods that a 405 offers instead.
    `error` is what the user's own code raised, for its traceback in the log.
    """

    def __init__(self, status: int, cause: str, message: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail or message}")
        self.status = status
        self.cause = cause
        self.message = message
        self.detail = detail
        self.allow: Sequence[str] = ("POST",)
        self.error: BaseException | None = None


def where(function: Callable[..., Any]) -> str:
    """Return a function's name, file and line, for a message."""
    code = inspect.unwrap(function).__code__
    return f"{function.__qualname__} ({code.co_filename}:{code.co_firstlineno})"
