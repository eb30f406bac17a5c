"""Has a file of the handlers changed since they were imported? A process knows nothing of that by itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

_MOST = 2000
"""Files that are looked at: the search stands in the way of an answer."""


def newer(folders: Iterable[str], imported_at: float, likely: str) -> str:
    """Return a Python file below `folders` that is newer than `imported_at` (seconds since the epoch), or "".

    One named `likely` is preferred. What counts is when the file came to where it is, whatever time its text has: a
    file that was copied or moved there is new too.
    """
    found = [path for path in _python_files(folders) if _there_since(path) > imported_at]
    return min(
        (os.path.relpath(path) for path in found), key=lambda path: (Path(path).stem != likely, path), default=""
    )


def _python_files(folders: Iterable[str]) -> Sequence[Path]:
    files: list[Path] = []
    for folder in folders:
        for place, inner, names in os.walk(folder):
            inner[:] = [name for name in inner if name.isidentifier() and name != "__pycache__"]
            files += [Path(place, name) for name in names if name.endswith(".py")]
            if len(files) > _MOST:
                return files[:_MOST]
    return files


def _there_since(path: Path) -> float:
    try:
        status = path.stat()
    except OSError:
        return 0.0
    return max(status.st_mtime, status.st_ctime)
