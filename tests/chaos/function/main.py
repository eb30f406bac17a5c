"""The function with its own handlers, more of them that misbehave, and an end that can be ordered.

A file named after a step of `@once` (see `fulfillment.once.passing`) in the folder CHAOS_KILLS ends the process there,
as `kill -9` does; the first process that gets there takes the file away.
"""

from __future__ import annotations

import datetime
import importlib.util
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import functions_framework

import handlers
from fulfillment import Reply, Request, on, once, settings
from fulfillment.once import passing
from fulfillment.routes import Routes
from fulfillment.webhook import Webhook
from handlers.book_table import book_table

KILLS = Path(os.environ.get("CHAOS_KILLS", "/nonexistent"))


def product() -> ModuleType:
    """Return the real main.py; functions-framework has given its name to this module."""
    spec = importlib.util.spec_from_file_location("product", Path(handlers.__file__).parents[1] / "main.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def end_here(step: str) -> None:
    """Die at once where that was ordered."""
    try:
        (KILLS / step).unlink()
    except OSError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


@on.intent("backtrack")
def backtrack() -> str:
    """Hold the interpreter lock for hours."""
    return str(re.match(r"(a+)+$", "a" * 40 + "b"))


@on.intent("loop")
def loop() -> str:
    """Run for ever in Python, and swallow what wants to end it."""
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


@on.intent("wait")
def wait(seconds: float) -> str:
    """Wait where no exception arrives."""
    time.sleep(seconds)
    return "Waited."


@on.intent("stumble")
@once
def stumble(date: datetime.date, time: datetime.time, guests: int, name: str, request: Request) -> Reply:
    """Book a table, and raise afterwards where that was ordered."""
    reply = book_table(date, time, guests, name, request)
    try:
        (KILLS / "raise").unlink()
    except OSError:
        return reply
    raise RuntimeError("ordered")


if "CHAOS_KILLS" in os.environ:
    passing.append(end_here)
marked: list[Callable[..., Any]] = [
    *(handler.function for handler in handlers.routes.handlers),
    backtrack,
    loop,
    wait,
    stumble,
]
main = product()
webhook = main.__dict__["webhook"] = Webhook(Routes(marked), settings.from_environment())
os.register_at_fork(after_in_child=webhook.warm_up)
dialogflow_webhook = functions_framework.http(main.dialogflow_webhook)
