"""`Part`: what a reply is made of. Every part checks its own members when it is made.

Dialogflow drops a whole reply when one member has the wrong JSON type, and says so only in `diagnosticInfo`. So a
wrong type is a `TypeError` here, on the handler's own line.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

_Check = Callable[[Any], bool]
_PLAIN = (str, int, bool)
_LISTS = (list, tuple)
_MODULE = re.compile(r"\b(?:\w+\.)+(?=\w)")


class Part:
    """Base of all message types and other parts of a reply; subclasses are dataclasses."""

    _checks: ClassVar[list[tuple[str, str, type | None, _Check]] | None] = None

    def __post_init__(self) -> None:
        """Raise `TypeError` naming class, member, what was found and what was expected."""
        for name, expected, usual, fits in self._member_checks():
            value = getattr(self, name)
            if type(value) is not usual and not fits(value):
                raise TypeError(
                    f"{type(self).__name__}({name}=...) is {_found(value, expected)}; expected {expected}. "
                    "Convert the value before it goes into the reply."
                )

    @classmethod
    def _member_checks(cls) -> list[tuple[str, str, type | None, _Check]]:
        # Not inherited: each class has members of its own. Compiled at first use to keep imports cheap.
        if "_checks" not in cls.__dict__ or cls.__dict__["_checks"] is None:
            hints = typing.get_type_hints(cls)
            cls._checks = [
                (name, _name_of(hint), hint if hint in _PLAIN else None, _check(hint))
                for name, hint in hints.items()
                if not name.startswith("_")
            ]
        return cls.__dict__["_checks"]  # type: ignore[no-any-return]


def _check(hint: Any) -> _Check:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return lambda value: True
    if origin in (typing.Union, types.UnionType):
        checks = [_check(argument) for argument in arguments]
        return lambda value: any(fits(value) for fits in checks)
    if origin is Sequence:
        element = _check(arguments[0])
        plain = arguments[0] if arguments[0] in _PLAIN else None
        return lambda value: isinstance(value, _LISTS) and _all_fit(value, plain, element)
    if origin is Mapping or hint is Mapping:
        return lambda value: isinstance(value, Mapping)
    if origin is typing.Literal:
        return lambda value: value in arguments
    if hint is int:
        return lambda value: type(value) is int
    if hint is float:
        return lambda value: type(value) in (int, float)
    kind: type = type(None) if hint is None else hint
    return lambda value: isinstance(value, kind)


def _all_fit(items: Sequence[Any], usual: type | None, fits: _Check) -> bool:
    for item in items:  # noqa: SIM110 - a loop costs half of all(...), and this runs for every message
        if type(item) is not usual and not fits(item):
            return False
    return True


def _found(value: Any, expected: str) -> str:
    if expected.startswith("Literal"):
        return f"{value!r:.60}"
    return "None" if value is None else _type_of(value)


def _type_of(value: Any) -> str:
    name = type(value).__name__
    return f"{name}[{' | '.join(sorted(set(map(_type_of, value))))}]" if isinstance(value, list | tuple) else name


def _name_of(hint: Any) -> str:
    if isinstance(hint, type) and not typing.get_args(hint):
        return hint.__name__
    return _MODULE.sub("", str(hint))
