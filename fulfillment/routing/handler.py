"""A marked function with its signature: called with a request, it gives a reply."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import problems
from ..deadline import HandlerStopped
from ..documents.connection import outage_behind
from ..once import MARK as ONCE
from ..once import Once
from ..parts import Part
from ..problems import Problem
from ..reply import Reply
from ..request import Request
from .arguments import MissingParameters, Signature
from .marks import Mark

if TYPE_CHECKING:
    from ..once.keys import Keys, Turn


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
        from ..once.keys import Keys

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
            from ..problems.arguments import missing as problem

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
