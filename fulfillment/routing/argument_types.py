"""Dialogflow's JSON values -> Python types. `converter(type)` is made once; the function it returns runs per call.

A number arrives as a double whatever it means, so 1001.0 becomes "1001" for a `str` and 1001 for an `int`. Dates come
as ISO 8601 text in the agent's time zone, as ES objects (`{"date_time": ...}`) or as CX objects (`{"year": ...}`).
"""

from __future__ import annotations

import dataclasses
import enum
import math
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any, TypeVar

Convert = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True)
class Parameter:
    """Names the Dialogflow parameter of an argument: `city: Annotated[str, Parameter("geo-city")]`."""

    name: str


def named(hint: Any, name: str) -> tuple[str, Any]:
    """Return the parameter's name that `Annotated` gives (default: `name`), and the hint without it.

    The note may stand on either side of `| None`: `Annotated[str | None, ...]` and `Annotated[str, ...] | None`.
    """
    if typing.get_origin(hint) is Annotated:
        plain, *notes = typing.get_args(hint)
        return next((note.name for note in notes if isinstance(note, Parameter)), name), plain
    optional, inner = is_optional(hint)
    if optional and typing.get_origin(inner) is Annotated:
        source, plain = named(inner, name)
        return source, typing.Optional[plain]  # noqa: UP045
    return name, hint


def is_optional(hint: Any) -> tuple[bool, Any]:
    """Return whether `hint` admits None, and the hint without it."""
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return False, hint
    arguments = typing.get_args(hint)
    rest = tuple(argument for argument in arguments if argument is not type(None))
    return len(rest) < len(arguments), rest[0] if len(rest) == 1 else typing.Union[rest]  # noqa: UP007


def type_name(hint: Any) -> str:
    """Return a type as a developer writes it."""
    if isinstance(hint, type) and typing.get_origin(hint) is None:
        return hint.__name__
    return str(hint).replace("typing.", "").replace("datetime.", "")


