"""The marks: `@on.intent("name")` and so on. A mark only labels the function."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .. import problems
from ..messages import Message
from ..reply import Reply

_Function = TypeVar("_Function", bound=Callable[..., Any])
MARKS = "__fulfillment_marks__"
"""The attribute that holds a function's marks."""

REPLACES = "__fulfillment_replaces__"
"""The attribute that holds the marked function of the same name which this one took the place of."""

METHODS = ("POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")
"""HTTP methods that a CX flexible webhook can be configured to use."""


@dataclass(frozen=True)
class Mark:
    """What `@on...` notes on a function: which requests reach it, and how."""

    kind: str
    name: str
    late: Reply | None = None
    slot_filling: bool = False
    methods: tuple[str, ...] = ()


class On:
    """The marks: `@on.intent("name")` and so on. A mark only labels the function; several may stack.

    `late` is said instead of a 503 when the handler does not return in time, or waited for a Firestore that did not
    answer. `slot_filling=True` calls the handler on every turn of slot filling, with None for what is still missing.
    """

    def intent(
        self, name: str, *, late: Reply | Message | str | None = None, slot_filling: bool = False
    ) -> Callable[[_Function], _Function]:
        """Handle the intent with this display name (or the CX tag of the same name)."""
        return self._mark("intent", name, late, slot_filling)

    def action(
        self, name: str, *, late: Reply | Message | str | None = None, slot_filling: bool = False
    ) -> Callable[[_Function], _Function]:
        """Handle intents with this action name: it survives when a designer renames or translates an intent."""
        return self._mark("action", name, late, slot_filling)

    def tag(self, name: str, *, late: Reply | Message | str | None = None) -> Callable[[_Function], _Function]:
        """Handle CX fulfillments with this tag."""
        return self._mark("tag", name, late)

    def event(self, name: str, *, late: Reply | Message | str | None = None) -> Callable[[_Function], _Function]:
        """Handle this event."""
        return self._mark("event", name, late)

    def route(self, path: str, *, methods: Sequence[str] = ("POST",)) -> Callable[[_Function], _Function]:
        """Handle CX flexible webhook calls to this path."""
        known = isinstance(methods, list | tuple | set) and methods and set(methods) <= set(METHODS)
        if not known or not isinstance(path, str) or not path.startswith("/"):
            raise problems.bad_mark(f"route({path!r:.60}, methods={methods!r:.60})", 'route("/stock", methods=["GET"])')
        return self._mark("route", path, methods=tuple(methods))

    def fallback(self, function: _Function, /) -> _Function:
        """Handle fallback intents without a handler of their own, and requests with no intent. Takes no arguments."""
        if not callable(function):
            raise problems.bad_mark(f"fallback({function!r:.60})", "fallback without parentheses")
        return self._mark("fallback", "fallback")(function)

    def _mark(
        self,
        kind: str,
        name: str,
        late: Reply | Message | str | None = None,
        slot_filling: bool = False,
        methods: tuple[str, ...] = (),
    ) -> Callable[[_Function], _Function]:
        if not isinstance(name, str) or not name:
            raise problems.bad_mark(f"{kind}({name!r:.60})", f'{kind}("check_order")')
        late_reply = Reply(late) if isinstance(late, str | Message) else late
        if not isinstance(late_reply, Reply | None):
            raise problems.bad_mark(
                f"{kind}({name!r:.60}, late={late!r:.60})", f'{kind}("check_order", late="One moment.")'
            )
        mark = Mark(kind, name, late_reply, slot_filling, methods)

        def label(function: _Function) -> _Function:
            if not callable(function) or isinstance(function, type):
                raise problems.bad_mark(
                    f"{kind}({name!r:.60}) on {function!r:.60}", f'{kind}("check_order") on a function'
                )
            function.__dict__.setdefault(MARKS, []).append(mark)
            _note_what_it_replaces(function)
            return function

        return label


def _note_what_it_replaces(function: Any) -> None:
    # Its module still holds an earlier function of this name, if there is one; the next moment that one is gone.
    earlier = getattr(sys.modules.get(function.__module__), getattr(function, "__name__", ""), None)
    if is_marked(earlier) and earlier is not function and earlier.__module__ == function.__module__:
        function.__dict__[REPLACES] = earlier


on = On()


def is_marked(value: object) -> bool:
    """Return whether a value is a function with a mark."""
    try:
        return callable(value) and MARKS in value.__dict__
    except Exception:  # no attribute; or a proxy such as flask.request, which raises outside of a request
        return False
