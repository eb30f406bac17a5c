"""Sends mutated calls through a real `Webhook` and judges every answer and every log line."""

from __future__ import annotations

import io
import json
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from google.cloud.dialogflow_v2.types import WebhookResponse
from google.protobuf import json_format

from fulfillment import logs
from fulfillment.call import Call
from fulfillment.settings import Settings
from fulfillment.webhook import Webhook

from .handlers import routes
from .mutations import SECRETS, Mutator

UNNAMED = {"internal-error", "handler-failed"}
"""Causes that mean that nobody had thought of it."""


@dataclass
class Findings:
    """What came of a run."""

    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def fuzz(requests: int, seed: int) -> Findings:
    """Send so many calls. Each fault names the seed, the number of the call, and what was wrong."""
    settings = Settings(auth=("header",), headers={"x-webhook-secret": (SECRETS["header"],)}, deadline=4.5)
    webhook = Webhook(routes, settings)
    mutator, findings, stream = Mutator(seed), Findings(), io.StringIO()
    with _log_to(stream):
        for number in range(requests):
            body, headers = mutator.call()
            answer = webhook.answer(Call(body=body, headers=headers, peer="127.0.0.1"))
            found = json.loads(answer.body)
            cause = found.get("error", {}).get("cause", "") if answer.status != 200 else ""
            findings.answers[f"{answer.status} {cause}"] += 1
            logged = stream.getvalue()
            stream.seek(0)
            stream.truncate()
            for fault in _faults(answer.status, cause, found, answer.body, logged, body):
                findings.faults.append(f"seed {seed}, call {number}: {fault}; call: {body[:600]!r}")
    return findings


def _faults(status: int, cause: str, found: Any, answer: bytes, logged: str, body: bytes) -> list[str]:
    faults = []
    if status >= 500 and (not cause or cause in UNNAMED):
        faults.append(f"{status} {cause}: {logged[-1500:]}")
    if status == 200 and b"queryResult" in body:
        try:
            json_format.ParseDict(found, WebhookResponse.pb(WebhookResponse()))
        except json_format.ParseError as error:
            faults.append(f"Dialogflow would refuse the reply: {error}: {answer[:300]!r}")
    for what, secret in SECRETS.items():
        if secret.encode() in answer:
            faults.append(f"the answer tells the {what}")
        if secret in logged:
            faults.append(f"the log tells the {what}: {logged[:1500]}")
    for line in logged.splitlines():
        try:
            json.loads(line)
        except ValueError:
            faults.append(f"a log line that is no JSON: {line[:300]}")
    return faults


class _log_to:  # noqa: N801 - used as a function
    """Send all logging, as in the cloud, to a stream and nowhere else."""

    def __init__(self, stream: io.StringIO) -> None:
        self._handler = logging.StreamHandler(stream)
        self._handler.setFormatter(logs.CloudFormatter())

    def __enter__(self) -> None:
        root = logging.getLogger()
        self._before = root.handlers[:], root.level
        root.handlers[:] = [self._handler]
        root.setLevel(logging.INFO)

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.handlers[:], level = self._before
        root.setLevel(level)
