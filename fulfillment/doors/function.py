"""The door of a Cloud Function: functions-framework makes a Flask application, gunicorn serves it.

Headers come first, then whoever calls is checked, and only then the body is read. functions-framework reads a whole
body itself once the function has returned, so the application gets an empty stream and the body stands beside it.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import flask

from ..call import Answer, Call
from . import continuing
from .body import Body, StreamedBody, body_of

_Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

_BODY = "fulfillment.body"
_ARRIVED = "fulfillment.arrived"


def open_door() -> None:
    """Let the calls of the application that functions-framework is making arrive with their body unread.

    To be called while main.py is imported. Without an application, as in a test that imports it, nothing is done.
    """
    if flask.has_app_context():
        application = flask.current_app
        application.wsgi_app = _HeadersFirst(application.wsgi_app)  # type: ignore[method-assign]
        continuing.hold_back()


def call_of(request: flask.Request) -> Call:
    """Return the call that a Flask request is, its body unread."""
    environ = request.environ
    body: Body = environ.get(_BODY) or StreamedBody(environ)
    return Call(
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        headers=_headers(environ),
        read_body=body.read,
        peer=request.remote_addr or "",
        received_at=environ.get(_ARRIVED) or time.monotonic(),
    )


def response_of(answer: Answer) -> flask.Response:
    """Return the Flask response that an answer is."""
    return flask.Response(answer.body, answer.status, dict(answer.headers))


class _HeadersFirst:
    """WSGI middleware: puts each body aside, and leaves no unread one behind that would hold up the server."""

    def __init__(self, application: _Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[_ARRIVED] = time.monotonic()  # Dialogflow's time runs while the body is still on its way
        body = environ[_BODY] = body_of(environ, start_response)
        environ["wsgi.input"] = io.BytesIO()
        environ["wsgi.input_terminated"] = True  # else Flask misses the bytes that Content-Length announces
        try:
            return self._application(environ, start_response)
        finally:
            body.leave()


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return headers
