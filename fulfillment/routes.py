"""Marks handlers, discovers them, and finds the one for a request."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from . import problems
from .binding import MissingParameters, Signature
from .deadline import HandlerStopped
from .documents.connection import outage_behind
from .languages import texts
from .messages import Message
from .once import MARK as ONCE
from .once import Once
from .parts import Part
from .problems import Problem
from .reply import Reply
from .request import Request

if TYPE_CHECKING:
    from .once.keys import Keys, Turn

_Handler = TypeVar("_Handler", bound=Callable[..., Any])
_MARKS = "__fulfillment_marks__"
_REPLACES = "__fulfillment_replaces__"

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
    ) -> Callable[[_Handler], _Handler]:
        """Handle the intent with this display name (or the CX tag of the same name)."""
        return self._mark("intent", name, late, slot_filling)

    def action(
        self, name: str, *, late: Reply | Message | str | None = None, slot_filling: bool = False
    ) -> Callable[[_Handler], _Handler]:
        """Handle intents with this action name: it survives when a designer renames or translates an intent."""
        return self._mark("action", name, late, slot_filling)

    def tag(self, name: str, *, late: Reply | Message | str | None = None) -> Callable[[_Handler], _Handler]:
        """Handle CX fulfillments with this tag."""
        return self._mark("tag", name, late)

    def event(self, name: str, *, late: Reply | Message | str | None = None) -> Callable[[_Handler], _Handler]:
        """Handle this event."""
        return self._mark("event", name, late)

    def route(self, path: str, *, methods: Sequence[str] = ("POST",)) -> Callable[[_Handler], _Handler]:
        """Handle CX flexible webhook calls to this path."""
        known = isinstance(methods, list | tuple | set) and methods and set(methods) <= set(METHODS)
        if not known or not isinstance(path, str) or not path.startswith("/"):
            raise problems.bad_mark(f"route({path!r:.60}, methods={methods!r:.60})", 'route("/stock", methods=["GET"])')
        return self._mark("route", path, methods=tuple(methods))

    def fallback(self, function: _Handler, /) -> _Handler:
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
    ) -> Callable[[_Handler], _Handler]:
        if not isinstance(name, str) or not name:
            raise problems.bad_mark(f"{kind}({name!r:.60})", f'{kind}("check_order")')
        late_reply = Reply(late) if isinstance(late, str | Message) else late
        if not isinstance(late_reply, Reply | None):
            raise problems.bad_mark(
                f"{kind}({name!r:.60}, late={late!r:.60})", f'{kind}("check_order", late="One moment.")'
            )
        mark = Mark(kind, name, late_reply, slot_filling, methods)

        def label(function: _Handler) -> _Handler:
            if not callable(function) or isinstance(function, type):
                raise problems.bad_mark(
                    f"{kind}({name!r:.60}) on {function!r:.60}", f'{kind}("check_order") on a function'
                )
            function.__dict__.setdefault(_MARKS, []).append(mark)
            _note_what_it_replaces(function)
            return function

        return label


def _note_what_it_replaces(function: Any) -> None:
    # Its module still holds an earlier function of this name, if there is one; the next moment that one is gone.
    earlier = getattr(sys.modules.get(function.__module__), getattr(function, "__name__", ""), None)
    if _is_marked(earlier) and earlier is not function and earlier.__module__ == function.__module__:
        function.__dict__[_REPLACES] = earlier


on = On()


class Handler:
    """A marked function with its signature. Raises `SetupError` for a function that cannot be called plainly."""

    def __init__(self, function: Callable[..., Any], marks: Sequence[Mark]) -> None:
        plain = inspect.unwrap(function)
        if not inspect.isfunction(plain):
            raise problems.bad_mark(f"a mark on {type(plain).__name__}", "a mark on a function")
        if inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain):
            raise problems.async_handler(plain)
        if inspect.isgeneratorfunction(plain):
            raise problems.bad_signature(plain, "it has a yield; a handler returns its reply")
        self.function = function
        self.marks = tuple(marks)
        self.signature = Signature(function)
        self.once: Once | None = getattr(function, ONCE, None)
        self.slot_filling = any(mark.slot_filling for mark in marks)
        self.is_fallback = any(mark.kind == "fallback" for mark in marks)
        self.late = next((mark.late for mark in marks if mark.late is not None), None)
        self.name = f"{function.__module__}.{getattr(function, '__qualname__', repr(function))}"
        self.file = plain.__code__.co_filename
        self.line = plain.__code__.co_firstlineno
        self.keys = self._keys(self.once) if self.once else None
        if self.once and any(mark.kind == "route" for mark in marks):
            raise problems.bad_signature(plain, "@once cannot protect a flexible route: its calls name no turn")

    def _keys(self, once: Once) -> Keys:
        from .once.keys import Keys

        contexts = frozenset(argument.name for argument in self.signature.arguments if argument.is_context)
        kept = {argument.name: argument.source for argument in self.signature.arguments if argument.contexts}
        return Keys(once, self.function, self.name, contexts, kept)

    def call(self, request: Request) -> Reply:
        """Bind the arguments, run the function on this thread, and return its reply.

        While slot filling runs and a required argument is missing, the agent's own prompt is kept instead, unless the
        handler is marked `slot_filling=True`.
        Raises what `arguments` and `run` do, and the 500 `Problem` `no-reply`.
        """
        arguments = self.arguments(request)
        return Reply.keep() if arguments is None else self.reply_to(arguments)

    def arguments(self, request: Request) -> dict[str, Any] | None:
        """Bind the arguments; None where slot filling goes on without this handler.

        Raises the 400 `Problem` `missing-parameter` or `bad-parameter`, and as `run` for a dataclass of the user's.
        """
        try:
            return self.signature.bind(request, fill_missing=self.slot_filling and request.slot_filling)
        except MissingParameters as missing:
            if request.slot_filling:
                return None
            from .problems.arguments import missing as problem

            raise problem(self.name, missing.arguments, request) from None
        except (Problem, HandlerStopped):
            raise
        except BaseException as error:
            raise self.failure(error) from error

    def turn(self, request: Request, arguments: Mapping[str, Any]) -> Turn | None:
        """Return the turn that a request is to `@once`, None where nothing can happen twice.

        Raises the 500 `Problem` `bad-once-key`, and as `run` for a key function.
        """
        try:
            return self.keys.turn(request, arguments) if self.keys else None
        except (Problem, HandlerStopped):
            raise
        except BaseException as error:
            raise self.failure(error) from error

    def run(self, arguments: Mapping[str, Any]) -> Any:
        """Run the function on this thread and return what it returns.

        Raises the `Problem`s that it lets through, 503 `firestore-unavailable` for another error of an outage, and 500
        `handler-failed` for everything else, a `SystemExit` too: that must not end the server.
        """
        try:
            return self.function(**arguments)
        except (Problem, HandlerStopped):
            raise
        except BaseException as error:
            raise self.failure(error) from error

    def reply_to(self, arguments: Mapping[str, Any]) -> Reply:
        """Run the function on this thread. Raises what `run` does, and a `Problem` for a result that is no reply."""
        result = self.run(arguments)
        if isinstance(result, Reply):
            return result
        if isinstance(result, str | Part):
            return Reply(result)
        raise problems.no_reply(self.name, result)

    def failure(self, error: BaseException) -> Problem:
        """Return the problem of an error that the user's own code has raised."""
        problem = outage_behind(error) or problems.handler_failed(self.name, error)
        problem.error = error
        return problem


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
            handler = Handler(function, getattr(function, _MARKS, ()))
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


