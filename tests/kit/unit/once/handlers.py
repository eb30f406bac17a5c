"""A handler that counts, and helpers of the tests of `@once`."""

from __future__ import annotations

import datetime
import threading
from typing import Any

from fulfillment import Reply, documents, on, once
from fulfillment.documents import Document, Writes


def add_one(name: str = "c") -> Any:
    """Count up, and say to how many."""

    def decide(found: Document | None, writes: Writes) -> Any:
        count = (found["count"] if found else 0) + 1
        writes.save({"count": count})
        return count

    return documents.change("counters", name, decide)


@on.intent("do")
@once
def counting(x: str = "", y: str = "") -> Reply:
    return Reply(f"This is number {add_one()}.")


@on.intent("do")
@once(key="x", window=60)
def counting_by_x(x: str = "", y: str = "") -> Reply:
    return Reply(f"This is number {add_one()}.")


def all_at_once(work: Any, count: Any) -> None:
    threads = [threading.Thread(target=work, name=f"turn-{number}") for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wait_for(what: Any, seconds: float = 10.0) -> None:
    end = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if what():
            return
        end.wait(0.02)
    raise AssertionError("it did not come about in time")


def now() -> Any:
    return datetime.datetime.now(datetime.UTC)
