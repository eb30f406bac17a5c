"""A webhook with handlers of the test's own, on the kit's local Firestore and on Google's emulator."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from deploy.local.firestore import LocalFirestore
from fulfillment.call import Call
from fulfillment.documents import connection
from fulfillment.routes import Routes
from fulfillment.settings import Settings
from fulfillment.webhook import Webhook
from tests.firestores import Emulator, Firestore, why_no_emulator

SESSION = "projects/p/agent/sessions/s1"


@pytest.fixture(scope="session")
def once_servers(tmp_path_factory):
    started = {}

    def server(kind):
        if kind not in started:
            if kind == "local":
                started[kind] = LocalFirestore()
                started[kind].start()
            else:
                started[kind] = Emulator(tmp_path_factory.mktemp("emulator"))
                started[kind].wait()
        return started[kind]

    yield server
    for one in started.values():
        one.stop()


@pytest.fixture(params=["local", "emulator"])
def firestore(request, once_servers, monkeypatch):
    if request.param == "emulator" and (reason := why_no_emulator()):
        pytest.skip(reason)
    server = once_servers(request.param)
    found = Firestore(request.param, server.address if request.param == "local" else server.host)
    found.set_environment(monkeypatch)
    monkeypatch.setattr(connection, "_connection", connection._Connection())
    yield found
    found.close()


class Turns:
    """Delivers turns of one intent, "do", to a webhook with that one handler."""

    def __init__(self, client, handler, **settings):
        self.webhook = Webhook(Routes([handler]), replace(Settings(auth=("none",)), **settings))
        self.client = client

    def deliver(self, response_id="r1", words="do it", session=SESSION, contexts=(), **parameters):
        body = {
            "responseId": response_id,
            "session": session,
            "queryResult": {
                "queryText": words,
                "intent": {"displayName": "do"},
                "allRequiredParamsPresent": True,
                "parameters": parameters,
                "outputContexts": list(contexts),
            },
        }
        headers = {"content-type": "application/json", "host": "localhost"}
        return self.webhook.answer(Call(body=json.dumps(body).encode(), headers=headers, peer="127.0.0.1"))

    def say(self, *arguments, **parameters):
        answer = self.deliver(*arguments, **parameters)
        body = json.loads(answer.body)
        return body["fulfillmentText"] if answer.status == 200 else f"{answer.status} {body['error']['cause']}"

    def records(self):
        return {found.id: found.to_dict() for found in self.client.collection("fulfillment_once").stream()}

    def record(self):
        (found,) = self.records().values()
        return found

    def change_record(self, **fields):
        (id,) = self.records()
        self.client.collection("fulfillment_once").document(id).update(fields)

    def count(self, id="c"):
        return (self.client.collection("counters").document(id).get().to_dict() or {}).get("count", 0)


@pytest.fixture
def turns(firestore):
    client = firestore.client()
    return lambda handler, **settings: Turns(client, handler, **settings)
