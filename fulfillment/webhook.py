"""One call from start to end: check, decode, route, run, encode. Plain Python: no web framework, no globals."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Mapping
from typing import Any

from . import dialects, documents, json_text, languages, logs, problems
from .access import Guard
from .call import Answer, Call
from .deadline import Deadline, HandlerPool
from .problems import Problem
from .reply import Reply
from .request import Request
from .routes import Handler, Routes
from .settings import Settings, from_environment

_call_log = logging.getLogger("fulfillment.call")

_JSON = {"content-type": "application/json"}
_LATE = ("deadline-exceeded", "firestore-unavailable")
"""Causes for which a handler's `late` reply is said: it was still busy, or what it waited for never answered."""


class Webhook:
    """Answers webhook calls with the handlers of `routes`.

    `answer` may be called from many threads at once; it raises nothing and answers within the call's deadline.
    """

    def __init__(self, routes: Routes, settings: Settings | None = None, guard: Guard | None = None) -> None:
        self.routes = routes
        self.settings = settings or from_environment()
        self._guard = guard or Guard(self.settings)
        self._pool = HandlerPool.for_threads(self.settings.threads)
        self._hash_key = logs.hash_key(self.settings)

    def answer(self, call: Call) -> Answer:
        """Return the answer to one HTTP call: 200 with JSON, or a named problem as JSON. Writes one log line."""
        trail = _Trail(call)
        logs.join_trace(call.headers, self.settings.project)
        try:
            answer = Answer(200, self._reply(call, trail), _JSON)
        except Problem as problem:
            answer = self._refusal(problem, trail)
        except Exception as error:
            trail.error = error
            answer = self._refusal(problems.internal_error(error), trail)
        try:
            self._log(trail, answer)
        except Exception:  # a line that cannot be written must not cost the answer
            _call_log.exception("The log line of a call could not be written")
        return answer

    def warm_up(self) -> None:
        """Begin in the background what the first call would wait for: the Firestore client, certificates.

        To be called in the process that serves, after any fork: it starts threads.
        """
        documents.warm_up()
        self._guard.warm()

    def _reply(self, call: Call, trail: _Trail) -> bytes:
        self._guard.check(call)
        if call.method != "POST":
            raise problems.method_not_allowed(call.method)
        content_type = call.headers.get("content-type") or "application/json"
        if content_type != "application/json" and content_type.partition(";")[0].strip().lower() != "application/json":
            raise problems.wrong_content_type(content_type)
        dialect = dialects.of(body := json_text.read(call.body))
        trail.request = request = dialect.decode(body, call)
        trail.deadline = deadline = Deadline(call.received_at, dialects.seconds_for(request, self.settings))
        trail.handler = handler = self.routes.find(request)
        reply = self._run(handler, request, deadline, trail)
        return dialect.encode(reply, request, self.settings)

    def _run(self, handler: Handler, request: Request, deadline: Deadline, trail: _Trail) -> Reply:
        try:
            languages.current_language.set(request.language)  # the handler's thread gets a copy
            return self._pool.run(lambda: handler.call(request), deadline)
        except Problem as problem:
            if handler.late is None or problem.cause not in _LATE:
                raise
            trail.problem = problem
            return handler.late
        except BaseException as error:  # a handler's SystemExit must not end the server
            trail.error = error
            raise problems.handler_failed(handler.name, error) from error

    def _refusal(self, problem: Problem, trail: _Trail) -> Answer:
        trail.problem = problem
        trail.id = secrets.token_hex(8)
        error = {"status": problem.status, "cause": problem.cause, "message": problem.message, "id": trail.id}
        headers: Mapping[str, str] = _JSON
        if problem.status == 401:
            headers = {**_JSON, "www-authenticate": "Basic" if "basic" in self.settings.auth else "Bearer"}
        elif problem.status == 405:
            headers = {**_JSON, "allow": "POST"}
        return Answer(problem.status, json.dumps({"error": error}).encode(), headers)

    def _log(self, trail: _Trail, answer: Answer) -> None:
        request, problem = trail.request, trail.problem
        handler = trail.handler.name if trail.handler else ""
        milliseconds = round((time.monotonic() - trail.call.received_at) * 1000, 2)
        members: dict[str, Any] = {
            "event": "call",
            "dialect": request.dialect if request else "",
            "intent": request.intent if request else "",
            "handler": handler,
            "status": answer.status,
            "cause": problem.cause if problem else "",
            "milliseconds": milliseconds,
            "deadline_milliseconds": round(trail.deadline.seconds * 1000) if trail.deadline else 0,
            "bytes": len(answer.body),
            "session": logs.short_hash(request.session.id, self._hash_key) if request else "",
            "user": logs.short_hash(request.user_id, self._hash_key) if request else "",
        }
        if trail.id:
            members["id"] = trail.id
        if problem and problem.detail:
            members["detail"] = problem.detail
        if self.settings.log_bodies and request:
            members["request_body"] = logs.redacted(request.body)
            members["reply_body"] = logs.redacted(json.loads(answer.body))
        outcome = f"{answer.status} {problem.cause}" if problem else str(answer.status)
        _call_log.log(
            logging.ERROR if answer.status >= 500 else logging.WARNING if problem else logging.INFO,
            "%s %r: %s in %d ms",
            members["dialect"] or "call",
            members["intent"],
            outcome,
            milliseconds,
            exc_info=trail.error,
            extra={logs.CALL_MEMBERS: members},
        )


class _Trail:
    """What is known of a call so far, for its log line."""

    __slots__ = ("call", "deadline", "error", "handler", "id", "problem", "request")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.request: Request | None = None
        self.handler: Handler | None = None
        self.deadline: Deadline | None = None
        self.problem: Problem | None = None
        self.error: BaseException | None = None
        self.id = ""
