"""Which threads work for a call, and which for the program itself.

A thread that a handler starts knows nothing of the call: not its deadline, not its trace, and not the record of
`@once`. What such a thread changes or sends would be outside of all three, without a word. So `documents.change`,
`idempotency_key` and `outside` refuse to work there, unless the call was carried along or the thread says that it works
for the program. The main thread always works for the program: a script, a test that calls a handler.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from .current import current_call
from .problems.threads import no_call

_Result = TypeVar("_Result")

_for_the_program: contextvars.ContextVar[bool] = contextvars.ContextVar("for the program", default=False)


class NoCall(RuntimeError):
    """An effect was asked for on a thread that works for no call; the message says how to carry the call along."""


def in_thread(function: Callable[..., _Result], /, *arguments: Any, **keywords: Any) -> Callable[..., _Result]:
    """Return `function` with this call around it, to be run on another thread; arguments given here come first.

        with ThreadPoolExecutor() as pool:
            stocks = list(pool.map(in_thread(stock_of), products))

    Each run gets a copy of the call's context of its own: the deadline, the trace, the language, and what `@once`
    collects. The handler must wait for what it started. On the main thread, as in a test that calls a handler, it is
    the program's work that goes along.
    """
    call = contextvars.copy_context()
    if _on_main_thread():  # as in a test that calls the handler: what it starts may do what it may do itself
        call.run(_for_the_program.set, True)

    @functools.wraps(function)
    def run(*more: Any, **rest: Any) -> _Result:
        # One copy for each run: a context can be entered by one thread at a time.
        return call.copy().run(function, *arguments, *more, **{**keywords, **rest})

    return run


@contextlib.contextmanager
def background() -> Iterator[None]:
    """Declare that this block works for the program and not for a call: a refresher, a script's own thread.

        def refresh() -> None:
            with background():
                documents.change("rates", "today", decide)

    Also a decorator: `@background()`. Each outside call then has its own time limit. Within a call it changes nothing.
    """
    before = _for_the_program.set(True)
    try:
        yield
    finally:
        _for_the_program.reset(before)


def require_call(what: str) -> None:
    """Raise `NoCall` naming `what` where this thread works neither for a call nor for the program."""
    if current_call.get() is not None or _for_the_program.get():
        return
    if not _on_main_thread():
        raise NoCall(no_call(what, threading.current_thread().name))


def _on_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
