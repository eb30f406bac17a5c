"""One request for every row of docs/protocol.md 2.1 to 4, with what a handler must see of it.

`expect` maps a path into the `Request` to its value: "session/id", "contexts/order/lifespan",
"original(name)" for the user's own words, "#contexts" for a count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from fulfillment import Reply, Request, on
from tests.contract.google_types import strictly_parsed
from tests.requests import ask, decoded

FILES = sorted((Path(__file__).parent / "cases" / "es").glob("*.json"))


def _seen(request: Request, path: str) -> Any:
    if path.startswith("original("):
        return request.original(path[len("original(") : -1])
    if path.startswith("#"):
        return len(getattr(request, path[1:]))
    seen = reduce(_step, path.split("/"), request)
    return list(seen) if isinstance(seen, tuple) else seen


def _step(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value[name]
    return value[int(name)] if isinstance(value, Sequence) else getattr(value, name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_handler_sees(file: Path) -> None:
    case = json.loads(file.read_text())
    request = decoded(case["request"])

    assert {path: _seen(request, path) for path in case["expect"]} == case["expect"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_is_answered(file: Path) -> None:
    case = json.loads(file.read_text())
    intent = decoded(case["request"]).intent

    @on.fallback
    @on.intent(intent or "no intent")
    def answer_all() -> Reply:
        return Reply("Hello.")

    answer = ask(case["request"], answer_all)

    assert answer.status == 200
    assert strictly_parsed(answer.body, "v2").fulfillment_text == "Hello."