def discover(package_name: str) -> Routes:
    """Import every module of a package, however deep, and return the routes of all marked functions in them.

    Folders count with and without an `__init__.py`. A module that cannot be imported raises its own error.
    The files of `texts` are read too, all languages: a broken one must not wait for a user who speaks it.
    Raises `SetupError` for two handlers of one name, two functions of one name in a module (the second replaces the
    first), `async def`, signatures that cannot be bound, modules that need an environment variable nobody has set, and
    texts with faults.
    """
    began = time.time()
    package = importlib.import_module(package_name)
    functions: dict[int, Callable[..., Any]] = {}
    modules = map(_imported, _module_names(package.__path__, f"{package_name}."))
    for module in (package, *modules):
        functions.update((id(value), value) for value in list(vars(module).values()) if _is_marked(value))
    for function in functions.values():
        if earlier := function.__dict__.get(_REPLACES):
            raise problems.replaced_handler(earlier, function)
    texts.read()
    routes = Routes(functions.values())
    if not os.environ.get("K_SERVICE"):  # what Google runs is an image: its files never change
        routes.folders, routes.imported_at = list(package.__path__), began
    return routes


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except KeyError as error:
        import traceback

        *_, (reader, line), (last, _) = traceback.walk_tb(error.__traceback__)
        if last.f_globals.get("__name__") != "os":
            raise
        raise problems.missing_variable(f"{reader.f_code.co_filename}:{line}", str(error.args[0])) from None


def _module_names(folders: Iterable[str], prefix: str) -> Iterator[str]:
    for folder in folders:
        for module in pkgutil.iter_modules([folder], prefix):
            if module.name != f"{prefix}__main__":
                yield module.name
        # iter_modules() passes over folders without __init__.py, which Python itself imports.
        for inner in sorted(Path(folder).iterdir()):
            if inner.is_dir() and inner.name.isidentifier() and inner.name != "__pycache__":
                yield from _module_names([str(inner)], f"{prefix}{inner.name}.")


def _is_marked(value: object) -> bool:
    try:
        return callable(value) and _MARKS in value.__dict__
    except Exception:  # no attribute; or a proxy such as flask.request, which raises outside of a request
        return False
