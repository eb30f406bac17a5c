"""A webhook with handlers of the test's own, on the kit's local Firestore and on Google's emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from fulfillment import documents
from fulfillment.call import Call
from fulfillment.routing.routes import Routes
from fulfillment.settings import Settings
from fulfillment.webhook import Webhook
from tests.kit.firestores import Firestore

MakeTurns = Callable[..., "Turns"]

SESSION = "projects/p/agent/sessions/s1"


class Turns:
    """Delivers turns of one intent, "do", to a webhook with that one handler."""

    def __init__(self, client: Any, handler: Any, **settings: Any) -> None:
        self.webhook = Webhook(Routes([handler]), replace(Settings(auth=("none",)), **settings))
        self.client = client

    def deliver(
        self,
        response_id: str = "r1",
        words: Any = "do it",
        session: Any = SESSION,
        contexts: Any = (),
        complete: Any = True,
        **parameters: Any,
    ) -> Any:
        body = {
            "responseId": response_id,
            "session": session,
            "queryResult": {
                "queryText": words,
                "intent": {"displayName": "do"},
                "allRequiredParamsPresent": complete,
                "parameters": parameters,
                "outputContexts": list(contexts),
            },
        }
        headers = {"content-type": "application/json", "host": "localhost"}
        return self.webhook.answer(Call(body=json.dumps(body).encode(), headers=headers, peer="127.0.0.1"))

    def end(self, **fields: Any) -> None:
        """Let the time of all records be over, as the server counts it."""
        for id in self.records():
            self.client.collection("fulfillment_once").document(id).update({"keep_seconds": 0.0, **fields})

    def say(self, *arguments: Any, **parameters: Any) -> Any:
        answer = self.deliver(*arguments, **parameters)
        body = json.loads(answer.body)
        return body["fulfillmentText"] if answer.status == 200 else f"{answer.status} {body['error']['cause']}"

    def records(self) -> Any:
        return {found.id: found.to_dict() for found in self.client.collection("fulfillment_once").stream()}

    def record(self) -> Any:
        (found,) = self.records().values()
        return found

    def change_record(self, **fields: Any) -> None:
        (id,) = self.records()
        self.client.collection("fulfillment_once").document(id).update(fields)

    def count(self, id: Any = "c") -> Any:
        return (self.client.collection("counters").document(id).get().to_dict() or {}).get("count", 0)


@pytest.fixture
def turns(firestore: Firestore) -> Iterator[MakeTurns]:
    documents.reset()
    client = firestore.client()
    client.document("counters/warm").get()  # the emulator's first answer can take longer than a call may
    documents.get("counters", "warm")
    yield lambda handler, **settings: Turns(client, handler, **settings)
    documents.reset()
