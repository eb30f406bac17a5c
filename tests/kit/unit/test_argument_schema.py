"""The JSON Schema of an argument's type: what it admits, `conversion` reads."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Optional, Union

import pytest

from fulfillment import Context, Parameter
from fulfillment.routing.argument_schema import schema


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"
    NONE = None


@dataclass
class Money:
    amount: float
    unit: Annotated[Literal["EUR", "USD"], Parameter("currency")]
    note: str | None
    tags: list[str] = field(default_factory=list)
    cents: int = 0


OBJECT = {"type": "object"}
TEXT = {"type": "string"}
SCHEMAS: list[tuple[Any, dict[str, Any]]] = [
    (str, TEXT),
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (bool, {"type": "boolean"}),
    (date, {"type": "string", "format": "date"}),
    (time, {"type": "string", "format": "time"}),
    (datetime, {"type": "string", "format": "date-time"}),
    (dict, OBJECT),
    (dict[str, int], OBJECT),
    (Mapping[str, int], OBJECT),
    (Context, OBJECT),
    (list, {"type": "array"}),
    (list[int], {"type": "array", "items": {"type": "integer"}}),
    (Sequence[date], {"type": "array", "items": {"type": "string", "format": "date"}}),
    (Literal["a", 1, True], {"enum": ["a", 1, True]}),
    (Size, {"enum": ["small", "large"]}),
    (Annotated[str, "a note"], TEXT),
    (str | None, TEXT),
    (Optional[str], TEXT),  # noqa: UP045
    (Union[int, str, None], {"anyOf": [{"type": "integer"}, TEXT]}),  # noqa: UP007
    (Any, {}),
    (object, {}),
    (
        Money,
        {
            "type": "object",
            "properties": {
                "amount": {"type": "number"},
                "currency": {"enum": ["EUR", "USD"]},
                "note": TEXT,
                "tags": {"type": "array", "items": TEXT},
                "cents": {"type": "integer"},
            },
            "required": ["amount", "currency"],
        },
    ),
]


@pytest.mark.parametrize(("hint", "expected"), SCHEMAS, ids=str)
def test_every_type_that_an_argument_may_have_has_a_schema(hint: Any, expected: dict[str, Any]) -> None:
    assert schema(hint) == expected
