"""Every handler, by what reaches it: finds the one for a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .. import problems
from ..request import Request
from .handler import Handler
from .marks import MARKS, Mark


class Routes:
    """Every handler, by what reaches it."""

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        self.handlers: list[Handler] = []
        self._by_kind: dict[str, dict[str, Handler]] = {
            kind: {} for kind in ("intent", "action", "tag", "event", "route", "fallback")
        }
        self._at: dict[str, dict[str, Handler]] = {}
        self.folders: Sequence[str] = ()  # of the handlers, where their files can change; imported at that time
        self.imported_at = 0.0
        for function in functions:
            handler = Handler(function, getattr(function, MARKS, ()))
            self.handlers.append(handler)
            for mark in handler.marks:
                for name in _names(mark):
                    known = self._by_kind[mark.kind].setdefault(name, handler)
                    if known is not handler:
                        raise problems.two_handlers(mark.kind, name if mark.methods else mark.name, known, handler)
                for method in mark.methods:
                    self._at.setdefault(_plain_path(mark.name), {})[method] = handler

    def find(self, request: Request) -> Handler:
        """Return the handler: by tag or intent name, then action, then event, then fallback.

        Raises the 404 `Problem` `no-handler`; its detail holds a handler to paste.
        """
        kinds = self._by_kind
        found = (
            kinds["tag"].get(request.tag)
            # Beside a tag, CX's intent is the last one that matched, maybe turns ago: it must not be run again.
            or kinds["intent"].get(request.tag or request.intent)
            or kinds["action"].get(request.action)
            or kinds["event"].get(request.event.lower())
        )
        if found is None and (request.is_fallback or not (request.intent or request.tag)):
            found = kinds["fallback"].get("fallback")
        if found is None and self.folders and (newer := problems.newer_file(request, self.folders, self.imported_at)):
            raise newer
        if found is None:
            # A tag reaches the marks for tags, and those for intents.
            known = [*kinds["tag"], *kinds["intent"]] if request.tag else [*kinds["intent"]]
            raise problems.no_handler(request, known)
        return found

    def for_event(self, name: str) -> Handler | None:
        """Return the handler of an event, whatever the case of its name, or None."""
        return self._by_kind["event"].get(name.lower())

    @property
    def events(self) -> list[str]:
        """The names of all events that have a handler, in lower case."""
        return list(self._by_kind["event"])

    def methods_at(self, path: str) -> dict[str, Handler]:
        """Return the handlers of CX flexible webhooks at a path, by HTTP method; empty where there are none."""
        return self._at.get(_plain_path(path), {}) if self._at else {}

    @property
    def paths(self) -> list[str]:
        """The paths that CX flexible webhooks may call."""
        return list(self._at)

    def table(self) -> list[tuple[Mark, Handler]]:
        """Return all marks with their handlers, sorted by kind and name."""
        rows = [(mark, handler) for handler in self.handlers for mark in handler.marks]
        return sorted(rows, key=lambda row: (row[0].kind, row[0].name))


def _names(mark: Mark) -> list[str]:
    if mark.kind == "route":
        return [f"{method} {_plain_path(mark.name)}" for method in mark.methods]
    # Dialogflow matches event names without regard to case.
    return [mark.name.lower() if mark.kind == "event" else mark.name]


def _plain_path(path: str) -> str:
    return path.rstrip("/") or "/"
