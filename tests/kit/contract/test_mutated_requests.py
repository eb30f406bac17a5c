"""Requests that are nearly right: never a 500, always JSON, and nobody but the kit's own causes."""

from __future__ import annotations

import copy
import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfillment import Context, EndSlotFilling, Parameter, Reply, Request, SessionEntities, on
from tests.kit.contract.google_types import strictly_parsed
from tests.kit.contract.replies import json_values
from tests.kit.wire import call_of, error_of, said, webhook_of

CASES = [
    json.loads(file.read_text())["request"] for file in sorted((Path(__file__).parent / "cases" / "es").glob("*.json"))
]
INTENTS = ["hello", "a", "check", "book.table", "book table", "Default Welcome Intent", "Check Order - yes"]


class Twice(str):
    """A member name that equals no other, so that an object can hold it a second time."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass
class Amount:
    amount: float
    unit: str | None = None


@on.intent("2")
@on.action("book")
def typed(
    date: datetime.date | None,
    time: datetime.time | None,
    guests: int | None,
    order_id: str,
    order: Context | None,
    request: Request,
    days: list[str] | None = None,
    value: Amount | float | None = None,
    city: Annotated[str, Parameter("geo-city")] = "",
) -> Reply:
    return Reply(f"{date} {time} {guests} {order_id} {days} {value} {city}", Context("order", parameters={"x": 1}))


def everything(request: Request) -> Reply:
    words = f"{request.event} {request.parent_intent} {request.misses} {request.original('guests')} {request.sentiment}"
    return Reply(
        f"{words} {request.followup_context}",
        Context("seen", parameters=dict(request.parameters)),
        SessionEntities("kind", request.user_id or "nobody"),
        EndSlotFilling(),
    )


for intent in INTENTS:
    on.intent(intent)(everything)
on.fallback(everything)
KIT = webhook_of(typed, everything)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(place for name, member in inner for place in _places(member, (*path, name)))]


@st.composite
def mutated(draw: Any) -> bytes:
    """The JSON of an own case after one to four small accidents."""
    body = copy.deepcopy(draw(st.sampled_from(CASES)))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(body)
        if not places:
            break
        *path, last = draw(st.sampled_from(places))
        parent = body
        for step in path:
            parent = parent[step]
        accident = draw(st.sampled_from(["drop", "replace", "nest", "twice", "rename", "move"]))
        if accident == "drop":
            del parent[last]
        elif accident == "replace":
            parent[last] = draw(json_values)
        elif accident == "nest":
            parent[last] = [parent[last]] if draw(st.booleans()) else {"value": parent[last]}
        elif accident == "move":
            body[draw(st.text(max_size=5))] = parent[last]
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
        elif accident == "twice":
            parent[Twice(last)] = draw(json_values)
        else:
            parent[draw(st.text(max_size=5))] = parent.pop(last)
    return json.dumps(body).encode()


unhurried = settings(derandomize=True, deadline=None, max_examples=600, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(body=mutated())
def test_a_mutated_request_is_answered_or_refused_by_name(body: bytes) -> None:
    answer = KIT.answer(call_of(body))

    if answer.status == 200:
        strictly_parsed(answer.body, "v2")
    else:
        assert answer.status in (400, 404), said(answer)
        assert error_of(answer)["cause"] in ("not-understood", "no-handler", "bad-parameter", "missing-parameter")


@unhurried
@given(body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | json_values.map(json.dumps).map(str.encode))
def test_random_bytes_are_not_understood(body: bytes) -> None:
    answer = KIT.answer(call_of(body))

    assert (answer.status, error_of(answer)["cause"]) == (400, "not-understood")


@unhurried
@given(case=st.sampled_from(CASES), start=st.integers(0, 2000), length=st.integers(0, 3), put=st.binary(max_size=3))
def test_a_request_with_damaged_bytes_is_answered_or_refused(case: Any, start: int, length: int, put: bytes) -> None:
    body = json.dumps(case).encode()
    start %= len(body)

    answer = KIT.answer(call_of(body[:start] + put + body[start + length :]))

    assert answer.status in (200, 400, 404), said(answer)
    assert isinstance(said(answer), dict)
