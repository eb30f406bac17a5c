"""The Cloud Functions entry point: Flask in, Flask out. Nothing else in this tree knows Flask."""

import os
from collections.abc import Mapping
from typing import Any

import flask
import functions_framework

from fulfillment import logs, settings
from fulfillment.call import Call
from fulfillment.webhook import Webhook
from handlers import routes

# functions-framework reads THREADS after this module; its own default, four a core, would hold lookups up.
os.environ.setdefault("THREADS", str(settings.DEFAULT_THREADS))
logs.set_up()
webhook = Webhook(routes)
# gunicorn imports this module in its master and forks: clients and threads are made in the worker only.
os.register_at_fork(after_in_child=webhook.warm_up)


@functions_framework.http
def dialogflow_webhook(request: flask.Request) -> flask.Response:
    """Answer one webhook call."""
    answer = webhook.answer(
        Call(
            method=request.method,
            path=request.path,
            query=request.query_string.decode("latin-1"),
            headers=_headers(request.environ),
            body=request.get_data(),
            peer=request.remote_addr or "",
        )
    )
    return flask.Response(answer.body, answer.status, dict(answer.headers))


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return headers
