"""The Cloud Functions entry point. What knows Flask and the server is fulfillment/doors/function.py."""

import os

import flask
import functions_framework

from fulfillment import logs
from fulfillment.doors import function
from fulfillment.webhook import Webhook
from handlers import routes

logs.set_up()
webhook = Webhook(routes)
# functions-framework reads THREADS after this module; four a core would hold lookups up (docs/platform.md 5.2).
os.environ["THREADS"] = str(webhook.settings.threads)
# gunicorn imports this module in its master and forks: clients and threads only after it (docs/platform.md 5.1).
os.register_at_fork(after_in_child=webhook.warm_up)
function.open_door()


@functions_framework.http
def dialogflow_webhook(request: flask.Request) -> flask.Response:
    """Answer one webhook call."""
    return function.response_of(webhook.answer(function.call_of(request)))
