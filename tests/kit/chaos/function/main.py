"""A function whose handlers misbehave, and whose end can be ordered. It books as the sample shop does.

A file named after a step of `@once` (see `fulfillment.once.passing`) in the folder CHAOS_KILLS ends the process there,
as `kill -9` does; the first process that gets there takes the file away.
"""

from __future__ import annotations

import datetime
import importlib.util
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import functions_framework

from fulfillment import Reply, Request, documents, idempotency_key, on, once, settings
from fulfillment.once import passing
from fulfillment.routing.routes import Routes
from fulfillment.webhook import Webhook
from tests.kit import shipped

KILLS = Path(os.environ.get("CHAOS_KILLS", "/nonexistent"))


def product() -> ModuleType:
    """Return the real main.py, with the shipped handlers; functions-framework has given its name to this module."""
    sys.modules["handlers"] = shipped.package()
    spec = importlib.util.spec_from_file_location("product", shipped.ROOT / "main.py")
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


@on.intent("hello")
def hello() -> str:
    """Need nothing."""
    return "Hello!"


@on.intent("lookup")
def lookup(id: str) -> str:
    """Need Firestore."""
    return f"Found {documents.get('things', id)}."


@on.intent("book_table")
@once
def own_book_table(date: datetime.date, time: datetime.time, guests: int, name: str, request: Request) -> Reply:
    """Book a table where the sample shop has been deleted."""
    slot = f"{date.isoformat()}T{time:%H:%M}"

    def take_places(found: documents.Document | None, writes: documents.Writes) -> bool:
        taken = found["taken"] if found else 0
        if taken + guests > 20:
            return False
        writes.save({"capacity": 20, "taken": taken + guests})
        writes.create("reservations", idempotency_key(), {"slot": slot, "guests": guests, "name": name})
        return True

    return Reply(f"Done, {name}." if documents.change("slots", slot, take_places) else "That is full.")


def booking() -> Callable[..., Reply]:
    """Return the shop's own handler where there is one: it is the one that must hold. Never a user's."""
    for mark, handler in shipped.routes().table():
        if mark.name == "book_table":
            return handler.function
    return own_book_table


book_table = booking()


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
marked: list[Callable[..., Any]] = [hello, lookup, book_table, backtrack, loop, wait, stumble]
main = product()
webhook = main.__dict__["webhook"] = Webhook(Routes(marked), settings.from_environment())
os.register_at_fork(after_in_child=webhook.warm_up)
dialogflow_webhook = functions_framework.http(main.dialogflow_webhook)