def converter(hint: Any, *, kept: bool = False) -> Convert:
    """Return the function that makes a JSON value a `hint`; it raises `ValueError` telling what it found.

    `kept`: see `composite`. Raises `TypeError` for a type that no JSON value can become.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return converter(arguments[0], kept=kept)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if origin in (list, Sequence) or hint in (list, Sequence):
        return _list_of(converter(arguments[0], kept=kept) if arguments else _any)
    if origin in (typing.Union, types.UnionType):
        choices = [converter(argument, kept=kept) for argument in arguments if argument is not type(None)]
        return _first_of(choices, type(None) in arguments)
    if origin is typing.Literal:
        return _one_of(arguments)
    if origin is dict or origin is Mapping:
        return _dictionary_of(arguments[1], kept)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _member_of(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return composite(hint, kept=kept)
    raise TypeError(
        f"type {type_name(hint)} cannot be made from JSON; use str, int, float, bool, date, time, datetime, "
        "list[...], dict, a dataclass, Context, or one of these with | None"
    )


def _any(value: Any) -> Any:
    return value


def _str(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
    raise ValueError(f"found {_kind(value)}")


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"found {_kind(value)}")
    try:
        number = float(value)
    except ValueError:
        raise ValueError("found text that is no number") from None
    if not math.isfinite(number):
        raise ValueError("found a number that is not finite")
    return number


def _int(value: Any) -> int:
    if type(value) is int:
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)  # a float would lose the digits of a long order number
    number = _float(value)
    if number != int(number):
        raise ValueError("found a number with a fraction")
    return int(number)


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ValueError(f"found {_kind(value)}, neither true nor false")


def _date(value: Any) -> date:
    value = _single_moment(value)
    if isinstance(value, Mapping):
        _refuse_period(value)
        return date(*(_int(value.get(part, 0)) for part in ("year", "month", "day")))
    return _iso(datetime, value).date()


def _time(value: Any) -> time:
    value = _single_moment(value)
    if isinstance(value, Mapping):
        _refuse_period(value)
        if not any(part in value for part in ("hours", "minutes", "seconds")):
            raise ValueError("found an object without hours, minutes or seconds")
        hours, minutes, seconds = (_int(value.get(part, 0)) for part in ("hours", "minutes", "seconds"))
        return time(hours, minutes, seconds)
    # "19:00" has no date; of a full date-time the time on the clock counts, in the agent's own time zone.
    if isinstance(value, str) and "T" in value:
        return _iso(datetime, value).time()
    return _iso(time, value).replace(tzinfo=None)


def _datetime(value: Any) -> datetime:
    value = _single_moment(value)
    if isinstance(value, Mapping):
        return datetime.combine(_date(value), _time(value) if "hours" in value else time())
    return _iso(datetime, value)


def _single_moment(value: Any) -> Any:
    # @sys.date-time wraps a single moment; periods (startDate, endDate) have no single one and are refused.
    if isinstance(value, Mapping):
        for member in ("date_time", "date-time"):
            if member in value:
                return value[member]
    return value


def _refuse_period(value: Mapping[str, Any]) -> None:
    if any(member in value for member in ("startDate", "startTime", "startDateTime")):
        raise ValueError(f"found a period ({', '.join(map(repr, value))}), which a dict can hold")
    if not any(part in value for part in ("year", "month", "day", "hours", "minutes", "seconds")):
        raise ValueError("found an object that is neither a date nor a time")


_DIGITS = re.compile(r"[+-]?[0-9]{1,300}")
_Moment = TypeVar("_Moment", datetime, time)


def _iso(kind: type[_Moment], value: Any) -> _Moment:
    if not isinstance(value, str):
        raise ValueError(f"found {_kind(value)}")
    try:
        return kind.fromisoformat(value)
    except ValueError:  # its own message repeats the user's words
        raise ValueError("found text that is no ISO 8601 date or time") from None


def _list_of(element: Convert) -> Convert:
    def convert(value: Any) -> list[Any]:
        # A list parameter with one value can arrive as that value.
        return [element(item) for item in (value if isinstance(value, list) else [value])]

    return convert


def _first_of(converters: list[Convert], optional: bool) -> Convert:
    def convert(value: Any) -> Any:
        if optional and (value is None or value == ""):
            return None
        for attempt in converters:
            try:
                return attempt(value)
            except (ValueError, TypeError, OverflowError):
                continue
        raise ValueError(f"found {_kind(value)}")

    return convert


def _one_of(allowed: tuple[Any, ...]) -> Convert:
    def convert(value: Any) -> Any:
        for choice in allowed:
            if value == choice and isinstance(value, bool) == isinstance(choice, bool):
                return choice
        raise ValueError(f"found none of {', '.join(map(repr, allowed))}")

    return convert


def _member_of(kind: type[enum.Enum]) -> Convert:
    return lambda value: kind(_one_of(tuple(member.value for member in kind))(value))


def _dictionary(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(f"found {_kind(value)}")
    return value


def _dictionary_of(hint: Any, kept: bool) -> Convert:
    # Plain values are what JSON gives; only what has another type than JSON's needs making.
    is_enum = isinstance(hint, type) and issubclass(hint, enum.Enum)
    if not (is_enum or dataclasses.is_dataclass(hint) or hint in (date, time, datetime)):
        return _dictionary
    element = converter(hint, kept=kept)
    return lambda value: {name: element(item) for name, item in _dictionary(value).items()}


def composite(kind: type, *, kept: bool = False) -> Convert:
    """Return the function that makes a JSON object a dataclass.

    `kept` says that a handler wrote the object itself, as a context: there an empty text and null are values.
    """
    hints = typing.get_type_hints(kind, include_extras=True)
    members: list[tuple[str, str, Convert, bool, list[Any]]] = []
    for member in dataclasses.fields(kind):
        if not member.init:
            continue
        source, hint = named(hints[member.name], member.name)
        optional, plain = is_optional(hint)
        has_default = member.default is not dataclasses.MISSING or member.default_factory is not dataclasses.MISSING
        as_they_are: list[Any] = []
        if kept and optional:
            as_they_are.append(None)
        if kept and plain is str and not has_default:
            as_they_are.append("")
        members.append((member.name, source, converter(plain, kept=kept), optional and not has_default, as_they_are))

    def convert(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError(f"found {_kind(value)}")
        given: dict[str, Any] = {}
        for name, source, element, none_if_missing, as_they_are in members:
            found = value.get(source)
            if found is not None and found != "":
                given[name] = element(found)
            elif source in value and found in as_they_are:
                given[name] = found
            elif none_if_missing:
                given[name] = None
        try:
            return kind(**given)
        except TypeError as error:
            raise ValueError(f"found an object in which a member is missing: {error}") from None

    return convert


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return {list: "a list", str: "text", bool: "true or false", type(None): "nothing"}.get(type(value), "a number")


_SIMPLE: dict[Any, Convert] = {
    Any: _any,
    object: _any,
    str: _str,
    int: _int,
    float: _float,
    bool: _bool,
    date: _date,
    time: _time,
    datetime: _datetime,
    dict: _dictionary,
    Mapping: _dictionary,
}
