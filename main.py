"""The Cloud Functions entry point: Flask in, Flask out. Nothing else in this tree knows Flask."""

import os
import time
from collections.abc import Mapping
from typing import Any

import flask
import functions_framework

from fulfillment import logs
from fulfillment.call import Call
from fulfillment.json_text import MAX_BODY
from fulfillment.webhook import Webhook
from handlers import routes

logs.set_up()
webhook = Webhook(routes)
# functions-framework reads THREADS after this module; four a core would hold lookups up (docs/platform.md 5.2).
os.environ["THREADS"] = str(webhook.settings.threads)
# gunicorn imports this module in its master and forks: clients and threads only after it (docs/platform.md 5.1).
os.register_at_fork(after_in_child=webhook.warm_up)


@functions_framework.http
def dialogflow_webhook(request: flask.Request) -> flask.Response:
    """Answer one webhook call."""
    received_at = time.monotonic()  # Dialogflow's time runs while the body is still on its way
    answer = webhook.answer(
        Call(
            method=request.method,
            path=request.path,
            query=request.query_string.decode("latin-1"),
            headers=_headers(request.environ),
            body=_body(request),
            peer=request.remote_addr or "",
            received_at=received_at,
        )
    )
    return flask.Response(answer.body, answer.status, dict(answer.headers))


def _body(request: flask.Request) -> bytes:
    """Read the body to its end, and keep no more of it than shows that it is too large."""
    body = bytearray()
    while piece := request.stream.read(64 * 1024):
        if len(body) <= MAX_BODY:
            body += piece
    return bytes(body)


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return headers
