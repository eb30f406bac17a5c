"""What is known of one call so far, and the line that the log gets when it has been answered."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any

from . import CALL_MEMBERS, redacted, short_hash

if TYPE_CHECKING:
    from ..call import Answer, Call
    from ..deadline import Deadline
    from ..problems import Problem
    from ..request import Request
    from ..routing.handler import Handler
    from ..settings import Settings
    from .words import Words

_log = logging.getLogger("fulfillment.call")

_LONGEST_NAME = 200
_LONGEST_DETAIL = 8000
"""Characters of what a caller or handler wrote that a log line repeats."""


class CallRecord:
    """One call: what came in, who handled it, what went wrong. Filled in while the call is answered."""

    __slots__ = ("call", "deadline", "error", "handler", "id", "once", "problem", "request", "settings", "words")

    def __init__(self, call: Call, settings: Settings) -> None:
        self.call = call
        self.settings = settings
        self.words: Words | None = None  # what a line of this call must not hold, once one needs to know
        self.request: Request | None = None
        self.handler: Handler | None = None
        self.deadline: Deadline | None = None
        self.problem: Problem | None = None
        self.error: BaseException | None = None
        self.id = ""
        self.once = ""

    def refused_by(self, problem: Problem) -> None:
        """Note why there is no answer of a handler's; `write` shows what the handler raised."""
        self.problem = problem
        self.error = self.error or problem.error

    def tell_once(self, what: str) -> None:
        """Note what became of an `@once` delivery: "ran", "replayed", "waited" or "taken-over"."""
        self.once = what

    def write(self, answer: Answer, hash_key: bytes) -> None:
        """Write the call's line. Raises nothing: a line that cannot be written must not cost the answer."""
        try:
            self._write(self._members(answer, hash_key), answer)
        except Exception:
            _log.exception("The log line of a call could not be written")

    def _members(self, answer: Answer, hash_key: bytes) -> dict[str, Any]:
        request, problem = self.request, self.problem
        members: dict[str, Any] = {
            "event": "call",
            "dialect": request.dialect if request else "",
            "intent": (request.tag or request.intent)[:_LONGEST_NAME] if request else "",
            "handler": self.handler.name if self.handler else "",
            "status": answer.status,
            "cause": problem.cause if problem else "",
            "milliseconds": round((time.monotonic() - self.call.received_at) * 1000, 2),
            "deadline_milliseconds": round(self.deadline.seconds * 1000) if self.deadline else 0,
            "bytes": len(answer.body),
            "session": short_hash(request.session.id, hash_key) if request else "",
            "user": short_hash(request.user_id, hash_key) if request else "",
        }
        if self.once:
            members["once"] = self.once
        if self.id:
            members["id"] = self.id
        if problem and problem.detail:
            members["detail"] = problem.detail[:_LONGEST_DETAIL]
        if request and request.dialect == "flexible":
            members["route"] = f"{request.method} {request.path}"
        if request and self.settings.log_bodies:
            members.update(_bodies(request, answer))
        return members

    def _write(self, members: dict[str, Any], answer: Answer) -> None:
        problem = self.problem
        level = logging.ERROR if answer.status >= 500 else logging.WARNING if problem else logging.INFO
        if not _log.isEnabledFor(level):
            return
        outcome = f"{answer.status} {problem.cause}" if problem else str(answer.status)
        what = members.get("route") or members["intent"]
        words = f"{members['dialect'] or 'call'} {what!r}: {outcome} in {members['milliseconds']:.0f} ms"
        error = self.error
        exception = (type(error), error, error.__traceback__) if error else None
        # Not by `log`: looking for the caller's file and line costs as much as all the rest of a line.
        record = logging.LogRecord(_log.name, level, __file__, 0, words, None, exception)
        setattr(record, CALL_MEMBERS, members)
        _log.handle(record)


def _bodies(request: Request, answer: Answer) -> dict[str, Any]:
    """Return what came and what went out. A body may be any JSON value on a flexible route, and HEAD answers none."""
    body = request.body or (request.parameters.get("body", {}) if request.dialect == "flexible" else {})
    bodies = {"request_body": redacted(body)}
    if request.query:
        bodies["request_query"] = redacted(request.query)
    if answer.body:
        bodies["reply_body"] = redacted(json.loads(answer.body))
    return bodies
