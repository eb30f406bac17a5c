"""Dialogflow's values as Python types: every type, in every form its values take."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated, Any, Literal

import pytest

from fulfillment import Parameter
from fulfillment.routing.argument_types import converter


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@dataclass
class Amount:
    amount: float
    unit: str = "kg"


@dataclass
class Person:
    name: str
    born: date | None
    city: Annotated[str, Parameter("geo-city")] = ""
    zip: Annotated[str, Parameter("zip-code")] | None = None
    friends: list[str] = field(default_factory=list)
    shoe: Amount | None = None


PLUS_ONE = timezone(timedelta(hours=1))
FITS: list[tuple[Any, Any, Any]] = [
    (str, "A-1001", "A-1001"),
    (str, 1001.0, "1001"),
    (str, 1001, "1001"),
    (str, -0.0, "0"),
    (str, 1.5, "1.5"),
    (str, 1e22, "10000000000000000000000"),
    (str, True, "true"),
    (str, False, "false"),
    (str, " a ", " a "),
    (int, 3, 3),
    (int, 3.0, 3),
    (int, "3", 3),
    (int, "-3", -3),
    (int, "3.0", 3),
    (int, " 3 ", 3),
    (int, "9007199254740993", 9007199254740993),
    (int, 2**60, 2**60),
    (float, 2, 2.0),
    (float, 2.5, 2.5),
    (float, "2.5", 2.5),
    (bool, True, True),
    (bool, "false", False),
    (bool, "True", True),
    (date, "2026-11-21", date(2026, 11, 21)),
    (date, "2026-11-21T23:30:00-05:00", date(2026, 11, 21)),
    (date, "2026-11-21T12:00:00Z", date(2026, 11, 21)),
    (date, {"date_time": "2026-11-21T12:00:00+01:00"}, date(2026, 11, 21)),
    (date, {"date-time": "2026-11-21"}, date(2026, 11, 21)),
    (date, {"year": 2026.0, "month": 11.0, "day": 21.0}, date(2026, 11, 21)),
    (time, "19:30", time(19, 30)),
    (time, "19:30:15", time(19, 30, 15)),
    (time, "2026-11-21T19:30:00+01:00", time(19, 30)),
    (time, "19:30:00+01:00", time(19, 30)),
    (time, {"date_time": "2026-11-21T19:30:00+01:00"}, time(19, 30)),
    (time, {"hours": 19.0, "minutes": 30.0}, time(19, 30)),
    (time, {"hours": 0.0, "minutes": 0.0, "seconds": 0.0, "nanos": 0.0}, time(0)),
    (datetime, "2026-11-21T19:30:00+01:00", datetime(2026, 11, 21, 19, 30, tzinfo=PLUS_ONE)),
    (datetime, "2026-11-21T19:30:00Z", datetime(2026, 11, 21, 19, 30, tzinfo=UTC)),
    (datetime, {"date_time": "2026-11-21T19:30:00Z"}, datetime(2026, 11, 21, 19, 30, tzinfo=UTC)),
    (datetime, "2026-11-21", datetime(2026, 11, 21)),
    (
        datetime,
        {"year": 2026, "month": 11, "day": 21, "hours": 19, "minutes": 30, "seconds": 5},
        datetime(2026, 11, 21, 19, 30, 5),
    ),
    (datetime, {"year": 2026, "month": 11, "day": 21}, datetime(2026, 11, 21)),
    (list[str], ["a", 2.0], ["a", "2"]),
    (list[str], "a", ["a"]),
    (list[int], 3.0, [3]),
    (list[date], ["2026-11-21"], [date(2026, 11, 21)]),
    (list[str | None], ["a", "", None], ["a", None, None]),
    (list[Amount], [{"amount": 1}], [Amount(1.0)]),
    (list, ["a", 2.0, None], ["a", 2.0, None]),
    (Sequence[str], ["a"], ["a"]),
    (dict, {"a": None}, {"a": None}),
    (dict[str, Any], {"a": 1}, {"a": 1}),
    (Mapping[str, Any], {}, {}),
    (Amount, {"amount": 5, "unit": "lb"}, Amount(5.0, "lb")),
    (Amount, {"amount": 5, "unit": ""}, Amount(5.0)),
    (Amount, {"amount": 5, "unknown": 1}, Amount(5.0)),
    (Person, {"name": "Ada", "born": "", "zip-code": 50667.0}, Person("Ada", None, zip="50667")),
    (
        Person,
        {"name": "Ada", "geo-city": "Köln", "shoe": {"amount": 39}},
        Person("Ada", None, "Köln", shoe=Amount(39.0)),
    ),
    (Literal["s", "l"], "s", "s"),
    (Literal[1, 2], 2.0, 2),
    (Size, "l", Size.LARGE),
    (Any, {"a": 1}, {"a": 1}),
    (object, "a", "a"),
    (int | str, "A", "A"),
    (int | str, "1", 1),
    (Amount | float, 2, 2.0),
    (Annotated[int, "a note"], 2.0, 2),
]


@pytest.mark.parametrize(("hint", "value", "expected"), FITS, ids=lambda value: f"{value!s:.40}")
def test_a_value_becomes_the_type_that_is_asked_for(hint: Any, value: Any, expected: Any) -> None:
    found = converter(hint)(value)

    assert (found, type(found)) == (expected, type(expected))


REFUSED: list[tuple[Any, Any, str]] = [
    (str, {}, "an object"),
    (str, ["a"], "a list"),
    (str, None, "nothing"),
    (int, 1.5, "a fraction"),
    (int, "1.5", "a fraction"),
    (int, "two", "text that is no number"),
    (int, True, "true or false"),
    (int, "nan", "not finite"),
    (float, "inf", "not finite"),
    (float, {}, "an object"),
    (bool, 1, "a number, neither true nor false"),
    (bool, "yes", "text, neither true nor false"),
    (date, "tomorrow", "no ISO 8601 date or time"),
    (date, 20261121, "a number"),
    (date, {"startDate": "2026-11-21", "endDate": "2026-11-22"}, r"a period \('startDate', 'endDate'\)"),
    (time, {"startTime": "2026-11-21", "endTime": "2026-11-22"}, "a period"),
    (datetime, {"startDateTime": "x", "endDateTime": "y"}, "a period"),
    (date, {}, "neither a date nor a time"),
    (date, {"day": 1}, "year"),
    (time, {"year": 2026, "month": 1, "day": 1}, "without hours, minutes or seconds"),
    (time, "2026-11-21", "no ISO 8601"),
    (date, {"date_time": ""}, "no ISO 8601"),
    (list[int], ["a"], "no number"),
    (dict, "a", "text"),
    (Amount, "5 kg", "text"),
    (Amount, {"unit": "kg"}, "a member is missing"),
    (Literal["s", "l"], "m", "none of 's', 'l'"),
    (Literal[1], True, "none of 1"),
    (Size, "m", "none of 's', 'l'"),
    (int | date, "x", "found text"),
]


@pytest.mark.parametrize(("hint", "value", "found"), REFUSED, ids=lambda value: f"{value!s:.40}")
def test_a_value_that_does_not_fit_is_told_by_its_kind(hint: Any, value: Any, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        converter(hint)(value)


@pytest.mark.parametrize("hint", [int, float, date, time, datetime, bool, Amount, Size, Literal["a"], int | date])
def test_the_users_words_are_not_in_the_error(hint: Any) -> None:
    with pytest.raises(ValueError, match="found") as refused:
        converter(hint)("my secret words")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("hint", [set, bytes, complex, type, set[str], list[bytes]], ids=str)
def test_a_type_that_no_json_can_become_is_refused_at_start(hint: Any) -> None:
    with pytest.raises(TypeError, match=r"cannot be made from JSON; use str, int"):
        converter(hint)
