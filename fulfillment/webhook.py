"""One call from start to end: check, decode, route, run, encode. Plain Python: no web framework, no globals."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from . import dialects, documents, json_text, languages, logs, problems
from .access import Guard
from .call import Answer, Call
from .call_record import CallRecord
from .deadline import Deadline, HandlerPool
from .deadline.watchdog import server_replaces_workers
from .documents.connection import outage_behind
from .once import current_effect
from .problems import Problem
from .reply import Reply
from .request import Request
from .routes import Handler, Routes
from .settings import Settings, from_environment

_JSON = {"content-type": "application/json"}
_LATE = ("deadline-exceeded", "firestore-unavailable")
"""Causes for which a handler's `late` reply is said: it was still busy, or what it waited for never answered."""
_T = TypeVar("_T")


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
        logs.join_trace(call.headers, self.settings.project)
        logs.answering(record)
        try:
            answer = self._reply(call, record)
        except Problem as problem:
            answer = self._refusal(problem, record)
        except Exception as error:
            record.error = error
            answer = self._refusal(problems.internal_error(error), record)
        record.write(answer, self._hash_key)
        logs.answered(record)
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

    def _reply(self, call: Call, record: CallRecord) -> Answer:
        self._guard.check(call)
        methods = self.routes.methods_at(call.path)
        if not methods:
            _check_headers(call)
        call = call.with_body(Deadline(call.received_at, self._body_seconds(methods)).handler_at)
        if methods:
            if answer := self._flexible(methods, call, record):
                return answer
            _check_headers(call)
        dialect = dialects.of(body := json_text.read(call.body))
        if dialect is None:
            raise problems.not_a_dialect(_members_of(body))
        record.request = request = dialect.decode(body, call)
        record.handler = handler = self.routes.find(request)
        dialects.answering.set(handler.name)
        languages.current_language.set(request.language)  # the handler's thread gets a copy
        encode: Callable[[Reply], bytes] = partial(dialect.encode, request=request, settings=self.settings)
        reach = partial(self._reach, encode=encode, record=record)
        try:
            reply = self._run(lambda: dialect.run(self.routes, handler, request, reach), handler, request, record)
        except Problem as problem:
            if handler.late is None or problem.cause not in _LATE:
                raise
            record.problem = problem
            reply = handler.late
        return Answer(200, reply if isinstance(reply, bytes) else encode(reply), _JSON)

    def _body_seconds(self, methods: Mapping[str, Handler]) -> float:
        # Which dialect it is, the body tells; only the paths of flexible routes are CX's alone.
        return self.settings.cx_deadline if methods else self.settings.deadline

    def _flexible(self, methods: Mapping[str, Handler], call: Call, record: CallRecord) -> Answer | None:
        """Answer a call of a CX flexible webhook; None for a body of another dialect at the same path."""
        from .dialects import flexible

        body = flexible.body_of(call)
        if call.method == "POST" and isinstance(body, dict) and dialects.of(body):
            return None
        handler = flexible.handler_for(methods, call)
        if handler is None:
            return Answer(204, b"", {"allow": ", ".join(flexible.allowed(methods))})
        record.handler = handler
        record.request = request = flexible.decode(body, call)
        result = self._run(lambda: flexible.run(handler, request), handler, request, record)
        body = flexible.encode(result, handler)
        if call.method == "HEAD":
            return Answer(200, b"", {**_JSON, "content-length": str(len(body))})
        return Answer(200, body, _JSON)

    def _run(self, work: Callable[[], _T], handler: Handler, request: Request, record: CallRecord) -> _T:
        record.deadline = deadline = Deadline(record.call.received_at, dialects.seconds_for(request, self.settings))
        try:
            return self._pool.run(work, deadline)
        except Problem:
            raise
        except BaseException as error:  # a handler's SystemExit must not end the server
            record.error = error
            raise outage_behind(error) or problems.handler_failed(handler.name, error) from error

    def _reach(
        self,
        handler: Handler,
        request: Request,
        finish: dialects.Finish,
        encode: Callable[[Reply], bytes],
        record: CallRecord,
    ) -> Reply | bytes:
        """Call the handler on this thread; the answer of an `@once` one comes encoded, maybe from before."""
        if handler.once is None:
            return finish(handler.call(request))
        if effect := current_effect.get():
            return effect.join(handler, request, finish)
        from .once.turns import answer

        def whole(reply: Reply) -> bytes:
            finished = finish(reply)
            return finished if isinstance(finished, bytes) else encode(finished)

        return answer(handler, request, whole, self.settings, record.tell_once)

    def _refusal(self, problem: Problem, record: CallRecord) -> Answer:
        record.problem = problem
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


def _check_headers(call: Call) -> None:
    if call.method != "POST":
        raise problems.method_not_allowed(call.method)
    content_type = call.headers.get("content-type") or "application/json"
    if content_type != "application/json" and content_type.partition(";")[0].strip().lower() != "application/json":
        raise problems.wrong_content_type(content_type)


def _members_of(body: Mapping[str, Any]) -> str:
    return f"an object with {', '.join(repr(name)[:40] for name in list(body)[:8]) or 'no members'}"
