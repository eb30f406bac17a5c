"""Sends mutated calls through a real `Webhook` and judges every answer and every log line."""

from __future__ import annotations

import io
import json
import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from google.protobuf import json_format

from fulfillment.access.header import Header
from fulfillment.call import Call
from fulfillment.logs.cloud import CloudFormatter
from fulfillment.settings import Settings
from fulfillment.webhook import Webhook
from tests.kit.contract.dialects.strict import cx_reply, es_reply

from .handlers import routes
from .mutations import SECRETS, Mutator

UNNAMED = {"internal-error", "handler-failed"}
"""Causes that mean that nobody had thought of it."""

REFUSALS = {"not-understood", "no-handler", "bad-parameter", "missing-parameter", "unauthenticated", "key-reused"}
"""All that a call can be told that is to blame itself."""

PARSERS = {"es": (es_reply, "v2"), "cx": (cx_reply, "v3")}
V1_MEMBERS = {"speech", "displayText", "messages", "data", "contextOut", "source", "followupEvent"}


@dataclass
class Findings:
    """What came of a run."""

    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def fuzz(requests: int, seed: int) -> Findings:
    """Send so many calls. Each fault names the seed, the number of the call, and what was wrong."""
    settings = Settings(auth=("header",), access=(Header({"x-webhook-secret": (SECRETS["header"],)}),), deadline=4.5)
    webhook = Webhook(routes, settings)
    mutator, findings, stream = Mutator(seed), Findings(), io.StringIO()
    with _log_to(stream):
        for number in range(requests):
            body, headers = mutator.call()
            answer = webhook.answer(Call(body=body, headers=headers, peer="127.0.0.1"))
            found = json.loads(answer.body)
            cause = found.get("error", {}).get("cause", "") if answer.status != 200 else ""
            logged = stream.getvalue()
            stream.seek(0)
            stream.truncate()
            dialect = _dialect(logged)
            findings.answers[f"{answer.status} {cause or dialect}"] += 1
            for fault in _faults(answer.status, cause, dialect, answer.body, logged):
                findings.faults.append(f"seed {seed}, call {number}: {fault}; call: {body[:600]!r}")
    return findings


def _dialect(logged: str) -> str:
    """Return as what the call was read, as its log line tells it."""
    for line in logged.splitlines():
        with suppress(ValueError):
            if found := json.loads(line).get("dialect"):
                return str(found)
    return ""


def _faults(status: int, cause: str, dialect: str, answer: bytes, logged: str) -> list[str]:
    faults = []
    if status >= 500 and (not cause or cause in UNNAMED):
        faults.append(f"{status} {cause}: {logged[-1500:]}")
    if 400 <= status < 500 and cause not in REFUSALS:
        faults.append(f"{status} {cause}")
    if status == 200 and (refused := _refused(dialect, answer)):
        faults.append(f"Dialogflow would refuse the reply: {refused}: {answer[:300]!r}")
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


def _refused(dialect: str, answer: bytes) -> str:
    """Return why Google's types refuse this reply, or "". There are no types of v1: its members are known."""
    if dialect == "v1":
        unknown = json.loads(answer).keys() - V1_MEMBERS
        return f"unknown: {', '.join(unknown)}" if unknown else ""
    if dialect not in PARSERS:
        return f"of no dialect, but {dialect!r}"
    parse, version = PARSERS[dialect]
    try:
        parse(answer, version)
    except json_format.ParseError as error:
        return str(error)
    return ""


class _log_to:  # noqa: N801 - used as a function
    """Send all logging, as in the cloud, to a stream and nowhere else."""

    def __init__(self, stream: io.StringIO) -> None:
        self._handler = logging.StreamHandler(stream)
        self._handler.setFormatter(CloudFormatter())

    def __enter__(self) -> None:
        root = logging.getLogger()
        self._before = root.handlers[:], root.level
        root.handlers[:] = [self._handler]
        root.setLevel(logging.INFO)

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.handlers[:], level = self._before
        root.setLevel(level)
