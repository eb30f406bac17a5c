"""The floor: a function that parses the request and returns the JSON in BARE_REPLY, with no kit around it."""

import os

import flask
import functions_framework

REPLY = os.environ.get("BARE_REPLY", "{}").encode()


@functions_framework.http
def dialogflow_webhook(request: flask.Request) -> flask.Response:
    request.get_json()
    return flask.Response(REPLY, 200, {"content-type": "application/json"})
