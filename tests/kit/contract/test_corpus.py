"""Requests seen in public traffic since 2017: each is decoded, routed and answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fulfillment import Reply, Request, Webhook, on
from fulfillment.routing.routes import Routes
from tests.kit import shipped
from tests.kit.contract.corpus import files
from tests.kit.contract.google_types import strictly_parsed
from tests.kit.firestores import Firestore
from tests.kit.wire import V2, call_of, said

FILES = files("es")


def _names(member: Any, names: tuple[str, ...]) -> Iterator[str]:
    """The values of these members, wherever they stand."""
    if isinstance(member, dict):
        yield from (member[name] for name in names if isinstance(member.get(name), str) and member[name])
    for inner in member.values() if isinstance(member, dict) else member if isinstance(member, list) else ():
        yield from _names(inner, names)


def _routes_for_all(bodies: list[Any]) -> Routes:
    """One handler that has every intent and action of these bodies, and is the fallback."""

    def answer_all(request: Request) -> Reply:
        return Reply(f"Intent {request.intent}, action {request.action}, channel {request.channel}.")

    on.fallback(answer_all)
    for intent in set(_names(bodies, ("displayName", "display_name"))):
        on.intent(intent)(answer_all)
    for action in set(_names(bodies, ("action",))):
        on.action(action)(answer_all)
    return Routes([answer_all])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_handler_for_everything_answers(file: Path) -> None:
    bodies = [json.loads(file.read_text()) for file in FILES]

    answer = Webhook(_routes_for_all(bodies), V2).answer(call_of(file.read_bytes()))

    assert answer.status == 200
    assert strictly_parsed(answer.body, "v2").fulfillment_messages


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_sample_shop_answers(file: Path, local_firestore: Firestore) -> None:
    answer = Webhook(shipped.routes(), V2).answer(call_of(file.read_bytes()))

    assert answer.status < 500
    if answer.status == 200:
        strictly_parsed(answer.body, "v2")
    else:
        assert said(answer)["error"]["cause"]
