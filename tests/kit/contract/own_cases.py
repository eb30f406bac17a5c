"""The requests of tests/kit/contract/cases, written for this project: reading them, and what a handler sees of them.

`expect` maps a path into the `Request` to its value: "session/id", "contexts/order/lifespan", "original(name)" for the
user's own words, "#contexts" for a count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from fulfillment import Request

FOLDER = Path(__file__).parent / "cases"


def cases(folder: str) -> list[Any]:
    """Return one pytest parameter for each case of a folder, named like its file."""
    files = sorted((FOLDER / folder).glob("*.json"))
    return [pytest.param(json.loads(file.read_text()), id=file.stem) for file in files]


def seen(request: Request, path: str) -> Any:
    """Return what stands at `path` of a request."""
    if path.startswith("original("):
        return request.original(path[len("original(") : -1])
    found = reduce(_step, path.removeprefix("#").split("/"), request)
    if path.startswith("#"):
        return len(found)  # type: ignore[arg-type]
    return list(found) if isinstance(found, tuple) else found


def all_seen(request: Request, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands at each path that is expected."""
    return {path: seen(request, path) for path in expected}


def _step(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value[name]
    return value[int(name)] if isinstance(value, Sequence) else getattr(value, name)
