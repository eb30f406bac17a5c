"""A bounded cache with a lifetime: what is found is kept, per process; the oldest entry makes room."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


class Document(dict[str, Any]):
    """A document's fields, with its `id` and the time of its last write."""

    __slots__ = ("id", "update_time")

    def __init__(self, fields: dict[str, Any], id: str, update_time: datetime | None) -> None:
        super().__init__(fields)
        self.id = id
        self.update_time = update_time


class Cache:
    """At most `entries` values, each until its own lifetime is over. Safe to use from many threads."""

    def __init__(self, entries: int) -> None:
        self._most = entries
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        """Return a copy of the value, so that a handler cannot change what others get; None when there is none."""
        with self._lock:
            ends_at, value = self._kept.get(key, (0.0, None))
            if ends_at <= time.monotonic():
                self._kept.pop(key, None)
                return None
            self._kept.move_to_end(key)
        return _copied(value)

    def put(self, key: Hashable, value: Any, seconds: float) -> None:
        """Keep a copy of `value` for `seconds`."""
        kept = _copied(value)
        with self._lock:
            self._kept[key] = (time.monotonic() + seconds, kept)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


def _copied(value: Any) -> Any:
    # Only containers can change; what they hold (text, numbers, times, references) cannot.
    if isinstance(value, Document):
        return Document({name: _copied(member) for name, member in value.items()}, value.id, value.update_time)
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
