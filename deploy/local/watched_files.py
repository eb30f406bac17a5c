"""Which files of the project have changed, found by looking: the same on every system and in every kind of folder."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

Snapshot = Mapping[str, tuple[int, int]]
"""Time of the last change in nanoseconds and size in bytes, by the path below the project's root."""

WATCHED = ("handlers", "fulfillment", "main.py", "requirements.txt", "deploy/data")


def snapshot(root: Path) -> Snapshot:
    """Look at every watched file that is there now."""
    found: dict[str, tuple[int, int]] = {}
    for name in WATCHED:
        for path in _files(root / name):
            try:
                status = path.stat()
            except OSError:  # gone since it was listed
                continue
            found[str(path.relative_to(root))] = (status.st_mtime_ns, status.st_size)
    return found


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for folder, inner, names in os.walk(path):
        inner[:] = [name for name in inner if name != "__pycache__" and not name.startswith(".")]
        for name in names:
            # What editors keep beside a file that is open, and what Python makes, is none of the project's files.
            if not (name.startswith((".", "#")) or name.endswith(("~", ".swp", ".tmp", ".pyc")) or name == "4913"):
                yield Path(folder, name)


def difference(before: Snapshot, after: Snapshot) -> dict[str, str]:
    """Return what happened to each file that differs: "changed", "new" or "gone"."""
    found = {}
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            found[name] = "new" if name not in before else "gone" if name not in after else "changed"
    return found


def told(changes: Mapping[str, str], shown: int = 3) -> str:
    """Return the changes in words: "handlers/a.py is new, handlers/b.py changed and 4 others"."""
    words = {"changed": "changed", "new": "is new", "gone": "is gone"}
    named = [f"{name} {words[what]}" for name, what in list(changes.items())[:shown]]
    more = len(changes) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def forget_compiled(root: Path, changes: Mapping[str, str]) -> None:
    """Remove what Python compiled from the changed files.

    It takes a compiled file for current when second and size of the source are the same: two quick edits would leave
    the first one running.
    """
    for name in changes:
        if name.endswith(".py"):
            Path(importlib.util.cache_from_source(str(root / name))).unlink(missing_ok=True)
