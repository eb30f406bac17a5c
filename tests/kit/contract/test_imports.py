"""What the first answer of a new instance does not have to wait for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

WELCOME = """
import json, os, sys
from tests.kit import shipped
sys.modules["handlers"] = shipped.package()
import main
from fulfillment.call import Call
body = {"queryResult": {"intent": {"displayName": "Default Welcome Intent"}, "allRequiredParamsPresent": True}}
headers = {"host": "localhost", "content-type": "application/json"}
answer = main.webhook.answer(Call(headers=headers, body=json.dumps(body).encode(), peer="127.0.0.1"))
routes = [mark.name for mark, _ in main.routes.table()]
print(json.dumps({"answer": [answer.status, json.loads(answer.body)], "routes": routes, "modules": [*sys.modules]}))
"""


def test_a_welcome_loads_neither_firestore_nor_grpc_nor_googles_types_nor_requests() -> None:
    found = subprocess.run(
        [sys.executable, "-c", WELCOME], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    welcome = json.loads(found.stdout)
    modules = set(welcome["modules"])

    if "Default Welcome Intent" in welcome["routes"]:  # the sample may have been removed
        status, body = welcome["answer"]
        assert status == 200
        assert body["fulfillmentMessages"]
    heavy = {
        name
        for name in modules
        if name.startswith(("google.cloud.dialogflow", "google.cloud.firestore", "google.protobuf", "grpc"))
        or name in ("requests", "proto", "cryptography")
    }
    assert heavy == set()
