"""Every handler that the kit ships, on good, odd and missing values: what it says, Google's types can read.

Only those: the handlers of a user do real things with what they are given.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.firestore import LocalFirestore
from fulfillment import Webhook
from fulfillment.routing.handler import Handler
from fulfillment.routing.marks import Mark
from fulfillment.testing import es_context, es_request
from tests.kit import shipped
from tests.kit.contract.google_types import strictly_parsed
from tests.kit.firestores import Firestore
from tests.kit.wire import V2, V2BETA1, call_of, error_of

DATA = Path(__file__).parents[3] / "deploy" / "data"
ODD = [
    "",
    1001.0,
    "nowhere",
    "/",
    "..",
    "__x__",
    "x" * 1501,
    "\x00",
    "👩‍👩‍👧",
    "שלום",
    True,
    [],
    ["a"],
    {},
    {"a": 1},
    None,
]
GOOD: dict[str, list[Any]] = {
    "date": ["2026-12-04", "2026-12-05T12:00:00+01:00", {"date_time": "2027-01-01T09:00:00Z"}, "2020-01-01", "soon"],
    "time": ["19:00", "2026-12-04T19:30:00+01:00", "03:00", {"hours": 20.0}, "late"],
    "int": [2.0, 20.0, 21.0, 0.0, -1.0, 1.5, "4"],
    "str": ["A-1001", "A-1002", "main", "harbour", "kettle", "coffee", "Ada"],
}
MARKS = [
    (mark, handler)
    for mark, handler in shipped.routes().table()
    if mark.kind in ("intent", "action", "event", "fallback")
]


@pytest.fixture(scope="module")
def shop_server() -> Iterator[LocalFirestore]:
    with LocalFirestore(data=DATA if DATA.is_dir() else None) as server:
        yield server


@pytest.fixture
def shop(shop_server: LocalFirestore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firestore]:
    monkeypatch.delenv("WEATHER_API_KEY", raising=False)
    with Firestore("local", shop_server.address) as firestore:
        firestore.set_environment(monkeypatch)
        yield firestore


def _values(handler: Handler, number: int) -> dict[str, Any]:
    """The number-th set of parameters: good values, of which every second set has one replaced by an odd one."""
    arguments = [argument for argument in handler.signature.arguments if not argument.is_context]
    good = [GOOD.get(argument.type_name.partition(" ")[0], GOOD["str"]) for argument in arguments]
    values = {argument.source: some[number // 2 % len(some)] for argument, some in zip(arguments, good, strict=True)}
    if arguments and number % 2:
        values[arguments[number // 2 % len(arguments)].source] = ODD[number // 2 % len(ODD)]
    return values


def _body(mark: Mark, handler: Handler, number: int) -> dict[str, Any]:
    values = _values(handler, number)
    contexts = [
        es_context("order", 5, order_id=["A-1001", "A-1002", "nowhere", ["a"]][number % 4]),
        es_context("__system_counters__", 1, **{"no-match": number % 5}),  # type: ignore[arg-type]
    ]
    name = {"intent": mark.name, "action": "", "event": "", "fallback": ""}[mark.kind]
    words = mark.name if mark.kind == "event" else "words"
    action = mark.name if mark.kind == "action" else ""
    language = ["en", "zh-TW", "de"][number % 3]
    return es_request(
        name,
        values,
        contexts=contexts[: number % 3],
        complete=number % 4 != 3,
        response_id=f"{mark.kind}-{mark.name}-{number}",
        queryText=words,
        languageCode=language,
        action=action,
    )


@pytest.mark.parametrize(("mark", "handler"), MARKS, ids=[f"{mark.kind} {mark.name}" for mark, _ in MARKS])
@pytest.mark.parametrize("settings", [V2, V2BETA1], ids=["v2", "v2beta1"])
def test_google_parses_every_answer_of(mark: Mark, handler: Handler, settings: Any, shop: Firestore) -> None:
    kit = Webhook(shipped.routes(), settings)
    for number in range(48):
        body = _body(mark, handler, number)

        answer = kit.answer(call_of(body))

        if answer.status == 200:
            strictly_parsed(answer.body, settings.api_version)
        else:
            assert error_of(answer)["cause"] in ("bad-parameter", "missing-parameter"), (body, answer)
