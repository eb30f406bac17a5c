"""One call from start to end: check, decode, route, run, encode. Plain Python: no web framework, no globals."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from . import dialects, documents, logs, problems
from .access import Guard
from .call import Answer, Call
from .current import CurrentCall, current_call
from .deadline import Deadline, HandlerPool
from .deadline.watchdog import server_replaces_workers
from .dialects import Dialect, Step
from .dialects.remarks import tell
from .logs.call_record import CallRecord
from .problems import Problem
from .reply import Reply
from .routing.handler import Handler
from .routing.routes import Routes
from .settings import Settings, from_environment

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
        record = CallRecord(call, self.settings)
        current = CurrentCall(record, logs.trace_of(call.headers, self.settings.project))
        before = current_call.set(current)
        logs.under_way.add(record)
        try:
            answer = self._reply(call, record, current)
        except Problem as problem:
            answer = self._refusal(problem, record)
        except Exception as error:
            answer = self._refusal(problems.internal_error(error), record)
        record.write(answer, self._hash_key)
        logs.under_way.discard(record)
        current_call.reset(before)
        return answer

    def warm_up(self) -> None:
        """Begin in the background what the first call would wait for: the Firestore client, certificates.

        To be called in the process that serves, after any fork: it starts threads. In a worker that its server replaces
        it also begins to watch for handlers that stop everything.
        """
        if server_replaces_workers() and not self.settings.debugging:
            self._pool.watch()
        documents.warm_up()
        self._guard.warm()

    def _reply(self, call: Call, record: CallRecord, current: CurrentCall) -> Answer:
        self._guard.check(call)
        methods = self.routes.methods_at(call.path)
        if not methods:
            dialects.check_headers(call)
        call = call.with_body(Deadline(call.received_at, self._body_seconds(methods)).handler_at)
        dialect, body = dialects.read_at_route(call) if methods else dialects.read(call)
        if call.method == "OPTIONS" and "OPTIONS" not in methods:
            from .dialects.flexible import allowed

            return Answer(204, b"", {"allow": ", ".join(allowed(methods))})
        record.request = request = dialect.decode(body, call)
        step = dialect.first(self.routes, request)
        record.handler = step.handler
        current.language = request.language
        record.deadline = deadline = Deadline(call.received_at, dialect.seconds(request, self.settings))
        reply = self._in_time(deadline, dialect, step, record)
        if call.method == "HEAD":
            return Answer(200, b"", {**_JSON, "content-length": str(len(reply))})
        return Answer(200, reply, _JSON)

    def _body_seconds(self, methods: Mapping[str, Handler]) -> float:
        # Which dialect it is, the body tells; only the paths of flexible routes are CX's alone.
        return self.settings.cx_deadline if methods else self.settings.deadline

    def _in_time(self, deadline: Deadline, dialect: Dialect, step: Step, record: CallRecord) -> bytes:
        """Run the turn on a handler's thread. What the handler has for `late` is said where it takes too long."""
        try:
            return self._pool.run(partial(self._turn, dialect, step, record), deadline)
        except Problem as problem:
            late = step.handler.late
            if late is None or problem.cause not in _LATE:
                raise
            record.refused_by(problem)
            return self._encoded(dialect, step, late)
        except BaseException as error:  # a SystemExit behind a reply's values must not end the server either
            raise problems.internal_error(error) from error

    def _turn(self, dialect: Dialect, step: Step, record: CallRecord, reply: Reply | None = None) -> bytes:
        """Call the handlers of a turn, one after the other, and return what there is to say, encoded.

        `reply` is what the first step's handler has said already.
        """
        while True:
            if reply is None and step.handler.once:
                from .once.turns import answer

                return answer(step, partial(self._turn, dialect, step, record), self.settings, record.tell_once)
            following = dialect.after(step, step.call() if reply is None else reply, self.routes)
            if not isinstance(following, Step):
                return self._encoded(dialect, step, following)
            step, reply = following, None

    def _encoded(self, dialect: Dialect, step: Step, reply: Any) -> bytes:
        body, remarks = dialect.encode(reply, step.request, self.settings)
        if remarks:
            tell(remarks, step.handler.name)
        return body

    def _refusal(self, problem: Problem, record: CallRecord) -> Answer:
        record.refused_by(problem)
        record.id = secrets.token_hex(8)
        error = {"status": problem.status, "cause": problem.cause, "message": problem.message, "id": record.id}
        headers: Mapping[str, str] = _JSON
        if problem.status == 401:
            headers = {
                **_JSON,
                "www-authenticate": 'Basic realm="webhook"' if "basic" in self.settings.auth else "Bearer",
            }
        elif problem.status == 405:
            headers = {**_JSON, "allow": ", ".join(problem.allow)}
        return Answer(problem.status, json.dumps({"error": error}).encode(), headers)
